#!/usr/bin/env -S /usr/bin/python3
"""gatehouse cache explain: what of a request is in the key of each stored response, and which response a request gets and why. What
it says of a request is compared with what the gateway then does."""
import json

from support.cached import Cached, forwarded, hit
from support.checks import check, expect, expect_equal, finish, limit
from support.gateway import command
from support.protocol import listener
from support.scripted import Answer, Scripted, cacheable, stale

limit(60)
origin = Scripted()
LISTED = ("profile: cloudfront, query_strings_config: { query_string_behavior: whitelist, query_strings: [page] }, "
          "headers_config: { header_behavior: whitelist, headers: [Accept-Language, X-Shop] }, "
          "cookies_config: { cookie_behavior: whitelist, cookies: [theme] }")
keyed = Cached(origin, policy=LISTED)
plain = Cached(origin, listeners=listener(more='behaviors: [ { path_pattern: "*", cache_policy: standard, compress: true } ]'))


def explain(gate, path, *fields, text=False):
    arguments = [part for field in fields for part in ("-H", field)]
    said = command("cache", "explain", *arguments, "http://shop.example.com" + path, "--admin", gate.gateway.admin, *([] if text else ["--format", "json"]))
    expect_equal(said.returncode, 0, said.stderr)
    return said.stdout if text else json.loads(said.stdout)


def key_of(view):
    return [(part["kind"], part.get("name"), part["value"]) for part in view["key"]]


def asked(gate, path, *fields):
    """What explain says of a request, and whether the gateway then answers it from the cache."""
    document = explain(gate, path, *fields)
    said = document["requests"][0]
    got = gate.get(path, "".join(field + "\r\n" for field in fields))
    return said, got


FIRST = ("/list?page=2&utm=1", "Accept-Language: en\r\nCookie: id=7; theme=dark\r\n")


@check("the key of a stored response: fields, missing ones too, cookies and parameters, as they were keyed")
def _():
    origin.on("/list", cacheable(b"list"))
    keyed.get(*FIRST)
    document = explain(keyed, "/list?page=2&utm=9")
    expect_equal([key_of(one) for one in document["objects"]], [[("header", "accept-language", "en"), ("header", "x-shop", None), ("cookie", "theme", "dark"),
                                                                ("parameter", "page", "2")]], "the key")
    expect("requests" not in document, "nothing was asked of a request")
    expect_equal(explain(keyed, "/list?page=3")["objects"], [], "another page")


@check("a request gets the variant with its very key, whatever else it has")
def _():
    said, got = asked(keyed, "/list?utm=5&page=2", "accept-language:en", "Cookie: theme=dark; other=1", "User-Agent: x")
    expect_equal((said["result"], said["object"], said["cache_policy"], said["behavior"]), ("hit", 0, "standard", "*"), "said")
    expect_equal(got.one("x-cache"), "Hit from cloudfront", "done")


@check("a request that gets none is told what differs, from the response that is nearest")
def _():
    keyed.get("/list?page=2", "Accept-Language: fr\r\nX-Shop: b\r\nCookie: theme=light\r\n")
    for fields, expected in ((("Accept-Language: de", "Cookie: theme=dark"), 'header accept-language is "de" here, "en" there'),
                             (("Accept-Language: en",), 'cookie theme is none here, "dark" there'),
                             (("Accept-Language: en", "X-Shop: a", "Cookie: theme=dark"), 'header x-shop is "a" here, none there'),
                             (("Accept-Language: fr", "X-Shop: a", "Cookie: theme=light"), 'header x-shop is "a" here, "b" there')):
        said, got = asked(keyed, "/list?page=2", *fields)
        expect_equal((said["result"], said["object"]), ("miss", None), f"{fields}")
        expect(said["why"].endswith(": " + expected), said["why"])
        expect_equal(got.one("x-cache"), "Miss from cloudfront", f"{fields}")
        expect_equal(command("purge", "http://shop.example.com/list?page=2", "--admin", keyed.gateway.admin).returncode, 0, "the purge")
        for again in (FIRST, ("/list?page=2", "Accept-Language: fr\r\nX-Shop: b\r\nCookie: theme=light\r\n")):
            keyed.get(*again)


@check("Vary, codings, parts, what is stale, what is not stored, what goes past the cache")
def _():
    origin.on("/vary", lambda request: cacheable(b"x", "Vary: X-Kind"))
    plain.get("/vary", "X-Kind: a\r\n")
    said, got = asked(plain, "/vary", "X-Kind: a")
    expect_equal((said["result"], hit(got)), ("hit", True), "the same kind")
    said = explain(plain, "/vary", "X-Kind: b")["requests"][0]
    expect_equal((said["result"], said["why"]), ("miss", "what is stored varies by x-kind, which is =b in this request"), "another kind")
    origin.on("/coded", cacheable(b"text " * 1000, "Content-Type: text/plain"))
    plain.get("/coded", "Accept-Encoding: br\r\n")
    document = explain(plain, "/coded", "Accept-Encoding: gzip")
    expect_equal([key_of(one) for one in document["objects"]], [[("coding", None, "br")]], "codings")
    expect_equal((key_of(document["requests"][0]), document["requests"][0]["result"]), ([("coding", None, "gzip")], "miss"), "another coding")
    expect_equal(explain(plain, "/coded", "Accept-Encoding: gzip, br")["requests"][0]["result"], "hit", "both")
    origin.on("/part", lambda request: Answer(b"ab", 'Cache-Control: max-age=60\r\nETag: "1"\r\nContent-Range: bytes 0-1/9', 206))
    plain.get("/part", "Range: bytes=0-1\r\n")
    expect_equal(explain(plain, "/part", "X-Any: 1")["requests"][0]["why"], "only parts of it are stored", "parts")
    origin.on("/stale", stale(b"old", more='ETag: "1"'))
    plain.get("/stale")
    said, got = asked(plain, "/stale", "X-Any: 1")
    expect_equal((said["result"], said["object"], forwarded(got)), ("revalidate", 0, "stale"), "stale")
    origin.on("/private", Answer(b"mine", "Cache-Control: private"))
    plain.get("/private")
    said, got = asked(plain, "/private", "X-Any: 1")
    expect_equal((said["result"], said["why"], hit(got)), ("pass", "the last response was not stored: private", False), "not stored")
    expect_equal(explain(plain, "/vary", "Connection: upgrade", "Upgrade: websocket")["requests"][0]["result"], "bypass", "an upgrade")
    expect_equal(explain(plain, "/never", "X-Any: 1")["requests"][0]["why"], "nothing is stored", "unknown")


@check("as text; and what is no field is refused")
def _():
    text = explain(keyed, "/list?page=2", "Accept-Language: de", "Cookie: theme=dark", text=True)
    for line in ("    key      header accept-language: en\n", "    key      header x-shop: none\n", "    key      cookie theme: dark\n", "    key      parameter page: 2\n",
                 "  such a request at ", ", behavior *, policy standard\n", "    gets     miss: its key differs"):
        expect(line in text, f"{line!r} is not in {text}")
    text = explain(keyed, "/list?page=2", "Accept-Language: en", "Cookie: theme=dark", text=True)
    expect("    gets     hit, object " in text, text)
    for field in ("no colon", ": nothing", "a b: c"):
        said = command("cache", "explain", "-H", field, "http://shop.example.com/", "--admin", keyed.gateway.admin)
        expect_equal(said.returncode, 1, f"{field}: {said}")


finish()
