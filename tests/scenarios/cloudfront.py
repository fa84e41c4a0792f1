#!/usr/bin/env -S /usr/bin/python3
"""Profile cloudfront: what is in the key and what reaches the origin, how long things are kept, what clients are told."""
import time

from support.cached import Cached, asked_once
from support.checks import check, expect, expect_equal, finish, limit
from support.gateway import command
from support.protocol import listener
from support.scripted import CUT, Answer, Scripted, cacheable, stale

limit(150)
origin = Scripted()


def front(policy="", behavior="", more="", keys="", **wanted):
    """A gateway whose one behavior has a policy of the profile with these keys; `keys` are of the listener."""
    behaviors = f'behaviors: [ {{ path_pattern: "*", cache_policy: standard{behavior and ", " + behavior} }} ]\n{keys}'
    return Cached(origin, policy="profile: cloudfront" + (policy and ", " + policy), listeners=listener(more=behaviors), more=more, **wanted)


def result(response):
    """The word of X-Cache."""
    return (response.one("x-cache") or "none").removesuffix(" from cloudfront")


def results(gate, path, fields="", count=2):
    return [result(gate.get(path, fields)) for _ in range(count)]


def echo(request):
    """Says which fields and which target reached the origin."""
    return cacheable(request.head)


@check("the key: by default it is the URL without its query, and that is what the origin gets")
def _():
    gate = front()
    origin.on("/plain", echo)
    got = gate.get("/plain?color=red", "Cookie: a=1\r\nAccept: text/html\r\nAccept-Language: de\r\nReferer: http://x/\r\nX-Own: 1\r\nAuthorization: Basic eDp5\r\n"
                   "User-Agent: curl\r\nX-Forwarded-Host: evil.example\r\nCloudFront-Viewer-Country: XX\r\nAccept-Encoding: gzip\r\n")
    sent = origin.asked("/plain")[0]
    expect_equal(sent.target, "/plain", "the target at the origin")
    for name in ("cookie", "accept", "accept-language", "referer", "x-own", "authorization", "x-forwarded-host", "cloudfront-viewer-country", "accept-encoding"):
        expect(sent.one(name) is None, f"{name} reached the origin: {sent}")
    expect_equal(sent.one("user-agent"), "Amazon CloudFront", "the agent")
    expect_equal((result(got), result(gate.get("/plain?color=blue", "Cookie: a=2\r\n"))), ("Miss", "Hit"), "another query is the same object")


@check("the key: listed parameters, header fields and cookies are in it and reach the origin, in one form")
def _():
    gate = front("query_strings_config: { query_string_behavior: whitelist, query_strings: [page, lang] }, "
                 "headers_config: { header_behavior: whitelist, headers: [X-Shop] }, "
                 "cookies_config: { cookie_behavior: whitelist, cookies: [b, a] }")
    origin.on("/listed", echo)
    first = gate.get("/listed?utm=1&lang=de&page=2&utm=3", "X-Shop: one\r\nCookie: z=1; b=2; a=1\r\nCookie: b=3\r\n")
    sent = origin.asked("/listed")[0]
    expect_equal((sent.target, sent.one("x-shop"), sent.one("cookie")), ("/listed?lang=de&page=2", "one", "a=1; b=2; b=3"), "at the origin")
    expect_equal(result(first), "Miss", "the first")
    same = ("/listed?lang=de&utm=9&page=2", "X-Shop: one\r\nCookie: a=1; other=1; b=2; b=3\r\n")
    expect_equal(result(gate.get(*same)), "Hit", "the same but for what is not listed")
    for name, path, fields in (("a parameter", "/listed?lang=en&page=2", same[1]), ("their order", "/listed?page=2&lang=de", same[1]),
                               ("a field", same[0], "X-Shop: two\r\nCookie: a=1; b=2; b=3\r\n"), ("no field", same[0], "Cookie: a=1; b=2; b=3\r\n"),
                               ("an empty field", same[0], "X-Shop:\r\nCookie: a=1; b=2; b=3\r\n"), ("a cookie", same[0], "X-Shop: one\r\nCookie: a=1; b=2\r\n")):
        expect_equal(results(gate, path, fields), ["Miss", "Hit"], name)


