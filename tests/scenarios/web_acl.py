#!/usr/bin/env -S /usr/bin/python3
"""A web ACL with rules of our own: both directions, head and content, block and detect, exclusions, logs, metrics, and
a reload of the rules alone."""
import json
import os
import re

from support.checks import check, expect, expect_equal, finish, limit, until
from support.client import Client, once
from support.echo import Echo
from support.gateway import Gateway, command, folder, group

limit(200)
where = folder()
origin = Echo()

RULES = r'''
SecRule REQUEST_HEADERS:User-Agent "@contains evilbot" "id:1001,phase:1,deny,status:403,log,msg:'A bot',severity:CRITICAL,tag:'bots'"
SecRule ARGS "@rx attack\s+me" "id:1002,phase:2,deny,status:403,log,t:none,t:urlDecodeUni,t:lowercase,msg:'An attack',severity:ERROR,tag:'attacks',logdata:'%{MATCHED_VAR}'"
SecRule REQUEST_FILENAME "@streq /moved" "id:1003,phase:1,redirect:https://example.com/new,log,msg:'Moved'"
SecRule REQUEST_FILENAME "@streq /dropped" "id:1004,phase:1,drop,log,msg:'Dropped'"
SecRule ARGS:note "@contains curious" "id:1005,phase:2,pass,log,msg:'Curious',severity:NOTICE"
SecRule RESPONSE_HEADERS:X-Leak "@rx ." "id:1006,phase:3,deny,status:502,log,msg:'A leak in a header'"
SecRule RESPONSE_STATUS "@streq 418" "id:1007,phase:3,deny,status:500,log,msg:'A teapot'"
SecRule RESPONSE_BODY "@contains secret-key" "id:1008,phase:4,deny,status:500,log,msg:'A leak'"
'''


def write(name, text):
    with open(os.path.join(where, name), "w", encoding="utf-8") as file:
        file.write(text)


def config(mode="block", more="", rule_more=""):
    return f'''version: 1
workers: 2
admin: {{ listen: "127.0.0.1:0" }}
logs: {{ access: {{ path: access.log }}, waf: {{ path: waf.log }} }}
rule_cache: cache
listeners:
  - name: http
    address: "127.0.0.1:0"
    web_acl: edge
    rules:
      - priority: 10
        conditions: [ {{ path_pattern: ["/free/*"] }} ]
        actions: [ {{ forward: {{ target_groups: [ {{ name: web }} ] }} }} ]
        web_acl: none
      - priority: 20
        conditions: [ {{ path_pattern: ["/fixed"] }} ]
        actions: [ {{ fixed_response: {{ status_code: 200, message_body: here }} }} ]
    default_actions: [ {{ forward: {{ target_groups: [ {{ name: web }} ] }} }} ]
web_acls:
  - {{ name: none, mode: off, rules: ["*.conf"] }}
  - name: edge
    mode: {mode}
    rules: ["*.conf"]
    request_body: {{ limit: 64KiB, oversize: reject }}
    response_body: {{ inspect: true, limit: 64KiB }}
{more}target_groups:
''' + group([origin.address])


write("rules.conf", RULES)
gateway = Gateway(config(), where=where).wait_ready(60)


def lines(name):
    try:
        with open(os.path.join(where, name), encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.endswith("\n")]
    except FileNotFoundError:
        return []


def log_of(reply):
    """The WAF log's line for a reply."""
    reference = reply.fields["x-request-id"]
    found = until(lambda: [line for line in lines("waf.log") if line["request_id"] == reference], f"a line for {reference}", 5)
    expect_equal(len(found), 1, "lines for one request")
    return found[0]


def post(path, body, kind="application/x-www-form-urlencoded", client=None):
    fields = [("Content-Type", kind)]
    return client.get(path, method="POST", fields=fields, body=body) if client else once(gateway.port, path, method="POST", fields=fields, body=body)


@check("what no rule objects to reaches the origin byte for byte")
def _():
    origin.forget()
    expect_equal(once(gateway.port, "/a%20b?x=1%27").status, 200, "GET")
    expect_equal(post("/form", b"a=1&b=%27").text, "9", "POST")
    expect_equal(origin.requests(), [("GET", "/a%20b?x=1%27", b""), ("POST", "/form", b"a=1&b=%27")], "what arrived")


@check("a head that a rule denies never reaches the origin; the page carries the reference of the log")
def _():
    origin.forget()
    reply = once(gateway.port, "/", fields=[("User-Agent", "an evilbot/1.0")])
    expect_equal(reply.status, 403, "status")
    expect(reply.fields["x-request-id"] in reply.text, f"no reference in {reply.text}")
    expect("1001" not in reply.text and "bot" not in reply.text.lower().replace("both", ""), "the page tells the rule")
    expect_equal(origin.requests(), [], "what arrived")
    line = log_of(reply)
    expect_equal((line["action"], line["web_acl"], line["rule_ids"], line["messages"], line["rule"], line["phase"], line["status"]),
                 ("block", "edge", [1001], ["A bot"], 1001, 1, 403), "the line")
    match = line["matches"][0]
    expect_equal((match["variable"], match["value"], match["severity"], match["tags"]),
                 ("REQUEST_HEADERS:User-Agent", "an evilbot/1.0", "CRITICAL", ["bots"]), "the match")


