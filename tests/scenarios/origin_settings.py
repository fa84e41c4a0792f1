#!/usr/bin/env -S /usr/bin/python3
"""What requests to a target group are sent with: a path before theirs, fields of the group's own, a signature that the origin
checks with an implementation of its own."""
import calendar
import os
import time

from support.checks import check, expect, expect_equal, finish, limit
from support.gateway import Gateway, folder, group
from support.protocol import NO_HEALTH, Log, Wire, listener, text
from support.scripted import Answer, Scripted, cacheable
from support.signing import sigv4_problem

limit(60)
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
CACHED = 'behaviors: [ { path_pattern: "/cached/*", cache_policy: standard } ]'
origin = Scripted()
origin.answers["*"] = lambda request: Answer(b"ok", "Cache-Control: no-store")


class Front:
    def __init__(self, more):
        self.where = folder()
        self.log = Log(os.path.join(self.where, "access.log"))
        with open(os.path.join(self.where, "secret"), "w", encoding="ascii", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(SECRET + "\n")
        self.configuration = text(log=self.log.path, listeners=listener(more=CACHED), more="cache: { policies: [ { name: standard } ] }\n",
                                  groups=group([origin.address], more=NO_HEALTH + "\n" + more))
        self.gateway = Gateway(self.configuration, where=self.where).wait_ready(30)

    def get(self, path, fields="", method="GET", body=b""):
        with Wire(self.gateway.port) as client:
            return client.get(path, fields, method, body)


def asked(path):
    return origin.asked(path)[-1]


@check("origin_path: stands before the path of every request, and the access log does not show it")
def _():
    front = Front("origin_path: /site/v%2F1")
    origin.on("/site/v%2F1/cached/a", cacheable(b"stored"))
    for path in ("/a/b?c=d", "/cached/a"):
        front.get(path)
        expect_equal(asked("/site/v%2F1" + path.split("?")[0]).target, "/site/v%2F1" + path, "what the origin was asked")
        expect_equal(front.log.one(path=path)["status"], 200, "the access log")
    expect_equal(front.get("/cached/a").one("cache-status").split(";")[1], " hit", "the key has the client's path")
    with Wire(front.gateway.port) as client:
        client.send(b"OPTIONS * HTTP/1.1\r\nHost: shop.example.com\r\n\r\n")
        client.response("OPTIONS")
    expect_equal(asked("*").target, "*", "OPTIONS for the server as a whole")
    front.gateway.write(front.configuration.replace("/site/v%2F1", "/site/"))
    said = front.gateway.reload()
    expect(said.returncode == 1 and "ends with" in said.stderr, said.stderr)


@check("origin_custom_headers: header_name and header_value are sent with every request, in place of the client's")
def _():
    front = Front('origin_custom_headers:\n  - { header_name: X-Origin-Key, header_value: "two words" }\n  - { header_name: User-Agent, header_value: mine }')
    for path in ("/headers", "/cached/headers"):
        front.get(path, "x-origin-key: forged\r\nX-Origin-Key: again\r\nUser-Agent: theirs\r\n")
        request = asked(path)
        expect_equal([value for name, value in request.fields if name == "x-origin-key"], ["two words"], "X-Origin-Key")
        expect_equal([value for name, value in request.fields if name == "user-agent"], ["mine"], "User-Agent")
    expect_equal(front.log.one(path="/headers")["user_agent"], "theirs", "the access log")
    for name, words in (("Host", "cannot be set"), ("X-Amz-Date", "cannot be set"), ("x-edge-a", "cannot be set"), ("Cookie", "cannot be set"),
                        ("user-agent", "twice"), ('"a b"', "no name")):
        front.gateway.write(front.configuration.replace("X-Origin-Key", name))
        said = front.gateway.reload()
        expect(said.returncode == 1 and words in said.stderr, f"{name}: {said.stderr}")


def access_control(more="", behavior="always", secret="secret_access_key_file: secret"):
    return (f"origin_access_control: {{ origin_type: s3, signing_protocol: sigv4, signing_behavior: {behavior}, region: eu-north-1, "
            f"access_key_id: AKIAIOSFODNN7EXAMPLE, {secret}{more} }}")


def expect_signed(path, content=b""):
    request = asked(path)
    expect_equal(sigv4_problem(request, SECRET, content), None, f"{request.method} {request.target}")
    expect_equal(request.one("host"), origin.address, "Host")
    sent = time.strptime(request.one("x-amz-date"), "%Y%m%dT%H%M%SZ")
    expect(abs(time.time() - calendar.timegm(sent)) < 30, request.one("x-amz-date"))
    return request


@check("origin_access_control: every request is signed for the endpoint, whatever its path, query and content")
def _():
    front = Front(access_control() + "\norigin_path: /bucket")
    for target in ("/a", "/cached/a", "/a%20b/%C3%A4/(c)!~'*;=@:+$,&", "/%7Eme/%2Fx//y/z", "/q?list-type=2&prefix=a%2Fb&delimiter=/", "/q?b=2&a=1&a=0&B&c=",
                   "/q?x=a+b%20c&y=%25&z=*'()~", "/q?%61=1&a-b=2&a.b=3", "/q?"):
        front.get(target, "Authorization: Basic dTpw\r\nX-Amz-Acl: public-read\r\nx-amz-date: 20000101T000000Z\r\nRange: bytes=0-1\r\n")
        request = expect_signed("/bucket" + target.split("?")[0])
        expect_equal((request.target, request.one("x-amz-acl")), ("/bucket" + target, None), "the target as it came, and no field of S3's from the client")
        expect("/eu-north-1/s3/aws4_request" in request.one("authorization"), request.one("authorization"))
    for method in ("PUT", "POST", "PATCH", "DELETE", "OPTIONS", "HEAD"):
        front.get("/method", method=method, body=b"content" if method[0] == "P" else b"")
        payload = expect_signed("/bucket/method").one("x-amz-content-sha256")
        expect_equal(payload == "UNSIGNED-PAYLOAD", method[0] == "P", f"the payload of {method}")


@check("signing_behavior: no-override leaves a client's Authorization, never signs nothing")
def _():
    front = Front(access_control(behavior="no-override"))
    front.get("/none")
    expect_signed("/none")
    front.get("/own", "Authorization: Basic dTpw\r\nX-Amz-Date: 20000101T000000Z\r\n")
    expect_equal((asked("/own").one("authorization"), asked("/own").one("x-amz-date")), ("Basic dTpw", "20000101T000000Z"), "what the client sent")
    front = Front(access_control(behavior="never"))
    front.get("/never")
    expect_equal((asked("/never").one("authorization"), asked("/never").one("host")), (None, origin.address), "never")


@check("origin_access_control: region, service and access_key_id are in the scope; the secret comes from a file or a command")
def _():
    front = Front(access_control(more=", service: other", secret=f"secret_access_key_command: [printf, '{SECRET}\\n']").replace("eu-north-1", "us-east-2").replace("AKIAIOSFODNN7EXAMPLE", "AKIAOTHER"))
    front.get("/scope")
    scope = expect_signed("/scope").one("authorization")
    expect("Credential=AKIAOTHER/" in scope and "/us-east-2/other/aws4_request" in scope, scope)
    for change, words in (((f"[printf, '{SECRET}\\n']", "[printf, '']"), "no secret"), ((f"[printf, '{SECRET}\\n']", "[false]"), "exit code"),
                          (("secret_access_key_command: [printf", "secret_access_key_file: x, secret_access_key_command: [printf"), "twice"),
                          (("origin_type: s3", "origin_type: s4"), "s3"), (("signing_protocol: sigv4", "signing_protocol: sigv2"), "sigv4"),
                          (("region: us-east-2, ", ""), "region")):
        expect(change[0] in front.configuration, f"no {change[0]}")
        front.gateway.write(front.configuration.replace(*change))
        said = front.gateway.reload()
        expect(said.returncode == 1 and words in said.stderr, f"{change}: {said.stderr}")
    front.gateway.write(front.configuration.replace(f"secret_access_key_command: [printf, '{SECRET}\\n']", "secret_access_key_file: none"))
    expect(front.gateway.reload().returncode == 1, "a file that is not there")


finish()
