#!/usr/bin/env -S /usr/bin/python3
"""The public HTTP cache suite (http-tests/cache-tests) through the real gateway with a policy of defaults, and the suite's own
origin behind it. GATEHOUSE_CACHE_TESTS_DIR names a folder with its tests and test-engine; node must be there, and the few tests of
interim responses run where npm can install `undici`. All required tests but one, and 100 optimal ones, are to pass."""
import collections
import json
import os
import shutil
import subprocess
import sys
import threading

from support.checks import check, expect, expect_equal, finish, limit
from support.gateway import SLOWER, Gateway, folder, group, program, source

SUITE = os.environ.get("GATEHOUSE_CACHE_TESTS_DIR")
if not SUITE:
    print("GATEHOUSE_CACHE_TESTS_DIR names no folder with the public HTTP cache suite")
    sys.exit(77)

# Its origin names a transfer coding that it does not use. Nobody knows where such a response ends (RFC 9112 6.3): 502.
MAY_FAIL = {"headers-store-Transfer-Encoding"}
OPTIMAL = 100
limit(280)
if shutil.which("node") is None:
    print("the public HTTP cache suite needs node")
    sys.exit(77)
HERE = os.path.join(source(), "tests", "conformance", "cache_suite")
COPY = os.path.join(os.path.dirname(os.path.abspath(program())), "cache-suite")


def run(*command, seconds=60):
    """The exit code and what was said, in whole."""
    try:
        done = subprocess.run(command, cwd=COPY, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=seconds * SLOWER)
    except FileNotFoundError:
        return 127, f"there is no {command[0]}"
    except subprocess.TimeoutExpired:
        return 1, f"no end after {seconds} s"
    return done.returncode, done.stdout + done.stderr


def prepare():
    """A copy of the suite in the build folder, with undici beside it. It is kept, so npm is asked once."""
    os.makedirs(COPY, exist_ok=True)
    for name in ("test-engine", "tests"):
        shutil.rmtree(os.path.join(COPY, name), ignore_errors=True)
        # The folder may be read-only; the copy is to be removed again.
        shutil.copytree(os.path.join(SUITE, name), os.path.join(COPY, name), copy_function=shutil.copyfile)
        for where, _, _ in os.walk(os.path.join(COPY, name)):
            os.chmod(where, 0o755)
    with open(os.path.join(COPY, "package.json"), "w", encoding="utf-8") as file:
        json.dump({"private": True, "type": "module"}, file)
    present = ("node", "--no-warnings", "-e", "import('undici').catch(e => { console.error(e.message); process.exit(1) })")
    if run(*present)[0] == 0:
        return
    said = run("npm", "install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "undici@^7.4.0", seconds=120)[1]
    status, why = run(*present)
    if status != 0:
        print(f"no undici, so no tests of interim responses: {' '.join((said + ' ' + why).split())[:300]}")


def start_origin():
    """The suite's server, and its port."""
    environment = dict(os.environ, npm_config_protocol="http", npm_config_port="0", npm_config_pidfile=os.path.join(where, "pid"))
    command = ["node", "--no-warnings", "--import", os.path.join(HERE, "pin.mjs"), "test-engine/server/server.mjs"]
    process = subprocess.Popen(command, cwd=COPY, env=environment, stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        if line.startswith("port "):
            # It says something about each request, and must not wait for who would read it.
            threading.Thread(target=lambda: collections.deque(process.stdout, 0), daemon=True).start()
            return process, int(line.split()[1])
    raise AssertionError("the suite's origin did not start")


def config(port):
    return ('version: 1\nworkers: 2\nadmin: { listen: "127.0.0.1:0" }\nlogs: { access: { path: "off" } }\n'
            "cache: { policies: [ { name: standard } ] }\n"
            'listeners:\n  - name: http\n    address: "127.0.0.1:0"\n'
            '    behaviors: [ { path_pattern: "*", cache_policy: standard } ]\n'
            "    default_actions: [ { forward: { target_groups: [ { name: web } ] } } ]\n"
            "target_groups:\n" + group([f"127.0.0.1:{port}"], more="health_check: { enabled: false }"))


def show(document):
    """Totals by kind, and every required and optimal test that did not pass. Those, by kind."""
    failed = {"required": [], "optimal": []}
    for kind in ("required", "optimal", "check"):
        of_kind = [test for test in document["tests"] if test["kind"] == kind]
        counts = collections.Counter(test["result"] for test in of_kind)
        print(f"{kind}: {len(of_kind)} tests, " + ", ".join(f"{count} {result}" for result, count in counts.most_common()))
    for test in document["tests"]:
        if test["kind"] in failed and test["result"] not in ("pass", "not_run"):
            failed[test["kind"]].append(test["id"])
            print(f"  {test['kind']} {test['result']}: {test['id']}: {test['why']}")
    print("tried again: " + (" ".join(document["again"]) or "none"), flush=True)
    return failed


where = folder()
prepare()
origin, origin_port = start_origin()
gateway = Gateway(config(origin_port), where=where).wait_ready()
try:
    code, output = run("node", "--no-warnings", os.path.join(HERE, "drive.mjs"), COPY, f"http://127.0.0.1:{gateway.port}", seconds=200)
finally:
    origin.terminate()
    origin.wait()


@check("the suite ran to its end")
def _():
    expect(code == 0, output[-2000:])
    expect(output.rfind('{"again"') >= 0, f"no results in {output[-500:]!r}")


if code == 0:
    results = json.loads(output[output.rfind('{"again"'):])
    missed = show(results)

    @check("every required test passes, but for the one that may fail")
    def _():
        required = [test for test in results["tests"] if test["kind"] == "required"]
        expect(len(required) >= 160, f"only {len(required)} required tests")
        expect_equal([name for name in missed["required"] if name not in MAY_FAIL], [], "required tests that fail")

    @check(f"at least {OPTIMAL} optimal tests pass")
    def _():
        optimal = [test["result"] for test in results["tests"] if test["kind"] == "optimal"]
        expect(optimal.count("pass") >= OPTIMAL - optimal.count("not_run"), f"{optimal.count('pass')} of them")


finish()
