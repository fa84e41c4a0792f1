#!/usr/bin/env -S /usr/bin/python3
"""A reload that compiles rules for seconds: the admin API and requests are answered meanwhile, whoever asks for another
reload gets one, and the end of the process does not wait for it."""
import http.client
import json
import os
import random
import signal
import threading
import time

from support.checks import check, expect, expect_equal, finish, limit
from support.client import once
from support.echo import Echo
from support.gateway import SLOWER, Gateway, folder, group

limit(200)
# A reload compiles on half of the processors: on one here, however many the machine has.
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
where = folder()
origin = Echo()
SMALL = 'SecRule ARGS "@contains attack" "id:1,phase:2,deny,status:403,log"\n'


def write(text):
    with open(os.path.join(where, "rules.conf"), "w", encoding="utf-8") as file:
        file.write(text)


FIELDS = ("ARGS", "REQUEST_HEADERS", "REQUEST_URI", "REQUEST_URI_RAW", "QUERY_STRING", "REQUEST_LINE", "REQUEST_HEADERS_NAMES", "REQUEST_BODY")


def costly(seed):
    """Rules that take seconds to compile: words with what an evasion may put between any two letters. Others each time."""
    numbers = random.Random(seed)
    rules = [SMALL]
    for i in range(3 * len(FIELDS)):
        words = ["".join(numbers.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(8)) for _ in range(10)]
        spelt = "|".join("[\\'\\)\\[]*".join(word) for word in words)
        rules.append(f'SecRule {FIELDS[i % len(FIELDS)]} "@rx (?i)(?:^|=)\\s*(?:{spelt})" "id:{100 + i},phase:2,deny,log"\n')
    return "".join(rules)


def config():
    return f'''version: 1
workers: 1
admin: {{ listen: "127.0.0.1:0" }}
rule_cache: cache
listeners:
  - name: http
    address: "127.0.0.1:0"
    web_acl: edge
    default_actions: [ {{ forward: {{ target_groups: [ {{ name: web }} ] }} }} ]
web_acls: [ {{ name: edge, rules: ["rules.conf"] }} ]
target_groups:
''' + group([origin.address])


write(SMALL)
gateway = Gateway(config(), where=where).wait_ready(60)


class Reload:
    """A reload asked for on a connection of its own."""

    def __init__(self):
        self.seconds, self.status, self.document = None, None, None
        self.thread = threading.Thread(target=self._ask, daemon=True)
        self.thread.start()

    def _ask(self):
        host, port = gateway.admin.rsplit(":", 1)
        connection = http.client.HTTPConnection(host, int(port), timeout=60 * SLOWER)
        began = time.monotonic()
        try:
            connection.request("POST", "/v1/reload")
            response = connection.getresponse()
            self.status, self.document = response.status, json.loads(response.read())
        except (OSError, http.client.HTTPException):
            pass  # the process ended
        self.seconds = time.monotonic() - began
        connection.close()

    def under_way(self):
        return self.thread.is_alive()

    def end(self):
        self.thread.join(60 * SLOWER)
        expect(not self.under_way(), "the reload has not ended")
        expect_equal((self.status, (self.document or {}).get("ok")), (200, True), "the reload")
        return self


@check("the admin API answers within 200 ms and requests are served while rules compile for more than a second")
def _():
    write(costly(1))
    reload, slowest, asked = Reload(), 0, 0
    while reload.under_way():
        for path in ("/v1/status", "/metrics"):
            began = time.monotonic()
            expect_equal(gateway.ask(path)[0], 200, path)
            slowest, asked = max(slowest, time.monotonic() - began), asked + 1
        expect_equal(once(gateway.port, "/?q=attack").status, 403, "a request, by the rules in force")
        time.sleep(0.01)
    seconds = reload.end().seconds
    expect(seconds > 1, f"the reload took {seconds:.2f} s, too little to show anything")
    expect(asked > 10, f"{asked} answers in {seconds:.2f} s")
    expect(slowest < 0.2 * SLOWER, f"the slowest answer took {slowest * 1000:.0f} ms, in a reload of {seconds:.2f} s")
    expect_equal(gateway.generation(), 2, "the generation")


@check("whoever asks for a reload while one is under way gets one that begins after it")
def _():
    write(costly(2))
    first = Reload()
    time.sleep(0.3)  # its files are read by then; were they not, the checks below would hold all the same
    expect(first.under_way(), "the first reload is over")
    write(SMALL.replace("attack", "nuisance"))
    later = [Reload(), Reload()]
    first.end()
    generations = [reload.end().document["generation"] for reload in later]
    expect_equal((first.document["generation"], generations), (3, [4, 4]), "the generations")
    expect_equal(once(gateway.port, "/?q=nuisance").status, 403, "by the last text")
    expect_equal(once(gateway.port, "/?q=attack").status, 200, "not by an earlier one")


@check("rules that are wrong change nothing, and a reload after that is one like any other")
def _():
    write("SecRule ARGS \"@rx (\" \"id:1,phase:2,deny\"\n")
    status, document = gateway.ask("/v1/reload", "POST")
    expect_equal((status, gateway.generation()), (422, 4), "the reload")
    expect("rules.conf" in json.dumps(document), f"no place: {document}")
    write(SMALL)
    expect_equal(gateway.ask("/v1/reload", "POST")[0], 200, "the next one")
    expect_equal(once(gateway.port, "/?q=attack").status, 403, "by the rules in force")


@check("the end of the process does not wait until all rules are compiled")
def _():
    write(costly(3))
    reload = Reload()
    time.sleep(0.3)
    expect(reload.under_way(), "the reload is over")
    began = time.monotonic()
    gateway.signal(signal.SIGTERM)
    expect_equal(gateway.wait(20), 0, "the exit code")
    expect(time.monotonic() - began < 10 * SLOWER, "it waited")


finish()
