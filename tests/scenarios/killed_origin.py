#!/usr/bin/env -S /usr/bin/python3
"""An origin dies under load: idempotent requests do not fail, others are not sent twice, and it comes back."""
from support.checks import check, expect, expect_equal, finish, limit, until
from support.client import Load, once
from support.gateway import Gateway, simple
from support.origin import CLOSE, OK, Origin, OriginProcess

limit(80)
CHECKED = "health_check: { path: /healthz, interval: 200ms, timeout: 150ms, healthy_threshold: 2, unhealthy_threshold: 2 }"
mortal = OriginProcess("mortal")
others = [OriginProcess("b"), OriginProcess("c")]
gateway = Gateway(simple([mortal.address] + [origin.address for origin in others], more=CHECKED)).wait_ready()


def state():
    return gateway.endpoint(mortal.address)["state"]


def served_by_mortal(port):
    return '"mortal"' in once(port).text


@check("kill -9 of an origin under load fails no GET")
def _():
    until(lambda: state() == "healthy", "the first successful probe")
    load = Load(gateway.port, clients=8)
    for round_number in range(2):
        served = load.ok
        until(lambda: load.ok > served + 200 or load.failed, "the load to run")
        mortal.kill()
        until(lambda: state() == "unhealthy", "the dead origin's unhealthy state")
        served = load.ok
        until(lambda: load.ok > served + 200 or load.failed, "requests served without it")
        mortal.start()
        until(lambda: state() == "healthy", "the restarted origin's healthy state")
    load.stop()
    expect_equal(load.failed[:3], [], f"failures ({len(load.failed)} beside {load.ok} good ones)")
    expect(load.ok > 800, f"only {load.ok} requests were made")


@check("the restarted origin serves again")
def _():
    until(lambda: served_by_mortal(gateway.port), "a reply of the restarted origin", seconds=15)


@check("the state of the dead origin shows its reason and in /metrics")
def _():
    mortal.kill()
    until(lambda: state() == "unhealthy", "unhealthy")
    view = gateway.endpoint(mortal.address)
    expect_equal(view["healthy"], False, "healthy")
    expect(view["reason"].startswith("Target."), f"reason: {view['reason']!r}")
    expect_equal(gateway.metric("gatehouse_endpoint_healthy", endpoint=mortal.address), 0.0, "gatehouse_endpoint_healthy")
    expect_equal(gateway.metric("gatehouse_endpoint_healthy", endpoint=others[0].address), 1.0, "that of a live one")


gateway.stop()
for process in others:
    process.kill()

UNWATCHED = "health_check: { enabled: false }\noutlier_detection: { enabled: false }"
good, broken = Origin("good"), Origin("broken", traffic=CLOSE)
gateway = Gateway(simple([good.address, broken.address], more=UNWATCHED)).wait_ready()


@check("a POST whose origin closed without an answer is not sent again")
def _():
    statuses = [once(gateway.port, method="POST", body=b"order=1").status for _ in range(20)]
    sent = good.requests["POST"] + broken.requests["POST"]
    expect_equal(sent, 20, "POSTs that reached an origin")
    expect_equal(statuses.count(502), broken.requests["POST"], "502s beside POSTs at the broken origin")
    expect(broken.requests["POST"] > 0, "the broken origin was never asked")


@check("a GET, HEAD, PUT or DELETE whose origin closed without an answer is sent once more, elsewhere")
def _():
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        statuses = [once(gateway.port, method=method).status for _ in range(10)]
        expect_equal(statuses, [200] * 10, f"statuses of {method}")
        expect_equal(good.requests[method], 10, f"{method}s at the good origin")
        expect(0 < broken.requests[method] <= 10, f"{broken.requests[method]} {method}s at the broken origin")
    expect_equal(gateway.metric("gatehouse_upstream_retries_total", endpoint=good.address),
                 float(sum(broken.requests[m] for m in ("GET", "HEAD", "PUT", "DELETE"))), "retries in /metrics")


@check("a POST is sent elsewhere when the origin cannot be reached at all")
def _():
    broken.stop()
    good.forget()
    statuses = [once(gateway.port, method="POST", body=b"order=1").status for _ in range(10)]
    expect_equal(statuses, [200] * 10, "statuses")
    expect_equal(good.requests["POST"], 10, "POSTs at the good origin")


@check("a request is sent at most twice")
def _():
    good.traffic = CLOSE
    broken.traffic = CLOSE
    broken.start()
    good.forget()
    broken.forget()
    response = once(gateway.port)
    expect_equal(response.status, 502, "status")
    expect_equal(good.total + broken.total, 2, "requests that reached an origin")
    good.traffic = broken.traffic = OK


@check("retries: 0 sends once")
def _():
    gateway.write(simple([good.address, broken.address], more=UNWATCHED + "\nretries: 0"))
    expect_equal(gateway.reload().returncode, 0, "exit code")
    good.traffic = broken.traffic = CLOSE
    good.forget()
    broken.forget()
    expect_equal(once(gateway.port).status, 502, "status")
    expect_equal(good.total + broken.total, 1, "requests that reached an origin")


gateway.stop()
finish()
