#!/usr/bin/env -S /usr/bin/python3
"""Cache poisoning and web cache deception. The origin puts all that it was sent into responses that may be stored: what a hostile
client sends must not be in what a harmless one gets. And what an origin makes for one visitor is never another one's, whatever
the path looks like."""
import itertools

from support.cached import BEHAVIORS, Cached, hit
from support.checks import check, expect, expect_equal, finish, limit
from support.protocol import Ended, Wire, listener
from support.scripted import Answer, Scripted, cacheable

limit(120)
EVIL = "evil.example"
origin = Scripted()
cached = Cached(origin)
numbers = itertools.count()


def echo(request):
    """Everything but what differs from request to request anyway."""
    fields = [f"{name}: {value}" for name, value in request.fields if name not in ("x-request-id", "traceparent")]
    return cacheable("\n".join([request.line, *fields, request.text]).encode())


origin.answers["*"] = echo


def exchange(head, body=b"", method="GET", port=None):
    """The response to these bytes; None when the gateway closes instead."""
    with Wire(port or cached.port) as client:
        client.send(head.encode("latin-1") + body)
        try:
            return client.response(method)
        except (Ended, OSError):
            return None


def clean(path, fields="", port=None):
    return cached.get(path, fields, port=port)


def attack(lines, method="GET", host="shop.example.com", body=b"", target="%s", port=None):
    """What the attacker got, and what a harmless client gets from the same URL afterwards."""
    path = f"/poison/{next(numbers)}"
    head = f"{method} {target % path} HTTP/1.1\r\nHost: {host}\r\n{lines}"
    if body:
        head += f"Content-Length: {len(body)}\r\n"
    return exchange(head + "\r\n", body, method, port), clean(path, port=port)


HOSTILE = [
    "X-Forwarded-Host: evil.example", "X-Forwarded-Host: shop.example.com, evil.example", "X-Forwarded-Server: evil.example",
    "X-Forwarded-Prefix: /evil.example", "X-Forwarded-Scheme: evil.example", "X-Forwarded-Path: /evil.example", "X-Original-URL: /evil.example",
    "X-Rewrite-URL: /evil.example", "X-HTTP-Method-Override: evil.example", "X-HTTP-Method: evil.example", "X-Method-Override: evil.example",
    "X-Host: evil.example", "Forwarded: host=evil.example", "Forwarded: for=1.2.3.4;proto=https;host=evil.example", "X-Forwarded-Proto: evil.example",
    "X-Forwarded-Port: evil.example", "x-forwarded-host: evil.example", "X-FORWARDED-HOST: evil.example", "x-OrIgInAl-uRl: /evil.example",
    "X-Forwarded-Host:evil.example", "X-Forwarded-Host: \tevil.example\t", "X-Forwarded-Host: a\r\nX-Forwarded-Host: evil.example",
    "Connection: x-forwarded-host\r\nX-Forwarded-Host: evil.example", "X-Forwarded-Host: a\r\nX-Original-URL: /evil.example\r\nForwarded: host=evil.example",
    "Proxy-Authorization: Basic evil.example", "Keep-Alive: evil.example", "Upgrade: h2c\r\nConnection: upgrade\r\nHTTP2-Settings: evil.example",
]

for hostile in HOSTILE:
    @check(f"unkeyed field {hostile.splitlines()[-1]!r}" + (" and others" if "\r\n" in hostile else ""))
    def _():
        got, harmless = attack(hostile + "\r\n")
        expect(got is not None and got.status == 200, f"the hostile one got {got}")
        expect(hit(harmless), "nothing was stored, so this shows nothing")
        expect(EVIL not in harmless.text, f"a clean client gets {harmless.text!r}")


@check("X-Forwarded-Proto of a stranger neither selects nor changes what is stored")
def _():
    for value in ("https", "http, https", "HTTPS"):
        _, harmless = attack(f"X-Forwarded-Proto: {value}\r\n")
        expect("x-forwarded-proto: http\n" in harmless.text + "\n", f"{value}: {harmless.text!r}")


