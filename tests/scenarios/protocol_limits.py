#!/usr/bin/env -S /usr/bin/python3
"""Each limit of the protocol set low: just within passes, just beyond gets its exact status and its reason in the access log, the
connection ends where it has to, nothing beyond reaches the origin, and the next client is served."""
import os
import socket
import time

from support.checks import check, expect, expect_equal, finish, limit
from support.gateway import Gateway, folder, group
from support.protocol import NO_HEALTH, Log, Origin, Wire, answer, listener, once, text

limit(60)
origin = Origin()
HEAD = b"GET / HTTP/1.1\r\nHost: a\r\n"


class Scene:
    """A gateway with these limits in front of the origin."""

    def __init__(self, limits, endpoint=None):
        where = folder()
        self.log = Log(os.path.join(where, "access.log"))
        groups = group([endpoint or origin.address], "web", NO_HEALTH)
        self.gateway = Gateway(text(log=self.log.path, listeners=listener(), groups=groups, limits=limits), where=where).wait_ready()
        origin.become(answer)
        origin.take()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        try:
            if kind is None:
                origin.become(answer)
                expect_equal(once(self.gateway.port).status, 200, "status of the next client")
        finally:
            self.gateway.stop()

    def client(self):
        return Wire(self.gateway.port, timeout=6)

    def passes(self, data):
        with self.client() as client:
            client.send(data)
            expect_equal(client.response().status, 200, "status within the limit")
        expect_equal(len(origin.take()), 1, "requests at the origin")

    def refuses(self, data, status, reason):
        with self.client() as client:
            client.send(data)
            response = client.response()
            expect_equal((response.status, response.one("connection")), (status, "close"), f"status, Connection ({response.text!r})")
            expect(client.ended(), "the connection is open")
        expect_equal(self.log.one(request_id=response.one("x-request-id"))["reason"], reason, "reason in the access log")
        expect_equal(origin.take(), [], "requests at the origin")


@check("request_line: 414")
def _():
    with Scene("request_line: 256B") as scene:
        line = b"GET /%s HTTP/1.1"
        room = 256 - len(line) + 2
        scene.passes(line % (b"a" * room) + b"\r\nHost: a\r\n\r\n")
        scene.refuses(line % (b"a" * (room + 1)) + b"\r\nHost: a\r\n\r\n", 414, "request_line_too_long")
        scene.refuses(b"GET /" + b"a" * 300, 414, "request_line_too_long")


@check("header_field: 431")
def _():
    with Scene("header_field: 256B") as scene:
        scene.passes(HEAD + b"X: " + b"a" * 253 + b"\r\n\r\n")
        scene.refuses(HEAD + b"X: " + b"a" * 254 + b"\r\n\r\n", 431, "field_too_large")
        scene.refuses(HEAD + b"X: " + b"a" * 300, 431, "field_too_large")
        scene.refuses(HEAD + b"x" * 300, 431, "field_too_large")


@check("request_headers: 431")
def _():
    with Scene("request_headers: 1KiB, header_field: 256B, request_line: 256B") as scene:
        def head(size):
            data = HEAD
            while size - len(data) > 120:
                data += b"A: " + b"b" * 45 + b"\r\n"
            return data + b"B: " + b"c" * (size - len(data) - 7) + b"\r\n\r\n"
        expect_equal(len(head(1024)), 1024, "size of the request")
        scene.passes(head(1024))
        scene.refuses(head(1025), 431, "head_too_large")
        scene.refuses(head(5000), 431, "head_too_large")


@check("header_count: 431")
def _():
    with Scene("header_count: 5") as scene:
        scene.passes(HEAD + b"A: b\r\n" * 4 + b"\r\n")
        scene.refuses(HEAD + b"A: b\r\n" * 5 + b"\r\n", 431, "too_many_fields")


def timed(call, least, most, what):
    began = time.monotonic()
    value = call()
    took = time.monotonic() - began
    expect(least <= took <= most, f"{what} after {took:.2f} s")
    return value


@check("request_head_timeout: 408 for a part of a head, a silent close for none, also between two requests")
def _():
    with Scene("request_head_timeout: 500ms, keep_alive_timeout: 5s") as scene:
        for part in (b"G", b"GET / HTTP/1.1\r\nHost: a\r\n"):
            with scene.client() as client:
                client.send(part)
                response = timed(client.response, 0.4, 3, "408")
                expect_equal((response.status, response.one("connection")), (408, "close"), "status, Connection")
                expect_equal(scene.log.one(request_id=response.one("x-request-id"))["reason"], "head_timeout", "reason")
        with scene.client() as client:
            expect(timed(client.ended, 0.4, 3, "the end of a silent connection"), "the silent connection is answered")
        with scene.client() as client:
            expect_equal(client.get().status, 200, "status")
            client.send(b"GET /")
            expect_equal(timed(client.response, 0.4, 3, "408").status, 408, "status of half a second head")


