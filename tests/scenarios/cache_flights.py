#!/usr/bin/env -S /usr/bin/python3
"""Many clients at once: one fetch for what can be shared, none held back for what cannot, content that is read while it arrives, and
clients that are slow, gone, or wait for a fetch that fails. Two workers serve them; origins count what they had at once."""
import socket
import struct
import threading

from support.cached import Cached, Crowd, asked_once, expect_all, hit
from support.checks import check, expect, expect_equal, finish, limit, until
from support.gateway import SLOWER, sanitized
from support.protocol import Ended, Reader, Wire, resident
from support.scripted import CUT, Answer, Scripted, cacheable, stale

limit(150)
CROWD = 100
origin = Scripted()
cached = Cached(origin, cache="object_max: 16MiB, memory: 128MiB", policy="stale_deadline: 200ms", limits="first_byte_timeout: 15s")
get = cached.get


def crowd(path, count=CROWD, fields=""):
    """As many clients that ask at once; the gateway has taken in all their requests."""
    made = Crowd(cached.port, [(path, fields)] * count)
    cached.settle()
    return made


def drained(path):
    """How many bytes a response has, and its last ones; they are not kept."""
    size, end = 0, b""
    with socket.create_connection(("127.0.0.1", cached.port), 20) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: shop.example.com\r\nConnection: close\r\n\r\n".encode())
        while data := client.recv(1 << 20):
            size, end = size + len(data), (end + data)[-16:]
    return size, end


def all_at_once(path, count):
    """A wait that is over when the origin has that many requests for the path under way together."""
    def wait():
        try:
            until(lambda: origin.most[path] >= count, f"{count} at once", 10)
        except AssertionError:
            pass  # the check looks at the number itself
    return wait


@check(f"{CROWD} clients ask for something new at once, on two workers: one fetch, the same bytes for all")
def _():
    go_on = threading.Event()
    body = bytes(range(256)) * 64
    origin.on("/cold", cacheable(body, before=go_on))
    clients = crowd("/cold")
    go_on.set()
    got = clients.answers()
    expect_all(got, 200, body, "answers")
    asked_once(origin, "/cold")
    until(lambda: len(cached.log.where(path="/cold")) == CROWD, "their lines in the log", 5)
    results = [line["cache"] for line in cached.log.where(path="/cold")]
    expect_equal(sorted(set(results)), ["collapsed", "miss"], "what the log calls them")
    expect_equal(results.count("miss"), 1, "misses")
    expect_equal(sum("collapsed" in response.one("cache-status") for response in got), CROWD - 1, "collapsed by Cache-Status")


@check("however the clients and the first response come together: one fetch")
def _():
    for number in range(80):
        path = f"/together/{number}"
        origin.on(path, cacheable(b"together"))
        expect_all(Crowd(cached.port, [(path, "")] * 16).answers(), 200, b"together", path)
        asked_once(origin, path)


@check("what may not be shared is answered to all and never one after the other, the second time as the first")
def _():
    go_on = threading.Event()
    others = all_at_once("/single", CROWD - 1)

    def answer(request):
        # The first one decides what becomes of those that wait for it; all others have to come together.
        return Answer(b"%d" % request.turn, "Cache-Control: no-store", before=go_on if request.turn == 0 else others)
    origin.on("/single", answer)
    clients = crowd("/single")
    asked_once(origin, "/single")
    go_on.set()
    got = clients.answers()
    expect_all(got, 200, None, "answers")
    expect_equal(sorted(int(response.body) for response in got), list(range(CROWD)), "each has an answer of its own")
    expect(origin.most["/single"] >= CROWD - 1, f"the origin had at most {origin.most['/single']} at once")
    origin.on("/single", Answer(b"again", "Cache-Control: no-store", before=all_at_once("/single", CROWD)))
    expect_all(Crowd(cached.port, [("/single", "")] * CROWD).answers(), 200, b"again", "the second time")
    expect_equal(origin.most["/single"], CROWD, "at once, the second time")


