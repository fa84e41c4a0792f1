#!/usr/bin/env -S /usr/bin/python3
"""Content both ways: chunked and counted, trailers, HEAD and other replies without it, HTTP/1.0, 100-continue, pipelining, its
limit, lengths at the edges of buffers, and gigabytes in constant memory. GATEHOUSE_LONG_TESTS=1 makes 1 GiB four."""
import os
import socket
import threading

from support.checks import check, expect, expect_equal, finish, limit, until
from support.gateway import Gateway, folder, group, sanitized
from support.protocol import NO_HEALTH, Ended, Log, Origin, Wire, answer, listener, resident, text

limit(80)
GROWTH_MAX = (64 if sanitized() else 8) * 1024  # KiB; sanitizers keep what was freed for a while
GIB = (4 if os.environ.get("GATEHOUSE_LONG_TESTS") == "1" else 1) << 30
BLOCK = bytes(range(256)) * 4096  # 1 MiB
where = folder()
log = Log(os.path.join(where, "access.log"))
origin = Origin()
gateway = Gateway(text(log=log.path, listeners=listener(), groups=group([origin.address], "web", NO_HEALTH)), where=where).wait_ready()


def fresh(script=answer):
    origin.become(script)
    origin.take()
    return Wire(gateway.port, timeout=20)


def replying(data):
    def script(peer):
        while peer.request() is not None:
            peer.send(data)
    return script


