#!/usr/bin/env -S /usr/bin/python3
"""Keys of the cache and of behaviors: each to another value, with the difference seen from outside."""
import os
import signal
import socket
import threading

from support.cached import BEHAVIORS, Cached, Crowd, asked_once, expect_all, forwarded, hit
from support.checks import check, expect, expect_equal, finish, limit, until
from support.gateway import folder
from support.protocol import Reader, Wire, listener
from support.scripted import CUT, Answer, Scripted, cacheable, stale

limit(100)
LONG_AGO = "Last-Modified: Sat, 01 Jan 2022 00:00:00 GMT"
origin = Scripted()


def hits(front, path, fields="", count=3):
    """Which of some requests in a row are hits."""
    return [hit(front.get(path, fields)) for _ in range(count)]


def expect_refused(front, change, word):
    """A reload with one text of the configuration replaced by another is refused, and the message has the word."""
    with open(front.gateway.file, encoding="utf-8") as file:
        text = file.read()
    expect(change[0] in text, f"the configuration has no {change[0]}")
    front.gateway.write(text.replace(*change))
    said = front.gateway.reload()
    expect(said.returncode == 1 and word in said.stderr, f"{said.returncode}: {said.stderr}")


@check("memory: what does not fit any more is evicted")
def _():
    for size, kept in (("1MiB", False), ("64MiB", True)):
        mine = Scripted()
        mine.answers["*"] = cacheable(bytes(100_000))
        front = Cached(mine, cache=f"memory: {size}, object_max: 512KiB")
        paths = [f"/{number}" for number in range(40)]
        for path in paths:
            front.get(path)
        found = sum(hit(front.get(path)) for path in paths)
        expect(found == 40 if kept else found < 11, f"{found} of 40 objects of 100 kB are found in {size}")


@check("object_max: what is larger is not stored")
def _():
    for name, body in (("counted", bytes(3000)), ("chunked", [bytes(1000)] * 3)):
        origin.on(f"/object/{name}", cacheable(body))
        expect_equal(hits(Cached(origin, cache="object_max: 4KiB"), f"/object/{name}"), [False, True, True], f"{name} within it")
        front = Cached(origin, cache="object_max: 2KiB")
        expect_equal(hits(front, f"/object/{name}"), [False] * 3, f"{name} beyond it")


@check("disk.path: what is stored outlives the process; without it nothing does")
def _():
    for number, disk in enumerate((f"disk: {{ path: {folder()}/cache }}", "")):
        path = f"/disk/{number}"
        origin.on(path, cacheable(b"kept on disk", 'ETag: "1"'))
        front = Cached(origin, cache=disk)
        front.get(path)
        front.gateway.signal(signal.SIGTERM)
        expect_equal(front.gateway.wait(), 0, "exit code")
        got = Cached(origin, cache=disk).get(path)
        expect_equal((got.body, got.one("etag"), hit(got)), (b"kept on disk", '"1"', bool(disk)), disk or "without")


@check("disk.size: so much is kept there, and the oldest goes")
def _():
    mine = Scripted()
    mine.answers["*"] = cacheable(bytes(250_000))
    for size, all_kept in (("64MiB", False), ("512MiB", True)):
        place = folder()
        front = Cached(mine, cache=f"memory: 16MiB, disk: {{ path: {place}/cache, size: {size} }}")
        with Wire(front.port) as client:
            for number in range(400):
                client.get(f"/{size}/{number}")
            found = [number for number in range(400) if hit(client.get(f"/{size}/{number}", "Cache-Control: only-if-cached\r\n"))]
        # The disk has room for 268 of them, memory for 67 more, which need not be the newest; a slow disk takes fewer.
        expect(len(found) >= 350 if all_kept else 100 < len(found) < 340, f"{len(found)} of 400 objects of 250 kB are found in {size}")
        early, late = sum(number < 100 for number in found), sum(number >= 300 for number in found)
        expect(all_kept or early < late, f"{early} of the first 100 and {late} of the last are found in {size}")
        taken = sum(os.path.getsize(os.path.join(where, name)) for where, _, names in os.walk(place) for name in names)
        expect(all_kept or taken <= 64 << 20, f"{taken} bytes in the folder of {size}")


