#!/usr/bin/env -S /usr/bin/python3
"""Every row of tests/cases/http1_responses.cases from an origin: what is refused becomes 502 with its reason in the access log,
what is accepted arrives in one form. Then origins that misbehave in time, while another client is served all along."""
import os
import socket
import struct
import threading
import time

from support.checks import check, expect, expect_equal, finish, limit, until
from support.gateway import Gateway, folder, group, source
from support.protocol import NO_HEALTH, Ended, Log, Malformed, Origin, Wire, answer, listener, read_cases, text

limit(60)
rows, beyond = read_cases(os.path.join(source(), "tests", "cases", "http1_responses.cases"))
where = folder()
log = Log(os.path.join(where, "access.log"))
hostile, retried, good = Origin(), Origin(), Origin()
with_retry = NO_HEALTH.replace("retries: 0", "retries: 1")
gateway = Gateway(text(
    log=log.path, limits="idle_timeout: 1s, first_byte_timeout: 2s, response_headers: 32KiB",
    listeners=listener("http", "hostile") + listener("retrying", "retried") + listener("good", "good"),
    groups=group([hostile.address], "hostile", NO_HEALTH) + group([retried.address], "retried", with_retry)
    + group([good.address], "good", NO_HEALTH)), where=where).wait_ready()
numbers = iter(range(1, 100000))


def path():
    return f"/{next(numbers)}"


def reason(target):
    return log.one(path=target)["reason"]


class Bystander:
    """Another client, on a listener of its own, for as long as the checks run."""

    def __init__(self):
        self.count, self.failures, self.slowest, self.stopping = 0, [], 0.0, threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        client = Wire(gateway.ports["good"])
        while not self.stopping.wait(0.005):
            began = time.monotonic()
            try:
                if client.get().text != "ok":
                    self.failures.append("another answer")
            except (OSError, Ended, Malformed) as problem:
                self.failures.append(repr(problem))
                client = Wire(gateway.ports["good"])
            self.slowest = max(self.slowest, time.monotonic() - began)
            self.count += 1


bystander = Bystander()


def once_then_close(data):
    """A script: reads one request, sends the data, closes."""
    def script(peer):
        if peer.request() is not None:
            peer.send(data)
            try:  # bytes unread would turn the close into a reset
                peer.socket.shutdown(socket.SHUT_WR)
                peer.socket.settimeout(2)
                peer.rest()
            except OSError:
                pass
    return script


def get(script, port="http", **more):
    """One request on a connection of its own to an origin with this script: the response and its path."""
    (retried if port == "retrying" else hostile).become(script)
    target = path()
    with Wire(gateway.ports[port], timeout=5) as client:
        return client.get(target, **more), target


def ending(row):
    """What completes an accepted row: bytes, and the content they make with the row's."""
    held = row.data[row.data.index(b"\r\n\r\n") + 4:]
    body = row.wanted.get("body")
    if body is None:
        body = "none" if row.method == "HEAD" else "close"
        if b"ontent-Length: " in row.data:
            body = row.data.split(b"ontent-Length: ")[1].split(b"\r")[0].decode().strip()
    if body == "chunked":
        return b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", b"abcde"
    if body == "close":
        return b"tail", held + b"tail"
    if body == "none":
        return b"", b""
    return b"x" * int(body), b"x" * int(body)


def row_failure(row, call):
    try:
        call(row)
        return None
    except (AssertionError, OSError, Ended, Malformed) as problem:
        return f"{row.name()}: {type(problem).__name__}: {problem}"


def all_rows(chosen, call):
    failures = [failure for failure in (row_failure(row, call) for row in chosen) if failure]
    expect(chosen and not failures, f"{len(failures)} of {len(chosen)}:\n    " + "\n    ".join(failures[:20]))


