#!/usr/bin/env -S /usr/bin/python3
"""What origins are told about the client and the way (X-Forwarded-*, Via, trace and request ids, Host), what of a head ends here,
and which rule a request takes: fields as the origin and the client receive them."""
import os
import re

from support.checks import check, expect, expect_equal, finish, limit
from support.gateway import Gateway, folder, group
from support.protocol import NO_HEALTH, Log, Origin, Wire, listener, once, text

limit(60)
where = folder()
log = Log(os.path.join(where, "access.log"))
origins = {name: Origin() for name in ("web", "a", "b", "c")}
web = origins["web"]
RULES = """rules:
  - priority: 30
    conditions: [ { path_pattern: ["/img/*"] } ]
    actions: [ { forward: { target_groups: [ { name: a } ] } } ]
  - priority: 10
    conditions: [ { host_header: ["*.example.com"] }, { path_pattern: ["/img/*", "/both?"] } ]
    actions: [ { forward: { target_groups: [ { name: b } ] } } ]
  - priority: 20
    conditions: [ { host_header: ["*.example.com"] } ]
    actions: [ { forward: { target_groups: [ { name: c } ] } } ]
  - priority: 40
    conditions: [ { path_pattern: ["/fixed"] } ]
    actions: [ { fixed_response: { status_code: 418, content_type: application/json, message_body: "{}" } } ]
  - priority: 41
    conditions: [ { path_pattern: ["/secure/*"] } ]
    actions: [ { redirect: { protocol: HTTPS, port: "443", status_code: 301 } } ]
  - priority: 42
    conditions: [ { path_pattern: ["/old/*"] } ]
    actions: [ { redirect: { host: "new.#{host}", path: "/from/#{path}", query: "was=#{query}" } } ]"""


def forwarding(more):
    return f"forwarded_headers: {{ {more} }}"


listeners = {
    "http": "", "rules": RULES, "preserve": forwarding("x_forwarded_for: preserve"), "remove": forwarding("x_forwarded_for: remove"),
    "port": forwarding("client_port: true"), "host": forwarding("preserve_host: true"),
    "trusting": forwarding("trusted_proxies: [127.0.0.0/8, 10.0.0.0/8]"),
    "denied": "filters: [ { access_list: { deny: [127.0.0.1] } } ]",
    "allowed": "filters: [ { access_list: { allow: [127.0.0.0/8] } } ]",
    "others": "filters: [ { access_list: { allow: [192.0.2.0/24] } } ]",
    "real": forwarding("trusted_proxies: [127.0.0.1]") + "\nfilters: [ { access_list: { deny: [192.0.2.0/24] } } ]",
}
gateway = Gateway(text(
    log=log.path, listeners="".join(listener(name, more=more) for name, more in listeners.items()),
    groups="".join(group([origin.address], name, NO_HEALTH) for name, origin in origins.items())), where=where).wait_ready()


def sent(fields="", name="http", path="/", line=None, host="Host: shop.example.com\r\n"):
    """The request as it reaches the origin."""
    web.take()
    with Wire(gateway.ports[name]) as client:
        client.send(((line or f"GET {path} HTTP/1.1") + f"\r\n{host}{fields}\r\n").encode("latin-1"))
        expect_equal(client.response().status, 200, "status")
    return web.take()[0]


def addresses(count):
    return ", ".join(f"192.0.2.{number}" for number in range(1, count + 1))


@check("X-Forwarded-For: append, preserve, remove, with the client's port")
def _():
    for given, appended in (("", "127.0.0.1"), ("X-Forwarded-For: 127.0.0.4\r\n", "127.0.0.4, 127.0.0.1"),
                            ("X-Forwarded-For: 127.0.0.4, 127.0.0.8\r\n", "127.0.0.4, 127.0.0.8, 127.0.0.1"),
                            ("X-Forwarded-For: 127.0.0.4\r\nx-forwarded-for: 127.0.0.8\r\n", "127.0.0.4, 127.0.0.8, 127.0.0.1")):
        expect_equal(sent(given).all("x-forwarded-for"), [appended], "append")
        expect_equal(", ".join(sent(given, "preserve").all("x-forwarded-for")), appended.removesuffix("127.0.0.1").removesuffix(", "), "preserve")
        expect_equal(sent(given, "remove").all("x-forwarded-for"), [], "remove")
    expect(re.fullmatch(r"127\.0\.0\.4, 127\.0\.0\.1:\d+", sent("X-Forwarded-For: 127.0.0.4\r\n", "port").one("x-forwarded-for")), "with port")


