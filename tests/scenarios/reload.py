#!/usr/bin/env -S /usr/bin/python3
"""Reload: nothing fails under load, a broken file changes nothing, listeners come, go and move, changes made at run
time stay."""
import os
import re
import signal
import socket
import ssl
import time

from support import certificates
from support.checks import check, expect, expect_equal, finish, limit, until
from support.client import Client, Closed, Load, once
from support.gateway import HEAD, LISTENER, Gateway, command, free_port, group, simple
from support.origin import OK, Origin, slow

limit(80)
a, b, c = Origin("a"), Origin("b"), Origin("c")
CHECKED = "health_check: { path: /healthz, interval: 500ms, timeout: 400ms, healthy_threshold: 2 }"


def variant(number):
    """Configurations that differ in weights, rules, groups and limits, and answer `/` with a 200 all the same."""
    if number % 4 == 0:
        return simple([f"{a.address}, weight: 10", f"{b.address}, weight: {1 + number}"], more=CHECKED)
    if number % 4 == 1:
        rule = ('    rules:\n      - priority: 5\n        conditions: [ { path_pattern: ["/x*"] } ]\n'
                '        actions: [ { fixed_response: { status_code: 404 } } ]\n')
        return HEAD + LISTENER + rule + "target_groups:\n" + group([b.address, c.address])
    if number % 4 == 2:
        listener = LISTENER.replace("{ name: web }", "{ name: web, weight: 3 }, { name: other, weight: 2 }")
        return HEAD + listener + "target_groups:\n" + group([a.address]) + group([c.address, b.address], name="other")
    regions = "regions: [ { name: near, traffic_dial: 50 }, { name: far } ]\n"
    return simple([f"{a.address}, region: near", f"{c.address}, region: far"], tail=regions)


gateway = Gateway(variant(0)).wait_ready()


@check("20 reloads under load fail no request")
def _():
    load = Load(gateway.port, clients=4)
    for number in range(1, 21):
        before = gateway.generation()
        gateway.write(variant(number))
        if number % 2:
            gateway.signal(signal.SIGHUP)
            until(lambda: gateway.generation() == before + 1, "the generation after SIGHUP")
        else:
            said = gateway.reload()
            expect_equal(said.returncode, 0, f"exit code of gatehouse reload ({said.stderr})")
            expect_equal(gateway.generation(), before + 1, "generation")
        served = load.ok
        until(lambda: load.ok > served + 10 or load.failed, "requests served by the new configuration")
    load.stop()
    expect(load.ok > 400, f"only {load.ok} requests were made")
    expect_equal(load.failed[:3], [], f"failures ({len(load.failed)} beside {load.ok} good ones)")


@check("a client connection lives through reloads")
def _():
    with Client(gateway.port) as client:
        for number in range(4):
            expect_equal(client.get().status, 200, "status")
            gateway.write(variant(number))
            expect_equal(gateway.reload().returncode, 0, "exit code")
        expect_equal(client.get().status, 200, "status after four reloads")


@check("the counters in /metrics go on over reloads")
def _():
    reloads = gateway.metric("gatehouse_config_reloads_total", result="ok")
    requests = gateway.metric("gatehouse_requests_total")
    expect(reloads >= 24, f"gatehouse_config_reloads_total is {reloads}")
    expect(requests > 400, f"gatehouse_requests_total is {requests}")


@check("a broken file changes nothing and is refused with its places")
def _():
    good = variant(0)
    gateway.write(good)
    expect_equal(gateway.reload().returncode, 0, "exit code")
    before = gateway.generation()
    gateway.write(good.replace("healthy_threshold", "healty_threshold").replace("weight: 10", "weight: 999"))
    said = gateway.reload()
    expect_equal(said.returncode, 1, "exit code of gatehouse reload")
    place = re.escape(gateway.file) + r":\d+:\d+: error: "
    expect(len(re.findall(place, said.stderr)) >= 2, f"two problems with file:line:column expected in: {said.stderr}")
    expect("healthy_threshold" in said.stderr, f"no suggestion in: {said.stderr}")
    expect_equal(gateway.generation(), before, "generation")
    expect_equal(once(gateway.port).status, 200, "status")
    last = gateway.status()["last_reload"]
    expect_equal(last["ok"], False, "last_reload.ok")
    expect("healthy_threshold" in last["message"], f"last_reload.message: {last['message']}")


