#!/usr/bin/env -S /usr/bin/python3
"""A hostile origin: what it does ends in 502, 504 or a cut response with the reason in the log, and in nothing else.
Meanwhile clients of another origin are served, and the gateway does not grow."""
import json
import os
import re
import socket
import threading

from support.checks import check, expect, expect_equal, finish, limit, until
from support.client import Client, Closed, Load, once
from support.gateway import LISTENER, Gateway, folder, group, sanitized
from support.origin import Origin

limit(80)
UNWATCHED = "health_check: { enabled: false }\noutlier_detection: { enabled: false }\nretries: 0"


class RawOrigin:
    """Reads requests and answers each with `act`. `reused` counts those on a connection that had one before."""

    def __init__(self):
        self.listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.address = f"127.0.0.1:{self.listening.getsockname()[1]}"
        self.act, self.over, self.reused = None, threading.Event(), 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            connection, _ = self.listening.accept()
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        requests = 0
        try:
            connection.settimeout(10)
            while connection.recv(65536):
                self.reused += requests > 0
                requests += 1
                self.act(connection)
        except OSError:
            pass
        finally:
            connection.close()


where = folder()
log = os.path.join(where, "access.log")
good, hostile = Origin("good"), RawOrigin()
RULE = ('    rules:\n      - priority: 1\n        conditions: [ { path_pattern: ["/hostile*"] } ]\n'
        '        actions: [ { forward: { target_groups: [ { name: hostile } ] } } ]\n')
gateway = Gateway('version: 1\nworkers: 1\nadmin: { listen: "127.0.0.1:0" }\n'
                  f'logs: {{ access: {{ path: "{log}" }} }}\nlimits: {{ first_byte_timeout: 800ms, idle_timeout: 800ms }}\n' +
                  LISTENER + RULE + "target_groups:\n" + group([good.address], more=UNWATCHED) +
                  group([hostile.address], name="hostile", more=UNWATCHED), where=where).wait_ready()
load = Load(gateway.port, clients=2, pause=0.005)
seen = 0


def sends(data, closes=False):
    def act(connection):
        connection.sendall(data)
        if closes:
            connection.shutdown(socket.SHUT_RDWR)
    return act


def endlessly(begin, piece, seconds=None):
    def act(connection):
        connection.sendall(begin)
        while not hostile.over.wait(seconds) if seconds else True:
            connection.sendall(piece)
    return act


def outcome(act):
    """The status that a client gets, or `cut` when its response ended early; and the reason in the access log."""
    global seen
    hostile.act = act
    seen += 1
    path = f"/hostile/{seen}"
    with Client(gateway.port, timeout=5) as client:
        try:
            client.ask(path)
            while (status := client.read().status) < 200:
                pass
        except (Closed, ConnectionResetError):
            status = "cut"

    def line():
        with open(log, encoding="utf-8") as file:
            return next((json.loads(text) for text in file if f'"{path}"' in text and text.endswith("\n")), None)
    return status, until(line, f"the log line of {path}")["reason"]


