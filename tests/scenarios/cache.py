#!/usr/bin/env -S /usr/bin/python3
"""What a shared cache does, seen from both sides: what is answered from it and what the origin is still asked, responses whose time
is over, invalidation, purges, reloads, listeners and web ACLs."""
import os
import socket
import ssl
import threading

from support import certificates
from support.cached import BEHAVIORS, Cached, asked_once, forwarded, hit
from support.checks import check, expect, expect_equal, finish, limit, until
from support.protocol import Ended, Reader, Wire, listener
from support.scripted import CUT, Answer, Scripted, cacheable, stale

limit(120)
origin = Scripted()
cached = Cached(origin, cache="purge_from: [127.0.0.1/32]", policy="stale_if_error: 1h")
get = cached.get


def broke(path):
    """Whether the response ended before it was complete."""
    try:
        get(path)
        return False
    except (OSError, Ended):
        return True


def expect_logged(path, wanted):
    """What the access log says of the cache for the first requests of a path. Workers write their lines by themselves."""
    def results():
        return [line["cache"] for line in sorted(cached.log.where(path=path), key=lambda line: line["time"])][:len(wanted)]
    until(lambda: results() == wanted, f"{wanted} for {path} in the access log", 5)


@check("the second request is a hit: the same bytes with Age and Cache-Status, and the origin is asked once")
def _():
    origin.on("/plain", cacheable(b"plain", "ETag: \"1\"\r\nX-Own: a\r\nX-Own: b"))
    first, second = get("/plain"), get("/plain")
    expect_equal([first.body, second.body], [b"plain"] * 2, "bodies")
    expect_equal((first.all("age"), forwarded(first)), ([], "uri-miss"), "of the first")
    expect("stored" in first.one("cache-status"), first.one("cache-status"))
    expect(hit(second) and "ttl=" in second.one("cache-status"), second.one("cache-status"))
    expect(0 <= int(second.one("age")) < 60, f"Age {second.one('age')}")
    expect_equal((second.all("x-own"), second.one("etag")), (["a", "b"], '"1"'), "fields")
    asked_once(origin, "/plain")
    expect_logged("/plain", ["miss", "hit"])


@check("a response whose time is over is checked with the origin, and a 304 makes it fresh again")
def _():
    origin.on("/checked", lambda request: Answer(status=304, fields="ETag: \"v\"\r\nCache-Control: max-age=60\r\nX-New: 1") if request.turn else
              stale(b"content", more="ETag: \"v\"\r\nLast-Modified: Sat, 01 Jan 2022 00:00:00 GMT"))
    get("/checked")
    second, third = get("/checked"), get("/checked")
    asked = origin.asked("/checked")
    expect_equal((asked[1].one("if-none-match"), asked[1].one("if-modified-since")), ('"v"', "Sat, 01 Jan 2022 00:00:00 GMT"), "the check")
    expect_equal((second.status, second.body, second.one("x-new"), forwarded(second)), (200, b"content", "1", "stale"), "of the second")
    expect("fwd-status=304" in second.one("cache-status"), second.one("cache-status"))
    expect(hit(third) and third.one("x-new") == "1", f"the third is {third}")
    asked_once(origin, "/checked", 2)
    expect_logged("/checked", ["miss", "revalidated", "hit"])


@check("a time that really goes by makes a response stale; what comes instead takes its place")
def _():
    origin.on("/second", lambda request: cacheable(b"%d" % request.turn, age=1 if request.turn == 0 else 60))
    expect_equal(get("/second").body, b"0", "the first")
    until(lambda: get("/second").body == b"1", "the next version", 5)
    expect(hit(get("/second")), "the next version is not kept")
    asked_once(origin, "/second", 2)