@check("disk.object_max: what is too large for memory is stored there up to it")
def _():
    for name, body in (("counted", bytes(300_000)), ("chunked", [bytes(100_000)] * 3)):
        origin.on(f"/large/{name}", cacheable(body))
        for limit_text, stored in (("", True), (", object_max: 256KiB", False)):
            front = Cached(origin, cache=f"object_max: 64KiB, disk: {{ path: {folder()}/cache, size: 64MiB{limit_text} }}")
            front.get(f"/large/{name}")
            if stored:
                until(lambda: hit(front.get(f"/large/{name}")), f"a hit for {name} content", 5)
            else:
                expect_equal(hits(front, f"/large/{name}"), [False] * 3, f"{name} content beyond it")


@check("purge_from: those addresses may PURGE, without it nobody")
def _():
    origin.on("/purge", cacheable(b"content"))

    def purge(front, address):
        with socket.create_connection(("127.0.0.1", front.port), 10, (address, 0)) as client:
            client.sendall(b"PURGE /purge HTTP/1.1\r\nHost: shop.example.com\r\n\r\n")
            return Reader(client).response().status
    front = Cached(origin)
    front.get("/purge")
    expect_equal((purge(front, "127.0.0.1"), hit(front.get("/purge"))), (403, True), "without it")
    front.reload(cache="purge_from: [127.0.0.2/32]")
    expect_equal((purge(front, "127.0.0.1"), hit(front.get("/purge"))), (403, True), "another address")
    expect_equal((purge(front, "127.0.0.2"), hit(front.get("/purge"))), (200, False), "that address")


@check("policies.targeted_fields: the first of them that a response has takes the place of Cache-Control")
def _():
    origin.on("/targeted", Answer(b"content", "Cache-Control: no-store\r\nCDN-Cache-Control: max-age=60\r\nOwn-Cache-Control: no-store"))
    expect_equal(hits(Cached(origin), "/targeted"), [False, True, True], "by default: CDN-Cache-Control")
    expect_equal(hits(Cached(origin, policy="targeted_fields: []"), "/targeted"), [False] * 3, "none")
    expect_equal(hits(Cached(origin, policy="targeted_fields: [Own-Cache-Control, CDN-Cache-Control]"), "/targeted"), [False] * 3, "another one first")
    expect_equal(hits(Cached(origin, policy="targeted_fields: [X-None, CDN-Cache-Control]"), "/targeted"), [False, True, True], "one that it does not have first")


@check("policies.request_directives: revalidate lets a client have the stored response checked")
def _():
    def answer(request):
        return Answer(status=304, fields='ETag: "1"\r\nCache-Control: max-age=60') if request.one("if-none-match") else cacheable(b"content", 'ETag: "1"')
    for value, checked in (("ignore", False), ("revalidate", True)):
        path = f"/directives/{value}"
        origin.on(path, answer)
        front = Cached(origin, policy=f"request_directives: {value}")
        front.get(path)
        for fields in ("Cache-Control: no-cache\r\n", "Cache-Control: max-age=0\r\n", "Pragma: no-cache\r\n"):
            got = front.get(path, fields)
            expect_equal((got.body, hit(got)), (b"content", not checked), f"{value}: {fields!r}")
        asked_once(origin, path, 4 if checked else 1)
        expect(hit(front.get(path)), f"{value}: without")


@check("policies.set_cookie: when a response that sets cookies is stored")
def _():
    for rule, lifetime, shared, cookie in (("with_lifetime", True, True, "a=1"), ("with_shared_lifetime", False, True, "a=1"), ("strip", True, True, None), ("never", False, False, None)):
        front = Cached(origin, policy=f"set_cookie: {rule}")
        for path, control, stored in (("lifetime", "max-age=60", lifetime), ("shared", "s-maxage=60", shared)):
            origin.on(f"/cookie/{rule}/{path}", Answer(b"content", f"Cache-Control: {control}\r\nSet-Cookie: a=1"))
            expect_equal(hits(front, f"/cookie/{rule}/{path}"), [False, stored, stored], f"{rule}: {control}")
            if stored:
                expect_equal(front.get(f"/cookie/{rule}/{path}").one("set-cookie"), cookie, f"{rule}: {control}")


@check("policies.heuristic_max: for so long a response with only a Last-Modified is fresh")
def _():
    origin.on("/heuristic", Answer(b"content", LONG_AGO))
    ttl = {}
    for name, policy in (("default", ""), ("30s", "heuristic_max: 30s")):
        front = Cached(origin, policy=policy)
        expect_equal(hits(front, "/heuristic"), [False, True, True], name)
        ttl[name] = int(front.get("/heuristic").one("cache-status").split("ttl=")[1].split(";")[0])
    expect(20 <= ttl["30s"] <= 30 and ttl["default"] > 86_000, f"times to live: {ttl}")
    expect_equal(hits(Cached(origin, policy="heuristic_max: 0s"), "/heuristic"), [False] * 3, "never")