@check("X-Forwarded-For: 30 addresses pass, 31 are 463, in one field or several")
def _():
    expect_equal(sent(f"X-Forwarded-For: {addresses(30)}\r\n").one("x-forwarded-for"), addresses(30) + ", 127.0.0.1", "30")
    for fields in (f"X-Forwarded-For: {addresses(31)}\r\n", f"X-Forwarded-For: {addresses(16)}\r\nX-Forwarded-For: {addresses(15)}\r\n"):
        response = once(gateway.port, fields=fields)
        expect_equal(response.status, 463, "status of 31")
        expect_equal(log.one(request_id=response.one("x-request-id"))["reason"], "too_many_addresses", "reason")
    expect_equal(web.take(), [], "requests at the origin")


@check("X-Forwarded-Proto and -Port are the gateway's own, but for those of trusted proxies")
def _():
    lies = "X-Forwarded-Proto: https\r\nX-Forwarded-Port: 443\r\nX-Forwarded-Proto: ftp\r\nX-Request-Id: mine-1\r\n"
    request = sent(lies)
    expect_equal((request.all("x-forwarded-proto"), request.all("x-forwarded-port")), (["http"], [str(gateway.port)]), "fields")
    expect(re.fullmatch(r"[0-9a-f]{32}", request.one("x-request-id")), f"X-Request-Id {request.all('x-request-id')}")
    request = sent(lies.replace("X-Forwarded-Proto: ftp\r\n", ""), "trusting")
    expect_equal((request.one("x-forwarded-proto"), request.one("x-forwarded-port"), request.one("x-request-id")), ("https", "443", "mine-1"), "trusted")
    request = sent("X-Request-Id: bad\"id\r\n", "trusting")
    expect(re.fullmatch(r"[0-9a-f]{32}", request.one("x-request-id")), f"an id that is not sound: {request.all('x-request-id')}")


@check("trusted_proxies: the client is the nearest address that no trusted proxy has; nobody else is believed")
def _():
    for name, given, wanted in (("trusting", "198.51.100.7, 192.0.2.9, 10.1.2.3", "192.0.2.9"), ("trusting", "junk, 10.1.2.3", "10.1.2.3"),
                                ("http", "192.0.2.9", "127.0.0.1")):
        request = sent(f"X-Forwarded-For: {given}\r\n", name)
        line = log.one(request_id=request.one("x-request-id"))
        expect_equal(re.sub(r":\d+$", "", line["client"]), wanted, f"client in the log for {given}")
    expect_equal(once(gateway.ports["real"], fields="X-Forwarded-For: 192.0.2.9\r\n").status, 403, "a denied client behind a proxy")
    expect_equal(once(gateway.ports["real"], fields="X-Forwarded-For: 192.0.2.9, 198.51.100.1\r\n").status, 200, "a forged first address")
    expect_equal(once(gateway.ports["others"], fields="X-Forwarded-For: 192.0.2.9\r\n").status, 403, "an address that nobody vouches for")


@check("Via says by which version the request came, behind those before it")
def _():
    expect_equal(sent().all("via"), ["1.1 gatehouse"], "Via")
    expect_equal(sent(line="GET / HTTP/1.0").all("via"), ["1.0 gatehouse"], "Via of HTTP/1.0")
    expect_equal(", ".join(sent("Via: 1.0 proxy\r\n").all("via")), "1.0 proxy, 1.1 gatehouse", "Via behind another")


ROOT = r"1-[0-9a-f]{8}-[0-9a-f]{24}"