@check("stale-while-revalidate: the stale response at once, while one fetch goes on behind it")
def _():
    go_on = threading.Event()
    origin.on("/swr", lambda request: cacheable(b"new", before=go_on) if request.turn else stale(b"old", "stale-while-revalidate=600"))
    get("/swr")
    # The origin does not answer before all of these have their response.
    expect_equal([get("/swr").body for _ in range(6)], [b"old"] * 6, "meanwhile")
    asked_once(origin, "/swr", 2)
    go_on.set()
    until(lambda: get("/swr").body == b"new", "the new one", 5)
    asked_once(origin, "/swr", 2)
    expect_logged("/swr", ["miss"] + ["stale"] * 6)


@check("stale-while-revalidate: beyond its window there is nothing stale")
def _():
    origin.on("/window", lambda request: cacheable(b"new") if request.turn else
              Answer(b"old", "Cache-Control: max-age=60, stale-while-revalidate=30\r\nAge: 100"))
    get("/window")
    expect_equal(get("/window").body, b"new", "the second")


@check("a dead origin: the stale response instead of an error, whether the origin closes or answers 5xx")
def _():
    for name, trouble in (("close", CUT), ("500", Answer(b"sorry", status=500)), ("503", Answer(b"sorry", status=503))):
        path = f"/dead/{name}"
        origin.on(path, lambda request: trouble if request.turn else stale(b"kept"))
        get(path)
        got = get(path)
        expect_equal((got.status, got.body, forwarded(got)), (200, b"kept", "stale"), name)
        expect(int(got.one("age")) >= 60, f"Age {got.one('age')} of what is stale")
        asked_once(origin, path, 2)
        expect_logged(path, ["miss", "stale"])


@check("a dead origin: HEAD gets the stale head as GET gets the stale response, and an error where that may not be")
def _():
    for path, directives, status in (("/dead/head", "", 200), ("/dead/strict", "must-revalidate", 502)):
        origin.on(path, lambda request: CUT if request.turn else stale(b"kept", directives))
        get(path)
        got = cached.get(path, method="HEAD")
        expect_equal((got.status, got.body), (status, b""), path)
    expect_logged("/dead/head", ["miss", "stale"])


@check("a dead origin: never with must-revalidate, proxy-revalidate, s-maxage or no-cache, nor beyond stale-if-error")
def _():
    for number, fields in enumerate(("Cache-Control: max-age=60, must-revalidate", "Cache-Control: max-age=60, proxy-revalidate",
                                     "Cache-Control: s-maxage=60", "Cache-Control: max-age=60, no-cache",
                                     "Cache-Control: max-age=30, stale-if-error=10", "Cache-Control: max-age=60, stale-if-error=0")):
        path = f"/never/{number}"
        origin.on(path, lambda request: CUT if request.turn else Answer(b"kept", fields + "\r\nAge: 60\r\nETag: \"1\""))
        get(path)
        expect_equal(get(path).status, 502, fields)
    origin.on("/never/503", lambda request: Answer(b"sorry", status=503) if request.turn else stale(b"kept", "must-revalidate"))
    get("/never/503")
    expect_equal(get("/never/503").body, b"sorry", "503 and must-revalidate")


@check("an error of the origin is no new version: what is stored stays for when it is back")
def _():
    origin.on("/back", lambda request: (stale(b"kept", more="ETag: \"1\""), Answer(b"sorry", status=500),
                                        Answer(status=304, fields="ETag: \"1\"\r\nCache-Control: max-age=60"))[min(request.turn, 2)])
    expect_equal([get("/back").body for _ in range(4)], [b"kept"] * 4, "bodies")
    asked_once(origin, "/back", 3)


@check("what may not be stored is not: private, no-store, Authorization, Vary: *, errors without a lifetime, nothing said")
def _():
    for number, fields in enumerate(("Cache-Control: private, max-age=60", "Cache-Control: no-store, max-age=60", "Vary: *\r\nCache-Control: max-age=60",
                                     "X-Nothing: said", "Cache-Control: max-age=0", "Set-Cookie: a=b")):
        path = f"/unstored/{number}"
        origin.on(path, Answer(b"mine", fields))
        expect(not any(hit(get(path)) for _ in range(3)), f"{fields!r} was stored")
        asked_once(origin, path, 3)
    origin.on("/unstored/login", cacheable(b"mine"))
    for _ in range(2):
        get("/unstored/login", "Authorization: Basic YTpi\r\n")
    asked_once(origin, "/unstored/login", 2)
    expect_equal(forwarded(get("/unstored/login")), "uri-miss", "without Authorization")
    origin.on("/unstored/error", Answer(b"broken", status=500))
    get("/unstored/error")
    expect(not hit(get("/unstored/error")), "a 500 was stored")