@check("a URL that could not be shared and now can be is fetched once again")
def _():
    origin.on("/changed", lambda request: cacheable(b"shared") if request.turn >= 2 else Answer(b"mine", "Cache-Control: no-store"))
    for _ in range(2):
        get("/changed")
    until(lambda: hit(get("/changed")), "a hit", 5)
    expect(origin.count("/changed") <= 4, f"{origin.count('/changed')} requests at the origin")


@check("a request that may not share keeps nobody else from sharing: Authorization, no-store, HEAD, a range, a condition")
def _():
    def answer(request):
        if request.one("range"):
            return Answer(b"c", "Cache-Control: max-age=60\r\nContent-Range: bytes 0-0/7", 206)
        if request.one("if-none-match"):
            return Answer(status=304, fields='ETag: "1"\r\nCache-Control: max-age=60')
        return cacheable(b"content", 'ETag: "1"')
    for number, (method, fields) in enumerate((("GET", "Authorization: Basic YTpi"), ("GET", "Cache-Control: no-store"), ("HEAD", "X-Own: 1"),
                                               ("GET", "Range: bytes=0-0"), ("GET", 'If-None-Match: "1"'), ("GET", "Range: bytes=0-0\r\nCache-Control: no-store"))):
        path = f"/own/{number}"
        origin.on(path, answer)
        get(path, fields + "\r\n", method=method)
        expect_equal(origin.count(path), 1, f"requests before, {method} {fields!r}")
        expect_all(Crowd(cached.port, [(path, "")] * 10).answers(), 200, b"content", fields)
        expect_equal(origin.count(path), 2, f"requests for all, after {method} {fields!r}")


@check("requests with Authorization do not wait for each other")
def _():
    origin.on("/login", Answer(b"mine", "Cache-Control: max-age=60", before=all_at_once("/login", 10)))
    expect_all(Crowd(cached.port, [("/login", "Authorization: Basic YTpi\r\n")] * 10).answers(), 200, b"mine", "answers")
    expect_equal(origin.most["/login"], 10, "at once")


@check("ten values of a field that Vary names: ten fetches for a hundred clients, each with its own response")
def _():
    go_on = threading.Event()
    origin.on("/vary", lambda request: cacheable(request.one("x-kind").encode(), "Vary: X-Kind", before=go_on))
    asks = [("/vary", f"X-Kind: value-{number % 10}\r\n") for number in range(CROWD)]
    clients = Crowd(cached.port, asks)
    cached.settle()
    go_on.set()
    for number, got in enumerate(clients.answers()):
        expect_equal((getattr(got, "status", got), getattr(got, "body", b"")), (200, b"value-%d" % (number % 10)), "an answer")
    asked_once(origin, "/vary", 10)
    for number, got in enumerate(Crowd(cached.port, asks).answers()):
        expect(hit(got) and got.body == b"value-%d" % (number % 10), f"afterwards: {got}")
    asked_once(origin, "/vary", 10)


for kind, length in (("counted", 12), ("chunked", None)):
    @check(f"a second client reads {kind} content before the origin has sent the rest, with one fetch")
    def _():
        more, path = threading.Event(), f"/slow/{kind}"
        origin.on(path, cacheable([b"first ", more, b"second"], length=length))
        with Wire(cached.port) as first, Wire(cached.port) as second:
            for client in (first, second):
                client.send(f"GET {path} HTTP/1.1\r\nHost: shop.example.com\r\n\r\n".encode())
                # The origin sends no more before both have this much.
                while b"first " not in client.held:
                    client.more()
            expect(not more.is_set(), "the rest has been sent")
            more.set()
            expect_equal([client.response().body for client in (first, second)], [b"first second"] * 2, "bodies")
        expect(hit(get(path)), "not kept")
        asked_once(origin, path)


