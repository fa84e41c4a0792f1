#!/usr/bin/env -S /usr/bin/python3
"""Keys about the client and what it is sent: geo, geo_restriction, response headers policies; each with its effect from outside."""
import os
import re
import shutil
import ssl

from support import certificates
from support.cached import Cached, hit
from support.client_hello import RecordedTls, ja3, ja4
from support.checks import check, expect, expect_equal, finish, limit
from support.gateway import folder
from support.geo import GERMANY, MALMO, NORWAY, NOWHERE, SEATTLE, write_database
from support.protocol import Wire, listener
from support.scripted import Answer, Scripted, cacheable

limit(100)
where, origin = folder(), Scripted()
PLACES, NETWORKS = write_database("places", where), write_database("networks", where)
origin.answers["*"] = cacheable(b"content", "X-Theirs: origin\nServer: theirs\nX-Powered-By: engine\nX-Frame-Options: ALLOWALL\nServer-Timing: db;dur=5")
BEHAVIOR = 'behaviors: [ { path_pattern: "*", cache_policy: standard, response_headers_policy: NAME } ]'


def with_policy(keys, name="mine"):
    """A gateway whose only behavior has that policy."""
    more = f"response_headers_policies: [ {{ name: mine, {keys} }} ]\n" if keys else ""
    return Cached(origin, listeners=listener(more=BEHAVIOR.replace("NAME", name)), more=more)


def fields(response, *names):
    return [response.all(name) for name in names]


@check("response_headers_policy: misses, hits, 304s and HEAD have what the policy of that name adds; without one nobody has")
def _():
    front = with_policy('custom_headers_config: { items: [ { header: X-Added, value: "yes", override: true } ] }')
    for _ in range(2):
        expect_equal(front.get("/named").all("x-added"), ["yes"], "GET")
    expect(hit(front.get("/named")), "a hit")
    expect_equal(front.get("/named", method="HEAD").all("x-added"), ["yes"], "HEAD")
    origin.on("/tagged", cacheable(b"tagged", 'ETag: "1"'))
    front.get("/tagged")
    got = front.get("/tagged", 'If-None-Match: "1"\r\n')
    expect_equal((got.status, got.all("x-added")), (304, ["yes"]), "a 304")
    got = front.get("/named", method="POST", body=b"content")
    expect_equal(got.all("x-added"), ["yes"], "past the cache")
    origin.on("/error", Answer(b"broken", status=500))
    expect_equal(front.get("/error").all("x-added"), ["yes"], "an error of the origin")
    got = front.get("/unknown", "Cache-Control: only-if-cached\r\n")
    expect_equal((got.status, got.all("x-added")), (504, []), "an error that the gateway makes itself")
    expect_equal(Cached(origin).get("/named").all("x-added"), [], "without a policy")


@check("response_headers_policy: Amazon's are there by name and id; a name that is not there is refused")
def _():
    for name in ("SecurityHeadersPolicy", "67f7725c-6f97-4210-82d7-5512b31e9d03"):
        got = with_policy("", name).get("/managed")
        expect_equal(fields(got, "x-content-type-options", "strict-transport-security", "x-frame-options"),
                     [["nosniff"], ["max-age=31536000"], ["ALLOWALL"]], name)
    front = with_policy("", "SimpleCORS")
    expect_equal(front.get("/managed", "Origin: https://a.example\r\n").all("access-control-allow-origin"), ["*"], "SimpleCORS")
    with open(front.gateway.file, encoding="utf-8") as file:
        text = file.read()
    front.gateway.write(text.replace("SimpleCORS", "SimpleCOS"))
    said = front.gateway.reload()
    expect(said.returncode == 1 and "did you mean 'SimpleCORS'?" in said.stderr, said.stderr)


@check("custom_headers_config: header, value and override decide between the origin's and ours")
def _():
    front = with_policy('custom_headers_config: { items: [ { header: X-Theirs, value: "ours", override: true }, '
                        '{ header: X-Frame-Options, value: "DENY", override: false }, { header: X-New, value: "a  b", override: false } ] }')
    for what in ("a miss", "a hit"):
        expect_equal(fields(front.get("/custom"), "x-theirs", "x-frame-options", "x-new"), [["ours"], ["ALLOWALL"], ["a  b"]], what)


@check("remove_headers_config: header names what clients do not get")
def _():
    front = with_policy("remove_headers_config: { items: [ { header: X-Powered-By }, { header: server }, { header: Age } ] }")
    for what in ("a miss", "a hit"):
        expect_equal(fields(front.get("/removed"), "x-powered-by", "server", "age", "x-theirs"), [[], ["gatehouse"], [], ["origin"]], what)