@check("a GET with content goes past the cache: what it brings is not stored")
def _():
    got, harmless = attack("", body=b"evil.example")
    expect(got.status == 200 and "bypass" in got.one("cache-status"), f"{got.status} {got.fields}")
    expect(EVIL in got.text, "the origin did not see the content")
    expect(EVIL not in harmless.text and not hit(harmless), f"a clean client gets {harmless.text!r}")
    path = f"/poison/{next(numbers)}"
    chunked = exchange(f"GET {path} HTTP/1.1\r\nHost: shop.example.com\r\nTransfer-Encoding: chunked\r\n\r\nc\r\nevil.example\r\n0\r\n\r\n")
    expect(chunked is not None and EVIL not in clean(path).text, "chunked content")
    before = clean(path)
    fat = exchange(f"GET {path} HTTP/1.1\r\nHost: shop.example.com\r\nContent-Length: 3\r\n\r\nabc")
    expect(not hit(fat), "a GET with content was answered from the cache")
    expect_equal(clean(path).text, before.text, "what is stored")


@check("a range or a condition of the first client is no part of what the second gets")
def _():
    def answer(request):
        if request.one("range"):
            return Answer(b"bad", "Cache-Control: max-age=60\r\nContent-Range: bytes 0-2/100\r\nETag: \"1\"", 206)
        for name in ("if-none-match", "if-modified-since"):
            if request.one(name):
                return Answer(status=304, fields="Cache-Control: max-age=60\r\nETag: \"1\"")
        if request.one("if-match") or request.one("if-unmodified-since"):
            return Answer(b"failed", "Cache-Control: max-age=60", 412)
        return cacheable(b"good", 'ETag: "1"')
    for number, fields in enumerate(("Range: bytes=0-2", "Range: bytes=0-2\r\nIf-Range: \"1\"", 'If-None-Match: "1"', "If-None-Match: *", 'If-Match: "2"',
                                     "If-Modified-Since: Sat, 01 Jan 2022 00:00:00 GMT", "If-Unmodified-Since: Sat, 01 Jan 2000 00:00:00 GMT")):
        path = f"/conditional/{number}"
        origin.on(path, answer)
        exchange(f"GET {path} HTTP/1.1\r\nHost: shop.example.com\r\n{fields}\r\n\r\n")
        got = clean(path)
        expect_equal((got.status, got.body), (200, b"good"), fields)


@check("another host, or another port, has entries of its own")
def _():
    for host in ("evil.example", "shop.example.com.", "shop.example.com:1234", "shop.example.com:443", "a.shop.example.com", "localhost"):
        _, harmless = attack("", host=host)
        expect(not hit(harmless) and f"host: {host}" not in harmless.text, f"{host}: {harmless.text!r}")


@check("letter case and the scheme's own port of a host make no other entry, and the origin does not see them")
def _():
    preserving = Cached(origin, listeners=listener(more=BEHAVIORS + "\nforwarded_headers: { preserve_host: true }"))
    for port, what in ((cached.port, "a listener that writes Host"), (preserving.port, "a listener that preserves it")):
        plain = [line for line in cached.get(f"/poison/{next(numbers)}", port=port).text.split("\n") if line.startswith("host:")]
        for host in ("SHOP.example.com", "shop.example.com:80", "Shop.Example.Com:80"):
            got, harmless = attack("", host=host, port=port)
            expect(got.status == 200 and hit(harmless), f"{what}: {host} has an entry of its own")
            expect(plain[0] + "\n" in harmless.text, f"{what}: {host}: {harmless.text!r} instead of {plain}")


