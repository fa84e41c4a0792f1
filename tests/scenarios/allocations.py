#!/usr/bin/env -S /usr/bin/python3
"""A plain proxied request allocates nothing after warm-up: malloc is taken over in the real process and counted for each
thread, over 10,000 requests on open connections."""
import mmap
import os
import struct
import sys
import tempfile

from support.checks import check, expect, expect_equal, finish, limit
from support.client import Client
from support.gateway import HEAD, Gateway, program, simple
from support.origin import Origin

limit(80)
COUNTER = os.path.join(os.path.dirname(program()), "tests", "libmalloc_count.so")
if not os.path.exists(COUNTER):
    print("skipped: there is no tests/libmalloc_count.so beside the program (a sanitizer build)")
    sys.exit(77)

table = tempfile.NamedTemporaryFile()
table.write(bytes(64 * 16))
table.flush()
counts = mmap.mmap(table.fileno(), 64 * 16)
os.environ["GATEHOUSE_MALLOC_COUNT"] = table.name
os.environ["LD_PRELOAD"] = COUNTER
origin = Origin("origin")
HEALTH = "health_check: { interval: 300s, timeout: 5s }"
gateway = Gateway(simple([origin.address], more=HEALTH, head=HEAD.replace("workers: 2", "workers: 1"))).wait_ready()
del os.environ["LD_PRELOAD"]

BROWSER = (("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"), ("Accept", "text/html,*/*;q=0.8"),
           ("Accept-Language", "en-US,en;q=0.5"), ("Accept-Encoding", "gzip, deflate, br"), ("Cookie", "session=0123456789abcdef"),
           ("Referer", "https://www.example.com/"), ("Cache-Control", "max-age=0"))


def allocations():
    """By thread, without the control thread, whose probes and admin API may allocate."""
    found = {}
    for at in range(0, 64 * 16, 16):
        thread, count = struct.unpack_from("qq", counts, at)
        if thread and thread != gateway.pid and os.path.exists(f"/proc/{gateway.pid}/task/{thread}"):
            found[thread] = count
    return found


def ask(clients, requests):
    for number in range(requests):
        answer = clients[number % len(clients)].get("/", fields=BROWSER)
        if answer.status != 200:
            raise AssertionError(f"request {number} was answered {answer.status}")


clients = [Client(gateway.port) for _ in range(8)]


@check("the counter sees the worker warm up")
def _():
    ask(clients, 400)
    first = allocations()
    expect(sum(first.values()) > 0, f"the worker has warmed up without a single allocation: {first}")


@check("10,000 requests on open connections allocate nothing")
def _():
    before = allocations()
    ask(clients, 10_000)
    expect_equal(allocations(), before, "allocations by thread")


finish()
