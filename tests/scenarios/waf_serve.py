#!/usr/bin/env -S /usr/bin/python3
"""gatehouse waf serve behind proxies: the real nginx with auth_request, and calls as Traefik, Caddy and Envoy make
them."""
import json
import os
import shutil
import signal
import subprocess
import sys
import threading

from support.checks import check, expect, expect_equal, finish, limit, until
from support.client import once
from support.echo import Echo
from support.gateway import folder, free_port, program

limit(200)
where = folder()
RULES = os.path.join(where, "rules.conf")


def write_rules(word):
    with open(RULES, "w", encoding="utf-8") as file:
        file.write(f'SecRule ARGS|REQUEST_COOKIES "@rx {word}" "id:1,phase:2,deny,status:403,log,msg:\'An attack\',severity:CRITICAL"\n'
                   'SecRule REQUEST_METHOD "@streq DELETE" "id:2,phase:1,deny,log,msg:\'No deleting\'"\n'
                   'SecRule REMOTE_ADDR "@ipMatch 203.0.113.0/24" "id:3,phase:1,deny,log,msg:\'Not from there\'"\n'
                   'SecRule REQUEST_HEADERS:Host "@streq secret.example.com" "id:4,phase:1,deny,log,msg:\'Not that host\'"\n')


class Authority:
    def __init__(self, *more):
        self.lines = []
        environment = dict(os.environ, XDG_CACHE_HOME=where)
        self.process = subprocess.Popen([program(), "waf", "serve", "-r", RULES, "--listen", "127.0.0.1:0", *more],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
        ready = self.process.stdout.readline()
        expect(ready.startswith("ready waf="), f"no ready line: {ready!r}")
        self.port = int(ready.split()[1].rsplit(":", 1)[1])
        threading.Thread(target=self._follow, daemon=True).start()

    def _follow(self):
        for line in self.process.stdout:
            self.lines.append(json.loads(line))

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(10)


write_rules("attack")
authority = Authority("--path-prefix", "/authorize")


def call(path="/", **fields):
    return once(authority.port, path, fields=[(name.replace("_", "-"), value) for name, value in fields.items()])


@check("Traefik's and Caddy's forward-auth: the request is in X-Forwarded-*")
def _():
    expect_equal(call(X_Forwarded_Method="GET", X_Forwarded_Uri="/?q=fine", X_Forwarded_Host="shop.example.com").status, 200, "fine")
    reply = call(X_Forwarded_Method="GET", X_Forwarded_Uri="/?q=an+attack", X_Forwarded_For="192.0.2.9")
    expect_equal((reply.status, reply.fields["x-gatehouse-waf"]), (403, "block"), "an attack")
    expect(reply.fields["x-gatehouse-reference"] in reply.text, "the page has no reference")
    expect_equal(call(X_Forwarded_Method="DELETE", X_Forwarded_Uri="/").status, 403, "the method")
    expect_equal(call(X_Forwarded_Uri="/", X_Forwarded_For="192.0.2.1, 203.0.113.9").status, 403, "the client")
    expect_equal(call(X_Forwarded_Uri="/", X_Forwarded_For="203.0.113.9, 192.0.2.1").status, 200, "not what a client claims")
    expect_equal(call(X_Forwarded_Uri="/", X_Forwarded_Host="secret.example.com").status, 403, "the host")
    expect_equal(call(X_Forwarded_Uri="/", Cookie="a=attack").status, 403, "fields that are passed on")


@check("Envoy's ext_authz: the request itself, below a prefix, with its content")
def _():
    expect_equal(call("/authorize/shop?q=fine").status, 200, "fine")
    expect_equal(call("/authorize/shop?q=attack").status, 403, "an attack")
    form = [("Content-Type", "application/x-www-form-urlencoded")]
    expect_equal(once(authority.port, "/authorize/form", method="POST", fields=form, body=b"q=attack").status, 403, "in the content")
    expect_equal(once(authority.port, "/authorize/form", method="POST", fields=form, body=b"q=fine").status, 200, "fine content")


@check("content beyond the rules' limit: its start is judged, or it is too much, as the rules say")
def _():
    def sends(port, content):
        return once(port, "/form", method="POST", fields=[("Content-Type", "application/x-www-form-urlencoded")], body=content).status
    for action, late in (("Reject", 403), ("ProcessPartial", 200)):
        write_rules("attack")
        with open(RULES, "a", encoding="utf-8") as file:
            file.write(f"SecRequestBodyLimit 3000000\nSecRequestBodyLimitAction {action}\n")
        limited = Authority()
        large = b"&q=" + b"x" * 3_500_000
        contents = (b"q=" + b"x" * 2_900_000, b"q=attack" + large, b"q=fine" + large, b"q=fine")
        expect_equal([sends(limited.port, content) for content in contents], [200, 403, late, 200], action)
        expect_equal(limited.end(), 0, "exit code")
    write_rules("attack")


@check("each match is a line of JSON")
def _():
    reply = call(X_Forwarded_Uri="/logged?q=attack")
    line = until(lambda: [l for l in authority.lines if l["request_id"] == reply.fields["x-gatehouse-reference"]], "its line", 3)[0]
    expect_equal((line["action"], line["rule_ids"], line["path"], line["matches"][0]["variable"]), ("block", [1], "/logged?q=attack", "ARGS:q"), "the line")


NGINX = '''daemon off;
master_process off;
worker_processes 1;
pid {where}/nginx.pid;
error_log {where}/error.log warn;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {where}/body; proxy_temp_path {where}/proxy; fastcgi_temp_path {where}/fastcgi;
  uwsgi_temp_path {where}/uwsgi; scgi_temp_path {where}/scgi;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      auth_request /waf;
      auth_request_set $waf_reference $upstream_http_x_gatehouse_reference;
      add_header X-Reference $waf_reference always;
      proxy_pass http://{origin};
    }}
    location = /waf {{
      internal;
      proxy_pass http://127.0.0.1:{authority};
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
      proxy_set_header Host $host;
      proxy_set_header X-Original-Method $request_method;
      proxy_set_header X-Original-URI $request_uri;
      proxy_set_header X-Real-IP $remote_addr;
    }}
  }}
}}
'''

nginx = shutil.which("nginx") or "/usr/sbin/nginx"
if os.path.exists(nginx):
    origin, port = Echo(), free_port()
    with open(os.path.join(where, "nginx.conf"), "w", encoding="utf-8") as file:
        file.write(NGINX.format(where=where, port=port, origin=origin.address, authority=authority.port))
    server = subprocess.Popen([nginx, "-p", where, "-c", os.path.join(where, "nginx.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def answers():
        try:
            return once(port, "/up").status == 200
        except OSError:
            return False

    @check("the real nginx asks with auth_request: harmless requests reach the origin, attacks do not")
    def _():
        until(answers, "nginx answers", 10)
        origin.forget()
        expect_equal(once(port, "/a?q=fine").status, 200, "fine")
        reply = once(port, "/b?q=an%20attack")
        expect_equal(reply.status, 403, "an attack")
        until(lambda: any(line["request_id"] == reply.fields["x-reference"] for line in authority.lines), "the reference in the log", 3)
        expect_equal(once(port, "/c", fields=[("Cookie", "s=attack")]).status, 403, "in a cookie")
        expect_equal(once(port, "/d", method="POST", fields=[("Content-Type", "text/plain")], body=b"12345").text, "5", "content goes on to the origin")
        expect_equal([path for _, path, _ in origin.requests()], ["/a?q=fine", "/d"], "what arrived")
    server.terminate()
    server.wait(10)
else:
    print("nginx is not installed: its check is left out")


@check("HUP reads the rules again; wrong ones leave the old in force")
def _():
    write_rules("other")
    authority.process.send_signal(signal.SIGHUP)
    until(lambda: call(X_Forwarded_Uri="/?q=other").status == 403, "the new rules", 10)
    expect_equal(call(X_Forwarded_Uri="/?q=attack").status, 200, "the old ones")
    with open(RULES, "w", encoding="utf-8") as file:
        file.write("SecRool nonsense\n")
    authority.process.send_signal(signal.SIGHUP)
    expect_equal(call(X_Forwarded_Uri="/?q=other").status, 403, "after wrong rules")


@check("TERM ends it")
def _():
    expect_equal(authority.end(), 0, "exit code")


finish()