def check_accepted(row):
    status = int(row.data[9:12])
    if status == 101:
        response, target = get(once_then_close(row.data))
        expect_equal((response.status, reason(target)), (502, "origin_upgrade_mismatch"), "an upgrade that nobody asked for")
        return
    more, body = ending(row)
    final = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" if status < 200 else b""
    hostile_connections = []

    def script(peer):
        hostile_connections.append(peer.number)
        while peer.request() is not None:
            peer.send(row.data + more + final)
            if row.wanted.get("body") == "close" or not row.wanted.get("body") and not row.data.count(b"ontent-Length"):
                return
    hostile.become(script)
    with Wire(gateway.port) as client:
        response = client.get(path(), method=row.method)
        if final:
            expect_equal([one.status for one in response.interim], [] if status == 100 else [status], "interim responses")
            expect_equal(response.text, "ok", "content of the final response")
            return
        expect_equal(response.status, status, "status")
        expect_equal(response.body, body, "content")
        if "reason" in row.wanted:
            expect_equal(response.line.split(" ", 2)[2], row.wanted["reason"], "reason phrase")
        if b"\r\nX: y\r\n" in row.data and b"Connection" not in row.data:
            expect(("x", "y") in response.fields, f"fields {response.fields[:5]}")
        framings = len(response.all("content-length")) + len(response.all("transfer-encoding"))
        has_content = row.method != "HEAD" and status not in (204, 304)
        expect(framings == 1 if has_content else len(response.all("transfer-encoding")) <= framings, f"framing {response.fields}")
        if status == 204:
            expect_equal(framings, 0, "framing fields of 204")
        expect_equal(response.all("connection"), [], "Connection")
        expect_equal(client.get(path(), method=row.method).status, status, "status of the second")
        if "keep" in row.wanted:
            expect_equal(len(hostile_connections), 1 if row.wanted["keep"] == "yes" else 2, "connections to the origin")


def check_refused(row):
    reported = row.refusal.split("=")[1]
    response, target = get(once_then_close(row.data), method=row.method)
    expect_equal(response.status, 502, "status")
    expect_equal(reason(target), reported, "reason")
    if row.method != "HEAD":
        expect("Reason" not in response.text, f"the client is told {response.text!r}")


def check_incomplete(row):
    response, target = get(once_then_close(row.data), method=row.method)
    expect_equal((response.status, reason(target)), (502, "origin_closed"), "status, reason")


@check("the table is there")
def _():
    expect(len(rows) > 70 and beyond < 10, f"{len(rows)} rows, {beyond} with limits beyond a configuration's")


@check("accepted heads arrive in one form, and the connection is kept or not as they say")
def _():
    all_rows([row for row in rows if row.ok], check_accepted)


@check("refused heads become 502 with their reason")
def _():
    all_rows([row for row in rows if row.refusal], check_refused)


@check("heads that end early become 502")
def _():
    all_rows([row for row in rows if row.more], check_incomplete)


def endless(prefix, piece):
    def script(peer):
        peer.request()
        peer.send(prefix)
        while True:
            peer.send(piece)
    return script


@check("an endless head becomes 502")
def _():
    for prefix, piece in [(b"HTTP/1.1 200 OK\r\n", b"A: b\r\n" * 50), (b"HTTP/1.1 200 OK\r\nA: ", b"x" * 4096), (b"HTTP/1.1 200 ", b"y" * 4096)]:
        response, target = get(endless(prefix, piece))
        expect_equal((response.status, reason(target)), (502, "origin_head_too_large"), f"{piece[:6]!r}")


