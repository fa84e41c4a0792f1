#!/usr/bin/env -S /usr/bin/python3
"""TLS on both sides: the certificate by name and key, ALPN, versions by policy, resumption over connections, workers and reloads,
what is no handshake, and origins whose certificates are right, wrong or not looked at."""
import os
import socket
import ssl
import subprocess
import time

from support.checks import check, expect, expect_equal, finish, limit
from support.gateway import Gateway, folder, group
from support.protocol import NO_HEALTH, Log, Origin, Wire, answer, listener, once, text

limit(60)
where = folder()
log = Log(os.path.join(where, "access.log"))


def openssl(*arguments, feed=b""):
    return subprocess.run(["openssl", *arguments], input=feed, capture_output=True, timeout=15, cwd=where)


def certificate(name, hosts, key=("ec", "-pkeyopt", "ec_paramgen_curve:P-256"), issuer=None):
    """NAME.pem and NAME.key, self-signed or by an issuer made before."""
    signed = ["-CA", issuer + ".pem", "-CAkey", issuer + ".key"] if issuer else []
    made = openssl("req", "-x509", "-newkey", *key, "-nodes", "-days", "2", "-subj", f"/CN={name}", "-addext",
                   "subjectAltName=" + ",".join(f"DNS:{host}" for host in hosts), *signed, "-keyout", name + ".key", "-out", name + ".pem")
    expect(made.returncode == 0, made.stderr.decode())
    with open(os.path.join(where, name + ".pem"), encoding="ascii") as file:
        ders[ssl.PEM_cert_to_DER_cert(file.read())] = name


ders = {}
RSA = ("rsa:2048",)
certificate("first", ["first.test"])
certificate("exact", ["shop.example.test"])
certificate("wild", ["*.example.test"])
certificate("both_ec", ["both.test"])
certificate("both_rsa", ["both.test"], RSA)
certificate("ca", ["ca.test"])
certificate("origin", ["origin.test"], issuer="ca")
certificate("stranger", ["origin.test"])


def origin_context(name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(where, name + ".pem"), os.path.join(where, name + ".key"))
    context.sni_callback = lambda _socket, asked, _context: names_asked.append(asked)
    return context


def echo(peer):
    while (request := peer.request()) is not None:
        body = request.body or b"ok"
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


names_asked = []
contexts = {name: origin_context(name) for name in ("origin", "stranger")}
plain = Origin()
signed = Origin(echo, wrap=lambda sock: contexts["origin"].wrap_socket(sock, server_side=True))
stranger = Origin(echo, wrap=lambda sock: contexts["stranger"].wrap_socket(sock, server_side=True))
ALL = "first, exact, wild, both_ec, both_rsa"


def secure(name, to="web", policy="", more=""):
    chosen = f", security_policy: {policy}" if policy else ""
    return listener(name, to, f"protocol: HTTPS\ntls: {{ certificates: [{ALL}]{chosen}{more} }}")


def to_origin(name, origin, more):
    return group([origin.address], name, f"protocol: HTTPS\ntls: {{ {more} }}\n{NO_HEALTH}")


CA, CASES = "ca_file: ca.pem", ("signed", "other_name", "unsigned", "wrong_ca", "unverified")
configuration = text(
    log=log.path, workers=2, limits="tls_handshake_timeout: 600ms",
    more="certificates:\n" + "".join(f"  - {{ name: {n}, certificate_file: {n}.pem, private_key_file: {n}.key }}\n" for n in ALL.split(", ")),
    listeners=secure("https") + secure("only13", policy="ELBSecurityPolicy-TLS13-1-3-2021-06")
    + secure("only12", policy="ELBSecurityPolicy-FS-1-2-Res-2020-10") + secure("no_tickets", more=", session_tickets: false")
    + secure("through", "signed") + "".join(listener(name, name) for name in CASES),
    groups=group([plain.address], "web", NO_HEALTH) + to_origin("signed", signed, CA + ", server_name: origin.test")
    + to_origin("other_name", signed, CA + ", server_name: other.test") + to_origin("unsigned", stranger, "server_name: origin.test")
    + to_origin("wrong_ca", stranger, CA + ", server_name: origin.test") + to_origin("unverified", stranger, "verify: false"))
