#!/usr/bin/env -S /usr/bin/python3
"""gatehouse waf explain, test and profile: what they print, and that what they say is what a gateway does."""
import json
import os
import subprocess

from support.checks import check, expect, expect_equal, finish, limit, until
from support.client import Client
from support.echo import Echo
from support.gateway import HEAD, Gateway, folder, group, program

limit(200)
where = folder()
RULES = os.path.join(where, "rules.conf")
with open(RULES, "w", encoding="utf-8") as file:
    file.write(r'''
SecAction "id:100,phase:1,pass,nolog,setvar:tx.score=0"
SecRule ARGS "@rx union\s+select" "id:101,phase:2,pass,log,t:none,t:urlDecodeUni,t:lowercase,msg:'A union',severity:CRITICAL,setvar:tx.score=+5"
SecRule ARGS|REQUEST_HEADERS:User-Agent "@contains bot" "id:102,phase:2,pass,log,msg:'A bot',severity:NOTICE,setvar:tx.score=+2"
SecRule REQUEST_METHOD "@streq PUT" "id:103,phase:1,deny,status:405,log,msg:'No PUT',chain"
  SecRule REQUEST_FILENAME "@beginsWith /ro/"
SecRule TX:score "@ge 5" "id:199,phase:2,deny,status:403,log,msg:'Score %{tx.score}'"
SecRule RESPONSE_BODY "@contains secret" "id:201,phase:4,deny,status:500,log,msg:'A leak'"
''')


def waf(*arguments, stdin=None):
    return subprocess.run([program(), "waf", *arguments], capture_output=True, text=True, timeout=60, input=stdin,
                          env=dict(os.environ, XDG_CACHE_HOME=where))


def explain(*arguments, stdin=None):
    said = waf("explain", "-r", RULES, "--format", "json", *arguments, stdin=stdin)
    expect(said.returncode in (0, 1), said.stderr)
    return [json.loads(line) for line in said.stdout.splitlines()]


@check("a request is explained: the rule, the part of the value, the transformations, the score, the reason")
def _():
    said = waf("explain", "-r", RULES, "/p?q=1%2BUNION%20+SELECT%2B2&n=x")
    expect_equal(said.returncode, 1, "exit code")
    for words in ("verdict: block (deny 403, phase 2", "because: rule 199 (Score 5)", "101  CRITICAL  A union",
                  "ARGS:q", "after urlDecodeUni, lowercase", ">>union  select<<", "tx.score: 0 -> 5 (+5)", "-> deny 403"):
        expect(words in said.stdout, f"{words!r} is missing in\n{said.stdout}")


@check("JSON says the same for programs")
def _():
    document = explain("/p?q=UNION+SELECT")[0]
    expect_equal((document["verdict"], document["status"], document["rule"], document["phase"]), ("block", 403, 199, 2), "verdict")
    entry = next(rule for rule in document["rules"] if rule["rule"] == 101)
    condition = entry["conditions"][0]
    expect_equal((condition["variable"], condition["original"], condition["value"], condition["part"], condition["transformations"]),
                 ("ARGS:q", "UNION SELECT", "union select", "union select", ["urlDecodeUni", "lowercase"]), "the condition")
    expect_equal(document["scores"], [{"variable": "tx.score", "added": 5}], "scores")


@check("nothing found is said so")
def _():
    said = waf("explain", "-r", RULES, "/harmless")
    expect_equal(said.returncode, 0, "exit code")
    expect("verdict: pass" in said.stdout, said.stdout)


RAW = "POST /form HTTP/1.1\nHost: shop\nContent-Type: application/x-www-form-urlencoded\n\nq=union+select"


