#!/usr/bin/env -S /usr/bin/python3
"""From start to end: the ready line, readiness, draining, signals, exit codes, the verbs and their help."""
import json
import re
import signal
import socket
import time

from support.checks import check, expect, expect_equal, finish, limit, until
from support.client import Client, once
from support.gateway import HEAD, LISTENER, SLOWER, Gateway, command, folder, free_port, group, sanitized, simple
from support.origin import OK, Origin, slow

limit(80)
origin = Origin("origin")
MORE = "health_check: { enabled: false }\noutlier_detection: { enabled: false }"
VERBS = ["run", "check", "demo", "status", "reload", "drain", "version"]


def start(**more):
    return Gateway(simple([origin.address], more=MORE), **more).wait_ready()


@check("the ready line names every listener and the admin API, and is the only line")
def _():
    second = LISTENER + LISTENER.split("\n", 1)[1].replace("name: http", "name: other", 1)
    gateway = Gateway(HEAD + second + "target_groups:\n" + group([origin.address], more=MORE)).wait_ready()
    expect(re.fullmatch(r"ready http=127\.0\.0\.1:\d+ other=127\.0\.0\.1:\d+ admin=127\.0\.0\.1:\d+", gateway.ready_line),
           gateway.ready_line)
    for name in ("http", "other"):
        expect_equal(once(gateway.ports[name]).text, "origin", f"reply at {name}")
    expect_equal(gateway.ask("/healthz")[0], 200, "/healthz")
    expect_equal(gateway.ask("/readyz")[0], 200, "/readyz")
    expect_equal(len(gateway.output), 1, "lines on standard output")
    gateway.stop()


@check("the first proxied 200 comes soon after the start")
def _():
    times = []
    for _ in range(5):
        port = free_port()
        gateway = Gateway(simple([origin.address], more=MORE).replace('address: "127.0.0.1:0"', f'address: "127.0.0.1:{port}"'))
        while True:
            try:
                expect_equal(once(port).status, 200, "the first status")
                break
            except ConnectionRefusedError:
                expect(time.monotonic() - gateway.began < 5 * SLOWER, f"nothing listens after {5 * SLOWER} s: {gateway.errors}")
        times.append((time.monotonic() - gateway.began) * 1000)
        gateway.stop()
    print(f"   first proxied 200 after {min(times):.1f} ms at best, {sorted(times)[2]:.1f} ms in the middle, {max(times):.1f} ms at worst")
    expect(min(times) < 500 * SLOWER, f"later than {500 * SLOWER} ms")


@check("an idle gateway is small")
def _():
    gateway = start()
    expect_equal(once(gateway.port).status, 200, "status")
    with open(f"/proc/{gateway.pid}/status", encoding="ascii") as file:
        resident = int(re.search(r"VmRSS:\s+(\d+) kB", file.read())[1]) / 1024
    print(f"   resident when idle: {resident:.1f} MiB")
    expect(sanitized() or resident < 40, "40 MiB or more")
    gateway.stop()


def drain_begun(gateway):
    return until(lambda: gateway.ask("/readyz")[0] == 503, "/readyz 503")


for name, begin in [("SIGTERM", lambda gateway: gateway.signal(signal.SIGTERM)),
                    ("SIGINT", lambda gateway: gateway.signal(signal.SIGINT)),
                    ("gatehouse drain", lambda gateway: command("drain", "--admin", gateway.admin))]:
    @check(f"{name} finishes what is in flight, closes what is idle, takes nothing new and ends with 0")
    def _():
        gateway = start()
        idle, busy = Client(gateway.port), Client(gateway.port)
        expect_equal(idle.get().status, 200, "status before")
        origin.traffic = slow(1.0)
        origin.forget()
        busy.ask()
        until(lambda: origin.total == 1, "the slow request at the origin")
        begin(gateway)
        drain_begun(gateway)
        status = gateway.status()
        expect_equal((status["ready"], status["draining"]), (False, True), "ready and draining in status")
        expect_equal(gateway.ask("/healthz")[0], 200, "/healthz while draining")
        expect(idle.closed_within(0.8), "the idle connection is open")
        try:
            Client(gateway.port).close()
            expect(False, "a new connection is taken while draining")
        except ConnectionRefusedError:
            pass
        response = busy.read()
        origin.traffic = OK
        expect_equal((response.status, response.text), (200, "origin"), "the request in flight")
        expect(response.closes, "its response does not say Connection: close")
        expect(busy.closed_within(2), "its connection stays open")
        busy.close()
        expect_equal(gateway.wait(5), 0, "exit code")


@check("a second SIGTERM stops at once")
def _():
    gateway = start()
    origin.traffic = slow(20)
    origin.forget()
    busy = Client(gateway.port)
    busy.ask()
    until(lambda: origin.total == 1, "the slow request at the origin")
    gateway.signal(signal.SIGTERM)
    drain_begun(gateway)
    began = time.monotonic()
    gateway.signal(signal.SIGTERM)
    expect_equal(gateway.wait(5), 0, "exit code")
    expect(time.monotonic() - began < 2, "it took more than 2 s")
    expect(busy.closed_within(1), "the client's connection is open")
    origin.traffic = OK
    origin.stop()
    origin.start()


@check("an idle gateway ends soon after SIGTERM")
def _():
    gateway = start()
    began = time.monotonic()
    gateway.signal(signal.SIGTERM)
    expect_equal(gateway.wait(5), 0, "exit code")
    expect(time.monotonic() - began < 1.5, "it took more than 1.5 s")


@check("gatehouse drain --wait says when it has ended")
def _():
    gateway = start()
    said = command("drain", "--admin", gateway.admin, "--wait", "10")
    expect_equal((said.returncode, said.stdout.splitlines()[-1]), (0, "ended"), f"exit code and last line ({said.stderr})")
    expect_equal(gateway.wait(1), 0, "exit code")


