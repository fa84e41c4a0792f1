#!/usr/bin/env -S /usr/bin/python3
"""Active checks and what real traffic tells: matcher, thresholds, TCP, timeouts, the initial state, ejection."""
import time

from support.checks import check, expect, expect_equal, expect_near, finish, limit, until
from support.client import Client, new_connections, once
from support.gateway import Gateway, simple
from support.origin import CLOSE, OK, Behavior, Origin, fail, slow

limit(80)


def checks(more="", timeout="100ms", up=2, down=2, protocol="HTTP", path="/healthz"):
    where = f'path: "{path}", ' if protocol == "HTTP" else ""
    return (f"health_check: {{ protocol: {protocol}, {where}interval: 100ms, "
            f"timeout: {timeout}, healthy_threshold: {up}, unhealthy_threshold: {down}{more} }}\n"
            "outlier_detection: { enabled: false }")


class Scene:
    """A gateway with two origins of a group: one that is watched and one that stays well."""

    def __init__(self, more, **behavior):
        self.watched, self.well = Origin("watched", **behavior), Origin("well")
        self.gateway = Gateway(simple([self.watched.address, self.well.address], more=more)).wait_ready()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.gateway.stop()
        self.watched.stop()
        self.well.stop()

    @property
    def view(self):
        return self.gateway.endpoint(self.watched.address)

    def wait(self, state):
        until(lambda: self.view["state"] == state, f"state {state} (it is {self.view['state']})")
        return self.view

    def shares(self, count=20):
        answers = new_connections(self.gateway.port, count, batch=10)
        return answers.count("watched"), answers.count("well")

    def expect_even(self, what):
        """Each worker takes its own turns, so two of them may be one off each."""
        seen = self.shares()
        expect_equal(sum(seen), 20, f"answered {what}")
        expect_near(seen[0], 10, 2, f"requests of the watched origin {what}")


@check("the matcher decides which status is healthy")
def _():
    with Scene(checks(', matcher: "200-204,301"'), health=Behavior(status=301)) as scene:
        scene.wait("healthy")
        scene.watched.health = Behavior(status=205)
        expect_equal(scene.wait("unhealthy")["reason"], "Target.ResponseCodeMismatch", "reason")
        expect_equal(scene.shares(), (0, 20), "requests")
        scene.watched.health = Behavior(status=204)
        scene.wait("healthy")
        scene.expect_even("after it came back")


@check("a probe asks for its path and is counted as no traffic")
def _():
    with Scene(checks(path="/alive?deep=1")) as scene:
        scene.wait("healthy")
        expect(scene.watched.paths["/alive?deep=1"] >= 1, f"paths asked for: {dict(scene.watched.paths)}")
        expect_equal(scene.gateway.metric("gatehouse_upstream_requests_total"), 0.0, "gatehouse_upstream_requests_total")


@check("it takes unhealthy_threshold failures to go and healthy_threshold successes to come back")
def _():
    with Scene(checks(up=4, down=3)) as scene:
        scene.wait("healthy")
        scene.watched.health = fail(500)
        scene.watched.forget()
        scene.wait("unhealthy")
        # The view is asked for a little after the deciding probe, so one more may have begun; fewer never.
        expect(3 <= scene.watched.probes <= 5, f"{scene.watched.probes} failed probes until it was unhealthy")
        scene.watched.forget()
        scene.watched.health = OK
        scene.wait("healthy")
        expect(4 <= scene.watched.probes <= 6, f"{scene.watched.probes} good probes until it was healthy")


@check("a single failed probe changes nothing")
def _():
    with Scene(checks()) as scene:
        scene.wait("healthy")
        scene.watched.forget()
        scene.watched.health = fail(500)
        until(lambda: scene.watched.probes == 1, "one probe", pause=0.001)
        scene.watched.health = OK
        states = set()
        until(lambda: states.add(scene.view["state"]) or scene.watched.probes >= 5, "four more probes")
        expect_equal(states, {"healthy"}, "states meanwhile")


@check("a probe that takes longer than its timeout has failed")
def _():
    with Scene(checks(timeout="80ms")) as scene:
        scene.wait("healthy")
        scene.watched.health = slow(3)
        expect_equal(scene.wait("unhealthy")["reason"], "Target.Timeout", "reason")


@check("a probe that gets no HTTP or no connection has failed")
def _():
    for behavior in (Behavior("garbage"), CLOSE):
        with Scene(checks(), health=behavior) as scene:
            expect_equal(scene.wait("unhealthy")["reason"], "Target.FailedHealthChecks", "reason")
    with Scene(checks()) as scene:
        scene.watched.stop()
        expect_equal(scene.wait("unhealthy")["reason"], "Target.FailedHealthChecks", "reason without a connection")
        expect_equal(scene.shares(), (0, 20), "requests")


@check("TCP checks only connect: failing answers do not matter, a closed port does")
def _():
    with Scene(checks(protocol="TCP"), health=fail(500), traffic=OK) as scene:
        scene.wait("healthy")
        scene.expect_even("while it serves")
        scene.watched.stop()
        scene.wait("unhealthy")
        expect_equal(scene.shares(), (0, 20), "requests after its port was closed")
        scene.watched.start()
        scene.wait("healthy")


