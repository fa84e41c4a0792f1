#!/usr/bin/env -S /usr/bin/python3
"""Objects far larger than memory: they go to disk while they arrive and are read from there piece by piece, by many clients at once, whole
or in ranges, after restarts too; sudden ends, purges and damage make them misses or cut them short, and never change a byte."""
import glob
import hashlib
import os
import random
import signal
import socket
import threading
import time

from support.cached import config, hit
from support.checks import check, expect, expect_equal, finish, limit, until
from support.gateway import Gateway, command, folder, sanitized
from support.scripted import Answer, Scripted, cacheable

BLOCK = 1 << 20
BLOCKS = 200  # of an object: more than six times the memory there is
limit(240)
place = folder()
NOISE = random.Random(7).randbytes(BLOCK)


def block(name, number):
    return f"block {number:08d} of {name}\n".encode().ljust(64, b".") + NOISE[64:]


class Film(list):
    """The blocks of an object, made when they are sent. `hold`: an event to wait for after half of them."""

    def __init__(self, name, blocks=BLOCKS, hold=None):
        super().__init__([b""])
        self.name, self.blocks, self.hold = name, blocks, hold

    def __iter__(self):
        for number in range(self.blocks):
            if self.hold is not None and number == self.blocks // 2:
                yield self.hold
            yield block(self.name, number)

    def digest(self):
        total = hashlib.sha256()
        for number in range(self.blocks):
            total.update(block(self.name, number))
        return total.hexdigest()


def film(name, blocks=BLOCKS, counted=True, fields="", age=86400, hold=None):
    more = f'ETag: "{name}"\r\nCache-Tag: films, of-{name}\r\n{fields}'
    return cacheable(Film(name, blocks, hold), more, age, length=blocks * BLOCK if counted else None)


origin = Scripted()


def cache_of(disk="disk", size="1GiB", memory="32MiB", object_max="1MiB"):
    return f"memory: {memory}, object_max: {object_max}, disk: {{ path: {place}/{disk}, size: {size} }}"


def start(mine=origin, **keys):
    return Gateway(config(mine, cache=cache_of(**keys))).wait_ready(30)


class Got:
    """A response whose content is not kept: its length and hash."""

    def __init__(self, port, path, fields=""):
        self.length, self.complete = 0, False
        digest = hashlib.sha256()
        with socket.create_connection(("127.0.0.1", port), 60) as client, client.makefile("rb") as stream:
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: shop.example.com\r\nConnection: close\r\n{fields}\r\n".encode())
            self.head = self._head(stream)
            for data in self._chunks(stream) if "transfer-encoding: chunked" in self.head.lower() else self._counted(stream):
                self.length += len(data)
                digest.update(data)
        self.digest = digest.hexdigest()

    @staticmethod
    def _head(stream):
        lines = []
        while (line := stream.readline()) != b"\r\n":
            if not line.endswith(b"\r\n"):
                raise OSError("the connection ended before the head did")
            lines.append(line.decode("latin-1"))
        return "".join(lines).strip()

    def _counted(self, stream):
        left = int(self.one("content-length"))
        while left:
            try:
                data = stream.read1(min(left, 1 << 18))
            except ConnectionError:
                return
            if not data:
                return
            left -= len(data)
            yield data
        self.complete = True

    def _chunks(self, stream):
        while True:
            try:
                size = int(stream.readline(), 16)
                data = stream.read(size)
                stream.readline()
            except (ConnectionError, ValueError):
                return
            if size == 0:
                self.complete = True
                return
            yield data

    def one(self, name):
        for line in self.head.split("\r\n")[1:]:
            key, value = line.split(":", 1)
            if key.lower() == name:
                return value.strip()
        return None

    @property
    def status(self):
        return int(self.head.split()[1])


def ask(gateway, name, fields=""):
    return Got(gateway.port, f"/{name}", fields)


def until_hit(gateway, name):
    """Asks for its first byte until it comes from the cache: its head is written soon after its content has gone out."""
    until(lambda: hit(ask(gateway, name, "Range: bytes=0-0\r\n")), f"{name} on disk", 20)


def status_of(gateway, word):
    with open(f"/proc/{gateway.process.pid}/{'io' if word == 'rchar' else 'status'}", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(word))


def expect_whole(got, name, what, blocks=BLOCKS):
    expect_equal((got.status, got.length, got.complete, got.digest), (200, blocks * BLOCK, True, DIGESTS[name]), what)


DIGESTS = {name: Film(name).digest() for name in ("counted", "chunked", "killed")}
for each in DIGESTS:
    origin.on("/" + each, film(each, counted=each != "chunked"))