@check("the key: all but those, and all")
def _():
    gate = front("query_strings_config: { query_string_behavior: allExcept, query_strings: [utm] }, cookies_config: { cookie_behavior: allExcept, cookies: [id] }")
    origin.on("/except", echo)
    gate.get("/except?a=1&utm=2", "Cookie: id=1; seen=2\r\n")
    expect_equal((origin.asked("/except")[0].target, origin.asked("/except")[0].one("cookie")), ("/except?a=1", "seen=2"), "at the origin")
    expect_equal(result(gate.get("/except?a=1", "Cookie: seen=2; id=2\r\n")), "Hit", "without them")
    everything = front("query_strings_config: { query_string_behavior: all }, cookies_config: { cookie_behavior: all }")
    origin.on("/all", echo)
    everything.get("/all?b&a=1&&b", "Cookie: b=1; a=2\r\n")
    expect_equal((origin.asked("/all")[0].target, origin.asked("/all")[0].one("cookie")), ("/all?b&a=1&&b", "a=2; b=1"), "at the origin")
    expect_equal(results(everything, "/all?a=1&b", "Cookie: a=2; b=1\r\n"), ["Miss", "Hit"], "another order is another object")


@check("parameter cloaking: what the key does not see the origin does not get")
def _():
    gate = front("query_strings_config: { query_string_behavior: whitelist, query_strings: [q] }")
    for number, query in enumerate(("q=1;callback=evil", "q=1&callback=evil", "callback=evil&q=1", "%71=2&q=1", "q=1&Q=3")):
        path = f"/cloak/{number}"
        origin.on(path, echo)
        gate.get(f"{path}?{query}")
        sent = origin.asked(path)[0].target
        expect_equal(sent, f"{path}?q=1;callback=evil" if number == 0 else f"{path}?q=1", query)
        clean = gate.get(f"{path}?q=1")
        expect(b"evil" not in clean.body, f"{query}: another client got {clean.body}")


@check("Accept-Encoding: in the key and at the origin in one of four forms")
def _():
    both = "enable_accept_encoding_gzip: true, enable_accept_encoding_brotli: true"
    for policy, asked, sent in ((both, "gzip, deflate, br;q=0.9", "br,gzip"), (both, "gzip", "gzip"), (both, "br", "br"), (both, "deflate, zstd", "identity"),
                                ("enable_accept_encoding_gzip: true", "br, gzip", "gzip"), ("enable_accept_encoding_brotli: true", "br, gzip", "br"),
                                ("", "gzip", None), (both, None, None),
                                ("headers_config: { header_behavior: whitelist, headers: [Accept-Encoding] }", "x, gzip", "x, gzip")):
        path = f"/encoding/{origin.turns.total()}"
        origin.on(path, echo)
        front(policy).get(path, f"Accept-Encoding: {asked}\r\n" if asked else "")
        expect_equal(origin.asked(path)[0].one("accept-encoding"), sent, f"{policy}: {asked}")
    gate = front(both)
    origin.on("/shared", echo)
    expect_equal([result(gate.get("/shared", f"Accept-Encoding: {value}\r\n")) for value in ("gzip, br", "br, gzip, zstd", "gzip", "gzip;q=1, x", "x")],
                 ["Miss", "Hit", "Miss", "Hit", "Miss"], "those who take the same share")