@check("HEAD is answered from what a GET has stored; only-if-cached asks nobody")
def _():
    origin.on("/head", cacheable(b"eleven byte", "X-Own: 1"))
    expect_equal(get("/head", "Cache-Control: only-if-cached\r\n").status, 504, "only-if-cached before")
    expect_equal(origin.count("/head"), 0, "requests for it")
    get("/head")
    got = get("/head", method="HEAD")
    expect_equal((got.status, got.one("content-length"), got.one("x-own"), hit(got)), (200, "11", "1", True), "HEAD")
    expect_equal(get("/head", "Cache-Control: only-if-cached\r\n").body, b"eleven byte", "only-if-cached afterwards")
    asked_once(origin, "/head")


@check("a client's conditions are answered from what is stored")
def _():
    origin.on("/conditions", cacheable(b"content", "ETag: \"x\"\r\nLast-Modified: Sat, 01 Jan 2022 00:00:00 GMT"))
    get("/conditions")
    for fields, status in (('If-None-Match: "x"', 304), ('If-None-Match: W/"x", "y"', 304), ('If-None-Match: "y"', 200), ("If-None-Match: *", 304),
                           ("If-Modified-Since: Sat, 01 Jan 2022 00:00:00 GMT", 304), ("If-Modified-Since: Fri, 31 Dec 2021 00:00:00 GMT", 200),
                           ('If-None-Match: "y"\r\nIf-Modified-Since: Sat, 01 Jan 2022 00:00:00 GMT', 200), ('If-Match: "y"', 412)):
        got = get("/conditions", fields + "\r\n")
        expect_equal((got.status, hit(got)), (status, True), fields)
    asked_once(origin, "/conditions")


@check("unsafe methods, unknown ones too, make what is stored invalid; safe ones, and errors, do not")
def _():
    for number, (method, status, kept) in enumerate((("POST", 200, False), ("PUT", 204, False), ("DELETE", 200, False), ("M-SEARCH", 200, False),
                                                     ("FROBNICATE", 302, False), ("POST", 500, True), ("DELETE", 404, True), ("OPTIONS", 200, True),
                                                     ("PROPFIND", 200, True))):
        path = f"/unsafe/{number}"
        origin.on(path, lambda request: Answer(b"done", "", status) if request.method == method else cacheable(b"content"))
        get(path)
        expect(hit(get(path)), f"{method}: not stored before")
        expect_equal(get(path, method=method).status, status, method)
        expect_equal(hit(get(path)), kept, f"kept after {method} {status}")


@check("an unsafe request also invalidates what Location and Content-Location of the same origin name, of no other")
def _():
    for name, value, kept in (("Location", "/other", False), ("Content-Location", "other", False), ("Location", "http://shop.example.com/other", False),
                              ("Location", "http://evil.example/other", True), ("Content-Location", "https://shop.example.com/other", True),
                              ("Location", "//shop.example.com:81/other", True)):
        origin.on("/other", cacheable(b"other"))
        origin.on("/change", Answer(b"", f"{name}: {value}", 201))
        get("/change", method="POST")
        get("/other")
        expect(hit(get("/other")), "not stored before")
        get("/change", method="POST")
        expect_equal(hit(get("/other")), kept, f"kept after {name}: {value}")
        get("/other", method="DELETE")


