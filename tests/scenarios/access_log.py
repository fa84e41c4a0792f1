#!/usr/bin/env -S /usr/bin/python3
"""The access log: its fields, whole lines under concurrency, reopening, readers that are slow or gone, hostile text."""
import datetime
import json
import os
import signal

from support.checks import check, expect, expect_equal, finish, limit, until
from support.client import Client, Load, once
from support.gateway import LISTENER, Gateway, folder, group
from support.origin import Origin, slow

limit(80)
NAMES = ["time", "request_id", "client", "listener", "method", "host", "path", "status", "bytes_in", "bytes_out", "route",
         "target_group", "endpoint", "region", "retries", "cache", "waf_action", "reason", "duration_us", "origin_us"]
origin = Origin("origin")
HEALTH = "health_check: { enabled: false }\noutlier_detection: { enabled: false }"
RULE = ('    rules:\n      - priority: 20\n        conditions: [ { path_pattern: ["/hello"] } ]\n'
        '        actions: [ { fixed_response: { status_code: 200, message_body: "hello" } } ]\n'
        '      - priority: 30\n        conditions: [ { path_pattern: ["/down"] } ]\n'
        '        actions: [ { forward: { target_groups: [ { name: down } ] } } ]\n')


def text(path, more=""):
    return ('version: 1\nworkers: 2\nadmin: { listen: "127.0.0.1:0" }\n'
            f'logs: {{ access: {{ path: "{path}"{more} }} }}\n{LISTENER}{RULE}'
            "target_groups:\n" + group([f"{origin.address}, region: here"], more=HEALTH) +
            group(["127.0.0.1:1, region: here"], name="down", more=HEALTH) + "regions: [ { name: here } ]\n")


where = folder()
log = os.path.join(where, "access.log")


def lines(path=log):
    with open(path, "rb") as file:
        return [json.loads(line) for line in file.read().decode("utf-8").splitlines()]


def wait_lines(wanted, path=log):
    until(lambda: os.path.exists(path) and open(path, "rb").read().count(b"\n") >= wanted, f"{wanted} lines in {path}")
    return lines(path)


gateway = Gateway(text(log), where=where).wait_ready()


@check("a forwarded request has every field")
def _():
    origin.traffic = slow(0.05)
    begun = datetime.datetime.now(datetime.timezone.utc)
    with Client(gateway.port) as client:
        response = client.get("/shop?item=1", method="POST", body=b"12345", fields=[("User-Agent", "scenario/1")])
    origin.traffic = slow(0)
    line = wait_lines(1)[0]
    expect_equal([name for name in NAMES if name not in line], [], "fields that are missing")
    wanted = {"client": line["client"], "listener": "http", "method": "POST", "host": "shop.example.com", "path": "/shop?item=1",
              "status": 200, "route": "default", "target_group": "web", "endpoint": origin.address, "region": "here",
              "retries": 0, "reason": None}
    expect_equal({name: line[name] for name in wanted}, wanted, "fields")
    expect(line["client"].startswith("127.0.0.1"), f"client {line['client']}")
    expect_equal(response.status, 200, "status")
    expect(50_000 <= line["origin_us"] <= line["duration_us"] < 5_000_000, f"{line['origin_us']} {line['duration_us']}")
    expect(line["bytes_in"] > 5 and line["bytes_out"] > len(response.body), f"{line['bytes_in']} {line['bytes_out']}")
    when = datetime.datetime.fromisoformat(line["time"].replace("Z", "+00:00"))
    expect(abs((when - begun).total_seconds()) < 2, f"time {line['time']} beside {begun}")
    expect_equal(line["user_agent"], "scenario/1", "user_agent")
    expect(len(line["request_id"]) >= 16, f"request_id {line['request_id']}")


