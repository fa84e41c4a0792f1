#!/usr/bin/env -S /usr/bin/python3
"""Weights and dials, counted by real origins: who gets which share of 2,000 connections, and what changes it."""
from support.checks import check, expect, expect_equal, expect_near, finish, limit, until
from support.client import Client, new_connections, once
from support.gateway import HEAD, LISTENER, Gateway, group, simple
from support.origin import OK, Origin, fail

limit(85)
CONNECTIONS = 2000
near1, near2 = Origin("near1"), Origin("near2")
far1, far2 = Origin("far1"), Origin("far2")
ALL = [near1, near2, far1, far2]
UNWATCHED = "health_check: { enabled: false }\noutlier_detection: { enabled: false }"
CHECKED = ("health_check: { path: /healthz, interval: 100ms, timeout: 90ms, healthy_threshold: 2, unhealthy_threshold: 2 }\n"
           "outlier_detection: { enabled: false }")


def two_regions(near=100, far=100, more=UNWATCHED):
    return simple([f"{near1.address}, region: near, weight: 192", f"{near2.address}, region: near, weight: 64",
                   f"{far1.address}, region: far, weight: 128", f"{far2.address}, region: far, weight: 128"], more=more,
                  tail=f"regions: [ {{ name: near, traffic_dial: {near} }}, {{ name: far, traffic_dial: {far} }} ]\n")


gateway = Gateway(two_regions()).wait_ready()


def count(connections):
    """Requests that each origin saw of so many connections. Each of them has to be answered."""
    for origin in ALL:
        origin.forget()
    answers = new_connections(gateway.port, connections)
    seen = [origin.requests["GET"] for origin in ALL]
    expect_equal(answers.count(None), 0, "requests that were not answered with 200")
    expect_equal(seen, [answers.count(origin.name) for origin in ALL], "what origins saw beside what clients got")
    return seen


def dial(region, value):
    gateway.patch(f"/v1/regions/{region}", {"traffic_dial": value})


def health(address):
    return gateway.endpoint(address)["state"]


@check("weights 192 and 64 share 2,000 connections 3:1 to the connection")
def _():
    seen = count(CONNECTIONS)
    # Smooth round robin is exact over a cycle of 4; each worker may end inside one.
    expect_near(seen[0], 1500, 4, "connections at the weight of 192")
    expect_near(seen[1], 500, 4, "connections at the weight of 64")
    expect_equal(seen[2:], [0, 0], "connections in the far region")


@check("dials 30 and 100 share 2,000 connections 30:70")
def _():
    dial("near", 30)
    seen = count(CONNECTIONS)
    # Drawn for each connection: a standard deviation of 20.5. Five of them fail once in two million runs.
    expect_near(seen[0] + seen[1], 600, 103, "connections in the near region")
    expect_near(seen[2], seen[3], 2, "equal weights in the far region")
    spilled = gateway.metric("gatehouse_region_connections_total", region="far", reason="DIAL_SPILL")
    expect_equal(spilled, float(seen[2] + seen[3]), "DIAL_SPILL in /metrics")


@check("the near region's share has the weights of its endpoints too")
def _():
    seen = count(400)
    expect_near(seen[0], 3 * seen[1], 8, "the weight of 192 beside three times that of 64")


@check("dials 100 and 0: all near")
def _():
    dial("near", 100)
    dial("far", 0)
    seen = count(200)
    expect_equal(seen[0] + seen[1], 200, "connections in the near region")


@check("dials 0 and 100: all far")
def _():
    dial("near", 0)
    dial("far", 100)
    seen = count(200)
    expect_equal(seen[2] + seen[3], 200, "connections in the far region")


@check("dials 0 and 0: the nearest healthy region takes all")
def _():
    dial("near", 0)
    dial("far", 0)
    expect_equal(sum(count(200)[:2]), 200, "connections in the near region")


@check("dials 50 and 50: what both turn away stays near")
def _():
    dial("near", 50)
    dial("far", 50)
    seen = count(CONNECTIONS)
    expect_near(seen[0] + seen[1], 1500, 97, "connections in the near region")


@check("a dial with a fraction of a percent counts")
def _():
    dial("near", 0.5)
    dial("far", 100)
    expect_near(sum(count(1000)[:2]), 5, 11, "connections in the near region")
    expect_equal(gateway.metric("gatehouse_region_traffic_dial", region="near"), 0.5, "gatehouse_region_traffic_dial")
    expect_equal(gateway.status()["regions"][0]["traffic_dial"], 0.5, "traffic_dial in the status")


@check("a connection keeps its region while the region lives")
def _():
    dial("near", 50)
    dial("far", 100)
    kept = set()
    for _ in range(12):
        with Client(gateway.port) as client:
            regions = {client.get().text[:-1] for _ in range(10)}
        expect_equal(len(regions), 1, f"regions of one connection ({regions})")
        kept |= regions
    expect_equal(kept, {"near", "far"}, "regions of twelve connections")


@check("a dial turned to 0 moves new connections, not those that have their region")
def _():
    dial("near", 100)
    with Client(gateway.port) as client:
        expect_equal(client.get().text[:-1], "near", "region before")
        dial("near", 0)
        expect_equal(client.get().text[:-1], "near", "region of the old connection")
        expect_equal(once(gateway.port).text[:-1], "far", "region of a new connection")