@check("requests come as raw HTTP, from curl's options, or as HAR with their responses")
def _():
    expect_equal(explain("--request", "-", stdin=RAW)[0]["rule"], 199, "raw, with LF line ends")
    expect_equal(explain("-X", "POST", "-d", "q=union select", "-d", "x=1", "http://shop/form")[0]["rule"], 199, "curl's -d")
    expect_equal(explain("-A", "robot", "-H", "Accept:", "http://shop/")[0]["scores"][0]["added"], 2, "curl's -A")
    har = {"log": {"entries": [
        {"request": {"method": "GET", "url": "https://shop.example.com/a?q=union%20select", "httpVersion": "HTTP/2.0", "headers": [{"name": ":path", "value": "/a"}]},
         "response": {"status": 200, "headers": [], "content": {}}},
        {"request": {"method": "GET", "url": "https://shop.example.com/b", "httpVersion": "HTTP/1.1", "headers": []},
         "response": {"status": 200, "headers": [{"name": "Content-Type", "value": "text/plain"}], "content": {"text": "c2VjcmV0", "encoding": "base64"}}}]}}
    path = os.path.join(where, "traffic.har")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(har, file)
    expect_equal([document["rule"] for document in explain("--request", path)], [199, 201], "HAR")


@check("what the gateway's parser refuses is named, beside what rules would say")
def _():
    document = explain("--request", "-", stdin="GET / HTTP/1.1\nHost: a\nHost: b\n\n")[0]
    expect_equal((document["refused_by_parser"], document["refused_status"]), ("duplicate_host", 400), "the refusal")


@check("wrong use is said: no rules, no request, no such file")
def _():
    expect_equal(waf("explain", "/").returncode, 1, "no rules")
    expect_equal(waf("explain", "-r", RULES).returncode, 1, "no request")
    expect_equal(waf("explain", "-r", "/nowhere", "/").returncode, 1, "no file")
    expect_equal(waf("explain", "--nonsense").returncode, 2, "usage")


@check("an explanation and the live gateway agree, request by request")
def _():
    origin = Echo()
    config = (HEAD.replace('logs: { access: { path: "off" } }', f"logs: {{ access: {{ path: off }}, waf: {{ path: {where}/waf.log }} }}") +
              f'rule_cache: {where}/cache\nlisteners:\n  - name: http\n    address: "127.0.0.1:0"\n    web_acl: edge\n'
              '    default_actions: [ { forward: { target_groups: [ { name: web } ] } } ]\n'
              f'web_acls: [ {{ name: edge, rules: ["{RULES}"], response_body: {{ inspect: true }} }} ]\n'
              "target_groups:\n" + group([origin.address]))
    gateway = Gateway(config, where=folder()).wait_ready(60)
    requests = ["GET / HTTP/1.1\r\nHost: h\r\n\r\n",
                "GET /?q=union+select HTTP/1.1\r\nHost: h\r\n\r\n",
                "GET /?q=UNION%20%20SELECT&r=bot HTTP/1.1\r\nHost: h\r\nUser-Agent: bot\r\n\r\n",
                "GET /?q=bot&r=bot&s=bot HTTP/1.1\r\nHost: h\r\n\r\n",
                "GET /?q=robot HTTP/1.1\r\nHost: h\r\n\r\n",
                "PUT /ro/x HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
                "PUT /rw/x HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
                "POST /f HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 14\r\n\r\nq=union+select",
                "POST /f HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{\"q\":\"union select\"}",
                "POST /f HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n{\"q\":"]
    for number, raw in enumerate(requests):
        with Client(gateway.port) as client:
            client.send(raw.encode())
            reply = client.read()
        path = os.path.join(where, "request.http")
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(raw)
        document = json.loads(waf("explain", "-c", gateway.file, "--format", "json", "--request", path).stdout)
        expect_equal(document["status"] if document["verdict"] == "block" else 200, reply.status, f"the status of request {number}")
        if document["verdict"] == "block":
            line = until(lambda: [line for line in map(json.loads, open(f"{where}/waf.log", encoding="utf-8"))
                                  if line["request_id"] == reply.fields["x-request-id"]], "its line in the log", 5)[0]
            logged = [rule["rule"] for rule in document["rules"] if rule["matched"] and rule["logged"]]
            expect_equal((line["rule"], line["rule_ids"]), (document["rule"], logged), f"the rules of request {number}")


