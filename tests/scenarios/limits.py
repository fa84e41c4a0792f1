#!/usr/bin/env -S /usr/bin/python3
"""Limits of connections, times and sizes: each is enforced, answered with its own status, and counted."""
import signal
import socket
import struct
import time

from support import certificates
from support.checks import check, expect, expect_equal, finish, limit, until
from support.client import Client, Closed, once
from support.gateway import HEAD, LISTENER, Gateway, folder, group, simple
from support.origin import HANG, OK, Behavior, Origin, slow

limit(80)
origin = Origin("origin")
MORE = "health_check: { enabled: false }\noutlier_detection: { enabled: false }\nretries: 0"


class Scene:
    """A gateway with limits in front of the origin, with one worker so that its counts are those of the process."""

    def __init__(self, limits="", keys="", workers=1, endpoint=None):
        head = HEAD.replace("workers: 2", f"workers: {workers}") + f"limits: {{ {limits} }}\n{keys}"
        self.gateway = Gateway(simple([endpoint or origin.address], more=MORE, head=head)).wait_ready()
        origin.traffic = OK
        origin.forget()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.gateway.stop()
        origin.traffic = OK
        origin.stop()
        origin.start()

    def client(self):
        return Client(self.gateway.port)

    def rejected(self, reason):
        return self.gateway.metric("gatehouse_connections_rejected_total", reason=reason)

    def fault(self, reason):
        return self.gateway.metric("gatehouse_faults_total", reason=reason)


def busy_clients(scene, count):
    """So many connections whose requests the origin holds back."""
    origin.traffic = HANG
    clients = [scene.client() for _ in range(count)]
    for client in clients:
        client.ask()
    until(lambda: origin.total == count, "the requests at the origin")
    return clients


def closed_without_answer(client):
    try:
        client.ask("/one-more")
        client.read()
        return False
    except (Closed, ConnectionResetError, BrokenPipeError):
        return True


@check("connections: one more than the limit is closed at once, counted, and room is there again later")
def _():
    for workers in (1, 2):
        with Scene("connections: 5", workers=workers) as scene:
            clients = busy_clients(scene, 5)
            with scene.client() as sixth:
                expect(closed_without_answer(sixth), f"the sixth connection was served ({workers} workers)")
            expect_equal(scene.rejected("connection_limit"), 1.0, "rejected in /metrics")
            expect_equal(origin.paths["/one-more"], 0, "requests of the sixth at the origin")
            origin.stop()  # each of the five gets its 502
            origin.start()
            origin.traffic = OK
            for client in clients:
                client.read()
                client.close()
            until(lambda: scene.gateway.status()["connections_active"] == 0, "the end of the five")
            expect_equal(once(scene.gateway.port).status, 200, "status of a later connection")


@check("connections: at the limit the connection that is idle longest makes room")
def _():
    with Scene("connections: 3") as scene:
        clients = [scene.client() for _ in range(3)]
        expect_equal([client.get().status for client in clients], [200] * 3, "statuses")
        with scene.client() as fourth:
            expect_equal(fourth.get().status, 200, "status of the fourth")
            expect(clients[0].closed_within(2), "the first one is still open")
            expect_equal([client.get().status for client in clients[1:]], [200, 200], "statuses of the others")


@check("connections: silent connections do not lock others out, whichever worker they are at")
def _():
    with Scene("connections: 1", workers=2) as scene:
        served = 0
        for _ in range(20):  # the kernel spreads connections over the workers by chance
            with scene.client() as silent, scene.client() as client:
                served += not closed_without_answer(client)
                silent.close()
            until(lambda: scene.gateway.status()["connections_active"] == 0, "the end of both")
        # One that comes within microseconds of the silent one, before its worker has looked at it, may be refused.
        expect(served >= 17, f"connections served of 20, each beside a silent one: {served}")


@check("connections_per_client: the third connection of one address is closed, a place comes back")
def _():
    with Scene("connections_per_client: 2") as scene:
        first, second = scene.client(), scene.client()
        expect_equal((first.get().status, second.get().status), (200, 200), "statuses")
        with scene.client() as third:
            expect(closed_without_answer(third), "the third connection was served")
        expect_equal(scene.rejected("client_limit"), 1.0, "rejected in /metrics")
        first.close()
        until(lambda: scene.gateway.status()["connections_active"] == 1, "the end of the first")
        expect_equal(once(scene.gateway.port).status, 200, "status of a later connection")


@check("requests_per_connection: the last response says Connection: close and the connection ends")
def _():
    with Scene("requests_per_connection: 3") as scene, scene.client() as client:
        expect_equal([client.get().closes for _ in range(3)], [False, False, True], "Connection: close")
        expect(client.closed_within(2), "the connection stays open")