@check("a fetch that fails gives everybody who waits for it the 502, with one request")
def _():
    go_on = threading.Event()

    def answer(request):
        go_on.wait(20)
        return CUT
    origin.on("/failing", answer)
    clients = crowd("/failing", 20)
    asked_once(origin, "/failing")
    go_on.set()
    expect_all(clients.answers(), 502, None, "answers")
    asked_once(origin, "/failing")


@check("an origin that says nothing gives everybody who waits the 504 at the same time, with one request")
def _():
    silent, over = Scripted(), threading.Event()
    silent.on("/silent", cacheable(b"late", before=over))
    mine = Cached(silent, limits="first_byte_timeout: 1s")
    got = Crowd(mine.port, [("/silent", "")] * 20).answers()
    over.set()
    expect_all(got, 504, None, "answers")
    asked_once(silent, "/silent")


@check("content that breaks off breaks off for everybody who reads it, and is not kept")
def _():
    go_on = threading.Event()
    origin.on("/breaks", lambda request: cacheable(b"whole") if request.turn else cacheable([b"begun", go_on, CUT], length=50))
    clients = crowd("/breaks", 10)
    go_on.set()
    got = clients.answers()
    expect(all(isinstance(one, (Ended, OSError)) for one in got), f"answers: {got[:3]}")
    expect_equal(get("/breaks").body, b"whole", "the next one")
    asked_once(origin, "/breaks", 2)


for moment in ("before the head", "inside the content"):
    @check(f"a first client that goes away {moment} does not end the fetch: others get it, and it is kept")
    def _():
        go_on, path = threading.Event(), f"/gone/{moment.split()[0]}"
        before_head = moment.startswith("before")
        origin.on(path, cacheable([b"begun ", b"and done"] if before_head else [b"begun ", go_on, b"and done"], length=14,
                                  before=go_on if before_head else None))
        with Wire(cached.port) as first:
            first.send(f"GET {path} HTTP/1.1\r\nHost: shop.example.com\r\n\r\n".encode())
            until(lambda: origin.count(path) == 1, "the fetch", 5)
            if not before_head:
                while b"begun " not in first.held:
                    first.more()
            second = Crowd(cached.port, [(path, "")])
            cached.settle()
        cached.settle()
        go_on.set()
        expect_all(second.answers(), 200, b"begun and done", "the second client")
        expect(hit(get(path)), "not kept")
        asked_once(origin, path)


@check("clients that are reset while they wait are let go at once; the others wait on, and the fetch is kept")
def _():
    go_on = threading.Event()
    origin.on("/patience", cacheable(b"content", before=go_on))
    gone = lambda: len(cached.log.where(path="/patience", status=460))
    clients = [Wire(cached.port) for _ in range(6)]
    for client in clients:
        client.send(b"GET /patience HTTP/1.1\r\nHost: shop.example.com\r\n\r\n")
    cached.settle()
    for client in clients[:4]:  # the one that leads is among them or not
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.socket.close()
    until(lambda: gone() == 4, "lines in the log of those who went", 5)
    expect(not go_on.is_set(), "the origin has answered")
    go_on.set()
    expect_equal([client.response().body for client in clients[4:]], [b"content"] * 2, "the others")
    for client in clients[4:]:
        client.socket.close()
    expect(hit(get("/patience")), "not kept")
    asked_once(origin, "/patience")


@check("a first client that goes away alone: the fetch ends well and is kept")
def _():
    go_on = threading.Event()
    origin.on("/alone", cacheable(b"content", before=go_on))
    with Wire(cached.port) as client:
        client.send(b"GET /alone HTTP/1.1\r\nHost: shop.example.com\r\n\r\n")
        until(lambda: origin.count("/alone") == 1, "the fetch", 5)
    cached.settle()
    go_on.set()
    until(lambda: hit(get("/alone")), "a hit", 5)
    asked_once(origin, "/alone")