gateway = Gateway(configuration, where=where).wait_ready()


def client_context(version=None, ciphers=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if version:
        context.minimum_version = context.maximum_version = version
    if ciphers:
        context.set_ciphers(ciphers)
    return context


def connect(name="https", host="first.test", context=None, session=None):
    used = context or client_context()
    return Wire(gateway.ports[name], wrap=lambda sock: used.wrap_socket(sock, server_hostname=host, session=session))


def certificate_for(host, **more):
    with connect(host=host, **more) as client:
        return ders.get(client.socket.getpeercert(binary_form=True))


V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


@check("the certificate by name: exact before wildcard, one label only, any letter case, else the first")
def _():
    wanted = {"shop.example.test": "exact", "SHOP.Example.test": "exact", "other.example.test": "wild", "a.b.example.test": "first",
              "example.test": "first", "nobody.test": "first", None: "first"}
    for version in (V12, V13):
        expect_equal({host: certificate_for(host, context=client_context(version)) for host in wanted}, wanted, str(version))


@check("RSA and ECDSA side by side: each client gets the key it can use, ECDSA when it can use both")
def _():
    for key, wanted in (("RSA", "both_rsa"), ("ECDSA", "both_ec")):
        context = client_context(V12, f"ECDHE-{key}-AES128-GCM-SHA256")
        expect_equal(certificate_for("both.test", context=context), wanted, f"TLS 1.2 with {key}")
    expect_equal(certificate_for("both.test"), "both_ec", "either")
    for algorithms, wanted in (("rsa_pss_rsae_sha256", b"CN = both_rsa"), ("ECDSA+SHA256", b"CN = both_ec")):
        said = openssl("s_client", "-connect", f"127.0.0.1:{gateway.ports['https']}", "-servername", "both.test", "-tls1_3", "-sigalgs", algorithms)
        expect(wanted in said.stdout, f"TLS 1.3 with {algorithms}: {said.stdout[:200]} {said.stderr[-200:]}")


@check("ALPN: http/1.1 is chosen, and a client without ALPN is served")
def _():
    for offered, wanted in ((["http/1.1"], "http/1.1"), (["h9", "http/1.1"], "http/1.1"), (None, None)):
        context = client_context()
        if offered:
            context.set_alpn_protocols(offered)
        with connect(context=context) as client:
            expect_equal(client.socket.selected_alpn_protocol(), wanted, f"chosen of {offered}")
            expect_equal(client.get().status, 200, "status")


def handshakes(name, version):
    try:
        with connect(name, context=client_context(version)) as client:
            return client.get().status == 200
    except (ssl.SSLError, ConnectionResetError):
        return False


@check("security policies: versions that they do not have are refused")
def _():
    got = {name: (handshakes(name, V12), handshakes(name, V13)) for name in ("https", "only12", "only13")}
    expect_equal(got, {"https": (True, True), "only12": (True, False), "only13": (False, True)}, "TLS 1.2, TLS 1.3")
    for version in ("-tls1", "-tls1_1"):
        said = openssl("s_client", "-connect", f"127.0.0.1:{gateway.ports['https']}", version, "-cipher", "ALL:@SECLEVEL=0")
        expect(b"Cipher is (NONE)" in said.stdout, f"{version} was taken")


def session_of(version, name="https"):
    context = client_context(version)
    with connect(name, context=context) as client:
        expect_equal(client.get().status, 200, "status")
        expect(not client.socket.session_reused, "resumed without a session")
        return context, client.socket.session


def resumed(context, session, name="https"):
    with connect(name, context=context, session=session) as client:
        expect_equal(client.get().status, 200, "status")
        return client.socket.session_reused


@check("tickets resume on other connections, whichever worker they come to")
def _():
    for version in (V12, V13):
        context, session = session_of(version)
        expect_equal(sum(resumed(context, session) for _ in range(16)), 16, f"resumed of 16 with {version}")


@check("without session_tickets nothing is resumed, and clients are served")
def _():
    for version in (V12, V13):
        context, session = session_of(version, "no_tickets")
        expect(session is None or not resumed(context, session, "no_tickets"), f"{version} was resumed")


@check("tickets from before a reload resume after it")
def _():
    before = [session_of(version) for version in (V12, V13)]
    expect_equal(gateway.reload().returncode, 0, "exit code of the reload")
    for context, session in before:
        expect_equal([resumed(context, session) for _ in range(4)], [True] * 4, "resumed")


@check("what is no handshake ends soon and harms nobody: plain HTTP, garbage, silence, half a hello")
def _():
    hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
    for data in (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", os.urandom(500), b"", hello, b"\x16\x03\x01\xff\xff" + b"x" * 100):
        began = time.monotonic()
        with Wire(gateway.ports["https"], timeout=4) as client:
            client.send(data)
            try:
                client.rest()
            except ConnectionResetError:
                pass
        expect(time.monotonic() - began < 3, f"{data[:8]!r}: after {time.monotonic() - began:.1f} s")
        expect(handshakes("https", V13), "the next client")


@check("TLS that ends without a word inside a request is an end like any other")
def _():
    with connect() as client:
        client.send(b"POST / HTTP/1.1\r\nHost: first.test\r\nContent-Length: 100\r\n\r\nsome")
        client.socket.shutdown(socket.SHUT_RDWR)
    expect(handshakes("https", V13), "the next client")


@check("TLS to origins: name and authority are verified unless told otherwise; failures are 502 origin_tls")
def _():
    for name in CASES:
        response = once(gateway.ports[name])
        good = name in ("signed", "unverified")
        expect_equal(response.status, 200 if good else 502, f"status of {name}")
        if not good:
            expect_equal(log.one(request_id=response.one("x-request-id"))["reason"], "origin_tls", f"reason of {name}")
    expect("origin.test" in names_asked and "other.test" in names_asked, f"names asked for: {names_asked}")


@check("an origin that speaks no TLS, and one that never answers a hello")
def _():
    def no_tls(peer):
        peer.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        peer.rest()
    for script, statuses in ((no_tls, (502,)), (lambda peer: peer.rest(), (502, 504))):
        other = Origin(script)
        one = Gateway(text(limits="tls_handshake_timeout: 600ms", listeners=listener(), groups=to_origin("web", other, "verify: false"))).wait_ready()
        response = once(one.port)
        expect(response.status in statuses, f"status {response.status}, expected one of {statuses}")
        one.stop()


@check("1 MiB both ways over TLS on both sides, counted and chunked, several times on a connection")
def _():
    body = os.urandom(1 << 20)
    for version in (V12, V13):
        with connect("through", context=client_context(version)) as client:
            for _ in range(3):
                expect(client.get(method="POST", body=body).body == body, f"counted over {version}")
            client.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
                        b"".join(b"%x\r\n%s\r\n" % (65536, body[at:at + 65536]) for at in range(0, len(body), 65536)) + b"0\r\n\r\n")
            expect(client.response().body == body, f"chunked over {version}")


@check("an origin behind TLS is told that the client came by https")
def _():
    plain.take()
    with connect() as client:
        client.get()
    request = plain.take()[0]
    expect_equal((request.one("x-forwarded-proto"), request.one("x-forwarded-port")), ("https", str(gateway.ports["https"])), "fields")


@check("nothing at an origin could be read in two ways")
def _():
    expect_equal(plain.problems + signed.problems + stranger.problems, [], "problems")
    expect(plain.script is answer, "the plain origin answers")


finish()