@check("exit code 2 and a hint for wrong usage")
def _():
    wrong = [[], ["serve"], ["run"], ["run", "-c"], ["run", "-c", "x.yaml", "--workers", "0"], ["run", "--no-such-option"],
             ["check"], ["check", "-c", "x", "--format", "xml"], ["status", "--admin", "nonsense"], ["version", "extra"],
             ["reload", "--format", "yaml"]]
    for arguments in wrong:
        said = command(*arguments)
        expect_equal(said.returncode, 2, f"exit code of gatehouse {' '.join(arguments)} ({said.stderr})")
        expect(said.stderr.strip(), f"gatehouse {' '.join(arguments)} says nothing on stderr")


@check("exit code 1 when it cannot be done, with the reason")
def _():
    for verb in ("status", "reload", "drain"):
        said = command(verb, "--admin", f"127.0.0.1:{free_port()}")
        expect_equal(said.returncode, 1, f"exit code of {verb} without a gateway")
        expect("nothing listens" in said.stderr, f"{verb}: {said.stderr}")
    for verb in ("run", "check"):
        said = command(verb, "-c", "/no/such/file.yaml")
        expect_equal(said.returncode, 1, f"exit code of {verb} without a file")
        expect("/no/such/file.yaml" in said.stderr, f"{verb}: {said.stderr}")
    gateway = start()
    other = Gateway(simple([origin.address], head=HEAD.replace("127.0.0.1:0", gateway.admin), more=MORE))
    expect_equal(other.wait(), 1, "exit code when the admin address is in use")
    until(lambda: any("admin.listen" in line for line in other.errors), "the message")
    gateway.stop()


@check("every verb's --help explains it with exit code 0")
def _():
    for verb in VERBS:
        said = command(verb, "--help")
        expect_equal((said.returncode, said.stderr), (0, ""), f"{verb} --help")
        expect("Usage: gatehouse " + verb in said.stdout and "--help" in said.stdout, f"{verb}: {said.stdout[:200]}")
    overview = command("--help").stdout
    expect_equal([verb for verb in VERBS if f"\n  {verb} " not in overview], [], "verbs that --help does not list")


@check("version prints one line, or JSON")
def _():
    said = command("version")
    expect(said.returncode == 0 and re.fullmatch(r"gatehouse \d+\.\d+\.\d+.*\n", said.stdout), said.stdout)
    document = json.loads(command("version", "--format", "json").stdout)
    expect(document["version"] in said.stdout and document["compiler"], f"{document}")


@check("check prints all problems at once, for people and as JSON")
def _():
    where = folder()
    file = f"{where}/wrong.yaml"
    with open(file, "w", encoding="utf-8") as out:
        out.write(simple(["127.0.0.1:99999", f"{origin.address}, wieght: 3"]).replace("name: web } ]", "name: wep } ]"))
    said = command("check", "-c", file)
    expect_equal(said.returncode, 1, "exit code")
    expect(len(re.findall(re.escape(file) + r":\d+:\d+: error: ", said.stderr)) >= 3, said.stderr)
    said = command("check", "-c", file, "--format", "json")
    expect_equal(said.returncode, 1, "exit code with --format json")
    document = json.loads(said.stdout)
    problems = document["problems"] if isinstance(document, dict) else document
    places = [(problem["file"], problem["line"] > 0, problem["column"] > 0) for problem in problems]
    expect_equal(set(places), {(file, True, True)}, "places")
    expect(any("weight" in json.dumps(problem) for problem in problems), f"no suggestion for wieght: {problems}")
    with open(file, "w", encoding="utf-8") as out:
        out.write(simple([origin.address]))
    said = command("check", "-c", file)
    expect_equal((said.returncode, said.stderr), (0, ""), "a right file")
    expect("ok" in said.stdout, said.stdout)
    json.loads(command("check", "-c", file, "--format", "json").stdout)


def start_with_socket(path):
    return Gateway(simple([origin.address], head=HEAD.replace("127.0.0.1:0", f"unix:{path}"), more=MORE)).wait_ready()


@check("the admin API may be a unix socket")
def _():
    path = f"{folder()}/admin.sock"
    gateway = start_with_socket(path)
    said = command("status", "--admin", f"unix:{path}", "--format", "json")
    expect_equal(said.returncode, 0, f"exit code of status ({said.stderr})")
    expect_equal(json.loads(said.stdout)["ready"], True, "ready")
    expect_equal(command("reload", "--admin", f"unix:{path}").returncode, 0, "exit code of reload")
    gateway.signal(signal.SIGTERM)
    expect_equal(gateway.wait(), 0, "exit code")
    again = start_with_socket(path)
    expect(f"admin=unix:{path}" in again.ready_line, again.ready_line)
    again.process.kill()  # leaves its socket behind, which must not keep the next one from starting
    again.wait()
    start_with_socket(path).stop()



@check("the admin API refuses a Host and an Origin that are not local")
def _():
    gateway = start()
    port = int(gateway.admin.rsplit(":", 1)[1])
    for field, wanted in [("Host: evil.example.com", (403, 421)), (f"Host: 127.0.0.1:{port}\r\nOrigin: http://evil.example.com", (403,)),
                          (f"Host: 127.0.0.1:{port}", (200,)), (f"Host: localhost:{port}", (200,))]:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as raw:
            raw.sendall(f"GET /v1/status HTTP/1.1\r\n{field}\r\nConnection: close\r\n\r\n".encode())
            status = int(raw.recv(4096).split(b" ", 2)[1])
        expect(status in wanted, f"{field!r}: {status}")
    gateway.stop()


finish()