@check("cors_config: access_control_allow_origins decides who may read, the other keys how, and origin_override whose word counts")
def _():
    text = ("cors_config: { access_control_allow_origins: ['https://*.shop.example'], access_control_allow_credentials: true, "
            "access_control_expose_headers: [X-A, X-B], access_control_allow_methods: [GET, PUT], access_control_allow_headers: [X-C], "
            "access_control_max_age_sec: 600, origin_override: OVERRIDE }")
    front = with_policy(text.replace("OVERRIDE", "true"))
    names = ("access-control-allow-origin", "access-control-allow-credentials", "access-control-expose-headers",
             "access-control-allow-methods", "access-control-allow-headers", "access-control-max-age", "vary")
    asked = "Origin: https://a.shop.example\r\n"
    allowed = [["https://a.shop.example"], ["true"], ["X-A,X-B"]]
    for what in ("a miss", "a hit"):
        expect_equal(fields(front.get("/cors", asked), *names), [*allowed, [], [], [], ["Origin"]], what)
    expect_equal(fields(front.get("/cors", asked + "Access-Control-Request-Method: PUT\r\n", "OPTIONS"), *names),
                 [*allowed, ["GET,PUT"], ["X-C"], ["600"], ["Origin"]], "a preflight")
    expect_equal(fields(front.get("/cors", "Origin: https://shop.example.evil\r\n"), *names), [[], [], [], [], [], [], ["Origin"]], "a stranger")
    expect_equal(fields(front.get("/cors"), *names), [[], [], [], [], [], [], ["Origin"]], "no other origin")
    origin.on("/speaks", cacheable(b"x", "Access-Control-Allow-Origin: null"))
    expect_equal(front.get("/speaks", asked).all("access-control-allow-origin"), ["https://a.shop.example"], "overridden")
    front = with_policy(text.replace("OVERRIDE", "false"))
    expect_equal(fields(front.get("/speaks", asked), *names), [["null"], [], [], [], [], [], ["Origin"]], "the origin speaks for itself")


@check("security_headers_config: every header with its text, and its override")
def _():
    def policy(override):
        return ("security_headers_config: { content_security_policy: { content_security_policy: \"default-src 'self'\", override: OVER }, "
                "content_type_options: { override: OVER }, frame_options: { frame_option: DENY, override: OVER }, "
                "referrer_policy: { referrer_policy: no-referrer, override: OVER }, "
                "strict_transport_security: { access_control_max_age_sec: 60, include_subdomains: true, preload: true, override: OVER }, "
                "xss_protection: { protection: true, mode_block: MODE, report_uri: 'URI', override: OVER } }").replace("OVER", override)
    names = ("content-security-policy", "x-content-type-options", "x-frame-options", "referrer-policy", "strict-transport-security", "x-xss-protection")
    ours = [["default-src 'self'"], ["nosniff"], ["DENY"], ["no-referrer"], ["max-age=60; includeSubDomains; preload"]]
    theirs = [["theirs"], ["sniff"], ["ALLOWALL"], ["origin"], ["max-age=1"], ["0"]]
    origin.on("/theirs", cacheable(b"x", "".join(f"{name}: {value[0]}\n" for name, value in zip(names, theirs))))
    blocks = policy("true").replace("MODE", "true").replace("URI", "")
    reports = policy("true").replace("MODE", "false").replace("URI", "/report")
    for path in ("/bare", "/theirs"):
        expect_equal(fields(with_policy(blocks).get(path), *names), [*ours, ["1; mode=block"]], f"override, {path}")
    expect_equal(with_policy(reports).get("/bare").all("x-xss-protection"), ["1; report=/report"], "report_uri")
    kept = with_policy(blocks.replace("override: true", "override: false"))
    expect_equal(fields(kept.get("/theirs"), *names), theirs, "without override the origin's stay")
    expect_equal(fields(kept.get("/bare"), *names)[0], ours[0], "and what it does not send is added")