@check("content is judged before the origin sees a byte, however it arrives")
def _():
    origin.forget()
    with Client(gateway.port) as client:
        expect_equal(post("/form", b"a=1&b=Attack%20%20Me", client=client).status, 403, "in one piece")
    with Client(gateway.port) as client:
        client.send(b"POST /form HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n")
        for piece in (b"a=att", b"ack+", b"me&b=2"):
            client.send(b"%x\r\n%s\r\n" % (len(piece), piece))
        client.send(b"0\r\n\r\n")
        expect_equal(client.read().status, 403, "in chunks")
    expect_equal(post("/json", b'{"a":{"b":["attack me"]}}', "application/json").status, 403, "JSON")
    expect_equal(origin.requests(), [], "what arrived")
    expect_equal(post("/form", b"a=1").status, 200, "and then")


@check("content that is let through arrives whole, held or streamed")
def _():
    origin.forget()
    body = b"a=" + b"x" * 40_000
    with Client(gateway.port) as client:
        client.send(b"POST /form HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n" % len(body))
        for at in range(0, len(body), 7_001):
            client.send(body[at:at + 7_001])
        expect_equal(client.read().text, str(len(body)), "counted")
        client.send(b"POST /form HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4\r\na=bc\r\n0\r\nx-trailer: t\r\n\r\n")
        expect_equal(client.read().text, "4", "chunked, on the same connection")
    expect_equal(origin.requests()[0][2], body, "what arrived")


@check("more content than the limit is answered 413 and logged")
def _():
    origin.forget()
    reply = post("/form", b"a=" + b"x" * 70_000)
    expect_equal(reply.status, 413, "status")
    expect_equal(log_of(reply)["action"], "block", "action")
    expect_equal(origin.requests(), [], "what arrived")


@check("content that cannot be parsed is refused with 400")
def _():
    expect_equal(post("/json", b'{"a":', "application/json").status, 400, "cut JSON")


@check("redirect and drop do what they say")
def _():
    reply = once(gateway.port, "/moved")
    expect_equal((reply.status, reply.fields["location"]), (302, "https://example.com/new"), "redirect")
    with Client(gateway.port) as client:
        client.ask("/dropped")
        expect(client.closed_within(3), "the connection is open")


@check("a rule that only notes leaves the request alone, and is logged and counted")
def _():
    before = gateway.metric("gatehouse_waf_rule_matches_total", web_acl="edge", rule="1005")
    expect_equal(once(gateway.port, "/?note=curious").status, 200, "status")
    until(lambda: gateway.metric("gatehouse_waf_rule_matches_total", web_acl="edge", rule="1005") == before + 1, "a match counted", 3)
    until(lambda: any(line["rule_ids"] == [1005] and line["action"] == "pass" for line in lines("waf.log")), "a line", 3)


@check("responses are judged too: their status, head and content")
def _():
    expect_equal(post("/say?status=418", b"").status, 500, "a status")
    reply = post("/say?type=text/html", b"<p>the secret-key is 1</p>")
    expect_equal(reply.status, 500, "content")
    expect("secret-key" not in reply.text, "the leak got out")
    expect_equal(log_of(reply)["phase"], 4, "phase")
    expect_equal(post("/say?type=image/png", b"the secret-key is 1").status, 200, "a type that is not inspected")
    long = b"x" * 200_000
    expect_equal(post("/say?type=text/html", long[:60_000]).body, long[:60_000], "content that was held")
    with Client(gateway.port) as client:
        expect_equal(post("/say?type=text/plain", b"fine", client=client).text, "fine", "and a clean one")
        expect_equal(client.get("/x", method="HEAD").status, 200, "HEAD")
        expect_equal(post("/say?status=204&type=text/plain", b"", client=client).status, 204, "without content")


@check("what the gateway answers itself is screened as well")
def _():
    expect_equal(once(gateway.port, "/fixed").text, "here", "clean")
    expect_equal(once(gateway.port, "/fixed?a=attack+me").status, 403, "attack")


@check("a rule's own web ACL takes the place of the listener's, and one that is off does nothing")
def _():
    expect_equal(once(gateway.port, "/free/x?a=attack+me").status, 200, "status")


@check("the access log tells what became of each request")
def _():
    reply = once(gateway.port, "/?a=attack+me")
    mine = until(lambda: [line for line in lines("access.log") if line["request_id"] == reply.fields["x-request-id"]], "its line", 5)[0]
    expect_equal((mine["waf_action"], mine["reason"], mine["status"], mine["route"]), ("block", "waf_denied", 403, "default"), "the line")
    until(lambda: any(line["path"] == "/free/x?a=attack+me" and line["waf_action"] is None for line in lines("access.log")), "the free one", 3)


