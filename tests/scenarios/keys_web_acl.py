#!/usr/bin/env -S /usr/bin/python3
"""Keys of web ACLs that no other scenario sets: each to another value, with the difference seen from outside."""
import gzip
import json
import os

from support.checks import check, expect, expect_equal, finish, limit, until
from support.client import once
from support.echo import Echo
from support.gateway import Gateway, folder, group

limit(200)
where, origin = folder(), Echo()
with open(f"{where}/rules.conf", "w", encoding="utf-8") as file:
    file.write(r'''
SecRule ARGS "@contains attack" "id:1,phase:2,deny,status:403,log,msg:'An attack'"
SecRule ARGS "@rx (?i)union\s+(?:all\s+)?select" "id:7,phase:2,deny,status:403,log,msg:'A union'"
SecRule ARGS:long "@rx ." "id:2,phase:2,pass,log,msg:'Long',logdata:'%{MATCHED_VAR}'"
SecRule TX:blocking_paranoia_level "@ge 3" "id:3,phase:2,deny,status:401,log,chain"
  SecRule REQUEST_FILENAME "@streq /level"
SecRule TX:inbound_anomaly_score_threshold "@eq 25" "id:4,phase:2,deny,status:402,log,chain"
  SecRule REQUEST_FILENAME "@streq /in"
SecRule TX:outbound_anomaly_score_threshold "@eq 26" "id:5,phase:2,deny,status:406,log,chain"
  SecRule REQUEST_FILENAME "@streq /out"
SecRule RESPONSE_BODY "@contains secret" "id:6,phase:4,deny,status:500,log,msg:'A leak'"
''')


def config(acl="", head=""):
    return (f'''version: 1
workers: 1
admin: {{ listen: "127.0.0.1:0" }}
rule_cache: {where}/cache
{head or f'logs: {{ access: {{ path: "off" }}, waf: {{ path: {where}/waf.log }} }}'}
listeners:
  - name: http
    address: "127.0.0.1:0"
    web_acl: edge
    default_actions: [ {{ forward: {{ target_groups: [ {{ name: web }} ] }} }} ]
web_acls:
  - name: edge
    rules: ["{where}/rules.conf"]
    {acl}
target_groups:
''' + group([origin.address]))


gateway = Gateway(config(), where=where).wait_ready(60)


def reloaded(acl="", head=""):
    gateway.write(config(acl, head))
    said = gateway.reload()
    expect_equal(said.returncode, 0, said.stderr)


def post(path, body, kind="application/x-www-form-urlencoded", coding="identity"):
    return once(gateway.port, path, method="POST", fields=[("Content-Type", kind), ("Content-Encoding", coding)], body=body)


def rules_logged():
    with open(f"{where}/waf.log", encoding="utf-8") as file:
        return [line["rule_ids"] for line in map(json.loads, file)]


@check("rule_cache: compiled rules are kept there")
def _():
    expect(any(name.endswith(".patterns") for name in os.listdir(f"{where}/cache")), "the folder is empty")


@check("paranoia: rules see the level")
def _():
    expect_equal(once(gateway.port, "/level").status, 200, "at level 1")
    reloaded("paranoia: 3")
    expect_equal(once(gateway.port, "/level").status, 401, "at level 3")


@check("inbound_threshold and outbound_threshold: rules see them when they are given")
def _():
    expect_equal([once(gateway.port, path).status for path in ("/in", "/out")], [200, 200], "when not")
    reloaded("inbound_threshold: 25\n    outbound_threshold: 26")
    expect_equal([once(gateway.port, path).status for path in ("/in", "/out")], [402, 406], "when given")


@check("request_body.inspect: false lets content through unseen")
def _():
    expect_equal(post("/", b"q=attack").status, 403, "by default")
    reloaded("request_body: { inspect: false }")
    expect_equal(post("/", b"q=attack").status, 200, "without")
    expect_equal(once(gateway.port, "/?q=attack").status, 403, "the head is seen all the same")


@check("request_body.oversize: inspect_start judges the start and streams the rest")
def _():
    reloaded("request_body: { limit: 4KiB, oversize: inspect_start }")
    expect_equal(post("/", b"q=" + b"x" * 100_000).text, "100002", "harmless")
    expect_equal(post("/", b"q=attack&p=" + b"x" * 100_000).status, 403, "an attack at the start")
    expect_equal(post("/", b"p=" + b"x" * 100_000 + b"&q=attack").status, 200, "an attack beyond")
    reloaded("request_body: { limit: 4KiB }")
    expect_equal(post("/", b"q=" + b"x" * 100_000).status, 413, "reject is the default")