@check("idle_timeout: a client that stops inside its content, 408; an origin that stops inside its own, the end; a client that stops reading, the end")
def _():
    with Scene("idle_timeout: 500ms") as scene:
        for framing in (b"Content-Length: 100\r\n\r\nsome", b"Transfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n"):
            with scene.client() as client:
                client.send(b"POST / HTTP/1.1\r\nHost: a\r\n" + framing)
                response = timed(client.response, 0.4, 3, "408")
                expect_equal((response.status, response.one("connection")), (408, "close"), "status, Connection")
                expect_equal(scene.log.one(request_id=response.one("x-request-id"))["reason"], "client_idle", "reason")
            expect_equal(origin.take(), [], "whole requests at the origin")

        def stops(peer):
            peer.request()
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome")
            peer.rest()
        origin.become(stops)
        with scene.client() as client:
            client.send(b"GET /stops HTTP/1.1\r\nHost: a\r\n\r\n")
            expect_equal(client.response(with_body=False).status, 200, "status")
            expect_equal(timed(client.rest, 0.4, 3, "the end"), b"some", "what came of the content")
        expect_equal(scene.log.one(path="/stops")["reason"], "origin_idle", "reason")

        def pours(peer):
            peer.request()
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
            while True:
                peer.send(b"x" * 65536)
        origin.become(pours)
        with scene.client() as client:
            client.send(b"GET /pours HTTP/1.1\r\nHost: a\r\n\r\n")
            line = timed(lambda: scene.log.one(path="/pours"), 0.4, 5, "the line")
        expect_equal(line["reason"], "client_idle", "reason")


@check("first_byte_timeout: 504, and the client's connection goes on")
def _():
    with Scene("first_byte_timeout: 500ms") as scene:
        def silent(peer):
            peer.request()
            peer.rest()
        origin.become(silent)
        with scene.client() as client:
            response = timed(client.get, 0.4, 3, "504")
            expect_equal(response.status, 504, "status")
            expect_equal(scene.log.one(request_id=response.one("x-request-id"))["reason"], "origin_timeout", "reason")
            origin.become(answer)
            expect_equal(client.get().status, 200, "status of the next")


@check("connect_timeout: 504 for an origin that drops what wants to connect")
def _():
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        scene = Scene("connect_timeout: 500ms", endpoint=f"127.0.0.1:{full.getsockname()[1]}")
        with scene.client() as client:
            response = timed(client.get, 0.4, 3, "504")
            expect_equal(response.status, 504, "status")
            expect_equal(scene.log.one(request_id=response.one("x-request-id"))["reason"], "connect_timeout", "reason")
        scene.gateway.stop()
        for one in waiting:
            one.close()


@check("requests_per_connection: the last response says close, what was pipelined behind it reaches nobody")
def _():
    with Scene("requests_per_connection: 3") as scene:
        with scene.client() as client:
            client.send((HEAD + b"\r\n") * 5)
            expect_equal([client.response().one("connection") for _ in range(3)], [None, None, "close"], "Connection")
            expect(client.ended(), "the connection is open")
        expect_equal(len(origin.take()), 3, "requests at the origin")


@check("client_keep_alive: after its time the next response says close")
def _():
    with Scene("client_keep_alive: 1s") as scene, scene.client() as client:
        began = time.monotonic()
        while client.get().one("connection") != "close":
            expect(time.monotonic() - began < 4, "the connection goes on")
        expect(time.monotonic() - began > 0.9, "closed too early")
        expect(client.ended(), "the connection is open")


@check("keep_alive_timeout: an idle connection ends without a byte")
def _():
    with Scene("keep_alive_timeout: 500ms") as scene, scene.client() as client:
        expect_equal(client.get().one("connection"), None, "Connection")
        expect(timed(client.ended, 0.4, 3, "the end"), "more than an end")


@check("response_headers: 502")
def _():
    with Scene("response_headers: 1KiB") as scene:
        def head(size):
            start = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: "
            return start + b"x" * (size - len(start) - 4) + b"\r\n\r\n"

        def saying(data):
            def script(peer):
                while peer.request() is not None:
                    peer.send(data)
            return script
        origin.become(saying(head(1024)))
        with scene.client() as client:
            expect_equal(client.get().status, 200, "status within the limit")
        origin.become(saying(head(1025)))
        with scene.client() as client:
            response = client.get()
            expect_equal((response.status, response.one("connection")), (502, None), "status, Connection")
            expect_equal(scene.log.one(request_id=response.one("x-request-id"))["reason"], "origin_head_too_large", "reason")


@check("nothing at the origin could be read in two ways")
def _():
    expect_equal(origin.problems, [], "problems")


finish()
