#!/usr/bin/env -S /usr/bin/python3
"""Ranges and the cache: cut from what is stored whole, answered from stored parts, parts that become a whole, and a Content-Range
that cannot be true. The origin counts what it is asked."""
from support.cached import Cached, asked_once, hit
from support.checks import check, expect, expect_equal, finish, limit
from support.scripted import Answer, Scripted, cacheable

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


@check("ranges that cannot be: 416 beyond the end; several, and what is no range, get the whole; HEAD and conditions as ever")
def _():
    got = ask("/whole", "104-")
    expect_equal((got.status, got.one("content-range"), got.body), (416, "bytes */104", b""), "beyond the end")
    for span in ("1-0", "x-y", "0-1,5-6", "5"):
        expect_equal((ask("/whole", span).status, ask("/whole", span).body), (200, WHOLE), span)
    expect_equal(get("/whole", "Range: chapters=1-2\r\n").status, 200, "another unit")
    expect_equal(get("/whole", "Range: bytes=0-1\r\n", method="HEAD").status, 200, "HEAD")
    expect_equal(ask("/whole", "0-1", 'If-None-Match: "strong"\r\n').status, 304, "with a condition that holds")
    asked_once(origin, "/whole")


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