@check("cache groups: an unsafe request takes all of a group of its origin along, and nothing else (RFC 9875)")
def _():
    for path, groups in (("/g/1", '"scripts"'), ("/g/2", '"other", "scripts"'), ("/g/3", '"other"'), ("/g/4", "")):
        origin.on(path, cacheable(path.encode(), f"Cache-Groups: {groups}" if groups else ""))
    origin.on("/g/change", Answer(b"done", 'Cache-Group-Invalidation: "scripts"'))

    def foreign():
        return cached.raw("GET /g/1 HTTP/1.1\r\nHost: other.example.com\r\n\r\n")
    paths = ("/g/1", "/g/2", "/g/3", "/g/4")

    def hits():
        return [hit(get(path)) for path in paths] + [hit(foreign())]
    hits()
    expect_equal(hits(), [True] * 5, "before")
    get("/g/change")
    expect_equal(hits(), [True] * 5, "after a GET that says so")
    get("/g/change", method="POST")
    expect_equal(hits(), [False, False, True, True, True], "after a POST")
    expect_equal(hits(), [True] * 5, "afterwards")


@check("PURGE: who may makes all variants and parts of the URL go before it is answered, and nothing else")
def _():
    def answer(request):
        if request.one("range"):
            return Answer(b"0123456789", "Cache-Control: max-age=60\r\nETag: \"p\"\r\nContent-Range: bytes 0-9/100", 206)
        return cacheable(b"whole", "Vary: X-Kind")
    origin.on("/purged", answer)
    origin.on("/kept", cacheable(b"kept"))
    asks = [("/purged", "X-Kind: a\r\n"), ("/purged", "X-Kind: b\r\n"), ("/purged?q", "Range: bytes=0-9\r\n"), ("/kept", "")]

    def hits():
        return [hit(get(path, fields)) for path, fields in asks]
    hits()
    expect_equal(hits(), [True] * 4, "before")
    got = get("/purged", method="PURGE")
    expect_equal((got.status, got.one("content-type"), got.body), (200, "application/json", b'{"purged":"url"}\n'), "the answer")
    expect_equal(get("/purged?q", method="PURGE").status, 200, "the one with a query")
    expect_equal(hits(), [False, False, False, True], "after")
    expect_equal(get("/never-seen", method="PURGE").status, 200, "what is not stored")
    expect(not [request for request in origin.asked("/purged") if request.method == "PURGE"], "the origin was asked to PURGE")
    expect_logged("/purged", ["miss", "miss", "hit", "hit", "purged"])


@check("PURGE from anybody else is refused, and what is stored stays")
def _():
    origin.on("/guarded", cacheable(b"kept"))
    get("/guarded")
    with socket.create_connection(("127.0.0.1", cached.port), 10, ("127.0.0.2", 0)) as stranger:
        stranger.sendall(b"PURGE /guarded HTTP/1.1\r\nHost: shop.example.com\r\n\r\n")
        expect_equal(Reader(stranger).response().status, 403, "status")
    expect(hit(get("/guarded")), "it is gone")
    expect_equal(cached.log.one(path="/guarded", method="PURGE")["reason"], "purge_refused", "the reason in the log")


@check("fields that private or no-cache names go to the client that asked and to no other")
def _():
    for directive in ("private", "no-cache"):
        path = f"/fields/{directive}"
        origin.on(path, Answer(b"shared", f'Cache-Control: max-age=60, {directive}="X-Mine, Set-Cookie"\r\nX-Mine: 1\r\nSet-Cookie: s=1\r\nX-All: 2'))
        first, second = get(path), get(path)
        expect_equal((first.one("x-mine"), first.one("set-cookie"), first.one("x-all")), ("1", "s=1", "2"), f"{directive}: the first")
        expect_equal((second.one("x-mine"), second.one("set-cookie"), second.one("x-all"), hit(second)), (None, None, "2", True), f"{directive}: the second")
        asked_once(origin, path)


@check("a body that an origin does not finish is never served again")
def _():
    for name, answer in (("counted", cacheable([b"half", CUT], length=8)), ("chunked", cacheable([b"half", CUT]))):
        path = f"/cut/{name}"
        origin.on(path, lambda request: answer if request.turn < 2 else cacheable(b"complete"))
        for _ in range(2):
            expect(broke(path), f"{name}: a whole response")
        expect_equal((get(path).body, get(path).body), (b"complete", b"complete"), name)
        asked_once(origin, path, 3)