@check("a weight changed at run time takes effect and shows in status and metrics")
def _():
    dial("near", 100)
    path = f"/v1/target-groups/web/endpoints/{near2.address}"
    expect_equal(gateway.patch(path, {"weight": 192})["weight"], 192, "weight in the answer")
    seen = count(200)
    expect_near(seen[0], 100, 4, "connections at the first of two equal weights")
    gateway.patch(path, {"weight": 0})
    expect_equal(count(100)[:2], [100, 0], "connections at weight 192 and at weight 0")
    expect_equal(gateway.metric("gatehouse_endpoint_weight", endpoint=near2.address), 0.0, "gatehouse_endpoint_weight")
    view = gateway.status()["target_groups"][0]["endpoints"][1]
    expect_equal((view["weight"], view["weight_override"], view["configured_weight"]), (0, 0, 64), "the weight in status")
    gateway.patch(path, {"weight": None})
    expect_near(count(200)[1], 50, 4, "connections at the configured weight")


@check("a region whose weights are all 0 is passed over")
def _():
    for origin in (near1, near2):
        gateway.patch(f"/v1/target-groups/web/endpoints/{origin.address}", {"weight": 0})
    expect_equal(sum(count(100)[2:]), 100, "connections in the far region")
    for origin in (near1, near2):
        gateway.patch(f"/v1/target-groups/web/endpoints/{origin.address}", {"weight": None})


@check("a draining endpoint gets no new request, and its state shows")
def _():
    path = f"/v1/target-groups/web/endpoints/{near1.address}"
    expect_equal(gateway.patch(path, {"state": "draining"})["state"], "draining", "state in the answer")
    expect_equal(count(100)[:2], [0, 100], "connections at the draining and at the other endpoint")
    view = gateway.status()["target_groups"][0]["endpoints"][0]
    expect_equal((view["state"], view["draining"]), ("draining", True), "state in status")
    gateway.patch(path, {"state": "active"})
    expect_near(count(100)[0], 75, 4, "connections after the drain was taken back")


@check("changes that make no sense are refused with a problem document")
def _():
    path = f"/v1/target-groups/web/endpoints/{near1.address}"
    wrong = [("/v1/regions/near", {"traffic_dial": 101}, 400), ("/v1/regions/near", {"traffic_dial": "much"}, 400),
             ("/v1/regions/near", {"dial": 1}, 400), ("/v1/regions/neer", {"traffic_dial": 1}, 404), (path, {"weight": 256}, 400),
             (path, {"weight": 1.5}, 400), (path, {"state": "gone"}, 400), (path, {}, 400),
             ("/v1/target-groups/web/endpoints/127.0.0.1:1", {"weight": 1}, 404)]
    for where, body, wanted in wrong:
        status, document = gateway.ask(where, "PATCH", body)
        expect(status // 100 == 4 and (wanted == 404) == (status == 404), f"PATCH {where} {body}: {status}")
        expect(document.get("status") == status and document.get("title"), f"no problem document: {document}")
    expect("near" in gateway.ask("/v1/regions/neer", "PATCH", {"traffic_dial": 1})[1]["detail"], "no suggestion for neer")


gateway.stop()
for origin in ALL:
    origin.forget()
gateway = Gateway(two_regions(near=100, far=0, more=CHECKED)).wait_ready()


@check("when the near region fails, the far one takes over whatever its dial")
def _():
    until(lambda: all(health(origin.address) == "healthy" for origin in ALL), "four healthy endpoints")
    expect_equal(sum(count(50)[:2]), 50, "connections near before")
    with Client(gateway.port) as client:
        expect_equal(client.get().text[:-1], "near", "region before")
        near1.health = near2.health = fail(500)
        until(lambda: health(near1.address) == health(near2.address) == "unhealthy", "two unhealthy endpoints")
        expect_equal(client.get().text[:-1], "far", "the old connection's region")
    expect_equal(sum(count(100)[2:]), 100, "connections in the far region")
    expect(gateway.metric("gatehouse_region_connections_total", region="far", reason="FAILOVER") >= 100, "FAILOVER in /metrics")
    expect_equal(gateway.status()["regions"][0]["healthy_endpoints"], 0, "healthy endpoints of the near region in status")


@check("one healthy endpoint of two keeps the region")
def _():
    near2.health = OK
    until(lambda: health(near2.address) == "healthy", "a healthy endpoint near")
    expect_equal(count(50), [0, 50, 0, 0], "connections")


@check("when all are unhealthy, the nearest region serves all the same")
def _():
    near2.health = far1.health = far2.health = fail(500)
    until(lambda: all(health(origin.address) == "unhealthy" for origin in ALL), "four unhealthy endpoints")
    seen = count(100)
    expect_equal(seen[2:], [0, 0], "connections in the far region")
    expect_near(seen[0], 75, 4, "connections at the weight of 192")
    expect_equal(gateway.status()["target_groups"][0]["failing_open"], True, "failing_open in status")
    expect(gateway.metric("gatehouse_region_connections_total", region="near", reason="FAIL_OPEN") >= 100, "FAIL_OPEN in /metrics")


gateway.stop()

forward = LISTENER.replace("{ name: web }", "{ name: web, weight: 8 }, { name: canary, weight: 2 }, { name: off, weight: 0 }")
groups = (group([near1.address], more=UNWATCHED) + group([near2.address], name="canary", more=UNWATCHED) +
          group([far1.address], name="off", more=UNWATCHED))
gateway = Gateway(HEAD + forward + "target_groups:\n" + groups).wait_ready()


@check("forward weights 8, 2 and 0 share 2,000 requests 80:20 and none")
def _():
    seen = count(CONNECTIONS)
    expect_near(seen[0], 1600, 90, "requests of the group with weight 8")
    expect_equal(seen[2], 0, "requests of the group with weight 0")


@check("a group that cannot serve keeps its share of a forward")
def _():
    near2.stop()
    statuses = [once(gateway.port).status for _ in range(100)]
    expect_near(statuses.count(502), 20, 19, "502s")
    expect_equal(statuses.count(200) + statuses.count(502), 100, "200s and 502s")


gateway.stop()
finish()