@check("request_body.decompress: compressed content is judged as what it stands for, and arrives as it was sent")
def _():
    attack, harmless = gzip.compress(b"q=attack"), gzip.compress(b"q=harmless")
    reloaded()
    expect_equal(post("/", attack, coding="gzip").status, 403, "by default")
    origin.forget()
    expect_equal(post("/", harmless, coding="gzip").status, 200, "harmless")
    expect_equal(origin.requests(), [("POST", "/", harmless)], "what the origin got")
    expect_equal(post("/", harmless[:-3], coding="gzip").status, 400, "a stream that does not end")
    expect_equal(post("/", b"q=harmless", coding="gzip").status, 400, "no such stream at all")
    expect_equal(post("/", b"q=harmless", coding="x-none").status, 400, "an unknown coding")
    reloaded("request_body: { decompress: false }")
    expect_equal(post("/", attack, coding="gzip").status, 200, "off")


@check("request_body.decompression_ratio: content that grows more is oversize")
def _():
    bomb = gzip.compress(b"q=" + b"x" * 2_000_000)
    reloaded()
    expect_equal(post("/", bomb, coding="gzip").status, 413, "by default")
    reloaded("request_body: { decompression_ratio: 5000 }")
    expect_equal(post("/", bomb, coding="gzip").status, 200, "with more room")
    reloaded("request_body: { decompression_ratio: 5000, limit: 1MiB }")
    expect_equal(post("/", bomb, coding="gzip").status, 413, "the limit counts what it becomes")


@check("response_body.inspect: content is judged when it is on")
def _():
    reloaded()
    expect_equal(post("/say?type=text/html", b"secret", "text/plain").status, 200, "by default")
    reloaded("response_body: { inspect: true }")
    expect_equal(post("/say?type=text/html", b"secret", "text/plain").status, 500, "on")


@check("response_body.content_types: those alone")
def _():
    reloaded('response_body: { inspect: true, content_types: ["text/css"] }')
    expect_equal(post("/say?type=text/html", b"secret", "text/plain").status, 200, "another type")
    expect_equal(post("/say?type=text/css", b"secret", "text/plain").status, 500, "a listed one")


@check("response_body.limit and oversize: the start is judged and the rest streams, or it is refused")
def _():
    reloaded("response_body: { inspect: true, limit: 4KiB }")
    long = b"x" * 50_000
    expect_equal(post("/say?type=text/html", long, "text/plain").body, long, "long content arrives")
    expect_equal(post("/say?type=text/html", long + b"secret", "text/plain").status, 200, "a leak beyond the limit")
    expect_equal(post("/say?type=text/html", b"secret" + long, "text/plain").status, 500, "a leak at the start")
    reloaded("response_body: { inspect: true, limit: 4KiB, oversize: reject }")
    expect_equal(post("/say?type=text/html", long, "text/plain").status, 500, "oversize: reject")


@check("response_body.decompress: compressed content is judged, and arrives as the origin sent it")
def _():
    secret, harmless = gzip.compress(b"secret"), gzip.compress(b"harmless")
    reloaded("response_body: { inspect: true }")
    expect_equal(post("/say?type=text/html&coding=gzip", secret, "text/plain").status, 500, "by default")
    got = post("/say?type=text/html&coding=gzip", harmless, "text/plain")
    expect_equal((got.body, got.fields["content-encoding"]), (harmless, "gzip"), "harmless")
    reloaded("response_body: { inspect: true, decompress: false }")
    expect_equal(post("/say?type=text/html&coding=gzip", secret, "text/plain").status, 200, "off")


@check("response_body.decompression_ratio: content that grows more is oversize")
def _():
    bomb = gzip.compress(b"x" * 2_000_000 + b"secret")
    room = "inspect: true, limit: 4MiB, oversize: reject"
    reloaded(f"response_body: {{ {room} }}")
    expect_equal(post("/say?type=text/html&coding=gzip", bomb, "text/plain").status, 500, "oversize")
    harmless = gzip.compress(b"x" * 2_000_000)
    reloaded(f"response_body: {{ {room}, decompression_ratio: 5000 }}")
    expect_equal(post("/say?type=text/html&coding=gzip", harmless, "text/plain").body, harmless, "with more room")


@check("limits.inspection_memory: 503 when more content would be held")
def _():
    body = b"q=" + b"x" * 1_500_000
    reloaded("request_body: { limit: 4MiB }")
    expect_equal(post("/", body).text, str(len(body)), "by default")
    reloaded("request_body: { limit: 4MiB }", head=f'limits: {{ inspection_memory: 1MiB }}\nlogs: {{ access: {{ path: "off" }} }}')
    expect_equal(post("/", body).status, 503, "beyond it")
    expect_equal(post("/", b"q=" + b"x" * 500_000).status, 200, "below it, afterwards")
    reloaded("request_body: { limit: 4MiB, decompression_ratio: 5000 }", head='limits: { inspection_memory: 1MiB }\nlogs: { access: { path: "off" } }')
    expect_equal(post("/", gzip.compress(body), coding="gzip").status, 503, "what decoding makes of content counts")


