#!/usr/bin/env -S /usr/bin/python3
"""Keys of target groups and regions that no other scenario shows (keys.py)."""
import threading
import time

from support.checks import check, expect, expect_equal, finish, limit, until
from support.client import new_connections, once
from support.gateway import HEAD, Gateway, simple
from support.origin import OK, Origin, fail
from support.protocol import Origin as Peers
from support.protocol import Wire

limit(80)
UNWATCHED = "health_check: { enabled: false }\n"
ONE_WORKER = HEAD.replace("workers: 2", "workers: 1")


def failing(keys):
    """A gateway with one worker whose two origins fail every request."""
    origins = [Origin("one", traffic=fail(503)), Origin("two", traffic=fail(503))]
    more = UNWATCHED + f"outlier_detection: {{ {keys} }}"
    return Gateway(simple([origin.address for origin in origins], more=more, head=ONE_WORKER)).wait_ready(), origins


def ejected(gateway, origins):
    return [gateway.endpoint(origin.address)["ejected"] for origin in origins]


@check("outlier_detection.enabled: false ejects nobody")
def _():
    for enabled, wanted in (("true", 1), ("false", 0)):
        gateway, origins = failing(f"enabled: {enabled}, consecutive_failures: 2, base_ejection_time: 60s")
        new_connections(gateway.port, 20, batch=1)
        expect_equal(sum(ejected(gateway, origins)), wanted, f"ejected endpoints with enabled: {enabled}")


@check("max_ejection_percent: 100 lets all go, 50 one of two")
def _():
    for percent, wanted in ((50, 1), (100, 2)):
        gateway, origins = failing(f"consecutive_failures: 2, base_ejection_time: 60s, max_ejection_percent: {percent}")
        new_connections(gateway.port, 20, batch=1)
        expect_equal(sum(ejected(gateway, origins)), wanted, f"ejected endpoints with {percent}")


def ejections(keys, count):
    """How long each of so many ejections in a row lasted."""
    gateway, origins = failing(keys)
    origins[1].traffic = OK
    lasted = []
    for _ in range(count):
        until(lambda: once(gateway.port).status == 200 and ejected(gateway, origins)[0], "the ejection", pause=0)
        began = time.monotonic()
        until(lambda: not ejected(gateway, origins)[0], "its end", seconds=8)
        lasted.append(time.monotonic() - began)
    return lasted


@check("max_ejection_time: no ejection is longer")
def _():
    keys = "consecutive_failures: 2, base_ejection_time: 500ms"
    growing = ejections(keys + ", max_ejection_time: 60s", 4)
    bounded = ejections(keys + ", max_ejection_time: 500ms", 4)
    # The fourth in a row lasts four times as long as the first unless it may not.
    expect(growing[3] > 1.5, f"without a bound the ejections took {growing}")
    expect(bounded[3] < 1.2, f"with a bound of 500 ms they took {bounded}")


def connections_after_a_burst(idle):
    """How many connections an origin sees for 4 requests at once and 4 more, when so many are kept idle."""
    gate = threading.Barrier(4)

    def together(peer):
        while peer.request() is not None:
            gate.wait(timeout=10)
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    origin = Peers(together)
    more = UNWATCHED + f"idle_connections: {idle}"
    gateway = Gateway(simple([origin.address], more=more, head=ONE_WORKER)).wait_ready()
    for _ in range(2):
        clients = [Wire(gateway.port) for _ in range(4)]
        for client in clients:
            client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        for client in clients:
            expect_equal(client.response().status, 200, "status")
            client.socket.close()
    return origin.accepted


@check("idle_connections: so many are kept")
def _():
    expect_equal(connections_after_a_burst(1024), 4, "connections when all are kept")
    expect_equal(connections_after_a_burst(1), 7, "connections when one is kept")
    expect_equal(connections_after_a_burst(0), 8, "connections when none is kept")


@check("traffic_dial: 0 keeps a region's endpoints out")
def _():
    origins = [Origin("near"), Origin("far")]
    for near, wanted in ((100, {"near"}), (0, {"far"})):
        endpoints = [f"{origin.address}, region: {origin.name}" for origin in origins]
        gateway = Gateway(simple(endpoints, more=UNWATCHED, tail=f"regions: [ {{ name: near, traffic_dial: {near} }}, {{ name: far }} ]\n"))
        gateway.wait_ready()
        expect_equal(set(new_connections(gateway.port, 20)), wanted, f"who answers with a dial of {near}")


finish()
