#!/usr/bin/env -S /usr/bin/python3
"""The cache's disk tier and sudden ends: the gateway is killed (SIGKILL) at random moments while clients ask and things are
purged; after each restart what is served is byte for byte what the origin had said, and what was purged is asked for anew.
Five rounds; GATEHOUSE_LONG_TESTS=1: fifty."""
import hashlib
import os
import random
import signal
import threading
import time

from support.cached import Cached, config, hit
from support.checks import check, expect, expect_equal, finish, limit
from support.gateway import Gateway, command, folder
from support.protocol import Ended, Wire
from support.scripted import Scripted, cacheable

LONG = os.environ.get("GATEHOUSE_LONG_TESTS") == "1"
ROUNDS = 50 if LONG else 5
PATHS = [f"/object/{number}" for number in range(200)]
limit(1200 if LONG else 200)
place = folder()
chance = random.Random(20260111)
versions = dict.fromkeys(PATHS, 0)  # what the origin would say now


def content(path, version):
    """As long as it is different: 100 bytes to 40 kB, which the path and the version decide."""
    seed = hashlib.sha256(f"{path} {version}".encode()).digest()
    size = 100 + int.from_bytes(seed[:2], "big") % 40_000
    return (f"{path} v{version} ".encode() + seed.hex().encode() * (size // 64 + 1))[:size]


def answer(request):
    path = request.target
    return cacheable(content(path, versions[path]), f'ETag: "{versions[path]}"\r\nCache-Tag: of{path.replace("/", "-")}', age=86400)


origin = Scripted(**dict.fromkeys(PATHS, answer))


def start():
    return Gateway(config(origin, cache=f"memory: 1MiB, object_max: 256KiB, disk: {{ path: {place}/disk, size: 64MiB }}"))


def ask(client, path):
    got = client.get(path)
    expect_equal(got.status, 200, path)
    return got


def clients_until(stop, port):
    """Readers that do not stop before the gateway does."""
    def read():
        mine = random.Random(chance.random())
        while not stop.is_set():
            try:
                with Wire(port) as client:
                    for _ in range(50):
                        client.get(mine.choice(PATHS))
            except (OSError, Ended):
                time.sleep(0.01)  # it was killed under us: that is what this is about
    threads = [threading.Thread(target=read, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    return threads


def purge(gateway, path):
    """Changes what the origin says and purges what was stored. Whether the purge was answered."""
    versions[path] += 1
    text = f"http://shop.example.com{path}"
    given = ["--tag", f"of{path.replace('/', '-')}"] if chance.random() < 0.5 else [text]
    return command("purge", *given, "--admin", gateway.admin).returncode == 0


def look_at_all(gateway, old):
    """Every object as it is served now. `old`: versions that may still be stored, as their purge was not answered."""
    wrong, hits = [], 0
    with Wire(gateway.port) as client:
        for path in PATHS:
            got = ask(client, path)
            hits += hit(got)
            allowed = {content(path, versions[path])} | {content(path, version) for version in old.get(path, ())}
            if got.body not in allowed:
                wrong.append((path, versions[path], got.one("etag"), len(got.body)))
    expect(not wrong, f"served what was purged, or no version at all: {wrong[:5]}")
    return hits


@check(f"{ROUNDS} rounds of SIGKILL under load: no wrong byte, nothing purged comes back, and something is still there")
def _():
    kept = 0
    for turn in range(ROUNDS):
        gateway = start().wait_ready(30)
        if turn:
            kept += look_at_all(gateway, old)
        stop, old = threading.Event(), {}
        threads = clients_until(stop, gateway.port)
        end = time.monotonic() + chance.uniform(0.3, 1.2)
        while time.monotonic() < end:
            path = chance.choice(PATHS)
            before = versions[path]
            if not purge(gateway, path):
                old.setdefault(path, set()).add(before)
        gateway.process.send_signal(signal.SIGKILL)
        gateway.process.wait()
        stop.set()
        for thread in threads:
            thread.join()
    expect(kept > 0, "nothing was found on disk in any round, so nothing was tested")


@check("an orderly end keeps everything")
def _():
    quiet = Scripted(**{"/kept": cacheable(b"kept" * 1000, age=86400)})
    disk = f"disk: {{ path: {place}/orderly }}"
    first = Cached(quiet, cache=disk)
    first.get("/kept")
    first.gateway.stop()
    again = Cached(quiet, cache=disk)
    got = again.get("/kept")
    expect_equal((got.body, hit(got), quiet.count("/kept")), (b"kept" * 1000, True, 1), "after the restart")


@check("a folder that another gateway has is refused, with the reason")
def _():
    first = start().wait_ready(30)
    second = start()
    expect_equal(second.wait(20), 1, "the second one's exit code")
    expect("cache.disk.path" in "\n".join(second.errors), f"it says why: {second.errors}")
    first.stop()


finish()