@check("origin request policies: what else reaches the origin, without being in the key")
def _():
    policies = ("origin_request_policies:\n"
                "  - { name: some, headers_config: { header_behavior: whitelist, headers: [X-Own, Accept] }, cookies_config: { cookie_behavior: whitelist, cookies: [t] },"
                " query_strings_config: { query_string_behavior: whitelist, query_strings: [u] } }\n"
                "  - { name: but, headers_config: { header_behavior: allExcept, headers: [X-Own] }, query_strings_config: { query_string_behavior: allExcept, query_strings: [u] } }\n")
    fields = "X-Own: 1\r\nX-Other: 2\r\nAccept: text/html\r\nUser-Agent: me\r\nCookie: t=1; s=2\r\n"
    wanted = {"some": ("1", None, "text/html", "Amazon CloudFront", "t=1", "?u=1"), "but": (None, "2", "text/html", "me", None, "?v=2"),
              "AllViewer": ("1", "2", "text/html", "me", "s=2; t=1", "?u=1&v=2"), "UserAgentRefererHeaders": (None, None, None, "me", None, ""),
              "b689b0a8-53d0-40ab-baf2-68738e2966ac": ("1", "2", "text/html", "me", "s=2; t=1", "?u=1&v=2")}
    for name, values in wanted.items():
        path = f"/sent/{name}"
        origin.on(path, echo)
        used = "".join(line for line in policies.splitlines(True) if "name:" not in line or f"name: {name}," in line)
        gate = front(behavior=f"origin_request_policy: {name}", more=used if name in ("some", "but") else "")
        gate.get(f"{path}?u=1&v=2", fields)
        sent = origin.asked(path)[0]
        got = tuple(sent.one(key) for key in ("x-own", "x-other", "accept", "user-agent", "cookie")) + (sent.target.removeprefix(path),)
        expect_equal(got, values, name)
        expect_equal(result(gate.get(path, "X-Own: other\r\n")), "Hit", f"{name}: not in the key")


@check("a POST is not stored, and carries what it needs")
def _():
    gate = front()
    origin.on("/form", echo)
    for _ in range(2):
        got = gate.get("/form?x=1", "Authorization: Basic eDp5\r\nX-Csrf: 7\r\nContent-Type: text/plain\r\nCookie: a=1\r\nReferer: http://x/\r\n", "POST", b"text")
        expect_equal((got.status, result(got)), (200, "Miss"), "a POST")
    sent = origin.asked("/form")[1]
    expect_equal((sent.target, sent.body, sent.one("authorization"), sent.one("x-csrf"), sent.one("cookie"), sent.one("referer")),
                 ("/form", b"text", "Basic eDp5", "7", None, None), "at the origin")
    got = gate.get("/form", "", "GET", b"text")
    expect_equal((got.status, result(got)), (403, "Error"), "a GET with content")


@check("lifetimes: the table of MinTTL, DefaultTTL and MaxTTL")
def _():
    rows = (("", "", 86400), ("", "Cache-Control: max-age=50", 50), ("", "Cache-Control: max-age=50, s-maxage=40", 40), ("default_ttl: 1h", "", 3600),
            ("max_ttl: 30s, default_ttl: 30s", "Cache-Control: max-age=50", 30), ("min_ttl: 2m", "Cache-Control: max-age=50", 120),
            ("min_ttl: 2m", "Cache-Control: no-store", 120), ("min_ttl: 2m", "Cache-Control: private", 120), ("min_ttl: 2m", "", 86400),
            ("", "Cache-Control: no-store", None), ("", "Cache-Control: private", None), ("min_ttl: 0s, default_ttl: 0s, max_ttl: 0s", "Cache-Control: max-age=50", None))
    for number, (policy, fields, lifetime) in enumerate(rows):
        path = f"/ttl/{number}"
        origin.on(path, Answer(b"content", fields))
        gate = front(policy)
        first, second = gate.get(path), gate.get(path)
        if lifetime is None:
            expect_equal((result(second), origin.count(path)), ("Miss", 2), f"{policy}: {fields}")
            continue
        ttl = int(second.one("cache-status").split("ttl=")[1].split(";")[0])
        expect(result(first) == "Miss" and result(second) == "Hit" and lifetime - 5 <= ttl <= lifetime, f"{policy}: {fields}: {ttl}")
        expect_equal(second.one("cache-control"), fields.partition(": ")[2] or None, "the client sees the origin's own")


@check("clients cannot force anything: their Cache-Control and Pragma are ignored")
def _():
    gate = front()
    origin.on("/forced", cacheable(b"content"))
    gate.get("/forced")
    for fields in ("Cache-Control: no-cache\r\n", "Cache-Control: no-store\r\n", "Cache-Control: max-age=0\r\n", "Pragma: no-cache\r\n"):
        expect_equal(result(gate.get("/forced", fields)), "Hit", fields)