@check("two hosts at once: the absolute form wins over Host in the key as at the origin; two Host fields are refused")
def _():
    got, harmless = attack("", target="http://evil.example%s")
    expect(got.status != 200 or not hit(harmless), "one entry for two hosts")
    expect(EVIL not in harmless.text, f"a clean client gets {harmless.text!r}")
    path = f"/poison/{next(numbers)}"
    got = exchange(f"GET http://shop.example.com{path} HTTP/1.1\r\nHost: evil.example\r\n\r\n")
    expect(EVIL not in clean(path).text, f"a clean client gets {clean(path).text!r}")
    got, harmless = attack("Host: evil.example\r\n")
    expect(got is not None and got.status == 400, f"two Host fields: {got}")
    expect(EVIL not in harmless.text, f"a clean client gets {harmless.text!r}")


@check("methods: HEAD, OPTIONS and unknown ones leave nothing behind for a GET")
def _():
    for method in ("HEAD", "OPTIONS", "TRACE", "get", "GETT", "PROPFIND", "POST"):
        got, harmless = attack("X-Method: evil.example\r\n", method=method)
        expect(EVIL not in harmless.text and harmless.text.startswith("GET "), f"{method}: a clean client gets {harmless.text!r}")


@check("errors that a hostile request provokes are not stored: too long, malformed, or refused by the origin")
def _():
    def answer(request):
        return Answer(b"refused", "Last-Modified: Sat, 01 Jan 2022 00:00:00 GMT", status) if request.one("x-bad") else cacheable(b"good")
    # Not 404, 405, 410, 414 and 501, which HTTP lets a cache keep (RFC 9110 15.1): they follow from the URL and the method.
    for status in (400, 401, 403, 406, 408, 409, 413, 415, 417, 421, 422, 429, 431, 500, 502, 503, 504):
        path = f"/cpdos/{status}"
        origin.on(path, answer)
        exchange(f"GET {path} HTTP/1.1\r\nHost: shop.example.com\r\nX-Bad: 1\r\n\r\n")
        got = clean(path)
        expect_equal((got.status, got.body), (200, b"good"), f"after {status}")
    for lines in ("X-Large: " + "x" * 100_000 + "\r\n", "X-Meta: \x01\r\n", "X-Meta: a\rb\r\n", " folded: 1\r\n", "X-Null: \x00\r\n"):
        _, harmless = attack(lines)
        expect_equal(harmless.status, 200, f"after {lines[:20]!r}")


@check("parameters: what the origin takes for another URL is another entry")
def _():
    origin.on("/query", lambda request: cacheable(request.target.encode()))
    queries = ("", "?", "?a=1", "?a=1&b=2", "?b=2&a=1", "?a=1;b=2", "?a=1&a=2", "?a=2&a=1", "?A=1", "?a=%31", "?a=1&", "?a=1%26b=2", "?a=1#x", "?utm_content=x&a=1", "?a=1%00")
    for query in queries:
        got = exchange(f"GET /query{query} HTTP/1.1\r\nHost: shop.example.com\r\n\r\n")
        if got is not None and got.status == 200:
            expect_equal(got.text, f"/query{query}", "the response is of another URL")


@check("Vary: a response is only for those who sent the same; a field that Vary names reaches nobody else")
def _():
    origin.on("/varied", lambda request: cacheable(str([request.one(name) for name in ("x-a", "cookie")]).encode(), "Vary: X-A, Cookie"))
    asks = ("", "X-A: evil.example\r\n", "X-A: \r\n", "Cookie: evil.example\r\n", "X-A: a\r\nCookie: b\r\n", "X-A: a, b\r\n")
    first = [clean("/varied", fields).text for fields in asks]
    expect_equal([clean("/varied", fields).text for fields in reversed(asks)], first[::-1], "the second time")
    expect(all(EVIL not in first[at] for at in (0, 2, 4, 5)), f"{first}")