@check("endless interim responses become 502")
def _():
    for head in (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"):
        response, target = get(endless(b"", head))
        expect_equal((response.status, reason(target)), (502, "origin_bad_head"), f"{head[:12]!r}")
        expect(len(response.interim) <= 20, f"{len(response.interim)} interim responses")


@check("garbage instead of a head, and bytes before it")
def _():
    for data in (b"\0" * 5000, b"\xff\xfe\xfd\n\n", b"220 mail.example ESMTP\r\n", b"ok" * 20000, b" HTTP/1.1 200 OK\r\n\r\n"):
        response, target = get(once_then_close(data))
        expect_equal((response.status, reason(target)), (502, "origin_bad_head"), f"{data[:12]!r}")


def cut_off(data, wanted_reason):
    """The reply has begun when it ends too early: the client must see that it is not whole."""
    target = path()
    hostile.become(once_then_close(data))
    with Wire(gateway.port) as client:
        try:
            response = client.get(target)
        except (Ended, ConnectionResetError):
            response = None
        expect(response is None or response.status == 502, f"a whole response: {response}")
    expect_equal(reason(target), wanted_reason, f"reason of {data[-40:]!r}")


@check("content shorter than its length is never passed off as whole")
def _():
    cut_off(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", "origin_body_short")
    cut_off(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", "origin_body_short")
    cut_off(b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + b"x" * 200000, "origin_body_short")


@check("chunked content that ends early or is malformed is never passed off as whole")
def _():
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    for tail in (b"", b"5", b"5\r\n", b"5\r\nhel", b"5\r\nhello", b"5\r\nhello\r\n", b"5\r\nhello\r\n0\r\n", b"5\r\nhello\r\n0\r\nA: b\r\n"):
        cut_off(head + tail, "origin_body_short")
    for tail in (b"5\r\nhelloX\r\n0\r\n\r\n", b"5\nhello\r\n0\r\n\r\n", b"-5\r\nhello\r\n0\r\n\r\n", b"0x5\r\nhello\r\n0\r\n\r\n",
                 b" 5\r\nhello\r\n0\r\n\r\n", b"g\r\n", b"fffffffffffffffff\r\n", b"5;\r\nhello\r\n0\r\n\r\n", b"\r\n",
                 b"5;a=" + b"b" * 20000, b"5\r\nhello\r\n0\r\nContent-Length: 3\r\n\r\n", b"5\r\nhello\r\n0\r\nBad Name: x\r\n\r\n"):
        cut_off(head + tail, "origin_bad_chunk")


@check("content longer than its length stays behind, and that connection is not used again")
def _():
    long = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"

    def script(peer):
        while peer.request() is not None:
            peer.send(long)
    hostile.become(script)
    for _ in range(5):
        with Wire(gateway.port) as client:
            expect_equal([client.get().text for _ in range(4)], ["ok"] * 4, "contents")


@check("a response that comes before it was asked for is given to nobody")
def _():
    def script(peer):
        if peer.request() is None:
            return
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        gate.wait(5)
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison")
        pushed.set()
        peer.request()
    hostile.become(script)
    for _ in range(5):
        gate, pushed = threading.Event(), threading.Event()
        with Wire(gateway.port) as client:
            expect_equal(client.get().text, "ok", "content")
            gate.set()
            pushed.wait(5)
            hostile.script = answer  # for the next connection; the one that is open stays
            expect_equal(client.get().text, "ok", "content of the second")
        hostile.become(script)


def reset(peer):
    peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.socket.close()


@check("a reset at each stage: before the head, inside it, inside the content")
def _():
    def resetting(data):
        def script(peer):
            peer.request()
            peer.send(data)
            reset(peer)
        return script
    for data in (b"", b"HTTP/1.1 200 OK\r\nConte"):
        response, target = get(resetting(data))
        expect_equal(response.status, 502, "status")
        expect(reason(target) in ("origin_reset", "origin_closed"), f"{reason(target)}")

    def inside(peer):
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome")
        begun.wait(5)
        reset(peer)
    begun, target = threading.Event(), path()
    hostile.become(inside)
    with Wire(gateway.port) as client:
        client.send(f"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        expect_equal(client.response(with_body=False).status, 200, "status")
        begun.set()
        try:
            expect(len(client.rest()) < 100, "a whole content")
        except ConnectionResetError:
            pass
    expect_equal(reason(target), "origin_reset", "reason")


@check("an origin that drips its head or stops inside its content ends by its time limit")
def _():
    def silent(peer):
        peer.request()
        peer.rest()

    def stops_in_head(peer):
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\nA: ")
        peer.rest()

    def stops_in_content(peer):
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome")
        peer.rest()

    def drips(peer):
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\n")
        for _ in range(200):
            peer.send(b"A: b\r\n")
            if stop.wait(0.1):
                return
    stop = threading.Event()
    for script, wanted in ((silent, "origin_timeout"), (stops_in_head, "origin_timeout"), (drips, "origin_timeout")):
        began = time.monotonic()
        try:
            response, target = get(script)
        except TimeoutError:
            stop.set()
            raise AssertionError(f"{script.__name__}: no answer within 5 s, first_byte_timeout is 2 s") from None
        expect_equal((response.status, reason(target)), (504, wanted), script.__name__)
        expect(time.monotonic() - began < 5, f"{script.__name__}: after {time.monotonic() - began:.1f} s")
    stop.set()
    target = path()
    hostile.become(stops_in_content)
    with Wire(gateway.port) as client:
        try:
            client.get(target)
            raise AssertionError("a whole response")
        except (Ended, ConnectionResetError):
            pass
    expect_equal(reason(target), "origin_idle", "reason inside the content")


@check("a response before the request's end reaches the client while it still sends")
def _():
    def script(peer):
        peer.request(with_body=False)
        peer.send(b"HTTP/1.1 413 Too Much\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig")
        closed.wait(5)
    closed = threading.Event()
    for framing in ("Content-Length: 100000000", "Transfer-Encoding: chunked"):
        target = path()
        hostile.become(script)
        closed.clear()
        with Wire(gateway.port) as client:
            client.send(f"POST {target} HTTP/1.1\r\nHost: a\r\n{framing}\r\n\r\n".encode())
            client.send(b"10000\r\n" + b"x" * 65536 + b"\r\n" if "chunked" in framing else b"x" * 65536)
            response = client.response()
            expect_equal((response.status, response.text), (413, "big"), "response")
            expect_equal(response.one("connection"), "close", "Connection, with content owed")
        closed.set()
        expect_equal(log.one(path=target)["status"], 413, "status in the log")


@check("Connection: close of the origin is not passed on, and ends only that connection")
def _():
    hostile.become(once_then_close(b"HTTP/1.1 200 OK\r\nConnection: close, X-Secret\r\nX-Secret: 1\r\nContent-Length: 2\r\n\r\nok"))
    before = hostile.accepted
    with Wire(gateway.port) as client:
        for _ in range(3):
            response = client.get()
            expect_equal((response.text, response.all("connection"), response.all("x-secret")), ("ok", [], []), "response")
    expect_equal(hostile.accepted - before, 3, "connections to the origin")


def stale(method):
    """A kept connection whose origin reads the next request and closes without a word: status, tries, retries logged."""
    tries, first = [], threading.Event()

    def script(peer):
        while (request := peer.request()) is not None:
            tries.append(request.method)
            if not first.is_set() or peer.number != kept[0]:
                kept.append(peer.number)
                first.set()
                peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            else:
                return
    kept = []
    retried.become(script)
    target = path()
    with Wire(gateway.ports["retrying"]) as client:
        expect_equal(client.get().status, 200, "status of the first")
        tries.clear()
        response = client.get(target, method=method, body=b"" if method in ("GET", "DELETE") else b"x")
    return response.status, tries, log.one(path=target)["retries"]


@check("a kept connection that ends without an answer: idempotent requests are sent once more, others never")
def _():
    for method in ("GET", "PUT", "DELETE"):
        expect_equal(stale(method), (200, [method] * 2, 1), method)
    for method in ("POST", "PATCH"):
        expect_equal(stale(method), (502, [method], 0), method)


@check("an origin that always closes is asked twice at most")
def _():
    tries = []

    def script(peer):
        tries.append(peer.request().method)
    response, target = get(script, "retrying")
    expect_equal((response.status, tries, reason(target)), (502, ["GET", "GET"], "origin_closed"), "GET")
    tries.clear()
    response, target = get(script, "retrying", method="POST", body=b"x")
    expect_equal((response.status, tries, reason(target)), (502, ["POST"], "origin_closed"), "POST")


@check("the client beside all this was served each time")
def _():
    bystander.stopping.set()
    bystander.thread.join(5)
    expect_equal(bystander.failures, [], "failures")
    expect(bystander.count > 50, f"{bystander.count} requests")
    expect(bystander.slowest < 2, f"the slowest took {bystander.slowest:.2f} s")


@check("the gateway sent nothing that could be read in two ways")
def _():
    expect_equal(hostile.problems + retried.problems + good.problems, [], "problems")
    until(lambda: gateway.process.poll() is None, "the process")


finish()