@check("errors: 404 and 5xx are kept for ten seconds, others when they say so, or as long as the listener says")
def _():
    gate = front()
    for status, fields, kept in ((404, "Cache-Control: no-store", True), (500, "", True), (503, "", True), (403, "", False), (403, "Cache-Control: max-age=60", True),
                                 (400, "", False), (405, "Cache-Control: s-maxage=60", True), (410, "", False), (429, "Cache-Control: max-age=60", False)):
        path = f"/error/{status}/{len(fields)}"
        origin.on(path, Answer(b"sorry", fields, status))
        expect_equal([(got.status, result(got)) for got in (gate.get(path), gate.get(path))], [(status, "Error")] * 2, path)
        asked_once(origin, path, 1 if kept else 2)
    own = front(keys="custom_error_responses: [ { error_code: 404, error_caching_min_ttl: 1s }, { error_code: 500, error_caching_min_ttl: 0s } ]")
    for status, wait, count in ((404, 1.5, 2), (500, 0, 2)):
        path = f"/own/{status}"
        origin.on(path, Answer(b"sorry", "", status))
        own.get(path)
        time.sleep(wait)
        own.get(path)
        asked_once(origin, path, count)


@check("an expired object stands in for a 5xx and for a dead origin, whatever it says, but not for a 4xx")
def _():
    gate = front()
    for name, then, status, body in (("5xx", Answer(b"sorry", "", 500), 200, b"old"), ("dead", CUT, 200, b"old"), ("4xx", Answer(b"sorry", "", 410), 410, b"sorry")):
        path = f"/expired/{name}"
        origin.on(path, lambda request, then=then: then if request.turn else stale(b"old", "must-revalidate"))
        gate.get(path)
        got = gate.get(path)
        expect_equal((got.status, got.body), (status, body), name)


@check("validation: a 304 is a RefreshHit")
def _():
    gate = front()
    origin.on("/refresh", lambda request: Answer(status=304, fields="Cache-Control: max-age=60") if request.one("if-none-match") else stale(b"content", "", 'ETag: "1"'))
    expect_equal(results(gate, "/refresh", count=3), ["Miss", "RefreshHit", "Hit"], "one after the other")


@check("Vary: not part of the key; what it names has to be in the key or kept from the origin")
def _():
    listed = front("headers_config: { header_behavior: whitelist, headers: [X-Shop] }")
    for name, gate, vary, stored, told in (("kept from the origin", front(), "Accept-Language", True, None), ("in the key", listed, "x-shop, Accept-Language", True, "x-shop"),
                                           ("sent", front(behavior="origin_request_policy: AllViewer"), "Accept-Language", False, None),
                                           ("everything", front(), "*", False, None)):
        path = f"/vary/{name.replace(' ', '-')}"
        origin.on(path, cacheable(b"content", f"Vary: {vary}"))
        gate.get(path, "Accept-Language: de\r\n")
        got = gate.get(path, "Accept-Language: en\r\n")
        expect_equal((result(got), got.one("vary")), ("Hit" if stored else "Miss", told), name)


@check("Set-Cookie: taken away where cookies are not sent, stored where they are in the key, else not stored")
def _():
    for name, gate, cookie, stored in (("not sent", front(), None, True), ("in the key", front("cookies_config: { cookie_behavior: all }"), "s=1", True),
                                       ("sent, not in the key", front(behavior="origin_request_policy: AllViewer"), "s=1", False)):
        path = f"/set-cookie/{name.replace(', ', '-').replace(' ', '-')}"
        origin.on(path, cacheable(b"content", "Set-Cookie: s=1"))
        gate.get(path)
        got = gate.get(path)
        expect_equal((result(got), got.one("set-cookie")), ("Hit" if stored else "Miss", cookie), name)