@check("the port of the check may be another than that of the traffic")
def _():
    beside = Origin("beside")
    with Scene(checks(f", port: {beside.port}")) as scene:
        scene.wait("healthy")
        expect(beside.probes >= 1 and scene.watched.probes == 0, f"probes: {beside.probes} and {scene.watched.probes}")
        beside.health = fail(500)
        scene.wait("unhealthy")


@check("an endpoint serves while its state is initial")
def _():
    more = ("health_check: { path: /healthz, interval: 20s, timeout: 15s, healthy_threshold: 10 }\n"
            "outlier_detection: { enabled: false }")
    with Scene(more, health=slow(15)) as scene:
        view = scene.view
        expect_equal((view["state"], view["healthy"]), ("initial", True), "state")
        scene.expect_even("while it serves")


@check("one good probe ends the initial state, however high the threshold")
def _():
    with Scene(checks(up=10)) as scene:
        scene.wait("healthy")
        expect(scene.watched.probes <= 3, f"{scene.watched.probes} probes")


@check("enabled: false probes nothing and counts as healthy")
def _():
    with Scene("health_check: { enabled: false }") as scene:
        scene.expect_even("while it serves")
        expect_equal((scene.view["state"], scene.view["reason"]), ("unchecked", "Target.HealthCheckDisabled"), "state")
        expect_equal(scene.watched.probes, 0, "probes")


@check("a new matcher is in force after a reload")
def _():
    with Scene(checks(), health=Behavior(status=202)) as scene:
        scene.wait("unhealthy")
        endpoints = [scene.watched.address, scene.well.address]
        scene.gateway.write(simple(endpoints, more=checks(', matcher: "202,200"')))
        expect_equal(scene.gateway.reload().returncode, 0, "exit code")
        scene.wait("healthy")


def outlier(keys):
    return f"health_check: {{ enabled: false }}\noutlier_detection: {{ {keys} }}"


@check("five failures in a row eject an endpoint, and it returns")
def _():
    with Scene(outlier("consecutive_failures: 5, base_ejection_time: 1500ms"), traffic=fail(503)) as scene:
        statuses = [once(scene.gateway.port).status for _ in range(40)]
        ejected_at = time.monotonic()
        # Both workers may be about to send it one when the fifth failure ejects it.
        expect(5 <= statuses.count(503) <= 6, f"{statuses.count(503)} requests were answered with 503")
        expect_equal(scene.view["ejected"], True, "ejected")
        scene.watched.traffic = OK
        until(lambda: not scene.view["ejected"], "the end of the ejection", seconds=5)
        expect(time.monotonic() - ejected_at > 0.5, "the ejection ended too soon")
        scene.expect_even("after its return")


@check("a success between failures starts the count anew")
def _():
    with Scene(outlier("consecutive_failures: 5, base_ejection_time: 60s")) as scene:
        with Client(scene.gateway.port) as client:
            statuses = []
            for _ in range(5):  # in turns with the other: four failures, then one success
                scene.watched.traffic = fail(503)
                statuses += [client.get().status for _ in range(8)]
                scene.watched.traffic = OK
                statuses += [client.get().status for _ in range(2)]
        expect_equal(statuses.count(503), 20, "failures")
        expect_equal(scene.view["ejected"], False, "ejected")


@check("statuses of the application do not eject: 500 and 404 are answers")
def _():
    with Scene(outlier("consecutive_failures: 2, base_ejection_time: 60s"), traffic=fail(500)) as scene:
        new_connections(scene.gateway.port, 40, batch=10)
        scene.watched.traffic = fail(404)
        new_connections(scene.gateway.port, 40, batch=10)
        expect_equal(scene.view["ejected"], False, "ejected")
        expect_near(scene.watched.requests["GET"], 40, 2, "requests it got")


@check("refused connections eject without a request that failed")
def _():
    with Scene(outlier("consecutive_failures: 3, base_ejection_time: 60s")) as scene:
        scene.watched.stop()
        statuses = [once(scene.gateway.port).status for _ in range(30)]
        expect_equal(statuses, [200] * 30, "statuses")
        expect_equal(scene.view["ejected"], True, "ejected")
        refused = scene.gateway.metric("gatehouse_upstream_connect_failures_total", endpoint=scene.watched.address)
        expect(3 <= refused <= 4, f"{refused} connections were tried")


@check("no more than max_ejection_percent are out, one always may be")
def _():
    with Scene(outlier("consecutive_failures: 2, base_ejection_time: 60s, max_ejection_percent: 50"), traffic=fail(503)) as scene:
        scene.well.traffic = fail(503)
        new_connections(scene.gateway.port, 40, batch=1)
        views = [scene.gateway.endpoint(origin.address)["ejected"] for origin in (scene.watched, scene.well)]
        expect_equal(sorted(views), [False, True], "ejected")


@check("an endpoint that active checks find healthy again is not kept out by an old ejection")
def _():
    more = ("health_check: { path: /healthz, interval: 100ms, timeout: 90ms, healthy_threshold: 2, unhealthy_threshold: 2 }\n"
            "outlier_detection: { consecutive_failures: 2, base_ejection_time: 60s }")
    with Scene(more) as scene:
        scene.wait("healthy")
        scene.watched.stop()
        new_connections(scene.gateway.port, 20, batch=2)
        scene.wait("unhealthy")
        scene.watched.start()
        scene.wait("healthy")
        until(lambda: not scene.view["ejected"], "the end of the ejection", seconds=2)
        expect(scene.shares()[0] > 0, "it gets no request")


finish()