@check("200 MiB through 32 MiB of memory: kept, found on disk, in ranges, by many at once and after a restart")
def _():
    gateway = start()
    for name in ("counted", "chunked"):
        got = ask(gateway, name)
        expect((got.length, got.digest) == (BLOCKS * BLOCK, DIGESTS[name]) and not hit(got), f"the first of {name}: {got.head}")
        until_hit(gateway, name)
        again = ask(gateway, name)
        expect_whole(again, name, f"{name} from disk")
        expect(hit(again), f"{name}: {again.one('cache-status')}")
    before = status_of(gateway, "rchar")
    for first in (0, 100 * BLOCK - 20, BLOCKS * BLOCK - 100):
        got = ask(gateway, "counted", f"Range: bytes={first}-{first + 99}\r\n")
        wanted = (block("counted", first // BLOCK) + block("counted", first // BLOCK + 1))[first % BLOCK:][:100]
        expect_equal((got.status, got.digest, hit(got)), (206, hashlib.sha256(wanted).hexdigest(), True), f"100 bytes from {first}")
    read = status_of(gateway, "rchar") - before
    expect(read < 4 * BLOCK, f"{read} bytes were read for three ranges of 100")
    crowd = [threading.Thread(target=lambda: results.append(ask(gateway, "counted"))) for _ in range(6)]
    results = []
    slow = socket.create_connection(("127.0.0.1", gateway.port))
    slow.sendall(b"GET /counted HTTP/1.1\r\nHost: shop.example.com\r\n\r\n")  # and reads nothing of it
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    for got in results:
        expect_whole(got, "counted", "one of six at once")
    slow.close()
    expect_equal((origin.count("/counted"), origin.count("/chunked")), (1, 1), "requests at the origin")
    peak = status_of(gateway, "VmHWM") // 1024
    print(f"    peak memory {peak} MiB")
    expect(sanitized() or peak < 120, f"{peak} MiB of memory at most")
    gateway.stop()
    again = start()
    for name in ("counted", "chunked"):
        got = ask(again, name)
        expect_whole(got, name, f"{name} after a restart")
        expect(hit(got), f"{name} after a restart: {got.one('cache-status')}")
    again.stop()


@check("who comes while it arrives reads along, and nobody waits for the slowest")
def _():
    hold = threading.Event()
    origin.on("/held", film("held", 40, hold=hold))
    digest = Film("held", 40).digest()
    gateway = start(disk="along")
    results = []
    threads = [threading.Thread(target=lambda: results.append(ask(gateway, "held"))) for _ in range(3)]
    sleeper = socket.create_connection(("127.0.0.1", gateway.port))
    sleeper.sendall(b"GET /held HTTP/1.1\r\nHost: shop.example.com\r\n\r\n")  # begins it, and reads nothing
    until(lambda: origin.count("/held") == 1, "the fetch", 5)
    for thread in threads:
        thread.start()
    middle = ask(gateway, "held", f"Range: bytes={5 * BLOCK}-{5 * BLOCK + 99}\r\n")
    expect_equal((middle.status, middle.digest), (206, hashlib.sha256(block("held", 5)[:100]).hexdigest()), "a range of what is under way")
    hold.set()
    for thread in threads:
        thread.join()
    expect_equal([got.digest for got in results], [digest] * 3, "what those got who came later")
    expect_equal(origin.count("/held"), 1, "requests at the origin")
    sleeper.close()
    gateway.stop()


@check("SIGKILL in the middle of a fill leaves a miss and no wrong byte")
def _():
    for turn in range(3):
        gateway = start(disk="killed")
        results = []

        def read():
            try:
                results.append(ask(gateway, "killed"))
            except OSError:
                pass  # it was killed before its head
        thread = threading.Thread(target=read)
        thread.start()
        until(lambda: glob.glob(f"{place}/killed/segment-*")[3 * turn + 2:], "some segments", 20)
        gateway.process.send_signal(signal.SIGKILL)
        gateway.process.wait()
        thread.join()
        expect(not results or not results[0].complete, "it was over before the kill")
    gateway = start(disk="killed")
    got = ask(gateway, "killed")
    expect_whole(got, "killed", "after three kills")
    expect(not hit(got), f"half of it is found: {got.one('cache-status')}")
    until_hit(gateway, "killed")
    expect_whole(ask(gateway, "killed"), "killed", "from disk")
    gateway.stop()


@check("a purge by URL or by tag hits it, also after a restart")
def _():
    for number, words in enumerate((["http://shop.example.com/film"], ["--tag", "of-film"])):
        mine = Scripted()
        mine.on("/film", film("film", 12))
        gateway = start(mine, disk=f"purged{number}")
        ask(gateway, "film")
        until_hit(gateway, "film")
        expect_equal(command("purge", *words, "--admin", gateway.admin).returncode, 0, "the purge")
        mine.on("/film", Answer(b"none", "Cache-Control: no-store"))
        expect_equal(ask(gateway, "film").length, 4, f"after purge {words}")
        gateway.stop()
        again = start(mine, disk=f"purged{number}")
        expect_equal(ask(again, "film").length, 4, f"after a restart, {words}")
        again.stop()


def flip(disk, name, number):
    """One bit of the block, wherever it lies."""
    for path in glob.glob(f"{place}/{disk}/segment-*"):
        with open(path, "r+b") as file:
            at = file.read().find(block(name, number)[:64])
            if at >= 0:
                file.seek(at + 40)
                byte = file.read(1)[0]
                file.seek(at + 40)
                file.write(bytes([byte ^ 4]))
                return
    expect(False, f"block {number} is in no segment")


@check("a flipped bit in a late piece cuts the response short; then, and for one in the first, it is a miss")
def _():
    digest = Film("broken", 24).digest()
    mine = Scripted()
    mine.on("/broken", film("broken", 24))
    for late, number in ((True, 20), (False, 0)):
        gateway = start(mine, disk=f"broken{number}")
        ask(gateway, "broken")
        until_hit(gateway, "broken")
        flip(f"broken{number}", "broken", number)
        before = mine.count("/broken")
        got = ask(gateway, "broken")
        if late:
            good = hashlib.sha256()
            whole = b"".join(block("broken", each) for each in range(24))
            good.update(whole[:got.length])
            expect(not got.complete and 0 < got.length <= number * BLOCK, f"{got.length} bytes of {24 * BLOCK}")
            expect_equal(got.digest, good.hexdigest(), "what was sent")
            got = ask(gateway, "broken")
        expect_equal((got.digest, hit(got), mine.count("/broken")), (digest, False, before + 1), "a fetch anew")
        until_hit(gateway, "broken")
        expect_equal(ask(gateway, "broken").digest, digest, "from disk again")
        gateway.stop()


@check("what a 304 makes fresh is fresh after a restart, large or small")
def _():
    def answer(request):
        if request.one("if-none-match"):
            return Answer(b"", 'Cache-Control: max-age=600\r\nETag: "v"', 304)
        fields = 'Cache-Control: max-age=60\r\nAge: 60\r\nETag: "v"'
        blocks = Film("dated", 6)
        return Answer(blocks, fields, length=6 * BLOCK) if request.path == "/large" else Answer(b"small", fields)
    mine = Scripted(**{"/large": answer, "/small": answer})
    gateway = start(mine, disk="dated")
    for path in ("large", "small"):
        ask(gateway, path)
    until(lambda: "fwd=stale" in (ask(gateway, "large").one("cache-status") or ""), "a validation of the large one", 10)
    ask(gateway, "small")
    written = sum(os.path.getsize(each) for each in glob.glob(f"{place}/dated/segment-*"))
    expect(written < 8 * BLOCK, f"{written} bytes for 6 MiB: its content was written again")
    gateway.stop()
    asked = {path: mine.count(path) for path in ("/large", "/small")}
    again = start(mine, disk="dated")
    for path in ("large", "small"):
        got = ask(again, path)
        expect(hit(got), f"{path}: {got.one('cache-status')}")
    expect_equal(got.length, 5, "the small one")
    expect_equal({path: mine.count(path) for path in asked}, asked, "requests at the origin")
    again.stop()


@check("the disk's share is kept to within 2 % while three times as much passes through")
def _():
    share = 128 << 20
    mine = Scripted()
    mine.answers["*"] = lambda request: film(request.path[1:], 6, counted=request.path[-1] in "02468")
    gateway = start(mine, disk="share", size="128MiB")
    stop, most = threading.Event(), [0]

    def watch():
        while not stop.is_set():
            total = 0
            for path in glob.glob(f"{place}/share/*"):
                try:
                    total += os.stat(path).st_size
                except FileNotFoundError:
                    pass
            most[0] = max(most[0], total)
            time.sleep(0.005)
    watcher = threading.Thread(target=watch)
    watcher.start()

    def read(numbers):
        for number in numbers:
            expect_equal(ask(gateway, f"film{number}").length, 6 * BLOCK, f"film {number}")
    readers = [threading.Thread(target=read, args=(range(first, 66, 3),)) for first in range(3)]
    for thread in readers:
        thread.start()
    for thread in readers:
        thread.join()
    stop.set()
    watcher.join()
    print(f"    {most[0] / share:.3f} of the share at most")
    expect(most[0] <= share * 1.02, f"{most[0]} bytes for a share of {share}")
    expect(most[0] > share * 0.7, f"{most[0]} bytes are not the disk's share")
    kept = sum(hit(ask(gateway, f"film{number}", "Range: bytes=0-9\r\nCache-Control: only-if-cached\r\n")) for number in range(56, 66))
    expect(kept > 5, f"{kept} of the last ten are found")
    gateway.stop()


finish()