@check("server_timing_headers_config: enabled and sampling_rate; Pragma asks for it")
def _():
    def timing(front, path, asked=""):
        return front.get(path, asked).all("server-timing")
    front = with_policy("server_timing_headers_config: { enabled: true, sampling_rate: 100 }")
    known = r'cdn-rid;desc="[0-9A-Za-z-]+"'
    miss, got = timing(front, "/timed"), timing(front, "/timed")
    expect(re.fullmatch(rf"cdn-cache-miss,{known},cdn-upstream-fbl;dur=\d+,cdn-downstream-fbl;dur=\d+,db;dur=5", ",".join(miss)), miss)
    expect(re.fullmatch(rf"cdn-cache-hit,{known},cdn-downstream-fbl;dur=\d+", ",".join(got)), got)
    front = with_policy("server_timing_headers_config: { enabled: true, sampling_rate: 0 }")
    expect_equal(timing(front, "/timed"), ["db;dur=5"], "not sampled")
    expect(timing(front, "/timed", "Pragma: server-timing\r\n")[0].startswith("cdn-cache-hit"), "asked for")
    half = with_policy("server_timing_headers_config: { enabled: true, sampling_rate: 50 }")
    sampled = sum(timing(half, "/timed")[0].startswith("cdn-") for _ in range(200))
    expect(50 < sampled < 150, f"{sampled} of 200 at a rate of 50")
    off = with_policy("server_timing_headers_config: { enabled: false }")
    expect_equal(timing(off, "/timed", "Pragma: server-timing\r\n"), ["db;dur=5"], "not enabled")


def restricted(kind, locations, database=PLACES):
    more = ("forwarded_headers: { trusted_proxies: [127.0.0.1] }\n"
            f"filters: [ {{ geo_restriction: {{ restriction_type: {kind}, locations: [{locations}] }} }} ]")
    return {"listeners": listener(more=more), "more": f"geo: {{ database: {database} }}\n"}


def statuses(front, *clients):
    return [front.get("/", f"X-Forwarded-For: {client}\r\n").status for client in clients]


@check("geo.database: restriction_type and locations decide by country who is served; who cannot be placed is")
def _():
    everybody = (MALMO, SEATTLE, NORWAY, GERMANY, NOWHERE)
    front = Cached(origin, **restricted("whitelist", "SE, US"))
    expect_equal(statuses(front, *everybody), [200, 200, 403, 403, 200], "whitelist")
    expect_equal(front.log.one(status=403, path="/")["reason"], "geo_restriction", "reason in the log")
    front.reload(**restricted("blacklist", "SE"))
    expect_equal(statuses(front, *everybody), [403, 200, 200, 200, 200], "blacklist")


@check("geo.database: a reload takes the new file, and one that cannot be used keeps the old configuration")
def _():
    database = os.path.join(where, "changing.mmdb")
    shutil.copy(PLACES, database)
    front = Cached(origin, **restricted("blacklist", "NO", database))
    expect_equal(statuses(front, NORWAY), [403], "as it was")
    shutil.copy(NETWORKS, database + ".new")  # one that knows no country
    os.replace(database + ".new", database)
    expect_equal(statuses(front, NORWAY), [403], "the old one is in force")
    expect_equal(front.gateway.reload().returncode, 0, "reload")
    expect_equal(statuses(front, NORWAY), [200], "the new one")
    with open(database + ".new", "w", encoding="ascii") as file:
        file.write("no database")
    os.replace(database + ".new", database)
    said = front.gateway.reload()
    expect(said.returncode == 1 and "no database in MaxMind's format" in said.stderr, said.stderr)
    expect_equal(statuses(front, NORWAY), [200], "nothing has changed")


@check("geo.asn_database: with geo.database it tells origins where clients are, and what clients claim themselves is dropped")
def _():
    more = ("forwarded_headers: { trusted_proxies: [127.0.0.1] }\n"
            'behaviors: [ { path_pattern: "*", cache_policy: CachingDisabled, origin_request_policy: places } ]')
    names = ["CloudFront-Viewer-Country", "CloudFront-Viewer-City", "CloudFront-Viewer-ASN", "CloudFront-Is-Mobile-Viewer", "CloudFront-Viewer-Address",
             "CloudFront-Forwarded-Proto", "CloudFront-Viewer-Http-Version", "CloudFront-Viewer-Header-Count"]
    policies = ("origin_request_policies: [ { name: places, headers_config: { header_behavior: allViewerAndWhitelistCloudFront, "
                f"headers: [{', '.join(names)}] }} }} ]\n")
    front = Cached(origin, listeners=listener(more=more), more=f"geo: {{ database: {PLACES}, asn_database: {NETWORKS} }}\n" + policies)

    def told(client):
        origin.take()
        front.get("/place", f"X-Forwarded-For: {client}\r\nUser-Agent: phone Mobile\r\nCloudFront-Viewer-Country: XX\r\ncloudfront-viewer-city: Forged\r\n")
        request = origin.take()[0]
        return [request.all(name.lower()) for name in names]
    common = [["http"], ["1.1"], ["5"]]
    expect_equal(told(MALMO), [["SE"], ["Malm%C3%B6"], ["64500"], ["true"], [MALMO + ":0"], *common], "from Malmo")
    expect_equal(told(GERMANY), [["DE"], [], ["4200000000"], ["true"], [GERMANY + ":0"], *common], "from Germany")
    expect_equal(told(NOWHERE), [[], [], [], ["true"], [NOWHERE + ":0"], *common], "from nowhere")