@check("unsafe methods do not make anything invalid, and OPTIONS is stored where it is asked for")
def _():
    gate = front(behavior="cached_methods: [GET, HEAD, OPTIONS]")
    origin.on("/kept", cacheable(b"content"))
    gate.get("/kept")
    gate.get("/kept", "", "POST", b"x")
    expect_equal(result(gate.get("/kept")), "Hit", "after a POST")
    expect_equal([result(gate.get("/kept", "", "OPTIONS")) for _ in range(2)], ["Miss", "Hit"], "OPTIONS, apart from GET")
    expect_equal([result(front().get("/kept", "", "OPTIONS")) for _ in range(2)], ["Miss"] * 2, "by default")


@check("managed policies exist by name and by id")
def _():
    for number, (name, kept) in enumerate((("CachingOptimized", True), ("658327ea-f89d-4fab-a63d-7e88639e58f6", True), ("CachingDisabled", False),
                                           ("UseOriginCacheControlHeaders", False), ("4135ea2d-6df8-44a3-9df3-4b5a84be39ad", False))):
        path = f"/managed/{number}"
        origin.on(path, Answer(b"content"))
        behaviors = f'behaviors: [ {{ path_pattern: "/managed/*", cache_policy: {name} }}, {{ path_pattern: "*", cache_policy: standard }} ]'
        expect_equal(results(Cached(origin, listeners=listener(more=behaviors)), path), ["Miss", "Hit" if kept else "Miss"], name)


@check("a purge of a URL takes every variant of it")
def _():
    gate = front("headers_config: { header_behavior: whitelist, headers: [X-Shop] }", cache="purge_from: [127.0.0.0/8]")
    origin.on("/variants", cacheable(b"content"))
    for shop in ("one", "two"):
        expect_equal(results(gate, "/variants", f"X-Shop: {shop}\r\n"), ["Miss", "Hit"], shop)
    expect_equal(gate.get("/variants", "", "PURGE").status, 200, "the purge")
    expect_equal([result(gate.get("/variants", f"X-Shop: {shop}\r\n")) for shop in ("one", "two")], ["Miss", "Miss"], "after it")


@check("cache_tag_config: a field of tags with another name; clients do not see it")
def _():
    gate = front(keys="cache_tag_config: { header_name: X-Tags }")
    origin.on("/tags", cacheable(b"content", "X-Tags: one, Two\r\nCache-Tag: three"))
    for tag in ("two", "three"):
        gate.get("/tags")
        got = gate.get("/tags")
        expect_equal((result(got), got.one("x-tags"), got.one("cache-tag")), ("Hit", None, None), "before")
        expect_equal(command("purge", "--admin", gate.gateway.admin, "--tag", tag).returncode, 0, "the purge")
        expect_equal(result(gate.get("/tags")), "Miss", tag)
    plain = front()
    plain.get("/tags")
    command("purge", "--admin", plain.gateway.admin, "--tag", "two")
    expect_equal(result(plain.get("/tags")), "Hit", "without it that field has no tags")


@check("an invalidation as at CloudFront: paths, paths with a * at the end, tags")
def _():
    gate = front("query_strings_config: { query_string_behavior: all }")
    paths = ("/inv/a", "/inv/a?q=1", "/inv/ab", "/inv/b/c", "/other")

    def left(*items):
        for path in paths:
            origin.on(path.split("?")[0], cacheable(b"content", "Cache-Tag: Red, blue"))
            gate.get(path)
        said = command("purge", "--admin", gate.gateway.admin, *items)
        expect_equal(said.returncode, 0, said.stderr)
        return [path for path in paths if result(gate.get(path)) == "Hit"]
    expect_equal(left("/inv/a"), ["/inv/a?q=1", "/inv/ab", "/inv/b/c", "/other"], "a path")
    expect_equal(left("/inv/a*"), ["/inv/b/c", "/other"], "a path with a *")
    expect_equal(left("/inv/b*", "/other"), ["/inv/a", "/inv/a?q=1", "/inv/ab"], "two")
    expect_equal([left("/*"), left("#RED"), left("#red*")], [[], [], list(paths)], "everything, a tag, and no tag")
    for wrong in ("/a*b", "/*/x", "#"):
        expect(command("purge", "--admin", gate.gateway.admin, wrong).returncode != 0, f"{wrong} was taken")


finish()