@check("keep_alive_timeout closes an idle connection, and only then")
def _():
    with Scene("keep_alive_timeout: 600ms") as scene, scene.client() as client:
        expect_equal(client.get().status, 200, "status")
        began = time.monotonic()
        expect(client.closed_within(5), "the connection is open after 5 s")
        idle = time.monotonic() - began
        expect(0.5 < idle < 2.5, f"closed after {idle:.2f} s")
    with Scene("keep_alive_timeout: 600ms") as scene, scene.client() as client:
        origin.traffic = slow(1.5)
        expect_equal(client.get().status, 200, "status of an exchange that is longer than the timeout")


@check("client_keep_alive: after its time the next response ends the connection")
def _():
    with Scene("client_keep_alive: 1s") as scene, scene.client() as client:
        began = time.monotonic()
        until(lambda: client.get().closes, "Connection: close", seconds=5)
        expect(0.9 < time.monotonic() - began < 3, f"after {time.monotonic() - began:.2f} s")
        expect(client.closed_within(2), "the connection stays open")


@check("request_head_timeout: a silent client is let go, a dripped head gets 408")
def _():
    with Scene("request_head_timeout: 500ms") as scene:
        with scene.client() as silent:
            began = time.monotonic()
            silent.socket.settimeout(5)
            silent.rest()
            expect(0.4 < time.monotonic() - began < 2.5, f"a silent connection ended after {time.monotonic() - began:.2f} s")
        with scene.client() as dripping:
            began = time.monotonic()

            def dripped():
                try:
                    dripping.send(b"a")
                except OSError:
                    return True
                dripping.socket.settimeout(0.05)
                try:
                    return dripping._more() or dripping.held
                except TimeoutError:
                    return False
            dripping.send(b"GET /")
            until(dripped, "an answer to the dripped head", seconds=5)
            dripping.socket.settimeout(5)
            expect_equal(dripping.read().status, 408, "status")
            expect(time.monotonic() - began < 2.5, f"after {time.monotonic() - began:.2f} s")
        until(lambda: scene.fault("head_timeout") == 1, "head_timeout in /metrics")


@check("idle_timeout: a client that stops inside its content gets 408")
def _():
    with Scene("idle_timeout: 500ms") as scene, scene.client() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 100\r\n\r\nsome")
        expect_equal(client.read().status, 408, "status")
        until(lambda: scene.fault("client_idle") == 1, "client_idle in /metrics")


@check("first_byte_timeout: an origin that says nothing becomes 504")
def _():
    with Scene("first_byte_timeout: 500ms") as scene, scene.client() as client:
        origin.traffic = HANG
        began = time.monotonic()
        expect_equal(client.get().status, 504, "status")
        expect(0.4 < time.monotonic() - began < 2.5, f"after {time.monotonic() - began:.2f} s")
        until(lambda: scene.fault("origin_timeout") == 1, "origin_timeout in /metrics")
        origin.traffic = OK
        expect_equal(client.get().status, 200, "status of the next request on the connection")


@check("a client that resets its connection while the origin thinks is noticed")
def _():
    with Scene() as scene:
        client = busy_clients(scene, 1)[0]
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        until(lambda: scene.gateway.status()["connections_active"] == 0, "the end of its connection", seconds=3)
        until(lambda: scene.fault("client_reset") + scene.fault("client_closed") == 1, "the fault in /metrics")