@check("SIGHUP with a broken file says why on stderr and serves on")
def _():
    gateway.write("listeners: [ { name: http, adress: x } ]\n")
    lines = len(gateway.errors)
    gateway.signal(signal.SIGHUP)
    until(lambda: any("adress" in line for line in gateway.errors[lines:]), "the problem on stderr")
    expect_equal(once(gateway.port).status, 200, "status")
    expect(gateway.metric("gatehouse_config_reloads_total", result="failed") >= 2, "failed reloads are not counted")


@check("a file that is gone changes nothing")
def _():
    real = gateway.file
    os.rename(real, real + ".away")
    said = gateway.reload()
    os.rename(real + ".away", real)
    expect_equal(said.returncode, 1, "exit code")
    expect(real in said.stderr, f"the file is not named in: {said.stderr}")
    expect_equal(once(gateway.port).status, 200, "status")


def listeners(**addresses):
    text = HEAD + "listeners:\n"
    for name, address in addresses.items():
        text += f'  - {{ name: {name}, address: "{address}", default_actions: [ {{ forward: {{ target_groups: [ {{ name: web }} ] }} }} ] }}\n'
    return text + "target_groups:\n" + group([a.address])


def refused(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2):
            return False
    except ConnectionRefusedError:
        return True


@check("a listener is added and removed by reload")
def _():
    port = free_port()
    gateway.write(listeners(http="127.0.0.1:0", more=f"127.0.0.1:{port}"))
    expect_equal(gateway.reload().returncode, 0, "exit code")
    until(lambda: not refused(port), "the added listener")
    expect_equal(once(port).status, 200, "status at the added listener")
    with Client(port) as idle:
        expect_equal(idle.get().status, 200, "status")
        gateway.write(listeners(http="127.0.0.1:0"))
        expect_equal(gateway.reload().returncode, 0, "exit code")
        until(lambda: refused(port), "the end of the removed listener")
        expect_equal(once(gateway.port).status, 200, "status at the listener that stayed")


@check("idle connections of a removed listener are closed, not left to fail at their next request")
def _():
    port = free_port()
    gateway.write(listeners(http="127.0.0.1:0", more=f"127.0.0.1:{port}"))
    expect_equal(gateway.reload().returncode, 0, "exit code")
    until(lambda: not refused(port), "the added listener")
    with Client(port) as idle, Client(port) as busy:
        expect_equal((idle.get().status, busy.get().status), (200, 200), "statuses")
        a.traffic = slow(0.7)
        a.forget()
        busy.ask()
        until(lambda: a.total == 1, "the request in flight at the origin")
        gateway.write(listeners(http="127.0.0.1:0"))
        expect_equal(gateway.reload().returncode, 0, "exit code")
        response = busy.read()
        a.traffic = OK
        expect_equal(response.status, 200, "status of the request in flight")
        expect(idle.closed_within(3), "the idle connection stays open")


@check("admin.allowed_hosts is changed by a reload")
def _():
    def ask_as_edge():
        port = int(gateway.admin.rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port), timeout=5) as raw:
            raw.sendall(b"GET /healthz HTTP/1.1\r\nHost: edge.example.com\r\nConnection: close\r\n\r\n")
            return int(raw.recv(4096).split(b" ", 2)[1])
    expect(ask_as_edge() >= 400, "a strange Host is accepted before")
    text = listeners(http="127.0.0.1:0")
    gateway.write(text.replace('listen: "127.0.0.1:0" }', 'listen: "127.0.0.1:0", allowed_hosts: [edge.example.com] }'))
    expect_equal(gateway.reload().returncode, 0, "exit code")
    expect_equal(ask_as_edge(), 200, "status after the reload")


