#!/usr/bin/env -S /usr/bin/python3
"""Debian's package of the OWASP Core Rule Set 3.3, loaded from its own folders as it is, in front of an origin."""
import json
import os
import sys

from support.checks import check, expect, expect_equal, finish, limit, until
from support.client import once
from support.echo import Echo
from support.gateway import Gateway, folder, group

limit(280)
LOAD = "/usr/share/modsecurity-crs/owasp-crs.load"
if not os.path.exists(LOAD):
    print("the package modsecurity-crs is not installed")
    sys.exit(77)

where, origin = folder(), Echo()
gateway = Gateway(f'''version: 1
workers: 2
admin: {{ listen: "127.0.0.1:0" }}
logs: {{ access: {{ path: "off" }}, waf: {{ path: {where}/waf.log }} }}
rule_cache: "{os.environ.get('GATEHOUSE_RULE_CACHE', os.path.dirname(os.path.abspath(os.environ.get('GATEHOUSE', 'build/release/gatehouse'))) + '/patterns')}"
listeners:
  - name: http
    address: "127.0.0.1:0"
    web_acl: crs
    default_actions: [ {{ forward: {{ target_groups: [ {{ name: web }} ] }} }} ]
web_acls:
  - name: crs
    rules: ["{LOAD}"]
    paranoia: 1
    response_body: {{ inspect: true }}
    exclusions: [ {{ rules: ["tag:attack-xss"], paths: ["/editor/*"], parameters: [text] }} ]
target_groups:
''' + group([origin.address]), where=where).wait_ready(200)

# What browsers send, so that no rule for odd clients has its say.
BROWSER = [("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:115.0) Gecko/20100101 Firefox/115.0"), ("Accept", "text/html,*/*;q=0.8"),
           ("Accept-Language", "en"), ("Accept-Encoding", "gzip")]
FORM = [("Content-Type", "application/x-www-form-urlencoded")]


def get(path, *more):
    return once(gateway.port, path, fields=BROWSER + list(more))


def post(path, body, kind=FORM):
    return once(gateway.port, path, method="POST", fields=BROWSER + kind, body=body)


@check("harmless requests pass with their content")
def _():
    expect_equal(get("/?name=O'Reilly&q=select+a+colour").status, 200, "a query")
    expect_equal(post("/form", b"comment=It's+fine,+really&mail=a%40example.com").status, 200, "a form")
    expect_equal(post("/json", b'{"name":"Anna","tags":["a","b"],"n":1.5}', [("Content-Type", "application/json")]).status, 200, "JSON")


ATTACKS = [("942100", lambda: get("/?id=1'+or+1=1--+-")),
           ("941100", lambda: get("/?q=%3Cscript%3Ealert(1)%3C/script%3E")),
           ("930120", lambda: get("/?file=../../../../etc/passwd")),
           ("932160", lambda: post("/form", b"cmd=;cat+/etc/passwd")),
           ("942100", lambda: post("/json", b'{"a":{"b":"1\' or 1=1-- -"}}', [("Content-Type", "application/json")])),
           ("941100", lambda: get("/", ("Cookie", "s=<script>alert(1)</script>"))),
           ("913100", lambda: once(gateway.port, "/", fields=[("User-Agent", "sqlmap/1.7"), ("Accept", "*/*")]))]


@check("attacks of each family are answered 403, and the log names the rule and the score")
def _():
    for rule, send in ATTACKS:
        reply = send()
        expect_equal(reply.status, 403, f"the attack for {rule}")
        line = until(lambda: [l for l in map(json.loads, open(f"{where}/waf.log", encoding="utf-8"))
                              if l["request_id"] == reply.fields["x-request-id"]], "its line", 5)[0]
        expect(int(rule) in line["rule_ids"], f"{rule} is not among {line['rule_ids']}")
        expect(line["score"] >= 5 and line["rule"] == 949110, f"score {line['score']}, rule {line['rule']}")


@check("a response that leaks is held back")
def _():
    leak = b"<b>Warning</b>: mysql_fetch_array(): You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use near 'x' at line 1"
    reply = post("/say?type=text/html", leak, [("Content-Type", "text/plain")])
    expect(reply.status in (403, 500) and b"mysql" not in reply.body, reply)


@check("an exclusion by tag, path and parameter holds there alone")
def _():
    expect_equal(get("/editor/1?text=%3Cb%20onclick=alert(1)%3E").status, 200, "there")
    expect_equal(get("/editor/1?other=%3Cb%20onclick=alert(1)%3E").status, 403, "another parameter")
    expect_equal(get("/elsewhere?text=%3Cb%20onclick=alert(1)%3E").status, 403, "elsewhere")


@check("the log's reload and detect mode take the same rules from the cache at once")
def _():
    text = open(gateway.file, encoding="utf-8").read()
    gateway.write(text.replace("paranoia: 1", "paranoia: 1\n    mode: detect"))
    expect_equal(gateway.reload().returncode, 0, "reload")
    expect_equal(get("/?id=1'+or+1=1--+-").status, 200, "status")
    until(lambda: gateway.metric("gatehouse_waf_requests_total", web_acl="crs", action="detect") == 1, "counted", 3)


finish()