@check("X-Amzn-Trace-Id: none, with Root, with Self, with own fields, too long")
def _():
    wrong = []
    for given, wanted in ((None, f"Root={ROOT}"), ("Root=1-a-b;CalledFrom=app", f"Self={ROOT};Root=1-a-b;CalledFrom=app"),
                          ("Self=1-x-y;Root=1-a-b", f"Self={ROOT};Root=1-a-b"), ("Root=1-a-b;Self=1-x-y", f"Self={ROOT};Root=1-a-b"),
                          ("Root=1-a-b;Parent=c;Sampled=1", f"Self={ROOT};Root=1-a-b;Parent=c;Sampled=1"),
                          ("Root=1-a-b;X=" + "y" * 7200, f"Root={ROOT}")):
        value = sent(f"X-Amzn-Trace-Id: {given}\r\n" if given else "").one("x-amzn-trace-id")
        if not re.fullmatch(wanted, value):
            wrong.append(f"{(given or '')[:60]} became {value[:120]}")
    expect_equal(wrong, [], "values")


@check("Host: lower case and the listener's port, or untouched; the target's own authority comes first")
def _():
    port = gateway.port
    for host, wanted in (("shop.example.com", f"shop.example.com:{port}"), ("Shop.Example.COM", f"shop.example.com:{port}"),
                         ("shop.example.com:9", "shop.example.com:9"), ("[::1]", f"[::1]:{port}")):
        expect_equal(sent(host=f"Host: {host}\r\n").all("host"), [wanted], f"Host for {host}")
        expect_equal(sent(host=f"Host: {host}\r\n", name="host").all("host"), [host], f"Host preserved for {host}")
    request = sent(line="GET http://other.example.com/x?y HTTP/1.1")
    expect_equal((request.target, request.all("host")), ("/x?y", [f"other.example.com:{port}"]), "absolute form")
    # RFC 9112 3.2.2: the target's authority replaces Host; with hosts preserved just as it stands.
    request = sent(line="GET http://other.example.com/x HTTP/1.1", name="host")
    expect_equal((request.target, request.all("host")), ("/x", ["other.example.com"]), "absolute form, preserved")


@check("fields and targets as long as the limits allow are passed on, all at once too")
def _():
    name, many, long = "h" * 14000, "192.0.2.1" + ", " * 5000 + "192.0.2.2", "/./" + "a" * 15000
    trace = "Self=1-x;Root=1-a-b;" + "k=v;" * 1700
    fields = f"X-Forwarded-For: {many}\r\nX-Forwarded-For: {many}\r\nX-Amzn-Trace-Id: {trace}\r\n"
    for given in ({"host": f"Host: {name}\r\n"}, {"path": long}, {"fields": fields},
                  {"host": f"Host: {name}\r\n", "path": long, "fields": fields}):
        request = sent(**given)
        if "path" in given:
            expect_equal(request.target, long[2:], "target")
        if "host" in given:
            expect_equal(request.one("host"), f"{name}:{gateway.port}", "Host")
        if "fields" in given:
            expect_equal(request.one("x-forwarded-for"), f"{many}, {many}, 127.0.0.1", "X-Forwarded-For")
            expect(request.one("x-amzn-trace-id").endswith(";Root=1-a-b" + ";k=v" * 1700), "X-Amzn-Trace-Id")


HOP = ("Keep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\nTE: trailers\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
       "Proxy-Authorization: Basic eDp5\r\nX-One: 1\r\nX-Two: 2\r\nX-Kept: 3\r\n")
GONE = ("connection", "keep-alive", "proxy-connection", "te", "upgrade", "http2-settings", "proxy-authorization", "x-one", "x-two")


@check("hop-by-hop fields and those that Connection names end here, in requests")
def _():
    request = sent("Connection: upgrade, x-one, HTTP2-Settings\r\n" + HOP + "Connection: X-TWO\r\n")
    expect_equal([name for name in GONE if request.all(name)], [], "fields at the origin")
    expect_equal(request.one("x-kept"), "3", "another field")


@check("Connection cannot strip what is said about the client, nor Host, cookies or credentials")
def _():
    names = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Request-Id", "X-Amzn-Trace-Id", "Via", "Host", "Cookie",
             "Authorization", "X-Real-IP", "Content-Length")
    request = sent("".join(f"Connection: {name}\r\n" for name in names) + "Cookie: a=b\r\nAuthorization: Basic x\r\nX-Real-IP: 1.2.3.4\r\n"
                   "X-Forwarded-For: 192.0.2.1\r\n")
    for name in names[:-1]:
        expect(request.all(name.lower()), f"{name} is gone")
    expect_equal(request.one("x-forwarded-for"), "192.0.2.1, 127.0.0.1", "X-Forwarded-For")