@check("what only a restart can change is said by the reload")
def _():
    text = listeners(http="127.0.0.1:0")
    for key, changed in [("workers", text.replace("workers: 2", "workers: 3")),
                         ("admin.listen", text.replace('listen: "127.0.0.1:0" }', 'listen: "127.0.0.1:9" }')),
                         ("logs.access.buffer", text.replace('path: "off"', 'path: "off", buffer: 2MiB'))]:
        gateway.write(text)
        expect_equal(gateway.reload().returncode, 0, "exit code")
        gateway.write(changed)
        said = gateway.reload()
        expect_equal(said.returncode, 0, "exit code")
        expect(re.search(re.escape(key) + r".*restart", said.stdout), f"{key}: {said.stdout}")


@check("a listener moves to another port by reload")
def _():
    port = free_port()
    load = Load(gateway.port, clients=1, pause=0.002)
    gateway.write(listeners(http="127.0.0.1:0", moving=f"127.0.0.1:{port}"))
    expect_equal(gateway.reload().returncode, 0, "exit code")
    until(lambda: not refused(port), "the listener")
    there = free_port()
    gateway.write(listeners(http="127.0.0.1:0", moving=f"127.0.0.1:{there}"))
    expect_equal(gateway.reload().returncode, 0, "exit code")
    until(lambda: not refused(there) and refused(port), "the listener at its new port, and only there")
    expect_equal(once(there).status, 200, "status at the new port")
    expect_equal(load.stop().failed[:3], [], "failures at the other listener")


@check("a listener gets another name and keeps its port")
def _():
    port = free_port()
    gateway.write(listeners(http="127.0.0.1:0", old=f"127.0.0.1:{port}"))
    expect_equal(gateway.reload().returncode, 0, "exit code")
    gateway.write(listeners(http="127.0.0.1:0", new=f"127.0.0.1:{port}"))
    said = gateway.reload()
    expect_equal(said.returncode, 0, f"exit code ({said.stderr})")
    expect_equal(once(port).status, 200, "status")
    until(lambda: gateway.metric("gatehouse_requests_total", listener="new") == 1, "the request counted for the new name")


@check("a port in use is refused with a clear message")
def _():
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        before = gateway.generation()
        gateway.write(listeners(http="127.0.0.1:0", more=f"127.0.0.1:{taken}"))
        said = gateway.reload()
        expect_equal(said.returncode, 1, "exit code")
        expect(f"127.0.0.1:{taken}" in said.stderr and "in use" in said.stderr, f"message: {said.stderr}")
        expect(re.search(r"gatehouse\.yaml:\d+:\d+: ", said.stderr), f"no place in: {said.stderr}")
        expect_equal(gateway.generation(), before, "generation")
        fresh = Gateway(listeners(http=f"127.0.0.1:{taken}"))
        expect_equal(fresh.wait(), 1, "exit code of a start on that port")
        until(lambda: any("in use" in line for line in fresh.errors), "the message of the start")
    expect_equal(once(gateway.port).status, 200, "status")


@check("a request in flight ends well although a reload took its endpoint and its rule away")
def _():
    gateway.write(simple([a.address]))
    expect_equal(gateway.reload().returncode, 0, "exit code")
    a.traffic = slow(1.0)
    a.forget()
    with Client(gateway.port) as client:
        client.ask()
        until(lambda: a.total == 1, "the request at the origin")
        gateway.write(simple([b.address]))
        expect_equal(gateway.reload().returncode, 0, "exit code")
        expect_equal(once(gateway.port).text, "b", "a new request")
        response = client.read()
        expect_equal((response.status, response.text), (200, "a"), "the request in flight")
        expect_equal(client.get().text, "b", "the next one on the same connection")
    a.traffic = OK


@check("deregistration_delay bounds how long a request may go on at an endpoint that left")
def _():
    gateway.write(simple([a.address], more="deregistration_delay: 1s"))
    expect_equal(gateway.reload().returncode, 0, "exit code")
    a.traffic = slow(15)
    a.forget()
    with Client(gateway.port) as client:
        client.ask()
        until(lambda: a.total == 1, "the request at the origin")
        gateway.write(simple([b.address], more="deregistration_delay: 1s"))
        began = time.monotonic()
        expect_equal(gateway.reload().returncode, 0, "exit code")
        client.socket.settimeout(5)
        try:
            status = client.read().status
        except (Closed, ConnectionResetError):
            status = "closed"
        except TimeoutError:
            status = "nothing for 5 s"
        finally:
            a.traffic = OK
            a.stop()
            a.start()
        expect(status in (502, 503, 504, "closed"), f"{status}")
        expect(time.monotonic() - began > 0.8, "it ended before its time")