TESTS = '''---
rule_id: 101
tests:
  - test_id: 1
    desc: a union in an argument
    stages:
      - input: { headers: { Host: localhost, User-Agent: t }, uri: "/get?q=union%20select", version: HTTP/1.1 }
        output: { log: { expect_ids: [101], no_expect_ids: [102] } }
  - test_id: 2
    desc: a union in a form that the runner encodes
    stages:
      - input: { headers: { Host: localhost, User-Agent: t }, method: POST, uri: "/post", data: "q=union select", version: HTTP/1.1 }
        output: { status: 200, log: { expect_ids: [101], match_regex: "A un.on" } }
  - test_id: 3
    desc: given as bytes
    stages:
      - input: { encoded_request: "R0VUIC8/cT11bmlvbiUyMHNlbGVjdCBIVFRQLzEuMQ0KSG9zdDogaA0KDQo=" }
        output: { log: { expect_ids: [101] } }
  - test_id: 4
    desc: what an origin reflects
    stages:
      - input: { headers: { Host: localhost, User-Agent: t, Content-Type: application/json }, method: POST, uri: "/reflect", data: '{"status": 200, "body": "secret"}' }
        output: { log: { expect_ids: [201] } }
  - test_id: 5
    desc: a test that fails
    stages:
      - input: { headers: { Host: localhost, User-Agent: t }, uri: "/get?q=nothing" }
        output: { log: { expect_ids: [101] } }
  - test_id: 6
    desc: what the parser refuses
    stages:
      - input: { headers: { Host: localhost }, uri: "/a b", autocomplete_headers: false }
        output: { status: 400 }
'''


@check("tests in go-ftw's format run, and the report is that of a test runner")
def _():
    path = os.path.join(where, "101.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(TESTS)
    said = waf("test", "-r", RULES, path)
    expect_equal(said.returncode, 1, "exit code with a failure")
    expect("5 passed, 1 failed, 0 ignored" in said.stdout, said.stdout + said.stderr)
    expect("FAILED 101-5: rule 101 did not match" in said.stdout, said.stdout)
    said = waf("test", "-r", RULES, "--only", "101-[1-4]$", path)
    expect_equal((said.returncode, said.stdout.splitlines()[-1]), (0, "4 passed, 0 failed, 0 ignored; 0 with an override"), "--only")


@check("overrides change what is expected, each with its reason")
def _():
    overrides = os.path.join(where, "overrides.yaml")
    with open(overrides, "w", encoding="utf-8") as file:
        file.write("version: v0.0.0\ntest_overrides:\n  - { rule_id: 101, test_ids: [5], reason: it is nothing, output: { log: { no_expect_ids: [101] } } }\n"
                   "  - { rule_id: 999, reason: for nobody, output: {} }\n")
    said = waf("test", "-r", RULES, "--overrides", overrides, os.path.join(where, "101.yaml"))
    expect_equal(said.returncode, 0, said.stdout)
    expect("override 101-5: it is nothing" in said.stdout and "override without a test: 999" in said.stdout, said.stdout)
    document = json.loads(waf("test", "-r", RULES, "--overrides", overrides, "--format", "json", os.path.join(where, "101.yaml")).stdout)
    expect_equal((document["passed"], document["failed"], document["overridden"]), (6, 0, 1), "JSON")


@check("a profile names the rules that ran, with their share")
def _():
    document = json.loads(waf("profile", "-r", RULES, "--rounds", "50", "--format", "json", "--tests", os.path.join(where, "101.yaml")).stdout)
    expect(document["request_us"] > 0 and document["rounds"] == 50 and document["requests"] == 6, document)
    union = next(rule for rule in document["rules"] if rule["rule"] == 101)
    expect_equal(round(union["matches"], 3), 0.5, "matches a request")
    expect("101" in waf("profile", "-r", RULES, "--rounds", "5", "/?q=union+select").stdout, "the table")


finish()
