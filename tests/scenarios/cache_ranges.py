#!/usr/bin/env -S /usr/bin/python3
"""Ranges and the cache: cut from what is stored whole, answered from stored parts, parts that become a whole, and a Content-Range
that cannot be true. The origin counts what it is asked."""
import threading

from support.cached import Cached, asked_once, forwarded, hit
from support.checks import check, expect, expect_equal, finish, limit
from support.protocol import Ended, Wire
from support.scripted import CUT, Answer, Scripted, cacheable

limit(60)
origin = Scripted()
cached = Cached(origin)
get = cached.get
WHOLE = bytes(range(65, 91)) * 4  # 104 bytes, a letter each


def part_of(whole, validator='ETag: "strong"', says=None):
    """An origin that answers ranges as it should, or says that the part lies elsewhere."""
    def answer(request):
        asked = request.one("range")
        if asked is None:
            return cacheable(whole, validator)
        first, last = (int(number) for number in asked.removeprefix("bytes=").split("-"))
        last = min(last, len(whole) - 1)
        place = says or f"bytes {first}-{last}/{len(whole)}"
        return cacheable(whole[first:last + 1], f"{validator}\r\nContent-Range: {place}", status=206)
    return answer


def ask(path, span, fields=""):
    return get(path, f"Range: bytes={span}\r\n{fields}")


@check("ranges of a response that is stored whole are cut from it")
def _():
    origin.on("/whole", part_of(WHOLE, 'ETag: "strong"\r\nLast-Modified: Sat, 01 Jan 2022 00:00:00 GMT\r\nX-Own: 1'))
    get("/whole")
    for span, first, last in (("0-0", 0, 0), ("5-9", 5, 9), ("100-", 100, 103), ("-4", 100, 103), ("90-500", 90, 103), ("-900", 0, 103)):
        got = ask("/whole", span)
        expect_equal((got.status, got.one("content-range"), got.body, got.one("content-length")),
                     (206, f"bytes {first}-{last}/104", WHOLE[first:last + 1], str(last - first + 1)), span)
        expect(hit(got) and got.one("x-own") == "1" and got.one("etag") == '"strong"', f"{span}: {got.fields}")
    asked_once(origin, "/whole")


@check("ranges that cannot be: 416 beyond the end; what is no range, or too much of it, gets the whole; HEAD and conditions as ever")
def _():
    got = ask("/whole", "104-")
    expect_equal((got.status, got.one("content-range"), got.body), (416, "bytes */104", b""), "beyond the end")
    tiny = ",".join(f"{at}-{at}" for at in range(0, 32, 2))
    for span in ("1-0", "x-y", "5", "0-,0-,0-", "0-9,5-15,12-20", "9-9,7-7,5-5,3-3,1-1", tiny, tiny + ",90-90"):
        expect_equal((ask("/whole", span).status, ask("/whole", span).body), (200, WHOLE), span)
    expect_equal(get("/whole", "Range: chapters=1-2\r\n").status, 200, "another unit")
    expect_equal(get("/whole", "Range: bytes=0-1\r\n", method="HEAD").status, 200, "HEAD")
    expect_equal(ask("/whole", "0-1", 'If-None-Match: "strong"\r\n').status, 304, "with a condition that holds")
    asked_once(origin, "/whole")


def parts_of(response):
    """(Content-Range, Content-Type, content) of each part of a multipart/byteranges response, taken apart to the byte."""
    kind, boundary = response.one("content-type").split("; boundary=")
    expect_equal(kind, "multipart/byteranges", "type")
    expect_equal(response.one("content-range"), None, "a Content-Range beside the parts")
    begin, *middle, end = (b"\r\n" + response.body).split(f"\r\n--{boundary}".encode())
    expect_equal((begin, end), (b"", b"--\r\n"), "what stands before and after the parts")
    parts = []
    for text in middle:
        head, content = text.split(b"\r\n\r\n", 1)
        expect(head.startswith(b"\r\n"), f"a delimiter's line goes on: {text[:40]!r}")
        fields = dict(line.split(": ", 1) for line in head.decode().lower().split("\r\n")[1:])
        parts.append((fields.pop("content-range"), fields.pop("content-type", None), content))
        expect_equal(fields, {}, "other fields of a part")
    return parts


