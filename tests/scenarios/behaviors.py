#!/usr/bin/env -S /usr/bin/python3
"""What a behavior says beside its cache policy: who is let in, which origin is asked, and what takes the place of an error."""
import ssl

from support import certificates
from support.cached import Cached, asked_once, hit
from support.checks import check, expect, expect_equal, finish, limit
from support.gateway import folder, group
from support.protocol import NO_HEALTH, Wire, listener
from support.scripted import CUT, Answer, Scripted, cacheable

limit(120)
origin, second = Scripted(), Scripted()


def front(behaviors, keys="", groups="", **wanted):
    """A gateway with these behaviors, each as the text between its braces."""
    lines = ", ".join(f"{{ cache_policy: standard, {behavior} }}" for behavior in behaviors)
    return Cached(origin, listeners=listener(more=f"behaviors: [ {lines} ]\n{keys}"), groups=groups, **wanted)


def page(body=b"page"):
    return cacheable(body, "Content-Type: text/html")


@check("allowed_methods: others get 403 and reach no origin")
def _():
    gate = front(['path_pattern: "/read/*", allowed_methods: [GET, HEAD]', 'path_pattern: "*"'])
    for path in ("/read/x", "/any/x"):
        origin.on(path, lambda request: Answer(request.method.encode()))
    for method, status in (("GET", 200), ("HEAD", 200), ("POST", 403), ("DELETE", 403), ("OPTIONS", 403), ("BREW", 403)):
        expect_equal(gate.get("/read/x", "", method).status, status, method)
        expect_equal(gate.get("/any/x", "", method).status, 200, f"{method} without the key")
    expect_equal({request.method for request in origin.asked("/read/x")}, {"GET", "HEAD"}, "at the origin")
    expect_equal(gate.log.one(path="/read/x", method="POST")["reason"], "method_refused", "in the log")


@check("viewer_protocol_policy: a redirect to https, or 403; over TLS an answer")
def _():
    behaviors = ('behaviors: [ { path_pattern: "/to/*", cache_policy: standard, viewer_protocol_policy: redirect-to-https },'
                 ' { path_pattern: "/only/*", cache_policy: standard, viewer_protocol_policy: https-only }, { path_pattern: "*", cache_policy: standard } ]')
    where = folder()
    certificates.make(where, "shop", "shop.example.com")
    both = listener(more=behaviors) + listener("https", more=f"protocol: HTTPS\ntls: {{ certificates: [shop] }}\n{behaviors}")
    gate = Cached(origin, listeners=both, more=f'certificates: [ {{ name: shop, certificate_file: "{where}/shop.pem", private_key_file: "{where}/shop.key" }} ]\n')
    port = gate.gateway.ports["https"]
    trusting = ssl.create_default_context(cafile=f"{where}/shop.pem")
    for path in ("/to/x", "/only/x", "/any/x"):
        origin.on(path, cacheable(b"content"))
        with Wire(port, wrap=lambda sock: trusting.wrap_socket(sock, server_hostname="shop.example.com")) as client:
            expect_equal(client.get(path).status, 200, f"{path} over TLS")
    for method, status in (("GET", 301), ("HEAD", 301), ("POST", 307), ("DELETE", 307)):
        got = gate.get("/to/x?a=1", "", method)
        expect_equal((got.status, got.one("location")), (status, f"https://shop.example.com:{port}/to/x?a=1"), method)
    expect_equal([gate.get(path).status for path in ("/only/x", "/any/x")], [403, 200], "the others")
    proxied = Cached(origin, listeners=listener(more=behaviors + "\nforwarded_headers: { trusted_proxies: [127.0.0.0/8] }"))
    for path in ("/to/x", "/only/x"):
        expect_equal([proxied.get(path, f"X-Forwarded-Proto: {scheme}\r\n").status for scheme in ("https", "http")],
                     [200, 301 if path == "/to/x" else 403], f"{path} behind a trusted proxy that ends TLS")
    expect_equal(gate.raw("POST /to/x HTTP/1.0\r\nHost: shop.example.com\r\nContent-Length: 0\r\n\r\n").status, 403, "a POST of HTTP/1.0")


@check("target_origin: a behavior's own group in place of the rule's")
def _():
    second.on("/own/x", cacheable(b"second"))
    origin.on("/rule/x", cacheable(b"first"))
    gate = front(['path_pattern: "/own/*", target_origin: other', 'path_pattern: "*"'], groups=group([second.address], "other", NO_HEALTH))
    expect_equal([gate.get("/own/x").body, gate.get("/rule/x").body], [b"second", b"first"], "who answered")
    expect_equal(gate.get("/own/x", "", "POST").body, b"second", "what is not cached goes there too")