@check("logs.waf.buffer: a line that does not fit is dropped and counted")
def _():
    long = "/?long=" + "x" * 6_000
    reloaded()
    once(gateway.port, long)
    until(lambda: rules_logged().count([2]) == 1, "the line by default", 5)
    small = Gateway(config(head=f'logs: {{ access: {{ path: "off" }}, waf: {{ path: {where}/small.log, buffer: 4KiB }} }}'), where=folder()).wait_ready(30)
    once(small.port, long)
    until(lambda: small.metric("gatehouse_waf_log_dropped_total") == 1, "counted", 5)
    once(small.port, "/?long=x")
    until(lambda: os.path.getsize(f"{where}/small.log") > 0, "a short line", 5)


@check("rules' own SecAuditLog names the file while logs.waf.path is off, and SecAuditEngine On logs every request")
def _():
    place = folder()
    with open(f"{where}/audited.conf", "w", encoding="utf-8") as file:
        file.write(f'Include {where}/rules.conf\nSecAuditEngine On\nSecAuditLogFormat JSON\nSecAuditLogType Serial\nSecAuditLog {place}/audit.log\n')
    text = config(head='logs: { access: { path: "off" } }').replace(f"{where}/rules.conf", f"{where}/audited.conf")
    audited = Gateway(text, where=place).wait_ready(30)
    once(audited.port, "/?q=attack")
    once(audited.port, "/harmless")

    def lines():
        if not os.path.exists(f"{place}/audit.log"):
            return []
        with open(f"{place}/audit.log", encoding="utf-8") as file:
            return [(line["action"], line["path"], line["rule_ids"]) for line in map(json.loads, file)]

    until(lambda: sorted(lines()) == [("block", "/?q=attack", [1]), ("pass", "/harmless", [])], "two lines", 5)


@check("rules decide what is written down, and which parts of it")
def _():
    place = folder()
    with open(f"{place}/audited.conf", "w", encoding="utf-8") as file:
        file.write(f'''Include {where}/rules.conf
SecAuditLogParts ABCFHZ
SecAuditLogRelevantStatus "^404"
SecRule ARGS:quiet "@rx ." "id:20,phase:1,pass,nolog,ctl:auditEngine=Off"
SecRule ARGS:brief "@rx ." "id:21,phase:1,pass,nolog,ctl:auditLogParts=-BCFH"
SecRule ARGS:room "@rx ." "id:22,phase:1,pass,nolog,ctl:requestBodyLimit=100000"
''')
    log = f'logs: {{ access: {{ path: "off" }}, waf: {{ path: {place}/waf.log }} }}'
    audited = Gateway(config("request_body: { limit: 4KiB }", log).replace(f"{where}/rules.conf", f"{place}/audited.conf"), where=place).wait_ready(30)
    form = [("Content-Type", "application/x-www-form-urlencoded")]

    def lines():
        with open(f"{place}/waf.log", encoding="utf-8") as file:
            return {line["path"]: line for line in map(json.loads, file)}

    once(audited.port, "/?quiet=1&q=attack")
    once(audited.port, "/harmless")
    once(audited.port, "/say?status=404")
    once(audited.port, "/?brief=1&q=attack")
    expect_equal(once(audited.port, "/?long=1", method="POST", fields=form, body=b"long=abc").status, 200, "noted")
    until(lambda: len(lines()) == 3, "three lines", 5)
    found = lines()
    expect_equal(sorted(found), ["/?brief=1&q=attack", "/?long=1", "/say?status=404"], "which")
    full = found["/?long=1"]
    expect_equal((full["request_body"], full["matches"][0]["id"]), ("long=abc", 2), "content and matches")
    expect(["Content-Type", "application/x-www-form-urlencoded"] in full["request_headers"], "the request's fields")
    expect(any(name.lower() == "content-length" for name, _ in full["response_headers"]), "the response's fields")
    expect("files" not in full and "response_body" not in full, "parts that nobody asked for")
    expect(not {"matches", "request_headers", "request_body", "response_headers"} & set(found["/?brief=1&q=attack"]), "parts taken away")
    body = b"q=" + b"x" * 50_000
    expect_equal(once(audited.port, "/", method="POST", fields=form, body=body).status, 413, "beyond the limit")
    expect_equal(once(audited.port, "/?room=1", method="POST", fields=form, body=body).text, str(len(body)), "a limit that a rule raised")


finish()