@check("a first client that does not read holds nobody up")
def _():
    body = bytes(8 << 20)
    origin.on("/large", cacheable(body))
    with socket.socket() as sluggard:
        sluggard.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sluggard.connect(("127.0.0.1", cached.port))
        sluggard.sendall(b"GET /large HTTP/1.1\r\nHost: shop.example.com\r\n\r\n")
        until(lambda: origin.count("/large") == 1, "the fetch", 5)
        expect_all(Crowd(cached.port, [("/large", "")] * 4).answers(), 200, body, "the others, while it reads nothing")
        asked_once(origin, "/large")
        sluggard.settimeout(20)
        expect_equal(len(Reader(sluggard).response().body), len(body), "what it gets in the end")


@check("what is larger than object_max passes through whole, is not kept, and costs no memory to speak of")
def _():
    piece = bytes(range(256)) * 4096
    for name, length in (("counted", 64 << 20), ("chunked", None)):
        path = f"/huge/{name}"
        origin.on(path, cacheable([piece] * 64, length=length))
        drained(path)
        before = resident(cached.gateway.pid)
        for _ in range(2):
            size, end = drained(path)
            expect(size >= 64 << 20 and end.endswith(piece[-5:] if length else b"0\r\n\r\n"), f"{name}: {size} bytes, then {end!r}")
        grown = resident(cached.gateway.pid) - before
        expect(sanitized() or grown < 24 << 10, f"{grown} KiB more resident after two responses of 64 MiB")
        asked_once(origin, path, 3)
    with socket.socket() as sluggard:
        sluggard.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sluggard.connect(("127.0.0.1", cached.port))
        before = resident(cached.gateway.pid)
        sluggard.sendall(b"GET /huge/chunked HTTP/1.1\r\nHost: shop.example.com\r\n\r\n")
        until(lambda: origin.count("/huge/chunked") == 4, "the fetch", 5)
        cached.settle()
        grown = resident(cached.gateway.pid) - before
        expect(sanitized() or grown < 40 << 10, f"{grown} KiB more resident for one that does not read")


@check("stale_deadline: an origin that is slow makes the stale response go out, and its answer is used afterwards")
def _():
    go_on = threading.Event()
    origin.on("/late", lambda request: cacheable(b"new", before=go_on) if request.turn else stale(b"old"))
    get("/late")
    # The origin answers nobody before all of these have theirs.
    expect_all(Crowd(cached.port, [("/late", "")] * 10).answers(), 200, b"old", "while it is slow")
    asked_once(origin, "/late", 2)
    go_on.set()
    until(lambda: get("/late").body == b"new", "the new one", 5)
    asked_once(origin, "/late", 2)


@check("an unsafe request while a fetch is under way: what the fetch brings is not kept")
def _():
    go_on = threading.Event()
    origin.on("/raced", lambda request: Answer(b"done") if request.method == "POST" else
              cacheable(b"%d" % request.turn, before=go_on if request.turn == 0 else None))
    clients = crowd("/raced", 1)
    asked_once(origin, "/raced")
    get("/raced", method="POST")
    go_on.set()
    expect_all(clients.answers(), 200, b"0", "the one that asked before")
    expect_equal(get("/raced").body, b"2", "the one that asks afterwards")
    expect(hit(get("/raced")), "and what that one brings is not kept either")


@check("interim responses reach everybody who waits, and are not kept")
def _():
    go_on = threading.Event()
    origin.on("/hints", cacheable(b"content", interim=b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n", before=go_on))
    clients = crowd("/hints", 6)
    go_on.set()
    got = clients.answers()
    expect_all(got, 200, b"content", "answers")
    expect_equal([[head.status for head in one.interim] for one in got], [[103]] * 6, "interim heads")
    expect_equal((get("/hints").interim, hit(get("/hints"))), ([], True), "afterwards")
    asked_once(origin, "/hints")


@check("nothing is left over: no request is active, and the origin read every request")
def _():
    until(lambda: cached.gateway.metric("gatehouse_upstream_requests_active") == 0, "no active request", 20 * SLOWER)
    expect_equal(origin.problems, [], "problems")


finish()