@check("policies.stale_while_revalidate: where a response does not say, so long the stale one goes out while it is fetched anew")
def _():
    for policy, wanted in (("", b"new"), ("stale_while_revalidate: 1h", b"old")):
        path = f"/swr/{wanted.decode()}"
        origin.on(path, lambda request: cacheable(b"new") if request.turn else stale(b"old"))
        front = Cached(origin, policy=policy)
        front.get(path)
        expect_equal(front.get(path).body, wanted, policy or "by default")
        until(lambda: front.get(path).body == b"new", "the new one", 5)


@check("policies.stale_if_error: where a response does not say, so long the stale one goes out when the origin fails")
def _():
    for policy, status in (("", 200), ("stale_if_error: 0s", 502), ("stale_if_error: 1h", 200)):
        path = f"/sie/{status}/{len(policy)}"
        origin.on(path, lambda request: CUT if request.turn else stale(b"old"))
        front = Cached(origin, policy=policy)
        front.get(path)
        expect_equal(front.get(path).status, status, policy or "by default")


@check("policies.stale_deadline: a slow origin makes the stale response go out; without it everybody waits")
def _():
    for policy, wanted in (("stale_deadline: 100ms", b"old"), ("", b"new")):
        go_on, path = threading.Event(), f"/deadline/{wanted.decode()}"
        origin.on(path, lambda request: cacheable(b"new", before=go_on) if request.turn else stale(b"old"))
        front = Cached(origin, policy=policy)
        front.get(path)
        clients = Crowd(front.port, [(path, "")] * 3)
        until(lambda: origin.count(path) == 2, "the fetch", 5)
        if not policy:
            go_on.set()
        expect_all(clients.answers(), 200, wanted, policy or "by default")
        go_on.set()


@check("policies.cache_status: false sends no Cache-Status")
def _():
    origin.on("/status", cacheable(b"content"))
    front = Cached(origin, policy="cache_status: false")
    got = [front.get("/status") for _ in range(2)]
    expect_equal([(one.one("cache-status"), one.one("age") is not None) for one in got], [(None, False), (None, True)], "Cache-Status and Age")
    front.reload(policy="cache_status: true")
    expect(hit(front.get("/status")), "and back")


@check("policies.profile: rfc9111 is a shared cache as the standard has it; cloudfront keeps what does not say")
def _():
    origin.on("/profile", Answer(b"content", "Cache-Control: s-maxage=60, max-age=0"))
    front = Cached(origin, policy="profile: rfc9111")
    expect_equal(hits(front, "/profile"), [False, True, True], "s-maxage counts")
    origin.on("/silent", Answer(b"content"))
    expect_equal(hits(front, "/silent"), [False] * 3, "rfc9111: no lifetime")
    expect_equal(hits(Cached(origin, policy="profile: cloudfront"), "/silent"), [False, True, True], "cloudfront: its own")
    expect_refused(front, ("profile: rfc9111", "profile: other"), "profile")


@check("behaviors: path_pattern and cache_policy: the first that fits decides; what none fits is not cached")
def _():
    for path in ("/img/a.png", "/api/a", "/img/no/a", "/Img/a.png"):
        origin.on(path, Answer(b"content", LONG_AGO))
    behaviors = ('behaviors:\n  - { path_pattern: "/img/no/*", cache_policy: plain }\n  - { path_pattern: "img/*", cache_policy: standard }\n'
                 '  - { path_pattern: "/?pi/*", cache_policy: plain }')
    front = Cached(origin, listeners=listener(more=behaviors), policy="heuristic_max: 1h }, { name: plain, heuristic_max: 0s, cache_status: false")
    expect_equal(hits(front, "/img/a.png"), [False, True, True], "the second behavior")
    for path in ("/img/no/a", "/api/a"):
        expect_equal((hits(front, path), front.get(path).one("cache-status")), ([False] * 3, None), f"{path}: the other policy")
    expect_equal((forwarded(front.get("/Img/a.png")), front.log.one(path="/Img/a.png")["cache"]), (None, None), "letter case counts")
    origin.on("/api/b", cacheable(b"content"))
    front.get("/api/b")
    until(lambda: [line["cache"] for line in front.log.where(path="/api/b")] == ["miss"], "the access log", 5)


@check("policies.name: a behavior names one that there is")
def _():
    expect_refused(Cached(origin), (BEHAVIORS, BEHAVIORS.replace("standard", "none_such")), "none_such")


finish()