BOOK = bytes(range(256)) * 4096  # 1 MiB and more than one block


@check("several ranges of a response that is stored whole: multipart/byteranges, in the order asked for, joined where they meet")
def _():
    origin.on("/book", part_of(BOOK + b"the end", 'ETag: "book"\r\nContent-Type: text/x-book; charset=utf-8\r\nX-Own: 1'))
    get("/book")
    length = len(BOOK) + 7
    for spans, expected in (("0-1,100-300", [(0, 1), (100, 300)]), ("0-0,-7", [(0, 0), (length - 7, length - 1)]), ("500-,10-19", [(500, length - 1), (10, 19)]),
                            (f"0-9,{length}-,20-29", [(0, 9), (20, 29)]), ("0-9, 5-14 ,100-100", [(0, 14), (100, 100)]), ("0-9,10-19,30-39", [(0, 19), (30, 39)]),
                            (",".join(f"{at}-{at + 99}" for at in range(0, 16000, 1000)), [(at, at + 99) for at in range(0, 16000, 1000)]),
                            ("0-600000,700000-1000000", [(0, 600000), (700000, 1000000)])):
        got = ask("/book", spans)
        expect_equal((got.status, hit(got), got.one("x-own"), got.one("etag")), (206, True, "1", '"book"'), spans)
        whole = BOOK + b"the end"
        expect_equal(parts_of(got), [(f"bytes {first}-{last}/{length}", "text/x-book; charset=utf-8", whole[first:last + 1]) for first, last in expected], spans)
    for spans, first, last in (("0-5,3-9", 0, 9), ("0-5,6-9", 0, 9), (f"3-4,{length}-", 3, 4)):
        got = ask("/book", spans)
        expect_equal((got.status, got.one("content-range"), got.body), (206, f"bytes {first}-{last}/{length}", BOOK[first:last + 1]), f"{spans}: one part is no multipart")
    expect_equal(ask("/book", f"{length}-,{length + 5}-").status, 416, "none that is there")
    asked_once(origin, "/book")


@check("several ranges and conditions, HEAD, HTTP/1.0, a response without a type; the same request gets the same bytes")
def _():
    expect_equal(ask("/book", "0-1,5-6", 'If-Range: "book"\r\n').status, 206, "If-Range that holds")
    expect_equal(ask("/book", "0-1,5-6", 'If-Range: "other"\r\n').status, 200, "If-Range that does not")
    expect_equal(ask("/book", "0-1,5-6", 'If-None-Match: "book"\r\n').status, 304, "If-None-Match")
    expect_equal(get("/book", "Range: bytes=0-1,5-6\r\n", method="HEAD").one("content-length"), str(len(BOOK) + 7), "HEAD")
    expect_equal(ask("/book", "0-1,5-6").body, ask("/book", "0-1,5-6").body, "twice")
    got = parts_of(ask("/whole", "0-1,5-6"))
    expect_equal(got, [("bytes 0-1/104", None, WHOLE[:2]), ("bytes 5-6/104", None, WHOLE[5:7])], "without a type")
    with Wire(cached.port) as client:
        for _ in range(3):
            expect_equal(len(parts_of(client.get("/book", "Range: bytes=0-1,5-6,-9\r\n"))), 3, "on one connection")
    asked_once(origin, "/book")


@check("several ranges of content that is still arriving: ascending ones are parts, others the whole")
def _():
    more = threading.Event()
    origin.on("/arriving", cacheable([BOOK[:100], more, BOOK[100:1000]], 'ETag: "a"', length=1000))
    with Wire(cached.port) as first, Wire(cached.port) as ascending, Wire(cached.port) as backwards:
        head = "GET /arriving HTTP/1.1\r\nHost: shop.example.com\r\n"
        first.send((head + "\r\n").encode())
        while BOOK[:100] not in first.held:
            first.more()
        ascending.send((head + "Range: bytes=0-49,900-\r\n\r\n").encode())
        backwards.send((head + "Range: bytes=900-,0-49\r\n\r\n").encode())
        while BOOK[:50] not in ascending.held:
            ascending.more()
        more.set()
        got = ascending.response()
        expect_equal([part[2] for part in parts_of(got)], [BOOK[:50], BOOK[900:1000]], "ascending")
        expect_equal((backwards.response().status, first.response().body), (200, BOOK[:1000]), "others")
    asked_once(origin, "/arriving")