def subject(port):
    """The serial number of the certificate that a client gets, and a request on that connection."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with Client(port, wrap=lambda raw: context.wrap_socket(raw, server_hostname="shop.example.com")) as client:
        expect_equal(client.get().status, 200, "status over TLS")
        return client.socket.getpeercert(binary_form=True)


@check("a certificate is exchanged by a reload, under load, and a wrong one is refused")
def _():
    where = gateway.folder
    certificates.make(where, "shop", "shop.example.com")
    text = HEAD + "certificates: [ { name: shop, certificate_file: shop.pem, private_key_file: shop.key } ]\n"
    text += LISTENER + ('  - name: https\n    address: "127.0.0.1:%d"\n    protocol: HTTPS\n    tls: { certificates: [shop] }\n'
                        "    default_actions: [ { forward: { target_groups: [ { name: web } ] } } ]\n") % (port := free_port())
    text += "target_groups:\n" + group([b.address])
    gateway.write(text)
    said = gateway.reload()
    expect_equal(said.returncode, 0, f"exit code ({said.stderr})")
    until(lambda: not refused(port), "the HTTPS listener")
    load = Load(gateway.port, clients=2)
    old = subject(port)
    certificates.make(where, "shop", "shop.example.com")
    expect_equal(subject(port) == old, True, "the old certificate before the reload")
    expect_equal(gateway.reload().returncode, 0, "exit code with the new certificate")
    until(lambda: subject(port) != old, "the new certificate")
    new = subject(port)
    certificates.make(where, "other", "shop.example.com")
    os.replace(f"{where}/other.key", f"{where}/shop.key")
    said = gateway.reload()
    expect_equal(said.returncode, 1, "exit code with a key that does not fit")
    expect("shop" in said.stderr and re.search(r"gatehouse\.yaml:\d+:\d+: ", said.stderr), f"message: {said.stderr}")
    expect_equal(subject(port), new, "the certificate after the refused reload")
    expect_equal(load.stop().failed[:3], [], "failures meanwhile")


def two_regions(dial):
    return simple([f"{a.address}, region: near, weight: 7", f"{b.address}, region: far"],
                  tail=f"regions: [ {{ name: near, traffic_dial: {dial} }}, {{ name: far }} ]\n")


@check("dial and weight changed at run time survive a reload, not a restart")
def _():
    gateway.write(two_regions(90))
    expect_equal(gateway.reload().returncode, 0, "exit code")
    gateway.patch("/v1/regions/near", {"traffic_dial": 25})
    gateway.patch(f"/v1/target-groups/web/endpoints/{a.address}", {"weight": 3, "state": "draining"})
    gateway.write(two_regions(80))
    expect_equal(gateway.reload().returncode, 0, "exit code")
    status = gateway.status()
    near, endpoint = status["regions"][0], status["target_groups"][0]["endpoints"][0]
    expect_equal((near["traffic_dial"], near["dial_override"], near["configured_dial"]), (25, 25, 80), "the dial")
    expect_equal((endpoint["weight"], endpoint["weight_override"], endpoint["configured_weight"]), (3, 3, 7), "the weight")
    expect_equal((endpoint["draining"], endpoint["state"]), (True, "draining"), "draining")
    text = command("status", "--admin", gateway.admin).stdout
    expect("set at run time" in text, f"gatehouse status does not mark it: {text}")
    gateway.patch("/v1/regions/near", {"traffic_dial": None})
    expect_equal(gateway.status()["regions"][0]["traffic_dial"], 80, "the dial after the change was taken back")
    again = Gateway(two_regions(80)).wait_ready()
    endpoint = again.endpoint(a.address)
    expect_equal((endpoint["weight"], endpoint["weight_override"], endpoint["draining"]), (7, None, False), "after a restart")
    again.stop()


gateway.stop()
finish()