@check("a reload keeps what is stored")
def _():
    origin.on("/reloaded", cacheable(b"kept"))
    get("/reloaded")
    cached.reload(cache="purge_from: [127.0.0.1/32]", policy="stale_if_error: 2h")
    expect(hit(get("/reloaded")), "after another policy")
    asked_once(origin, "/reloaded")


@check("listeners with and without TLS share nothing, nor do two of one kind")
def _():
    folder = cached.where
    certificates.make(folder, "shop", "shop.example.com")
    tls = BEHAVIORS + "\nprotocol: HTTPS\ntls: { certificates: [ shop ] }"
    files = f"certificates: [ {{ name: shop, certificate_file: {folder}/shop.pem, private_key_file: {folder}/shop.key }} ]\n"
    other = Scripted()
    other.on("/shared", lambda request: cacheable(request.one("x-forwarded-proto").encode()))
    both = Cached(other, more=files, listeners=listener(more=BEHAVIORS) + listener("second", more=BEHAVIORS) + listener("secure", more=tls))
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE

    def ask(name):
        wrap = (lambda sock: context.wrap_socket(sock, server_hostname="shop.example.com")) if name == "secure" else None
        with Wire(both.gateway.ports[name], wrap=wrap) as client:
            return client.get("/shared")
    names = ("http", "secure", "second")
    expect_equal([ask(name).body for name in names], [b"http", b"https", b"http"], "the first time")
    expect_equal([(ask(name).body, hit(ask(name))) for name in names], [(b"http", True), (b"https", True), (b"http", True)], "again")
    asked_once(other, "/shared", 3)


RULES = '''
SecRule REQUEST_HEADERS:User-Agent "@contains evilbot" "id:1,phase:1,deny,status:403,log,msg:'A bot'"
SecRule RESPONSE_BODY "@contains secret" "id:2,phase:4,deny,status:500,log,msg:'A leak'"
SecRule RESPONSE_HEADERS:X-Leak "@rx ." "id:3,phase:3,deny,status:502,log,msg:'A leak in a header'"
'''


@check("a web ACL in front judges hits as it judges everything: requests, and stored responses")
def _():
    rules = os.path.join(cached.where, "rules.conf")
    with open(rules, "w", encoding="utf-8") as file:
        file.write(RULES)

    def guarded(mode):
        return {"listeners": listener(more=BEHAVIORS + "\nweb_acl: edge"), "more":
                f"web_acls: [ {{ name: edge, mode: {mode}, rules: ['{rules}'], response_body: {{ inspect: true }} }} ]\n"}
    other = Scripted()
    other.on("/clean", cacheable(b"clean", "Content-Type: text/html"))
    other.on("/leak", cacheable(b"a secret", "Content-Type: text/html"))
    other.on("/header", cacheable(b"clean", "Content-Type: text/html\r\nX-Leak: 1"))
    mine = Cached(other, **guarded("detect"))
    for path in ("/clean", "/leak", "/header"):
        mine.get(path)
        expect_equal((mine.get(path).status, hit(mine.get(path))), (200, True), f"{path} while it detects")
    mine.reload(**guarded("block"))
    expect_equal([mine.get(path).status for path in ("/clean", "/leak", "/header")], [200, 500, 502], "responses from the cache")
    expect(hit(mine.get("/clean")), "the clean one is no hit")
    expect_equal(mine.get("/clean", "User-Agent: evilbot\r\n").status, 403, "a request for what is stored")
    expect_equal(mine.get("/clean", method="HEAD").status, 200, "HEAD")
    for path in ("/clean", "/leak", "/header"):
        asked_once(other, path)


@check("the origin never saw a request that it could not read")
def _():
    expect_equal(origin.problems, [], "problems")


finish()
