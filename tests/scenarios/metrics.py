#!/usr/bin/env -S /usr/bin/python3
"""/metrics: well-formed for Prometheus, and its numbers are those of what was done."""
import re

from support.checks import check, expect, expect_equal, finish, limit, until
from support.client import Client, once
from support.gateway import LISTENER, HEAD, Gateway, group
from support.origin import Origin, fail

limit(60)
good, down = Origin("good"), Origin("down", traffic=fail(503))
UNWATCHED = "health_check: { enabled: false }\noutlier_detection: { enabled: false }"
RULES = ('    rules:\n      - priority: 10\n        conditions: [ { path_pattern: ["/down"] } ]\n'
         '        actions: [ { forward: { target_groups: [ { name: down } ] } } ]\n'
         '      - priority: 20\n        conditions: [ { path_pattern: ["/away"] } ]\n'
         '        actions: [ { redirect: { path: "/there", status_code: 302 } } ]\n')
gateway = Gateway(HEAD + LISTENER + RULES + "target_groups:\n" + group([f"{good.address}, zone: a"], more=UNWATCHED) +
                  group([down.address], name="down", more=UNWATCHED)).wait_ready()


def settled(name, wanted, **labels):
    """Numbers are written when the exchange is over, a moment after its reply."""
    until(lambda: gateway.metric(name, **labels) == wanted, f"{name} {labels} {wanted}", seconds=3)


@check("requests are counted by listener, route and status")
def _():
    with Client(gateway.port) as client:
        for path, count in (("/", 7), ("/down", 3), ("/away", 2)):
            for _ in range(count):
                client.get(path)
        settled("gatehouse_connections_active", 1.0, listener="http")
    with Client(gateway.port) as client:
        client.send(b"BAD\r\n\r\n")
        client.read()
    settled("gatehouse_requests_total", 7.0, listener="http", route="default", code="200")
    settled("gatehouse_requests_total", 3.0, route="10", code="503")
    settled("gatehouse_requests_total", 2.0, route="20", code="302")
    settled("gatehouse_requests_total", 1.0, route="none", code="400")
    settled("gatehouse_request_duration_seconds_count", 7.0, route="default")
    settled("gatehouse_connections_accepted_total", 2.0, listener="http")
    settled("gatehouse_connections_active", 0.0, listener="http")


@check("endpoints are counted by group, region and zone, with the reuse of connections")
def _():
    settled("gatehouse_upstream_requests_total", 7.0, target_group="web", endpoint=good.address, zone="a", code="200")
    settled("gatehouse_upstream_requests_total", 3.0, target_group="down", endpoint=down.address, code="503")
    settled("gatehouse_upstream_response_seconds_count", 7.0, endpoint=good.address)
    connects = gateway.metric("gatehouse_upstream_connects_total", endpoint=good.address)
    reused = gateway.metric("gatehouse_upstream_connections_reused_total", endpoint=good.address)
    expect_equal(connects + reused, 7.0, "connections made and reused")
    expect_equal(connects, float(good.connections), "connections beside those the origin saw")
    settled("gatehouse_upstream_requests_active", 0.0)


@check("a fault is counted with its reason and side")
def _():
    down.stop()
    expect_equal(once(gateway.port, "/down").status, 502, "status")
    settled("gatehouse_faults_total", 1.0, reason="connect_failed", side="origin", route="10")
    expect(gateway.metric("gatehouse_upstream_connect_failures_total", endpoint=down.address) >= 1, "no connect failure")


@check("bytes of content are among the bytes counted")
def _():
    before = gateway.metric("gatehouse_request_bytes_total"), gateway.metric("gatehouse_response_bytes_total")
    once(gateway.port, method="POST", body=b"x" * 50_000)
    until(lambda: 50_000 < gateway.metric("gatehouse_request_bytes_total") - before[0] < 50_500, "50,000 bytes in", seconds=3)
    expect(4 < gateway.metric("gatehouse_response_bytes_total") - before[1] < 500, "bytes out")


@check("the page is well-formed: each family once, with its help and type, no sample twice, histograms that add up")
def _():
    page = gateway.ask("/metrics")[1]
    families, seen, buckets = {}, set(), {}
    for line in page.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            expect(name not in families, f"family {name} twice")
            families[name] = kind
            continue
        if line.startswith("# HELP "):
            continue
        match = re.fullmatch(r'([a-z_]+)(\{(?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)*\})? ([-+0-9.e]+|NaN|\+Inf)', line)
        expect(match, f"no sample: {line!r}")
        name, labels, value = match[1], match[2] or "", match[3]
        expect((name, labels) not in seen, f"sample {name}{labels} twice")
        seen.add((name, labels))
        family = name if name in families else re.sub(r"_(bucket|sum|count)$", "", name)
        expect(family in families, f"no type for {name}")
        expect(families[family] != "counter" or name.endswith("_total"), f"counter {name} does not end in _total")
        if name.endswith("_bucket"):
            key = name, re.sub(r',?le="[^"]*"', "", labels)
            expect(float(value) >= buckets.get(key, 0), f"bucket {line} is less than the one before")
            buckets[key] = float(value)
        if name.endswith("_count") and families[family] == "histogram":
            expect_equal(buckets.get((family + "_bucket", labels)), float(value), f"last bucket of {family}{labels}")
    expect(len(families) > 25, f"only {len(families)} families")
    expect_equal([name for name in ("process_resident_memory_bytes", "process_open_fds", "process_cpu_seconds_total",
                                    "process_start_time_seconds", "gatehouse_build_info") if name not in families], [], "missing")


gateway.stop()
finish()