@check("If-Range: the part only if it is still the same")
def _():
    for value, status in (('"strong"', 206), ('"other"', 200), ('W/"strong"', 200), ("Sat, 01 Jan 2022 00:00:00 GMT", 206), ("Fri, 31 Dec 2021 00:00:00 GMT", 200)):
        got = ask("/whole", "5-9", f"If-Range: {value}\r\n")
        expect_equal((got.status, got.body), (status, WHOLE[5:10] if status == 206 else WHOLE), value)
    asked_once(origin, "/whole")


@check("a range of what is not stored goes to the origin as it is; the part answers itself and all that lies within")
def _():
    origin.on("/part", part_of(WHOLE))
    first = ask("/part", "20-59")
    expect_equal((first.status, first.body, first.one("content-range")), (206, WHOLE[20:60], "bytes 20-59/104"), "the first")
    expect_equal(origin.asked("/part")[0].one("range"), "bytes=20-59", "at the origin")
    for span, begin, end in (("20-59", 20, 60), ("25-30", 25, 31), ("59-59", 59, 60), ("20-20", 20, 21)):
        got = ask("/part", span)
        expect_equal((got.body, got.one("content-range"), hit(got)), (WHOLE[begin:end], f"bytes {begin}-{end - 1}/104", True), span)
    asked_once(origin, "/part")
    expect_equal(ask("/part", "19-25").body, WHOLE[19:26], "one that begins before it")
    expect_equal(ask("/part", "55-70").body, WHOLE[55:71], "one that goes beyond it")
    asked_once(origin, "/part", 3)


@check("a range that parts hold in pieces: only the hole is fetched, with If-Range, and it is one 206; then nothing is")
def _():
    for name, spans, wanted, hole in (("right", ["20-59"], "30-79", "60-79"), ("left", ["20-59"], "0-29", "0-19"), ("middle", ["0-19", "40-59"], "10-49", "20-39"),
                                      ("many", ["10-19", "30-39", "60-69"], "5-79", "5-79"), ("holes", ["0-19", "30-39", "60-79"], "10-69", "20-59"),
                                      ("suffix", ["20-89"], "-24", "90-103"), ("open", ["0-49"], "10-", "50-103")):
        path = f"/hole/{name}"
        origin.on(path, part_of(WHOLE, 'ETag: "strong"\r\nX-Own: 1'))
        for span in spans:
            ask(path, span)
        begin, end = {"-24": (80, 104), "10-": (10, 104)}.get(wanted) or (int(wanted.split("-")[0]), int(wanted.split("-")[1]) + 1)
        for turn in range(2):
            got = ask(path, wanted)
            expect_equal((got.status, got.body, got.one("content-range"), got.one("x-own")), (206, WHOLE[begin:end], f"bytes {begin}-{end - 1}/104", "1"), f"{name}, turn {turn}")
            expect_equal((hit(got), forwarded(got)), (turn == 1, None if turn else "uri-miss" if name == "many" else "partial"), f"{name}, turn {turn}")
        asked = origin.asked(path)[-1]
        expect_equal((asked.one("range"), asked.one("if-range")), (f"bytes={hole}", None if name == "many" else '"strong"'), f"{name}: at the origin")
        asked_once(origin, path, len(spans) + 1)


@check("parts that hold a range between them answer it without the origin")
def _():
    origin.on("/between", part_of(WHOLE))
    for span in ("10-29", "25-49", "50-69"):
        ask("/between", span)
    got = ask("/between", "15-64")
    expect_equal((got.status, got.body, hit(got), got.one("content-range")), (206, WHOLE[15:65], True, "bytes 15-64/104"), "all three")
    got = ask("/between", "15-64", 'If-Range: "strong"\r\n')
    expect_equal((got.body, hit(got)), (WHOLE[15:65], True), "If-Range that holds")
    asked_once(origin, "/between", 3)


