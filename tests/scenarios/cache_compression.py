#!/usr/bin/env -S /usr/bin/python3
"""Compression of what is stored: each coding read by its own decoder, what is left as it came, what a 304, a HEAD, a range and a
second reader see of it, and how often the origin is asked."""
import threading

from support.cached import Cached, Crowd, asked_once, expect_all, hit
from support.checks import check, expect, expect_equal, finish, limit, until
from support.codings import DECODERS, plain
from support.protocol import Wire, listener
from support.scripted import CUT, Answer, Scripted, cacheable, stale

limit(120)
BEHAVIORS = ('behaviors: [ { path_pattern: "/as-is/*", cache_policy: standard }, '
             '{ path_pattern: "/amazon/*", cache_policy: CachingOptimized, compress: true }, '
             '{ path_pattern: "*", cache_policy: standard, compress: true } ]')
origin = Scripted()
cached = Cached(origin, listeners=listener(more=BEHAVIORS), policy="stale_if_error: 1h")
get = cached.get
HTML = "Content-Type: text/html; charset=utf-8\r\n"


def page(size):
    text = "".join(f'<li class="item-{n}"><a href="/product/{n * 7919 % 100003}">buy</a></li>\n' for n in range(size // 50 + 1))
    return text[:size].encode()


def accepting(codings):
    return f"Accept-Encoding: {codings}\r\n"


PAGE = page(50_000)


@check("gzip, br and zstd: the first client gets the compressed content, the next ones a hit; each coding is fetched once")
def _():
    origin.on("/page", cacheable(PAGE, HTML + 'ETag: "v1"\r\nAccept-Ranges: bytes\r\nContent-MD5: abc'))
    for codings, chosen in (("gzip", "gzip"), ("br", "br"), ("zstd", "zstd"), ("gzip;q=0.5, br;q=0", "gzip"), ("deflate, gzip, br, zstd", "zstd")):
        first, second = get("/page", accepting(codings)), get("/page", accepting(codings))
        for got in (first, second):
            expect_equal((got.status, got.one("content-encoding"), plain(got)), (200, chosen, PAGE), codings)
            expect(len(got.body) < len(PAGE) / 4, f"{codings}: {len(got.body)} bytes")
            expect_equal((got.one("etag"), got.one("vary"), got.all("accept-ranges"), got.all("content-md5"), got.one("content-type")),
                         ('W/"v1"', "Accept-Encoding", [], [], "text/html; charset=utf-8"), codings)
        expect(hit(second), f"{codings}: {second.fields}")
        expect_equal((second.one("content-length"), second.body), (str(len(second.body)), first.body), codings)
    asked_once(origin, "/page", 3)


@check("a client that takes no coding gets the content as it came, and has a key of its own")
def _():
    for fields in ("", accepting("identity"), accepting("deflate"), accepting("*"), accepting("gzip;q=0")):
        got = get("/page", fields)
        expect_equal((got.all("content-encoding"), got.body, got.one("etag")), ([], PAGE, '"v1"'), repr(fields))
    asked_once(origin, "/page", 4)
    with Wire(cached.port) as client:
        client.send(b"GET /page HTTP/1.0\r\nHost: shop.example.com\r\nAccept-Encoding: gzip\r\n\r\n")
        expect_equal(client.response().all("content-encoding"), [], "HTTP/1.0")


@check("1,000 to 10,000,000 bytes are compressed, less and more are not")
def _():
    for size, is_compressed in ((1, False), (999, False), (1000, True), (1001, True), (1_000_000, True)):
        content = page(size)
        origin.on(f"/size/{size}", cacheable(content, HTML))
        for got in (get(f"/size/{size}", accepting("br")), get(f"/size/{size}", accepting("br"))):
            expect_equal((got.one("content-encoding"), plain(got)), ("br" if is_compressed else None, content), f"{size} bytes")
    for size, is_compressed in ((7_900_000, True), (10_000_001, False)):
        content = page(size)
        origin.on(f"/size/{size}", cacheable(content, HTML))
        got = get(f"/size/{size}", accepting("zstd"))
        expect_equal((got.one("content-encoding"), plain(got) == content), ("zstd" if is_compressed else None, True), f"{size} bytes")


@check("left as they came: other types, other statuses, what is coded, no-transform, chunks, what is not stored, other behaviors")
def _():
    kept = {
        "/image": cacheable(PAGE, "Content-Type: image/png"),
        "/no-type": cacheable(PAGE),
        "/coded": cacheable(PAGE, HTML + "Content-Encoding: deflate"),
        "/identity": cacheable(PAGE, HTML + "Content-Encoding: identity"),
        "/no-transform": Answer(PAGE, HTML + "Cache-Control: max-age=60, no-transform"),
        "/chunks": cacheable([PAGE], HTML),
        "/gone": cacheable(PAGE, HTML, status=410),
        "/private": Answer(PAGE, HTML + "Cache-Control: private"),
        "/as-is/page": cacheable(PAGE, HTML),
    }
    for path, answer in kept.items():
        origin.on(path, answer)
        coding = next((line.split(": ")[1] for line in answer.fields.split("\r\n") if line.startswith("Content-Encoding")), None)
        for got in (get(path, accepting("gzip, br")), get(path, accepting("gzip, br"))):
            expect_equal((got.body == PAGE, got.one("content-encoding")), (True, coding), path)


@check("403 and 404 are compressed, with their status")
def _():
    for status in (403, 404):
        origin.on(f"/error/{status}", cacheable(PAGE, HTML, status=status))
        for got in (get(f"/error/{status}", accepting("gzip")), get(f"/error/{status}", accepting("gzip"))):
            expect_equal((got.status, got.one("content-encoding"), plain(got)), (status, "gzip", PAGE), str(status))


@check("a 304 of the origin keeps the compressed content and the weak tag; the origin is asked with its own tag")
def _():
    answer = {"now": "Cache-Control: max-age=60\r\nAge: 60"}
    origin.on("/checked", lambda request: Answer(status=304, fields=f'ETag: "v1"\r\nVary: Origin\r\n{answer["now"]}\r\nX-Turn: {request.turn}')
              if request.one("if-none-match") == '"v1"' else Answer(PAGE, HTML + 'ETag: "v1"\r\n' + answer["now"]))
    first = get("/checked", accepting("br"))
    for turn in (1, 2):
        got = get("/checked", accepting("br"))
        expect_equal((got.status, got.one("content-encoding"), got.one("etag"), got.body == first.body, got.one("x-turn")),
                     (200, "br", 'W/"v1"', True, str(turn)), f"after {turn} times 304")
        expect_equal(sorted(got.all("vary")), ["Accept-Encoding", "Origin"], "Vary")
    expect_equal([request.one("if-none-match") for request in origin.asked("/checked")], [None, '"v1"', '"v1"'], "what the origin is asked")
    answer["now"] = "Cache-Control: max-age=60"
    expect_equal(plain(get("/checked", accepting("br"))), PAGE, "the last check")
    again = get("/checked", accepting("br"))
    expect(hit(again), f"fresh again: {again.fields}")


@check("tags: a weak one stays, one that is none goes, and the origin is then asked by date")
def _():
    date = "Last-Modified: Sat, 01 Jan 2022 00:00:00 GMT\r\n"
    for name, tag, seen in (("weak", 'W/"v1"', ['W/"v1"']), ("bare", "v1", []), ("none", None, [])):
        path = f"/tag/{name}"
        origin.on(path, lambda request, tag=tag: Answer(status=304, fields="Cache-Control: max-age=60") if request.turn else
                  stale(PAGE, "", HTML + date + (f"ETag: {tag}\r\n" if tag else "")))
        for got in (get(path, accepting("gzip")), get(path, accepting("gzip"))):
            expect_equal((got.all("etag"), plain(got)), (seen, PAGE), name)
        asked = origin.asked(path)[1]
        expect_equal((asked.all("if-none-match"), asked.one("if-modified-since")), (seen, "Sat, 01 Jan 2022 00:00:00 GMT"), name)


@check("conditions of clients: the weak tag brings a 304, also the strong one that the plain form has; HEAD tells of the compressed form")
def _():
    for tag in ('W/"v1"', '"v1"', '"other", W/"v1"'):
        got = get("/page", accepting("br") + f"If-None-Match: {tag}\r\n")
        expect_equal((got.status, got.one("etag"), got.one("vary"), got.body), (304, 'W/"v1"', "Accept-Encoding", b""), tag)
    expect_equal(get("/page", accepting("br") + 'If-None-Match: "v2"\r\n').status, 200, "another tag")
    expect_equal(get("/page", accepting("br") + 'If-Match: "v1"\r\n').status, 412, "If-Match wants a strong tag")
    whole, head = get("/page", accepting("br")), get("/page", accepting("br"), method="HEAD")
    expect_equal((head.status, head.one("content-encoding"), head.one("content-length")), (200, "br", str(len(whole.body))), "HEAD")
    asked_once(origin, "/page", 4)


@check("ranges of what was compressed here are answered with the whole")
def _():
    whole = get("/page", accepting("gzip"))
    for fields in ("Range: bytes=0-99\r\n", 'Range: bytes=0-99\r\nIf-Range: W/"v1"\r\n', 'Range: bytes=0-99\r\nIf-Range: "v1"\r\n'):
        got = get("/page", accepting("gzip") + fields)
        expect_equal((got.status, got.body == whole.body, got.all("content-range")), (200, True, []), repr(fields))
    part = get("/page", "Range: bytes=10-19\r\n")
    expect_equal((part.status, part.body), (206, PAGE[10:20]), "of the plain form")


@check("a crowd: one fetch, compressed once, and all read along while it arrives")
def _():
    go_on = threading.Event()
    content = page(400_000)
    origin.on("/crowd", cacheable([content[:200_000], go_on, content[200_000:]], HTML, length=len(content)))
    first = Wire(cached.port, timeout=20)
    first.send(f"GET /crowd HTTP/1.1\r\nHost: shop.example.com\r\n{accepting('gzip')}\r\n".encode())
    head = first.response(with_body=False)
    expect_equal((head.one("content-encoding"), head.one("transfer-encoding")), ("gzip", "chunked"), "the head comes at once")
    seen = b""
    while len(DECODERS["gzip"](seen)) < 200_000:  # what has arrived can be read, though content stalls
        seen += first.exactly(first.chunk_size())
        first.exactly(2)
    expect_equal(DECODERS["gzip"](seen), content[:200_000], "the first half")
    crowd = Crowd(cached.port, [("/crowd", accepting("gzip"))] * 20)
    until(lambda: cached.gateway.ask("/v1/status")[0] == 200, "the gateway lives")
    go_on.set()
    answers = crowd.answers()
    expect_all(answers, 200, None, "the crowd")
    expect(all(plain(got) == content for got in answers), "the crowd's content")
    while size := first.chunk_size():
        seen += first.exactly(size)
        first.exactly(2)
    expect_equal(DECODERS["gzip"](seen) == content, True, "the first client's content")
    first.socket.close()
    asked_once(origin, "/crowd")


@check("content that is cut short ends short for the client, and is not kept")
def _():
    origin.on("/cut", lambda request: cacheable([PAGE[:20_000], CUT], HTML, length=len(PAGE)) if request.turn == 0 else cacheable(PAGE, HTML))
    try:
        got = get("/cut", accepting("gzip"))
        expect(False, f"a whole response: {got}")
    except (OSError, EOFError, Exception) as problem:
        expect(not isinstance(problem, AssertionError), str(problem))
    expect_equal(plain(get("/cut", accepting("gzip"))), PAGE, "the next one")


@check("what stands in for a dead origin is compressed as it was")
def _():
    origin.on("/dead", lambda request: CUT if request.turn else stale(PAGE, "", HTML + 'ETag: "v1"'))
    get("/dead", accepting("br"))
    got = get("/dead", accepting("br"))
    expect_equal((got.status, got.one("content-encoding"), plain(got)), (200, "br", PAGE), "stale")


@check("the profile cloudfront: gzip and br by the policy, the origin gets the normalised field and may compress by itself")
def _():
    origin.on("/amazon/page", cacheable(PAGE, HTML + 'ETag: "v1"'))
    for codings, chosen in (("gzip, deflate, br, zstd", "br"), ("gzip, deflate, br, zstd", "br"), ("gzip", "gzip"), ("zstd", None)):
        got = get("/amazon/page", accepting(codings))
        expect_equal((got.one("content-encoding"), plain(got)), (chosen, PAGE), codings)
    expect_equal([request.one("accept-encoding") for request in origin.asked("/amazon/page")], ["br,gzip", "gzip", "identity"], "at the origin")


@check("metrics: responses and bytes by coding")
def _():
    metric = cached.gateway.metric
    for coding in ("gzip", "br", "zstd"):
        made, plain_bytes, bytes_made = (metric(f"gatehouse_cache_compressed_{what}", coding=coding) for what in
                                         ("responses_total", "plain_bytes_total", "bytes_total"))
        expect(made > 0 and plain_bytes > 3 * bytes_made > 0, f"{coding}: {made} {plain_bytes} {bytes_made}")
    expect_equal(metric("gatehouse_cache_compression_skipped_total"), 0, "skipped")


finish()
