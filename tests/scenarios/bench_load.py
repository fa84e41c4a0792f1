#!/usr/bin/env -S /usr/bin/python3
"""bench/load, with which people load-test a gateway of their own: started from a configuration, or by its URL."""
import json
import os
import shutil
import subprocess
import sys

from support.checks import check, expect, expect_equal, finish, limit
from support.gateway import Gateway, folder, source

limit(80)
if not shutil.which("wrk"):
    print("skipped: bench/load needs wrk, which is not installed (.ci/install bench)")
    sys.exit(77)

where = folder()
CONFIG = os.path.join(where, "own.yaml")
RESULT = os.path.join(where, "result.json")
TEXT = """version: 1
admin: { listen: "127.0.0.1:0" }
logs: { access: { path: "off" } }
listeners:
  - name: well
    address: "127.0.0.1:0"
    rules:
      - { priority: 1, conditions: [ { path_pattern: ["/missing"] } ], actions: [ { fixed_response: { status_code: 404 } } ] }
    default_actions: [ { fixed_response: { status_code: 200, message_body: hello } } ]
  - name: ill
    address: "127.0.0.1:0"
    default_actions: [ { fixed_response: { status_code: 503 } } ]
"""
with open(CONFIG, "w", encoding="utf-8") as file:
    file.write(TEXT)


def load(*arguments):
    """Runs it for a second; its exit code, what it printed, and its numbers."""
    if os.path.exists(RESULT):
        os.remove(RESULT)
    said = subprocess.run([os.path.join(source(), "bench", "load"), "--seconds", "1", "--rounds", "1", "--connections", "4", "--json",
                           RESULT, *arguments], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    numbers = {}
    if os.path.exists(RESULT):
        with open(RESULT, encoding="utf-8") as result:
            numbers = json.load(result)
    return said.returncode, said.stdout + said.stderr, numbers


@check("--config starts the gateway, loads its first listener and says what a request costs")
def _():
    code, said, numbers = load("--config", CONFIG)
    expect_equal((code, numbers.get("errors")), (0, 0), f"exit code and errors: {said}")
    expect(numbers["rps"] > 0 and numbers["cpu_us"] > 0 and numbers["p99_us"] >= numbers["p50_us"], f"numbers: {numbers}")


@check("--listener and --path choose what is loaded, and errors are counted")
def _():
    for more in (("--listener", "ill"), ("--path", "/missing")):
        code, said, numbers = load("--config", CONFIG, *more)
        expect_equal(code, 1, f"exit code with {more}: {said}")
        expect(numbers["errors"] > 0, f"errors with {more}: {numbers}")


@check("what cannot be loaded is said in a line")
def _():
    for arguments, word in ((("--config", "/nowhere.yaml"), "does not exist"), (("--config", CONFIG, "--listener", "none"), "no listener none")):
        code, said, _ = load(*arguments)
        expect(code == 1 and word in said and len(said.splitlines()) == 1, f"{arguments}: exit code {code}, {said}")


@check("--url loads a gateway that runs already")
def _():
    gateway = Gateway(TEXT, where=where).wait_ready()
    code, said, numbers = load("--url", f"http://127.0.0.1:{gateway.ports['well']}/")
    expect_equal((code, numbers.get("errors")), (0, 0), f"exit code and errors: {said}")
    expect("cpu_us" not in numbers, "the CPU time of a process that is not its own")


finish()
