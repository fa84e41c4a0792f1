#!/usr/bin/env -S /usr/bin/python3
"""Trailers and the cache: those of a response that passes through reach the client, those of a stored one all who get it in chunks;
who gets a length, a range or a 304 gets none, and no Trailer field that promises some."""
import threading

from support.cached import Cached, Crowd, asked_once, expect_all, hit
from support.checks import check, expect, expect_equal, finish, limit, until
from support.gateway import folder
from support.protocol import Wire
from support.scripted import Answer, Scripted, cacheable, stale

limit(60)
origin = Scripted()
cached = Cached(origin)
get = cached.get
SUM = b"Checksum: abc\r\nX-Count: 2\r\n"
GOT = [("checksum", "abc"), ("x-count", "2")]
NAMED = 'Trailer: Checksum, X-Count\r\nETag: "1"'


def seen(response):
    return response.body, response.trailers, response.all("trailer")


@check("trailers of what is not stored reach the client that asked, with the Trailer field")
def _():
    for path, pieces in (("/pass/small", [b"content"]), ("/pass/none", []), ("/pass/large", [b"x" * 300000] * 5)):
        origin.on(path, Answer(pieces, f"Cache-Control: no-store\r\n{NAMED}", trailers=SUM))
        for turn in range(3):
            expect_equal(seen(get(path)), (b"".join(pieces), GOT, ["Checksum, X-Count"]), f"{path}, turn {turn}")


@check("trailers of what is stored reach the first client, those who wait, and everybody after them")
def _():
    for path, pieces in (("/kept/small", [b"content"]), ("/kept/none", []), ("/kept/large", [b"x" * 300000] * 5)):
        go_on = threading.Event()
        origin.on(path, cacheable(pieces, NAMED, trailers=SUM, before=go_on))
        clients = Crowd(cached.port, [(path, "")] * 5)
        cached.settle()
        go_on.set()
        got = clients.answers()
        expect_all(got, 200, b"".join(pieces), path)
        expect_equal([one.trailers for one in got], [GOT] * 5, path)
        for _ in range(2):
            one = get(path)
            expect_equal((seen(one), hit(one)), ((b"".join(pieces), GOT, ["Checksum, X-Count"]), True), path)
        asked_once(origin, path)


@check("trailers that come late reach who reads along")
def _():
    more = threading.Event()
    origin.on("/late", cacheable([b"first ", more, b"second"], NAMED, trailers=SUM))
    with Wire(cached.port) as first, Wire(cached.port) as second:
        for client in (first, second):
            client.send(b"GET /late HTTP/1.1\r\nHost: shop.example.com\r\n\r\n")
            while b"first " not in client.held:
                client.more()
        more.set()
        expect_equal([seen(client.response()) for client in (first, second)], [(b"first second", GOT, ["Checksum, X-Count"])] * 2, "both")


@check("HEAD, ranges, conditions and HTTP/1.0 get no trailers, and a connection goes on after them")
def _():
    with Wire(cached.port) as client:
        expect_equal(client.get("/kept/small", method="HEAD").one("transfer-encoding"), "chunked", "HEAD is framed as GET")
        got = client.get("/kept/small", "Range: bytes=0-2\r\n")
        expect_equal((got.status, seen(got)), (206, (b"con", [], [])), "a range")
        got = client.get("/kept/small", 'If-None-Match: "1"\r\n')
        expect_equal((got.status, got.all("trailer")), (304, []), "a condition")
        expect_equal(seen(client.get("/kept/small")), (b"content", GOT, ["Checksum, X-Count"]), "the whole again")
    with Wire(cached.port) as client:
        client.send(b"GET /kept/small HTTP/1.0\r\nHost: shop.example.com\r\n\r\n")
        while client.more(ended_is_fine=True):
            pass
        head, body = client.held.split(b"\r\n\r\n", 1)
        expect(b"content-length: 7" in head.lower() and b"trailer" not in head.lower() and body == b"content", f"{client.held!r}")
    asked_once(origin, "/kept/small")


@check("a 304 keeps them with the content")
def _():
    origin.on("/checked", lambda request: stale([b"content"], more=NAMED, trailers=SUM) if request.turn == 0 else
              Answer(status=304, fields='Cache-Control: max-age=60\r\nETag: "1"'))
    for turn in range(3):
        expect_equal(get("/checked").trailers, GOT, f"turn {turn}")
    asked_once(origin, "/checked", 2)


@check("what has no trailers is sent with its length, whatever its Trailer field says")
def _():
    origin.on("/empty", cacheable([b"content"], NAMED))
    get("/empty")
    got = get("/empty")
    expect_equal((seen(got), got.one("content-length"), hit(got)), ((b"content", [], []), "7", True), "a hit")


@check("trailers are kept on disk")
def _():
    where = folder()
    mine = Cached(origin, cache=f"disk: {{ path: {where}/cache, size: 64MiB }}, memory: 16MiB")
    origin.on("/disk", cacheable([b"content"], NAMED, trailers=SUM))
    mine.get("/disk")
    until(lambda: mine.gateway.metric("gatehouse_cache_disk_objects") >= 1, "on disk", 5)
    mine.gateway.stop()
    again = Cached(origin, cache=f"disk: {{ path: {where}/cache, size: 64MiB }}, memory: 16MiB")
    got = again.get("/disk")
    expect_equal((seen(got), hit(got)), ((b"content", GOT, ["Checksum, X-Count"]), True), "after a restart")
    asked_once(origin, "/disk")


@check("the origin never saw a request that it could not read")
def _():
    expect_equal(origin.problems, [], "problems")


finish()