def pair(codes):
    return (group([second.address], "other", NO_HEALTH),
            f"origin_groups: [ {{ name: pair, members: [web, other], failover_status_codes: [{codes}] }} ]\n")


@check("origin groups: the second is asked when the first fails or answers with a listed code, each time anew")
def _():
    groups, more = pair("503, 404")
    gate = front(['path_pattern: "*", target_origin: pair'], groups=groups, more=more)
    second.answers["*"] = Answer(b"second", "Cache-Control: no-store")
    for name, answer, body in (("listed", Answer(b"first", "", 503), b"second"), ("listed too", Answer(b"first", "", 404), b"second"),
                               ("another code", Answer(b"first", "Cache-Control: no-store", 500), b"first"), ("no answer", CUT, b"second"),
                               ("well", Answer(b"first", "Cache-Control: no-store"), b"first")):
        path = f"/over/{name.replace(' ', '-')}"
        origin.on(path, answer)
        expect_equal([gate.get(path).body for _ in range(3)], [body] * 3, name)
        asked_once(origin, path, 3)
    origin.on("/over/post", Answer(b"first", "", 503))
    expect_equal(gate.get("/over/post", "", "POST", b"content").body, b"first", "a POST stays")
    origin.on("/over/stored", Answer(b"first", "", 503))
    second.on("/over/stored", cacheable(b"second"))
    expect_equal([hit(gate.get("/over/stored")) for _ in range(2)], [False, True], "what the second answers is stored")


@check("origin groups: a first one without any endpoint that can be reached")
def _():
    groups, more = pair("500")
    lines = group(["127.0.0.1:1"], "dead", NO_HEALTH) + groups
    gate = front(['path_pattern: "*", target_origin: pair'], groups=lines, more=more.replace("web, other", "dead, other"))
    second.on("/dead", Answer(b"second", "Cache-Control: no-store"))
    expect_equal([gate.get("/dead").body for _ in range(3)], [b"second"] * 3, "who answers")
    expect_equal(gate.get("/dead", "", "POST").status, 502, "a POST")


PAGES = ('custom_error_responses:\n  - { error_code: 404, response_page_path: /pages/404.html, response_code: 200 }\n'
         '  - { error_code: 503, response_page_path: /pages/503.html }\n  - { error_code: 502, response_page_path: /pages/502.html }\n'
         '  - { error_code: 403, response_page_path: /pages/none.html, response_code: 404 }\n')


@check("custom_error_responses: a page in place of the origin's error, the cache's, and the gateway's own")
def _():
    gate = front(['path_pattern: "/pages/*"', 'path_pattern: "/closed/*", allowed_methods: [HEAD]', 'path_pattern: "*"'], keys=PAGES)
    for code in (404, 503, 502):
        origin.on(f"/pages/{code}.html", page(b"page %d" % code))
    origin.on("/pages/none.html", Answer(b"no page", "", 410))
    origin.on("/stored", cacheable(b"gone", status=404))
    origin.on("/passed", Answer(b"busy", "Cache-Control: no-store", 503))
    origin.on("/well", page(b"well"))
    for path, method, status, body in (("/missing", "GET", 200, b"page 404"), ("/stored", "GET", 200, b"page 404"), ("/passed", "GET", 503, b"page 503"),
                                       ("/missing", "HEAD", 200, b""), ("/passed", "POST", 503, b"page 503"), ("/closed/x", "GET", 410, b"no page"),
                                       ("/well", "GET", 200, b"well")):
        for turn in range(2):
            got = gate.get(path, "", method, b"x" * 9 if method == "POST" else b"")
            expect_equal((got.status, got.body), (status, body), f"{method} {path}, time {turn + 1}")
    asked_once(origin, "/stored", 1)
    origin.on("/cut", CUT)
    got = gate.get("/cut", "If-None-Match: *\r\nRange: bytes=0-1\r\n")
    expect_equal((got.status, got.body, got.one("content-type")), (502, b"page 502", "text/html"), "a dead origin; conditions are not the page's")
    expect(gate.log.one(path="/cut", status=502)["reason"], "no reason in the log")


@check("default_root_object: what / stands for, and nothing else")
def _():
    gate = front(['path_pattern: "*"'], keys="default_root_object: index.html")
    origin.on("/index.html", page(b"index"))
    origin.on("/folder/", page(b"folder"))
    expect_equal([gate.get(path).body for path in ("/", "/?a=1", "/folder/")], [b"index", b"index", b"folder"], "bodies")
    expect_equal(gate.get("/missing").status, 404, "another")
    expect_equal(gate.log.one(path="/")["status"], 200, "the log has what was asked for")


finish()