@check("a hole whose origin has changed: the new whole, and nothing of the old one")
def _():
    new = part_of(WHOLE.lower(), 'ETag: "new"')
    origin.on("/swapped", lambda request: part_of(WHOLE)(request) if request.turn == 0 else cacheable(WHOLE.lower(), 'ETag: "new"'))
    ask("/swapped", "0-49")
    got = ask("/swapped", "40-69")
    expect_equal((got.status, got.body), (200, WHOLE.lower()), "the whole")
    expect_equal((ask("/swapped", "0-9").body, hit(get("/swapped"))), (WHOLE.lower()[:10], True), "afterwards")
    asked_once(origin, "/swapped", 2)
    # Origins that do not know If-Range: what they say of the hole fits nothing, so the range is asked for as the client did.
    for name, answer in (("validator", new), ("length", part_of(WHOLE.lower() + b"more")), ("place", part_of(WHOLE, says="bytes 0-19/104")),
                         ("none", Answer(b"", "Content-Range: bytes */20", 416))):
        path = f"/swapped/{name}"
        origin.on(path, lambda request: part_of(WHOLE)(request) if request.turn == 0 else answer if isinstance(answer, Answer) and request.turn == 1 else
                  (new if request.turn == 2 else answer)(request))
        ask(path, "0-49")
        got = ask(path, "40-69")
        expect_equal((got.status, got.body), (206, WHOLE.lower()[40:70]), name)
        expect_equal([request.one("range") for request in origin.asked(path)], ["bytes=0-49", "bytes=50-69", "bytes=40-69"], name)


@check("no hole is filled without a strong validator, for several ranges, with other conditions, or with an If-Range that does not hold")
def _():
    def asks(path, validator, fields, span="40-69"):
        origin.on(path, part_of(WHOLE, validator))
        ask(path, "0-49")
        ask(path, span, fields)
        expect_equal([request.one("range") for request in origin.asked(path)], ["bytes=0-49", f"bytes={span}"], path)
    asks("/asis/weak", 'ETag: W/"strong"', "")
    asks("/asis/none", "X-No: validator", "")
    asks("/asis/match", 'ETag: "strong"', 'If-None-Match: "other"\r\n')
    asks("/asis/range", 'ETag: "strong"', 'If-Range: "other"\r\n')


@check("a hole that breaks off breaks the response off, and is not kept")
def _():
    path = "/hole/short"
    origin.on(path, lambda request: part_of(WHOLE)(request) if request.turn != 1 else
              Answer([WHOLE[50:55], CUT], f'Cache-Control: max-age=60\r\nETag: "strong"\r\nContent-Range: bytes 50-69/104', 206, length=20))
    ask(path, "0-49")
    try:
        got = ask(path, "40-69")
        expect(False, f"got {got}")
    except (Ended, OSError):
        pass
    expect_equal(ask(path, "40-69").body, WHOLE[40:70], "the next one")


@check("a part never answers for the whole")
def _():
    origin.on("/only", part_of(WHOLE))
    ask("/only", "0-102")
    got = get("/only")
    expect_equal((got.status, got.body, hit(got)), (200, WHOLE, False), "the whole")
    asked_once(origin, "/only", 2)


@check("parts with the same strong validator that hold the whole together become it, in any order, overlapping or not")
def _():
    for name, spans in (("order", ("0-49", "50-103")), ("back", ("50-103", "0-49")), ("overlap", ("0-60", "70-103", "40-80"))):
        path = f"/join/{name}"
        origin.on(path, part_of(WHOLE))
        for span in spans:
            ask(path, span)
        got = get(path)
        expect_equal((got.status, got.body, hit(got), got.one("content-range")), (200, WHOLE, True, None), name)
        expect_equal(got.one("content-length"), "104", name)
        asked_once(origin, path, len(spans))