@check("CloudFront-Viewer-TLS: version, cipher, and whether the handshake or the connection was there before")
def _():
    certificates.make(where, "shop", "shop.example.com")
    more = ("protocol: HTTPS\ntls: { certificates: [shop] }\n"
            'behaviors: [ { path_pattern: "*", cache_policy: CachingDisabled, origin_request_policy: tls } ]')
    front = Cached(origin, listeners=listener(more=more), more=(
        f"certificates: [ {{ name: shop, certificate_file: {where}/shop.pem, private_key_file: {where}/shop.key }} ]\n"
        "origin_request_policies: [ { name: tls, headers_config: { header_behavior: allViewerAndWhitelistCloudFront, "
        "headers: [CloudFront-Viewer-TLS, CloudFront-Forwarded-Proto] } } ]\n"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # whose session is known once the handshake is over
    session, told = None, []
    for _ in range(2):
        with Wire(front.port, wrap=lambda sock: context.wrap_socket(sock, server_hostname="shop.example.com", session=session)) as client:
            for _ in range(2):
                origin.take()
                client.get("/tls")
                request = origin.take()[0]
                expect_equal(request.all("cloudfront-forwarded-proto"), ["https"], "scheme")
                told.append(request.one("cloudfront-viewer-tls").split(":"))
            session, cipher = client.socket.session, client.socket.cipher()[0]
    expect_equal([part[:2] for part in told], [["TLSv1.2", cipher]] * 4, "version and cipher")
    expect_equal([part[2] for part in told], ["fullHandshake", "connectionReused", "sessionResumed", "connectionReused"], "how")


@check("CloudFront-Viewer-JA3-Fingerprint, -JA4-Fingerprint: as its ClientHello says, on misses and for a fetch of the cache's own")
def _():
    names = ["CloudFront-Viewer-JA3-Fingerprint", "CloudFront-Viewer-JA4-Fingerprint"]
    more = ("protocol: HTTPS\ntls: { certificates: [shop] }\n"
            'behaviors: [ { path_pattern: "*", cache_policy: standard, origin_request_policy: prints } ]')
    front = Cached(origin, listeners=listener(more=more), more=(
        f"certificates: [ {{ name: shop, certificate_file: {where}/shop.pem, private_key_file: {where}/shop.key }} ]\n"
        "origin_request_policies: [ { name: prints, headers_config: { header_behavior: allViewerAndWhitelistCloudFront, "
        f"headers: [{', '.join(names)}] }} }} ]\n"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    for number, (lowest, highest, protocols) in enumerate((("1.3", "1.3", ["http/1.1"]), ("1.2", "1.2", []), ("1.2", "1.3", []))):
        context.minimum_version = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}[lowest]
        context.maximum_version = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}[highest]
        if protocols:
            context.set_alpn_protocols(protocols)
        origin.take()
        with Wire(front.port, wrap=lambda sock: RecordedTls(sock, context, "shop.example.com")) as client:
            client.get(f"/prints/{number}", "".join(f"{name}: forged\r\n" for name in names))
            request, hello = origin.take()[0], client.socket.hello
        expect_equal([request.all(name.lower()) for name in names], [[ja3(hello)], [ja4(hello)]], f"TLS {lowest} to {highest}")


@check("geo.database: @geoLookup fills GEO for the rules of a web ACL")
def _():
    with open(os.path.join(where, "geo.conf"), "w", encoding="ascii") as file:
        file.write('SecRule REMOTE_ADDR "@geoLookup" "id:1,phase:1,pass,nolog,chain"\n'
                   '  SecRule GEO:COUNTRY_CODE "@streq US" "chain"\n'
                   '  SecRule GEO:CITY "@streq Seattle" "setvar:tx.found=1"\n'
                   'SecRule TX:found "@eq 1" "id:2,phase:1,deny,status:451,log,msg:\'From Seattle\'"\n')
    front = Cached(origin, listeners=listener(more="web_acl: edge\nforwarded_headers: { trusted_proxies: [127.0.0.1] }"),
                   more=f"geo: {{ database: {PLACES} }}\nrule_cache: {where}/rules\nweb_acls: [ {{ name: edge, rules: [{where}/geo.conf] }} ]\n")
    expect_equal(statuses(front, SEATTLE, MALMO, NOWHERE), [451, 200, 200], "statuses")


finish()