@check("Vary: one client with many values drives out nothing but variants of that URL, and those are bounded")
def _():
    origin.on("/many", lambda request: cacheable((request.one("x-kind") or "none").encode(), "Vary: X-Kind"))
    origin.on("/bystander", cacheable(b"bystander"))
    clean("/bystander")
    with Wire(cached.port) as client:
        for number in range(400):
            client.get("/many", f"X-Kind: {number}\r\n")
        kept = [number for number in range(400) if hit(client.get("/many", f"X-Kind: {number}\r\nCache-Control: only-if-cached\r\n"))]
    expect(10 <= len(kept) <= 64 and 399 in kept, f"{len(kept)} of 400 variants are kept")
    expect(hit(clean("/bystander")), "another URL has gone")


PRIVATE = "the account of "
ENDINGS = ["", "/", "/x.css", "/x.js", "/x.png", "/x.ico", ";x.css", ";/x.css", "%3bx.css", "%2fx.css", "/%2e%2e/x.css", "/..%2fx.css", "%2f..%2fx.css",
           "/..;/x.css", "/.css", ".css", ".js", "%00.css", "%0a.css", "%0d%0a.css", "%09.css", "%20.css", "%23.css", "%3f.css", "?x.css", "?/x.css",
           "%25.css", "%252f.css", "//x.css", "\\x.css", "%5cx.css", "!x.css", "$x.css", "~x.css", "@x.css", "&x.css", "'x.css", "*x.css", "+x.css", ",x.css",
           ":x.css", "=x.css", "|x.css", "%7cx.css", "%ff.css", "/./x.css", "/static/../x.css", "/robots.txt", "/index.html", "/x.woff2", "/x.pdf"]


def account(fields):
    """An origin whose page is made from the cookie, at every path below /account, however it is written."""
    def answer(request):
        return Answer((PRIVATE + (request.one("cookie") or "nobody")).encode(), "Content-Type: text/html\r\n" + fields)
    return answer


for title, fields in (("no-store", "Cache-Control: no-store"), ("private", "Cache-Control: private, max-age=600"), ("nothing", "X-Nothing: said"),
                      ("a cookie", "Set-Cookie: session=secret"), ("no-cache", "Cache-Control: no-cache"), ("Pragma and Expires", "Pragma: no-cache\r\nExpires: 0")):
    @check(f"web cache deception: {len(ENDINGS)} ways to write a visitor's page that says {title}, and nobody else gets it")
    def _():
        mine = Scripted()
        mine.answers["*"] = account(fields)
        front = Cached(mine)
        answered = 0
        for ending in ENDINGS:
            for cookie, forbidden in (("victim", "attacker"), ("attacker", "victim"), (None, "victim")):
                line = f"Cookie: {cookie}\r\n" if cookie else ""
                with Wire(front.port) as client:
                    client.send(f"GET /account{ending} HTTP/1.1\r\nHost: shop.example.com\r\n{line}\r\n".encode("latin-1"))
                    got = client.response()
                answered += got.status == 200
                expect(forbidden not in got.text and not hit(got), f"/account{ending}: {got}")
        expect(answered > 2 * len(ENDINGS), f"only {answered} of the requests reached the page")


@check("Authorization: a page for one who logged in is for nobody else unless the origin says so")
def _():
    origin.on("/basic", lambda request: cacheable((PRIVATE + str(request.one("authorization"))).encode()))
    expect("YTpi" in clean("/basic", "Authorization: Basic YTpi\r\n").text, "the first")
    expect("YTpi" not in clean("/basic").text, "a stranger")
    expect("YTpi" in clean("/other-basic", "Authorization: Basic YTpi\r\n").text, "another path")


@check("an origin that sends more than its response poisons nobody")
def _():
    forged = b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 6\r\n\r\nforged"
    def splits(peer):
        while peer.request() is not None:
            peer.send(b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\nContent-Length: 4\r\n\r\ngood" + forged)
    mine = Scripted()
    mine.become(splits)
    front = Cached(mine)
    expect_equal([front.get(f"/split/{number % 5}").body for number in range(20)], [b"good"] * 20, "bodies")


@check("the origin never saw a request that it could not read")
def _():
    expect_equal(origin.problems, [], "problems")


finish()