@check("parts are not joined without a strong validator, with different ones, with a gap, or of different lengths")
def _():
    def asks(path, answer, *spans):
        origin.on(path, answer)
        for span in spans:
            ask(path, span)
        got = get(path)
        expect(not hit(got), f"{path}: {got}")
        asked_once(origin, path, len(spans) + 1)
        return got
    asks("/apart/weak", part_of(WHOLE, 'ETag: W/"weak"'), "0-49", "50-103")
    asks("/apart/none", part_of(WHOLE, "X-No: validator"), "0-49", "50-103")
    asks("/apart/gap", part_of(WHOLE), "0-49", "51-103")
    other = part_of(WHOLE.lower(), 'ETag: "other"')
    got = asks("/apart/two", lambda request: (part_of(WHOLE) if request.turn == 0 else other)(request), "0-49", "50-103")
    expect_equal(got.body, WHOLE.lower(), "the whole is of one version")
    longer = part_of(WHOLE + b"more")
    asks("/apart/length", lambda request: (part_of(WHOLE) if request.turn == 0 else longer)(request), "0-49", "50-103")


@check("parts of variants are kept apart")
def _():
    def answer(request):
        kind = request.one("x-kind").encode()
        return part_of(kind * 10, f'ETag: "{kind.decode()}"\r\nVary: X-Kind')(request)
    origin.on("/variants", answer)
    expect_equal([ask("/variants", "0-4", f"X-Kind: {kind}\r\n").body for kind in "abab"], [b"aaaaa", b"bbbbb"] * 2, "parts")
    asked_once(origin, "/variants", 2)
    ask("/variants", "5-9", "X-Kind: a\r\n")
    expect_equal(get("/variants", "X-Kind: a\r\n").body, b"a" * 10, "a whole")
    expect_equal(get("/variants", "X-Kind: b\r\n").body, b"b" * 10, "the other one")


@check("a Content-Range that cannot be true is never cut nor joined")
def _():
    for name, says in (("long", "bytes 0-9/104"), ("short", "bytes 0-99/104"), ("beyond", "bytes 100-149/104"), ("unknown", "bytes 0-49/*"),
                       ("reversed", "bytes 49-0/104"), ("unit", "letters 0-49/104")):
        path = f"/lie/{name}"
        origin.on(path, part_of(WHOLE, says=says))
        ask(path, "0-49")
        got = ask(path, "2-4")
        expect(not hit(got), f"{name}: cut {got}")
        ask(path, "50-103")
        got = get(path)
        expect(not hit(got) and got.body == WHOLE, f"{name}: joined {got}")


@check("a 206 that nobody asked for is not kept")
def _():
    origin.on("/unasked", Answer(WHOLE[:10], 'Cache-Control: max-age=60\r\nETag: "a"\r\nContent-Range: bytes 0-9/104', 206))
    for _ in range(2):
        expect_equal(get("/unasked").status, 206, "status")
    asked_once(origin, "/unasked", 2)
    ask("/unasked", "0-9")
    expect(not hit(get("/unasked")), "a part for the whole")


@check("an origin that answers a range with the whole: the whole is kept")
def _():
    origin.on("/ignored", cacheable(WHOLE, 'ETag: "a"'))
    got = ask("/ignored", "0-9")
    expect(got.status in (200, 206) and got.body in (WHOLE, WHOLE[:10]), f"the first {got}")
    got = ask("/ignored", "5-9")
    expect_equal((got.status, got.body, hit(got)), (206, WHOLE[5:10], True), "the second")
    asked_once(origin, "/ignored")


@check("a 416 is nobody else's answer")
def _():
    origin.on("/unsatisfiable", lambda request: Answer(b"", "Cache-Control: max-age=60\r\nContent-Range: bytes */104", 416) if request.turn == 0 else
              part_of(WHOLE)(request))
    expect_equal(ask("/unsatisfiable", "500-600").status, 416, "the first")
    expect_equal((ask("/unsatisfiable", "0-3").body, get("/unsatisfiable").body), (WHOLE[:4], WHOLE), "afterwards")


@check("the origin never saw a request that it could not read")
def _():
    expect_equal(origin.problems, [], "problems")


finish()