@check("a client that has only ended its own direction still gets its reply")
def _():
    with Scene() as scene:
        origin.traffic = slow(0.3)
        with scene.client() as client:
            client.send(b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n")
            client.socket.shutdown(socket.SHUT_WR)
            expect_equal(client.read().status, 200, "status")


@check("connect_timeout: an origin that does not accept becomes 504")
def _():
    full = socket.socket()
    full.bind(("127.0.0.1", 0))
    full.listen(0)
    address = full.getsockname()
    waiting = []
    for _ in range(3):  # what fills its queue; the kernel drops those that follow
        one = socket.socket()
        one.setblocking(False)
        one.connect_ex(address)
        waiting.append(one)
    with Scene("connect_timeout: 500ms", endpoint=f"127.0.0.1:{address[1]}") as scene:
        began = time.monotonic()
        expect_equal(once(scene.gateway.port).status, 504, "status")
        expect(0.4 < time.monotonic() - began < 2.5, f"after {time.monotonic() - began:.2f} s")
        until(lambda: scene.fault("connect_timeout") == 1, "connect_timeout in /metrics")
    for one in (*waiting, full):
        one.close()


@check("tls_handshake_timeout: a client that does not shake hands is let go and counted")
def _():
    where = folder()
    certificates.make(where, "shop", "shop.example.com")
    listener = LISTENER.replace('"127.0.0.1:0"', '"127.0.0.1:0"\n    protocol: HTTPS\n    tls: { certificates: [shop] }')
    head = HEAD + ("limits: { tls_handshake_timeout: 500ms }\n"
                   "certificates: [ { name: shop, certificate_file: shop.pem, private_key_file: shop.key } ]\n")
    gateway = Gateway(head + listener + "target_groups:\n" + group([origin.address], more=MORE), where=where).wait_ready()
    with Client(gateway.port) as client:
        began = time.monotonic()
        expect(client.closed_within(5), "the connection is open after 5 s")
        expect(0.4 < time.monotonic() - began < 2.5, f"after {time.monotonic() - began:.2f} s")
    until(lambda: gateway.metric("gatehouse_tls_handshakes_total", result="timeout") == 1, "the timeout in /metrics")
    gateway.stop()


@check("drain_timeout: what is in flight longer is cut, and the process ends with 0")
def _():
    with Scene("", keys="drain_timeout: 700ms\n") as scene:
        client = busy_clients(scene, 1)[0]
        began = time.monotonic()
        scene.gateway.signal(signal.SIGTERM)
        expect_equal(scene.gateway.wait(10), 0, "exit code")
        expect(0.6 < time.monotonic() - began < 3, f"it ended after {time.monotonic() - began:.2f} s")
        expect(client.closed_within(1), "the client's connection is open")


SIZES = [
    ("request_line: 512B", b"GET /%s HTTP/1.1\r\nHost: a.example\r\n\r\n" % (b"x" * 600), 414, "request_line_too_long"),
    ("header_field: 512B", b"GET / HTTP/1.1\r\nHost: a.example\r\nLong: %s\r\n\r\n" % (b"x" * 600), 431, "field_too_large"),
    ("header_count: 5", b"GET / HTTP/1.1\r\nHost: a.example\r\n" + b"A: b\r\n" * 5 + b"\r\n", 431, "too_many_fields"),
    ("request_headers: 1KiB, header_field: 512B", b"GET / HTTP/1.1\r\nHost: a.example\r\n" + b"A: %s\r\n" % (b"b" * 100) * 12 + b"\r\n", 431, "head_too_large"),
    ("request_body: 10B", b"POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 11\r\n\r\n12345678901", 413, "body_too_large"),
    ("request_body: 10B", b"POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n12345678901\r\n0\r\n\r\n", 413,
     "body_too_large"),
]


@check("sizes of requests: each limit has its own status and reason, and just below it passes")
def _():
    for limits, request, status, reason in SIZES:
        with Scene(limits) as scene:
            with scene.client() as client:
                client.send(request)
                expect_equal(client.read().status, status, f"status with {limits} of {request[:80]!r}")
            until(lambda: scene.fault(reason) == 1, f"{reason} in /metrics with {limits}")
    with Scene("header_count: 5, request_body: 10B") as scene, scene.client() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 10\r\n" + b"A: b\r\n" * 3 + b"\r\n1234567890")
        expect_equal(client.read().status, 200, "status at the limits")


@check("response_headers: an origin's head beyond it becomes 502")
def _():
    with Scene("response_headers: 1KiB") as scene:
        raw = socket.create_server(("127.0.0.1", 0))
        scene.gateway.write(simple([f"127.0.0.1:{raw.getsockname()[1]}"], more=MORE, head=HEAD + "limits: { response_headers: 1KiB }\n"))
        expect_equal(scene.gateway.reload().returncode, 0, "exit code")
        with scene.client() as client:
            client.ask()
            raw.settimeout(5)
            connection, _ = raw.accept()
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nLong: " + b"x" * 2000 + b"\r\nContent-Length: 0\r\n\r\n")
            expect_equal(client.read().status, 502, "status")
            connection.close()
        until(lambda: scene.fault("origin_head_too_large") == 1, "origin_head_too_large in /metrics")
        raw.close()


@check("an origin that speaks no HTTP becomes 502, and the client's connection goes on")
def _():
    with Scene() as scene, scene.client() as client:
        origin.traffic = Behavior("garbage")
        expect_equal(client.get().status, 502, "status")
        origin.traffic = OK
        expect_equal(client.get().status, 200, "status of the next request")
        until(lambda: scene.fault("origin_bad_head") == 1, "origin_bad_head in /metrics")


@check("limits changed by a reload hold for connections that are open")
def _():
    with Scene() as scene, scene.client() as client:
        expect_equal(client.get().status, 200, "status")
        scene.gateway.write(simple([origin.address], more=MORE, head=HEAD + "limits: { request_line: 256B }\n"))
        expect_equal(scene.gateway.reload().returncode, 0, "exit code")
        expect_equal(client.get("/" + "x" * 300).status, 414, "status of a long line on the old connection")


finish()