HEAD = b"HTTP/1.1 200 OK\r\n"
REFUSED = [
    ("an endless head", endlessly(HEAD, b"Field: " + b"x" * 1000 + b"\r\n"), 502),
    ("an endless field", endlessly(HEAD + b"Field: ", b"x" * 1000), 502),
    ("a head that drips for ever", endlessly(HEAD + b"A: ", b"x", 0.1), 504),
    ("no head at all", lambda connection: hostile.over.wait(5), 504),
    ("a close inside the head", sends(HEAD + b"Content-Le", closes=True), 502),
    ("endless interim responses", endlessly(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"), 502),
    ("Content-Length and Transfer-Encoding", sends(HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 502),
    ("two lengths", sends(HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"), 502),
    ("a negative length", sends(HEAD + b"Content-Length: -1\r\n\r\n"), 502),
    ("a huge length", sends(HEAD + b"Content-Length: 99999999999999999999\r\n\r\n"), 502),
    ("an unknown transfer coding", sends(HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), 502),
    ("a space before the colon", sends(HEAD + b"Content-Length : 2\r\n\r\nok"), 502),
    ("a folded field", sends(HEAD + b"A: b\r\n c\r\nContent-Length: 2\r\n\r\nok"), 502),
    ("a NUL in a field", sends(HEAD + b"A: b\x00c\r\nContent-Length: 2\r\n\r\nok"), 502),
    ("a bare CR in a field", sends(HEAD + b"A: b\rc\r\nContent-Length: 2\r\n\r\nok"), 502),
    ("a status of 99", sends(b"HTTP/1.1 99 Low\r\nContent-Length: 0\r\n\r\n"), 502),
    ("a switch of protocols nobody asked for", sends(b"HTTP/1.1 101 Switch\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"), 502),
    ("HTTP/2", sends(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + b"\x00" * 18), 502),
    ("an early end of counted content", sends(HEAD + b"Content-Length: 100\r\n\r\nshort", closes=True), "cut"),
    ("counted content that stops coming", sends(HEAD + b"Content-Length: 100\r\n\r\nshort"), "cut"),
    ("an early end of chunked content", sends(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n", closes=True), "cut"),
    ("a bad chunk size after good content", sends(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nxyz\r\n"), (502, "cut")),
]

for title, act, wanted in REFUSED:
    @check(f"{title}: {wanted}, with a reason")
    def _():
        reused = hostile.reused
        status, reason = outcome(act)
        expect(status in (wanted if isinstance(wanted, tuple) else (wanted,)), f"status {status}, reason {reason}")
        expect(reason, "the log line has no reason")
        hostile.act = sends(HEAD + b"Content-Length: 4\r\nConnection: close\r\n\r\ngood", closes=True)
        expect_equal(once(gateway.port, "/hostile/next").text, "good", "the response to the next request")
        expect_equal(hostile.reused, reused, "requests on a connection that had gone wrong")


@check("what an origin sends beyond its response never reaches another request")
def _():
    forged = HEAD + b"Content-Length: 6\r\n\r\nforged"
    hostile.act = sends(HEAD + b"Content-Length: 4\r\n\r\ngood" + forged)
    for _ in range(5):
        expect_equal(once(gateway.port, "/hostile/surplus").text, "good", "content")
    with Client(gateway.port) as client:
        expect_equal([client.get("/hostile/surplus").text for _ in range(5)], ["good"] * 5, "contents on one connection")


@check("what an origin sends on an idle connection is never taken for the response to a later request")
def _():
    later = threading.Event()

    def act(connection):
        connection.sendall(HEAD + b"Content-Length: 4\r\n\r\ngood")
        connection.sendall(b"")
        threading.Timer(0.05, lambda: (connection.sendall(HEAD + b"Content-Length: 6\r\n\r\nforged"), later.set())).start()
    hostile.act = act
    with Client(gateway.port) as client:
        for _ in range(3):
            expect_equal(client.get("/hostile/later").text, "good", "content")
            expect(later.wait(5), "the origin did not send")
            later.clear()


@check("a body that answers HEAD, 204 and 304 does not become the next response")
def _():
    for head, method in ((b"HTTP/1.1 204 No Content\r\n\r\n", "GET"), (b"HTTP/1.1 304 Not Modified\r\n\r\n", "GET"),
                         (HEAD + b"Content-Length: 6\r\n\r\n", "HEAD")):
        hostile.act = sends(head + b"forged")
        with Client(gateway.port) as client:
            expect(client.get("/hostile/none", method=method).status in (200, 204, 304), f"status of {method} with {head[9:12]}")
            hostile.act = sends(HEAD + b"Content-Length: 4\r\n\r\ngood")
            expect_equal(client.get("/").text, "good", "content of the next response")


@check("the clients of the other origin noticed nothing, and the gateway is still small")
def _():
    hostile.over.set()
    load.stop()
    expect(load.ok > 200, f"only {load.ok} requests were made beside it")
    expect_equal(load.failed[:3], [], f"failures ({len(load.failed)} beside {load.ok} good ones)")
    with open(f"/proc/{gateway.pid}/status", encoding="ascii") as file:
        resident = int(re.search(r"VmRSS:\s+(\d+) kB", file.read())[1]) / 1024
    print(f"   resident afterwards: {resident:.1f} MiB")
    expect(sanitized() or resident < 60, f"{resident:.1f} MiB resident")
    until(lambda: gateway.metric("gatehouse_upstream_requests_active") == 0, "no request is active", seconds=3)


gateway.stop()
finish()