@check("requests are counted by web ACL and action")
def _():
    before = {action: gateway.metric("gatehouse_waf_requests_total", web_acl="edge", action=action) for action in ("pass", "block")}
    once(gateway.port, "/")
    once(gateway.port, "/?a=attack+me")
    for action, count in before.items():
        until(lambda: gateway.metric("gatehouse_waf_requests_total", web_acl="edge", action=action) == count + 1, action, 3)


@check("what rules keep of a client is known to all workers, and outlives a reload")
def _():
    write("count.conf", """
SecAction "id:1020,phase:1,pass,nolog,initcol:ip=%{REMOTE_ADDR}"
SecRule REQUEST_FILENAME "@streq /counted" "id:1021,phase:1,pass,nolog,setvar:ip.asked=+1"
SecRule IP:asked "@gt 5" "id:1022,phase:1,deny,status:429,log,msg:'Too many',chain"
  SecRule REQUEST_FILENAME "@streq /counted"
""")
    expect_equal(gateway.reload().returncode, 0, "reload")
    expect_equal([once(gateway.port, "/counted").status for _ in range(4)], [200] * 4, "the first")
    expect_equal(gateway.reload().returncode, 0, "another reload")
    expect_equal([once(gateway.port, "/counted").status for _ in range(3)], [200, 429, 429], "the next")
    os.remove(os.path.join(where, "count.conf"))
    expect_equal(gateway.reload().returncode, 0, "reload without")


EXCLUSIONS = '''    exclusions:
      - { rules: ["1002"], paths: ["/editor/*"], parameters: [text] }
      - { rules: ["tag:bots"], paths: ["/status"] }
      - { rules: ["1003-1004"] }
'''


@check("the rules can be reloaded while connections and requests stay")
def _():
    with Client(gateway.port) as client, Client(gateway.port) as slow:
        slow.send(b"POST /form HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 9\r\n\r\na=new")
        expect_equal(client.get("/?a=new+one").status, 200, "before")
        write("more.conf", 'SecRule ARGS "@contains new one" "id:1010,phase:2,deny,status:406,log,msg:\'New\'"\n')
        said = gateway.reload()
        expect_equal(said.returncode, 0, said.stderr)
        expect("web_acls[edge].rules" in said.stdout, f"no word of the rules in {said.stdout!r}")
        expect_equal(client.get("/?a=new+one").status, 406, "after, on the same connection")
        slow.send(b" one")
        expect_equal(slow.read().status, 200, "a request begun under the old rules")


@check("rules that are wrong are refused with file and line, and the old ones stay")
def _():
    write("more.conf", 'SecRule ARGS "@rx (" "id:1010,phase:2,deny"\nSecRool ARGS x\n')
    said = gateway.reload()
    expect_equal(said.returncode, 1, "exit code")
    expect("more.conf:1" in said.stderr and "more.conf:2" in said.stderr, f"no places in {said.stderr!r}")
    expect_equal(once(gateway.port, "/?a=new+one").status, 406, "the old rules")
    checked = command("check", "-c", gateway.file)
    expect_equal(checked.returncode, 1, "check")
    expect("more.conf:2" in checked.stderr, f"no place in {checked.stderr!r}")
    os.remove(os.path.join(where, "more.conf"))


@check("exclusions hold by rule, path and parameter, and not beyond")
def _():
    gateway.write(config(more=EXCLUSIONS))
    expect_equal(gateway.reload().returncode, 0, "reload")
    expect_equal(once(gateway.port, "/editor/1?text=attack+me").status, 200, "the parameter there")
    expect_equal(once(gateway.port, "/editor/1?other=attack+me").status, 403, "another parameter")
    expect_equal(once(gateway.port, "/elsewhere?text=attack+me").status, 403, "another path")
    expect_equal(once(gateway.port, "/editor/%2e%2e/x?text=attack+me").status, 403, "a path that only looks so")
    expect_equal(once(gateway.port, "/status", fields=[("User-Agent", "evilbot")]).status, 200, "by tag")
    expect_equal(once(gateway.port, "/other", fields=[("User-Agent", "evilbot")]).status, 403, "by tag, elsewhere")
    expect_equal(once(gateway.port, "/moved").status, 200, "a range everywhere")


@check("detect lets everything through and says what it would have done")
def _():
    gateway.write(config(mode="detect"))
    expect_equal(gateway.reload().returncode, 0, "reload")
    reply = once(gateway.port, "/?a=attack+me&detected")
    expect_equal(reply.status, 200, "status")
    found = until(lambda: [line for line in lines("waf.log") if line["path"].endswith("&detected")], "a line", 3)[0]
    expect_equal((found["action"], found["rule"], found["status"]), ("detect", 1002, 200), "the line")
    expect_equal(post("/form", b"a=" + b"x" * 200_000).text, "200002", "content beyond the limit streams through")


@check("every line of the WAF log has what is promised")
def _():
    for line in lines("waf.log"):
        for name in ("time", "request_id", "web_acl", "action", "rule_ids", "messages", "score"):
            expect(name in line, f"{name} is missing in {line}")
        expect(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", line["time"]), line["time"])


finish()