def content(size):
    return (BLOCK * (size // len(BLOCK) + 1))[:size]


TRAILED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: Checksum\r\n\r\n"


@check("trailers reach the origin when they come after the content")
def _():
    with fresh() as client:
        client.send(TRAILED + b"5\r\nhello\r\n")
        until(lambda: origin.peers, "the connection to the origin")
        client.send(b"0\r\nChecksum: abc\r\n\r\n")
        expect_equal(client.response().status, 200, "status")
    request = origin.take()[0]
    expect_equal((request.body, request.trailers, request.all("trailer")), (b"hello", [("checksum", "abc")], ["Checksum"]), "request")


@check("trailers reach the origin when they come with the head; extensions of chunks do not")
def _():
    with fresh() as client:
        client.send(TRAILED +
                    b"5;a=b\r\nhello\r\n00001\r\n,\r\n6 ; q=\"x;y\"\r\n world\r\n0\r\nChecksum: abc\r\nOther:d\r\n\r\n")
        expect_equal(client.response().status, 200, "status")
    request = origin.take()[0]
    expect_equal((request.body, request.trailers), (b"hello, world", [("checksum", "abc"), ("other", "d")]), "content, trailers")


@check("trailers that forge fields of the head are refused")
def _():
    for forged in (b"Content-Length: 5", b"Transfer-Encoding: chunked", b"Host: b", b"Authorization: x", b"X-Forwarded-For: 1.2.3.4",
                   b"Cookie: a=b", b"Connection: close", b"Content-Type: text/html", b"X-Amzn-Trace-Id: Root=1", b"Set-Cookie: a=b"):
        with fresh() as client:
            client.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n" + forged + b"\r\n\r\n")
            response = client.response()
            expect_equal(response.status, 400, f"status with the trailer {forged!r}")
            expect("Reason: bad_trailer<" in response.text, f"{response.text!r}")
            expect(client.ended(), "the connection is open")
        expect_equal([one.trailers for one in origin.take()], [], "whole requests at the origin")


@check("malformed chunks of a request: 400, and the origin never sees the request's end")
def _():
    for bad in (b"-1\r\n", b"+1\r\nx\r\n0\r\n\r\n", b"0x1\r\nx\r\n0\r\n\r\n", b" 1\r\nx\r\n0\r\n\r\n", b"1\nx\r\n0\r\n\r\n", b"g\r\n", b"\r\n",
                b"1\r\nxy\r\n0\r\n\r\n", b"1\r\nx\n0\r\n\r\n", b"1\rx", b"ffffffffffffffff\r\n", b"10000000000000000\r\n", b"1;\r\nx\r\n0\r\n\r\n",
                b"1;a=\"b\r\nx\r\n0\r\n\r\n", b"1;a\nb\r\nx\r\n0\r\n\r\n", b"1;" + b"a" * 300 + b"\r\nx\r\n0\r\n\r\n", b"0\r\nA : b\r\n\r\n",
                b"0\r\nA: b\nC: d\r\n\r\n", b"0\r\nA: b\r\n c\r\n\r\n", b"1\r\nx\r\n0\r\n" + b"A: b\r\n" * 40 + b"\r\n"):
        with fresh() as client:
            client.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + bad)
            expect_equal(client.response().status, 400, f"status of {bad[:30]!r}")
            expect(client.ended(), f"the connection is open after {bad[:30]!r}")
        expect_equal([one.body for one in origin.take() if one.body], [], f"whole requests at the origin after {bad[:30]!r}")


@check("chunked responses with trailers reach the client; forged trailers never end a response")
def _():
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Sum\r\n\r\n"
    with fresh(replying(head + b"3\r\nabc\r\n2;x\r\nde\r\n0\r\nSum: 1\r\n\r\n")) as client:
        for _ in range(3):
            response = client.get()
            expect_equal((response.body, response.trailers, response.all("trailer")), (b"abcde", [("sum", "1")], ["Sum"]), "response")
    for forged in (b"Content-Length: 5", b"Set-Cookie: a=b", b"Location: /", b"Transfer-Encoding: chunked"):
        with fresh(replying(head + b"3\r\nabc\r\n0\r\n" + forged + b"\r\n\r\n")) as client:
            try:
                response = client.get()
                expect_equal(response.status, 502, f"a whole response with {forged!r}")
            except (Ended, ConnectionResetError):
                pass


@check("Content-Length exact at the edges of buffers, both ways, and at every kind of framing")
def _():
    sizes = (1, 2047, 2048, 4095, 4096, 4097, 16383, 16384, 16385, 32768, 40959, 40960, 40961, 65536, 131071, 131072, 131073, 1000000)

    def script(peer):
        while (request := peer.request()) is not None:
            body = content(int(request.target.split("/")[2]))
            if request.target.startswith("/chunked"):
                pieces = b"".join(b"%x\r\n%s\r\n" % (len(body[at:at + 5000]), body[at:at + 5000]) for at in range(0, len(body), 5000))
                peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + pieces + b"0\r\n\r\n")
            elif request.target.startswith("/close"):
                peer.send(b"HTTP/1.1 200 OK\r\n\r\n" + body)
                return
            else:
                peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    with fresh(script) as client:
        for size in sizes:
            sent = content(size)
            for kind in ("counted", "chunked", "close"):
                response = client.get(f"/{kind}/{size}", method="POST", body=sent)
                expect(response.body == sent, f"{kind} {size}: {len(response.body)} bytes, {'wrong' if len(response.body) == size else ''}")
            client.send(f"POST /counted/{size} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
            for at in range(0, size, 7000):
                client.send(b"%x\r\n%s\r\n" % (len(sent[at:at + 7000]), sent[at:at + 7000]))
            client.send(b"0\r\n\r\n")
            expect(client.response().body == sent, f"chunked up {size}")
            bodies = [one.body for one in origin.take()]
            expect(bodies == [sent] * 4, f"at the origin: {[len(body) for body in bodies]}, expected {size}")


@check("HEAD, 204 and 304 have no content whatever they announce")
def _():
    def script(peer):
        while (request := peer.request()) is not None:
            if request.target == "/204":
                peer.send(b"HTTP/1.1 204 No Content\r\n\r\n")
            elif request.target == "/304":
                peer.send(b"HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\nContent-Length: 5\r\n\r\n")
            elif request.method == "HEAD":
                peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n")
            else:
                peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    with fresh(script) as client:
        for _ in range(3):
            head = client.get("/", method="HEAD")
            expect_equal((head.status, head.one("content-length")), (200, "12345"), "HEAD")
            none = client.get("/204")
            expect_equal((none.status, none.all("content-length"), none.all("transfer-encoding")), (204, [], []), "204")
            same = client.get("/304")
            expect_equal((same.status, same.one("etag"), same.all("transfer-encoding")), (304, '"x"', []), "304")
            expect_equal(client.get("/").text, "ok", "GET behind them")


@check("an HTTP/1.0 client gets no chunks and no interim responses; keep-alive when it asks for it")
def _():
    chunked = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nA: b\r\n\r\n"
    for asked in (b"", b"Connection: keep-alive\r\n"):
        with fresh(replying(chunked)) as client:
            client.send(b"GET / HTTP/1.0\r\nHost: a\r\n" + asked + b"\r\n")
            response = client.response()
            expect_equal((response.interim, response.body, response.all("transfer-encoding"), response.one("connection")),
                         ([], b"abc", [], "close"), "response")
    with fresh() as client:
        for _ in range(3):
            client.send(b"GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n")
            response = client.response()
            expect_equal((response.text, response.one("connection")), ("ok", "keep-alive"), "response")
        client.send(b"GET / HTTP/1.0\r\nHost: a\r\n\r\n")
        expect_equal(client.response().one("connection"), "close", "Connection")
        expect(client.ended(), "the connection is open")


@check("Expect: 100-continue is answered by the gateway when content is wanted, and not forwarded")
def _():
    with fresh() as client:
        for _ in range(2):
            client.send(b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
            expect_equal(client.exactly(25), b"HTTP/1.1 100 Continue\r\n\r\n", "what comes before the content")
            client.send(b"hello")
            expect_equal(client.response().status, 200, "status")
            request = origin.take()[0]
            expect_equal((request.body, request.all("expect")), (b"hello", []), "content, Expect at the origin")
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello")
        response = client.response()
        expect_equal((response.interim, response.status), ([], 200), "a client that does not wait is not told")

    def refusing(peer):
        peer.request(with_body=False)
        peer.send(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")
        peer.rest()
    with fresh(refusing) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
        response = client.response()
        expect_equal(response.status, 403, "status of an early refusal")
        if response.interim:  # told to send it, the client does; it is content all the same
            client.send(b"GET /")
        if response.one("connection") != "close":
            origin.script = answer
            expect_equal(client.get("/next").status, 200, "status of the next request")
            expect_equal(origin.take()[-1].target, "/next", "the next request")
    with fresh() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\nContent-Length: 5\r\n\r\n")
        expect_equal(client.response().status, 417, "another expectation")
    expect_equal(origin.take(), [], "requests at the origin")


@check("50 requests in one segment: as many answers in their order, each asked once")
def _():
    def script(peer):
        while (request := peer.request()) is not None:
            body = request.target.encode() + request.body
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    with fresh(script) as client:
        requests = [b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % n if n % 3 else b"POST /%d HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" % n
                    if n % 2 else b"POST /%d HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" % n for n in range(50)]
        client.send(b"".join(requests))
        bodies = [client.response().text for _ in range(50)]
    expect_equal(bodies, [f"/{n}" + ("" if n % 3 else "abc") for n in range(50)], "answers")
    expect_equal([one.target for one in origin.take()], [f"/{n}" for n in range(50)], "requests at the origin")


@check("103 is passed on with its fields, 100 of the origin is not")
def _():
    with fresh(replying(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\nConnection: x\r\nX: y\r\n\r\n"
                        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")) as client:
        response = client.get()
        expect_equal([(one.status, one.fields) for one in response.interim], [(103, [("link", "</a.css>")])], "interim responses")
        expect_equal(response.text, "ok", "content")


small = Gateway(text(limits="request_body: 1000B", listeners=listener(), groups=group([origin.address], "web", NO_HEALTH))).wait_ready()


@check("limits.request_body: 413 for a length beyond it, before any content is sent")
def _():
    origin.become(answer)
    origin.take()
    with Wire(small.port, timeout=4) as client:
        expect_equal(client.get("/", method="POST", body=b"x" * 1000).status, 200, "status at the limit")
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n")
        expect_equal(client.response().status, 413, "status of one more")
        expect(client.ended(), "the connection is open")
    expect_equal([len(one.body) for one in origin.take()], [1000], "contents at the origin")
    with Wire(small.port, timeout=4) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n")
        response = client.response()
        expect_equal((response.interim, response.status), ([], 413), "no 100 before it")


@check("limits.request_body: 413 for chunks that pass it")
def _():
    origin.become(answer)
    origin.take()
    for chunks in (b"3e8\r\n" + b"x" * 1000 + b"\r\n1\r\nx\r\n0\r\n\r\n", b"3e9\r\n" + b"x" * 1001 + b"\r\n0\r\n\r\n"):
        with Wire(small.port, timeout=4) as client:
            client.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
            expect_equal(client.response().status, 413, "status of chunks beyond it")
            expect(client.ended(), "the connection is open")
        expect_equal(origin.take(), [], "whole requests at the origin")
    with Wire(small.port, timeout=4) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n" + b"x" * 1000 + b"\r\n0\r\n\r\n")
        expect_equal(client.response().status, 200, "status of chunks at the limit")
    small.stop()


class Memory:
    """The highest resident size while it is watched."""

    def __init__(self):
        self.before = self.most = resident(gateway.pid)
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.stopping.wait(0.02):
            self.most = max(self.most, resident(gateway.pid))

    def grown(self):
        self.stopping.set()
        self.thread.join()
        return self.most - self.before


def drain(sock, size):
    space, left = bytearray(1 << 20), size
    while left:
        n = sock.recv_into(space, min(left, len(space)))
        if n == 0:
            raise Ended(f"{left} of {size} bytes are missing")
        left -= n


def pour(sock, size):
    for _ in range(size // len(BLOCK)):
        sock.sendall(BLOCK)


def pouring(peer):
    while peer.request() is not None:
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % GIB)
        pour(peer.socket, GIB)


@check(f"a download of {GIB >> 30} GiB in constant memory")
def _():
    with fresh(pouring) as client:
        memory = Memory()
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        expect_equal(client.response(with_body=False).one("content-length"), str(GIB), "Content-Length")
        drain(client.socket, GIB - len(client.held))
        client.held = b""
        grown = memory.grown()
        expect(grown < GROWTH_MAX, f"VmRSS grew by {grown} KiB")


@check(f"an upload of {GIB >> 30} GiB in constant memory")
def _():
    def draining(peer):
        while peer.request(with_body=False) is not None:
            drain(peer.socket, GIB - len(peer.held))
            peer.held = b""
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    with fresh(draining) as client:
        memory = Memory()
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % GIB)
        pour(client.socket, GIB)
        expect_equal(client.response().text, "ok", "response")
        grown = memory.grown()
        expect(grown < GROWTH_MAX, f"VmRSS grew by {grown} KiB")


def stalls(sent):
    """Waits until the sender makes no progress any more; how much it had sent then."""
    last = [-1, 0]

    def still():
        last[1] = last[1] + 1 if sent[0] == last[0] else 0
        last[0] = sent[0]
        return last[1] >= 15
    until(still, "the sender is held back", seconds=10)
    return sent[0]


@check("a reader that stops holds its sender back, either way, for counted and chunked content, and memory stays")
def _():
    for chunked in (False, True):
        framing = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % GIB
        piece = b"%x\r\n%s\r\n" % (65536, BLOCK[:65536]) if chunked else BLOCK[:65536]
        sent = [0]

        def send_all(sock):
            try:
                for _ in range(4096):
                    sock.sendall(piece)
                    sent[0] += len(piece)
            except OSError:
                pass

        def sending(peer):
            peer.request()
            peer.send(b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n\r\n")
            send_all(peer.socket)
        with fresh(sending) as client:
            memory = Memory()
            client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            until(lambda: sent[0], "the origin sends")
            expect(stalls(sent) < 64 << 20, f"{sent[0]} bytes accepted for a client that does not read")
            grown = memory.grown()
            expect(grown < GROWTH_MAX, f"down: VmRSS grew by {grown} KiB")
        sent[0] = 0
        done = threading.Event()

        def not_reading(peer):
            peer.request(with_body=False)
            done.wait(20)
        with fresh(not_reading) as client:
            memory = Memory()
            client.send(b"POST / HTTP/1.1\r\nHost: a\r\n" + framing + b"\r\n\r\n")
            thread = threading.Thread(target=send_all, args=(client.socket,), daemon=True)
            thread.start()
            until(lambda: sent[0], "the client sends")
            expect(stalls(sent) < 64 << 20, f"{sent[0]} bytes accepted for an origin that does not read")
            grown = memory.grown()
            expect(grown < GROWTH_MAX, f"up: VmRSS grew by {grown} KiB")
            client.socket.shutdown(socket.SHUT_RDWR)
            thread.join(5)
        done.set()


@check("a client that goes away inside the content ends the origin's request, up and down")
def _():
    ended, begun = threading.Event(), threading.Event()

    def receiving(peer):
        try:
            peer.more()
            begun.set()
            peer.request()
        finally:
            ended.set()

    def sending(peer):
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % GIB)
        try:
            pour(peer.socket, GIB)
        finally:
            ended.set()
    for framing in (b"Content-Length: 100000", b"Transfer-Encoding: chunked"):
        ended.clear()
        begun.clear()
        with fresh(receiving) as client:
            client.send(b"POST /up HTTP/1.1\r\nHost: a\r\n" + framing + b"\r\n\r\n10\r\n0123456789abcdef\r\n")
            expect(begun.wait(5), "the request has not reached the origin")
        expect(ended.wait(5), f"the origin still waits for the content ({framing.decode()})")
        expect_equal(origin.take(), [], "whole requests at the origin")
    ended.clear()
    with fresh(sending) as client:
        client.send(b"GET /down HTTP/1.1\r\nHost: a\r\n\r\n")
        client.exactly(100000)
    expect(ended.wait(5), "the origin still sends")
    expect(log.one(path="/up")["reason"] in ("client_closed", "client_reset"), f"reason {log.one(path='/up')['reason']}")
    expect(log.one(path="/down")["reason"] in ("client_closed", "client_reset"), f"reason {log.one(path='/down')['reason']}")


@check("content that ends or is malformed at once, when the response is not waited for yet, ends the exchange as later")
def _():
    def never(peer):
        peer.request(with_body=False)
        peer.rest()
    statuses = []
    for _ in range(10):
        with fresh(never) as client:
            client.socket.settimeout(1)
            client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
            client.socket.shutdown(socket.SHUT_WR)
            try:
                statuses.append(client.response().status)
            except TimeoutError:
                statuses.append("none within 1 s")
    expect_equal(statuses, [460] * 10, "statuses of clients that end behind their head")


@check("nothing at the origin could be read in two ways")
def _():
    expect_equal(origin.problems, [], "problems")
    expect(gateway.process.poll() is None, "the gateway has ended")


finish()