@check("replies of the gateway itself are logged with their route, and failures with their reason")
def _():
    expect_equal(once(gateway.port, "/hello").status, 200, "status of the fixed response")
    expect_equal(once(gateway.port, "/down").status, 502, "status without an origin")
    with Client(gateway.port) as client:
        client.send(b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
        expect_equal(client.read().status, 400, "status of a bad request")
    by_path = {line["path"]: line for line in wait_lines(4)}
    hello, down, bad = by_path["/hello"], by_path["/down"], next(line for line in lines() if line["status"] == 400)
    expect_equal((hello["route"], hello["target_group"], hello["endpoint"], hello["origin_us"]), ("20", None, None, None), "fixed")
    expect_equal((down["status"], down["route"], down["reason"], down["retries"]), (502, "30", "connect_failed", 1), "failed")
    expect_equal((bad["status"], bad["reason"], bad["route"]), (400, "duplicate_host", None), "refused")


@check("request ids are different")
def _():
    before = len(lines())
    with Client(gateway.port) as client:
        for _ in range(50):
            client.get("/hello")
    ids = {line["request_id"] for line in wait_lines(before + 50)}
    expect_equal(len(ids), before + 50, "different ids")


HOSTILE = [
    (b"/a%0d%0a%22}{", b"agent"),
    (b"/quotes\"'`{}\\", b'"} , {"status":200'),
    (b"/x", b'a\\"b\\\\c\tafter-a-tab'),
    (b"/x", b"invalid \xff\xfe\xc3\x28 utf-8, \xed\xa0\x80 a surrogate, \xc0\xaf too long"),
    (b"/x", "valid ü € 𝄞 \u2028 utf-8".encode()),
    (b"/x", b"\x1b[31mred\x1b[0m"),
    (b"/x", b"nul\x00byte"),
    (b"/\xff\xfe\xc3", b"agent"),
    (b"/" + b"l" * 3000, b"u" * 5000),
    (b"/x\r\nX-Injected: 1", b"agent"),
    (b"/x", b"agent\rfolded"),
]


@check("hostile text stays inside its JSON string, one line for each request")
def _():
    before = len(lines())
    for number, (path, agent) in enumerate(HOSTILE):
        with Client(gateway.port) as client:
            head = b"GET " + path + b" HTTP/1.1\r\nHost: shop.example.com\r\nReferer: " + str(number).encode()
            client.send(head + b"\r\nUser-Agent: " + agent + b"\r\n\r\n")
            client.read()
    after = wait_lines(before + len(HOSTILE))[before:]
    expect_equal(len(after), len(HOSTILE), "lines")
    expect(sum(line["status"] == 200 for line in after) >= 6, f"statuses: {[line['status'] for line in after]}")
    for line in after:  # in no order: each worker has its own buffer
        expect_equal([name for name in NAMES if name not in line], [], f"missing in {line}")
        if line["status"] == 200:
            agent = HOSTILE[int(line["referer"])][1].decode("utf-8", "replace")
            expect_equal(line["user_agent"][:12], agent[:12], "user_agent")
    with open(log, "rb") as file:
        expect(not [byte for byte in file.read() if byte < 0x20 and byte != 0x0a], "a control byte in the file")


@check("lines are whole and complete under concurrency")
def _():
    before = len(lines())
    load = Load(gateway.port, clients=8, path="/" + "long/" * 100)
    until(lambda: load.ok > 1500, "1500 requests", seconds=20)
    load.stop()
    after = wait_lines(before + load.ok)[before:]
    expect_equal(load.failed[:2], [], "failures")
    expect_equal(len(after), load.ok, "lines beside requests")
    expect_equal(gateway.metric("gatehouse_access_log_dropped_total"), 0.0, "dropped lines")


@check("SIGUSR1 after a rename goes on in a new file and loses no line")
def _():
    begun = len(lines())
    load = Load(gateway.port, clients=3, path="/hello", pause=0.001)
    moved = []
    for turn in range(4):
        served = load.ok
        until(lambda: load.ok > served + 100, "requests")
        moved.append(f"{log}.{turn}")
        os.rename(log, moved[-1])
        gateway.signal(signal.SIGUSR1)
        until(lambda: os.path.exists(log), "the new file")
    load.stop()
    expect_equal(load.failed[:2], [], "failures")
    until(lambda: sum(len(lines(path)) for path in moved + [log]) >= begun + load.ok, "all lines")
    ids = [line["request_id"] for path in moved + [log] for line in lines(path)]
    expect_equal((len(ids), len(set(ids))), (begun + load.ok, begun + load.ok), "lines and different ids in all files")


@check("a reload may turn the log off and on, and move it")
def _():
    other = os.path.join(where, "other.log")
    gateway.write(text(other))
    expect_equal(gateway.reload().returncode, 0, "exit code")
    expect_equal(once(gateway.port, "/hello").status, 200, "status")
    expect_equal(wait_lines(1, other)[0]["path"], "/hello", "path in the moved log")
    gateway.write(text("off"))
    expect_equal(gateway.reload().returncode, 0, "exit code")
    expect_equal(once(gateway.port, "/hello").status, 200, "status")
    gateway.write(text(other))
    expect_equal(gateway.reload().returncode, 0, "exit code")
    expect_equal(once(gateway.port, "/last").status, 200, "status")
    until(lambda: lines(other)[-1]["path"] == "/last", "the line after the log was on again")
    expect_equal([line["path"] for line in lines(other)], ["/hello", "/last"], "paths in the moved log")


gateway.stop()


@check("lines that wait are written at the end of the process")
def _():
    path = os.path.join(folder(), "end.log")
    ending = Gateway(text(path)).wait_ready()
    for _ in range(30):
        once(ending.port, "/hello")
    ending.signal(signal.SIGTERM)
    expect_equal(ending.wait(), 0, "exit code")
    expect_equal(len(lines(path)), 30, "lines")


class Piped:
    """A gateway whose standard output, the access log, is a pipe that this scenario reads, or does not."""

    def __init__(self):
        self.out, entry = os.pipe()
        self.gateway = Gateway(text("stdout", ", buffer: 4KiB"), stdout=entry)
        os.close(entry)
        ready = b""
        while not ready.endswith(b"\n"):
            ready += os.read(self.out, 1)
        self.gateway._note_ready(ready.decode().strip())

    def serve(self, count):
        """Serves so many requests while nobody reads; each has to be answered within the client's timeout."""
        with Client(self.gateway.port, timeout=5) as client:
            for _ in range(count):
                expect_equal(client.get("/hello").status, 200, "status")


@check("a full pipe never blocks serving, and what is dropped is counted")
def _():
    piped = Piped()
    piped.serve(600)  # some 300 KB: more than the pipe and the buffers hold
    dropped = until(lambda: piped.gateway.metric("gatehouse_access_log_dropped_total"), "dropped lines in /metrics")
    os.set_blocking(piped.out, False)
    got = bytearray()

    def read_on():
        try:
            got.extend(os.read(piped.out, 65536))
        except BlockingIOError:
            pass
        return got.count(b"\n") + dropped >= 600
    until(read_on, "the lines that were not dropped")
    records = [json.loads(line) for line in got.decode().splitlines()]
    dropped = piped.gateway.metric("gatehouse_access_log_dropped_total")
    expect_equal(len(records) + dropped, 600.0, "lines read and lines dropped")
    expect_equal(piped.gateway.status()["access_log_dropped"], int(dropped), "access_log_dropped in status")
    piped.serve(1)
    until(lambda: read_on() and got.count(b"\n") > len(records), "a line after the pipe was read again")
    piped.gateway.stop()
    os.close(piped.out)


@check("a pipe whose reader is gone never blocks serving")
def _():
    piped = Piped()
    os.close(piped.out)
    piped.serve(300)
    until(lambda: piped.gateway.metric("gatehouse_access_log_write_errors_total") > 0, "write errors in /metrics")
    expect_equal(piped.gateway.process.poll(), None, "the process has ended")
    piped.gateway.stop()


@check("a log that cannot be opened is said at the start")
def _():
    wrong = Gateway(text(os.path.join(where, "no", "such", "folder.log")))
    expect_equal(wrong.wait(), 1, "exit code")
    until(lambda: any("access log" in line or "logs.access.path" in line for line in wrong.errors), "the message")


finish()