@check("hop-by-hop fields and those that Connection names end here, in responses")
def _():
    def script(peer):
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\nConnection: x-one, close\r\nConnection: X-Two\r\nKeep-Alive: timeout=5\r\nProxy-Authenticate: Basic\r\n"
                  b"Upgrade: h2c\r\nX-One: 1\r\nX-Two: 2\r\nX-Kept: 3\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\nContent-Length: 2\r\n\r\nok")
    before = web.script
    web.become(script)
    response = once(gateway.port)
    web.become(before)
    expect_equal([name for name in (*GONE, "proxy-authenticate") if response.all(name)], [], "fields at the client")
    expect_equal((response.one("x-kept"), response.all("set-cookie")), ("3", ["a=b", "c=d"]), "other fields")


def chosen(host, path):
    for origin in origins.values():
        origin.take()
    with Wire(gateway.ports["rules"]) as client:
        client.send(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        response = client.response()
    return next((name for name, origin in origins.items() if origin.take()), response.status)


@check("rules: lowest priority first, host and path both, wildcards, letter case, never the query")
def _():
    vectors = [("EXAMPLE.com", "/", "web"), ("shop.example.com", "/", "c"), ("SHOP.Example.Com", "/", "c"), ("shop.example.com:8080", "/", "c"),
               ("a.b.example.com", "/", "c"), ("example.com", "/Img/a", "web"), ("example.com", "/img/a?x=/y", "a"), ("example.com", "/img", "web"),
               ("example.com", "/img/", "a"), ("shop.example.com", "/img/a", "b"), ("shop.example.com", "/both1", "b"),
               ("shop.example.com", "/both", "c"), ("shop.example.com", "/both12", "c"), ("example.com", "/x?/img/a", "web"),
               ("shop.example.com.evil.test", "/", "web"), ("example.com", "/fixed", 418), ("example.com", "/fixed?a", 418)]
    wrong = [(host, path, got, wanted) for host, path, wanted in vectors if (got := chosen(host, path)) != wanted]
    expect_equal(wrong, [], "vectors (host, path, taken, wanted)")


def location(path, host="h.test"):
    with Wire(gateway.ports["rules"]) as client:
        client.send(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        response = client.response()
    return response.status, response.one("location")


@check("redirects keep what they do not change; the port of the listener stands for the request's")
def _():
    port = gateway.ports["rules"]
    expect_equal(location("/secure/a?b=c"), (301, "https://h.test:443/secure/a?b=c"), "to HTTPS")
    expect_equal(location("/secure/a"), (301, "https://h.test:443/secure/a"), "without a query")
    expect_equal(location("/secure/a", "h.test:8080"), (301, "https://h.test:443/secure/a"), "with a port")
    expect_equal(location("/old/x?q=1"), (302, f"http://new.h.test:{port}/from/old/x?was=q=1"), "all parts")
    status, _ = location("/secure/" + "a" * 9000)
    expect_equal(status, 507, "status of a location beyond 8 KiB")
    expect("\n" not in location("/secure/%0d%0aSet-Cookie:x")[1], "a line end in Location")


def ask(client, method):
    client.send(f"{method} /fixed HTTP/1.1\r\nHost: h.test\r\n\r\n".encode())
    return client.response(method)


@check("fixed response: its status, type and content; no content for HEAD")
def _():
    with Wire(gateway.ports["rules"]) as client:
        for method, body in (("GET", b"{}"), ("POST", b"{}"), ("HEAD", b"")):
            response = ask(client, method)
            expect_equal((response.status, response.one("content-type"), response.one("content-length"), response.body),
                         (418, "application/json", "2", body), method)


@check("access_list: 403 with its reason, before any rule and origin")
def _():
    for name, status in (("denied", 403), ("others", 403), ("allowed", 200)):
        web.take()
        response = once(gateway.ports[name])
        expect_equal(response.status, status, name)
        if status == 403:
            line = log.one(request_id=response.one("x-request-id"))
            expect("access" in (line["reason"] or "") or line["reason"] == "filter_denied", f"reason {line['reason']}")
            expect_equal((web.take(), line["endpoint"]), ([], None), "origin")


@check("nothing at an origin could be read in two ways")
def _():
    expect_equal([problem for origin in origins.values() for problem in origin.problems], [], "problems")


finish()
