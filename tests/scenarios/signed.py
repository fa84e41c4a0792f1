#!/usr/bin/env -S /usr/bin/python3
"""Signed URLs and signed cookies, with keys and signatures of the openssl command line: who has no valid one gets nothing, and who
has one shares what is stored with the others."""
import json
import os
import subprocess
import time

from support.cached import Cached, hit
from support.checks import check, expect, expect_equal, finish, limit
from support.gateway import folder, program
from support.protocol import listener
from support.scripted import Answer, Scripted, cacheable
from support.signing import Key, cookies, query, url_base64

limit(100)
HOST = "http://shop.example.com"
DENIED = b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access denied</Message></Error>\n'
keys = folder()
rsa, ecdsa, other = Key(keys, "rsa"), Key(keys, "ecdsa", "ecdsa"), Key(keys, "other")
origin = Scripted()


def trust(key_groups="{ name: readers, public_keys: [KRSA, KECDSA] }, { name: others, public_keys: [KOTHER] }"):
    return ("public_keys:\n" + "".join(f'  - {{ id: {key.id}, public_key_file: "{key.public}" }}\n' for key in (rsa, ecdsa, other)) +
            f"key_groups: [ {key_groups} ]\n")


BEHAVIORS = ('behaviors:\n  - { path_pattern: "/private/*", cache_policy: standard, trusted_key_groups: [readers] }\n'
             '  - { path_pattern: "/other/*", cache_policy: standard, trusted_key_groups: [others] }\n'
             '  - { path_pattern: "*", cache_policy: standard }')
front = Cached(origin, more=trust(), listeners=listener(more=BEHAVIORS))


def soon():
    return int(time.time()) + 600


def expect_denied(path, reason, fields="", method="GET", body=b""):
    got = front.get(path, fields, method, body)
    expect_equal((got.status, got.one("content-type"), got.body, got.one("cache-status")), (403, "text/xml", DENIED, None), reason)
    front.log.one(path=path, status=403, reason=reason)


@check("a behavior with trusted key groups: RSA and ECDSA, SHA-1 and SHA-256, canned and custom, in the URL and in cookies")
def _():
    number = 0
    for key in (rsa, ecdsa):
        for digest in ("sha1", "sha256"):
            for parts in (lambda url: key.canned(url, soon(), digest), lambda url: key.custom(HOST + "/private/*", soon(), digest)):
                for in_url in (True, False):
                    number += 1
                    path = f"/private/{number}"
                    origin.on(path, cacheable(b"private"))
                    made = parts(HOST + path)
                    got = front.get(f"{path}?{query(made)}") if in_url else front.get(path, f"Cookie: {cookies(made)}\r\n")
                    expect_equal((got.status, got.body), (200, b"private"), f"{key.id} {digest} {made.keys()} in the URL: {in_url}")
                    asked = origin.asked(path)[-1]
                    expect_equal((asked.target, asked.one("cookie")), (path, None), "what the origin sees")


@check("without a signature, or with a bad one, there is nothing: not even what is stored")
def _():
    path = "/private/stored"
    origin.on(path, cacheable(b"stored"))
    good = rsa.canned(HOST + path, soon())
    expect_equal(front.get(f"{path}?{query(good)}").status, 200, "with a signature")
    later = {"Expires": str(soon() + 9999)}
    custom = '%s,"%s":{%s}'
    for parts, reason in (
            ({}, "signature_missing"), ({"a": "b"}, "signature_missing"),
            (rsa.canned(HOST + path, int(time.time()) - 1), "signature_expired"), ({**good, **later}, "signature_bad"),
            ({**good, "added": "1"}, "signature_bad"), (rsa.canned(HOST + "/private/b", soon()), "signature_bad"),
            ({**good, "Signature": good["Signature"][:-8] + "AAAA" + good["Signature"][-4:]}, "signature_bad"),
            ({**good, "Hash-Algorithm": "SHA256"}, "signature_bad"), ({**good, "Key-Pair-Id": "KECDSA"}, "signature_bad"),
            (other.canned(HOST + path, soon()), "signature_unknown_key"), ({**good, "Key-Pair-Id": "KNONE"}, "signature_unknown_key"),
            ({**good, "Policy": "e30_"}, "signature_malformed"), ({"Expires": good["Expires"]}, "signature_malformed"),
            ({**good, "Expires": "soon"}, "signature_malformed"),
            (rsa.custom(HOST + "/elsewhere/*", soon()), "signature_wrong_resource"),
            (rsa.custom("https://*", soon()), "signature_wrong_resource"),
            (rsa.custom("*", soon(), more=custom % ("", "DateGreaterThan", f'"AWS:EpochTime":{soon()}')), "signature_not_yet"),
            (rsa.custom("*", soon(), more=custom % ("", "IpAddress", '"AWS:SourceIp":"192.0.2.0/24"')), "signature_wrong_address"),
            (rsa.custom("*", soon(), more=custom % ("", "StringEquals", '"AWS:UserAgent":"x"')), "signature_malformed")):
        expect_denied(f"{path}?{query(parts)}" if parts else path, reason)
        if "added" not in parts and "a" not in parts and not {"Policy", "Expires"} <= parts.keys():
            expect_denied(path, reason, f"Cookie: {cookies(parts)}\r\n" if parts else "")
    here = rsa.custom("*", soon(), more=',"IpAddress":{"AWS:SourceIp":"127.0.0.0/8"},"DateGreaterThan":{"AWS:EpochTime":1}')
    got = front.get(f"{path}?{query(here)}")
    expect_equal((got.status, hit(got)), (200, True), "all conditions are met")
    expect_equal(origin.count(path), 1, "requests at the origin")


@check("signed requests with different signatures share one stored object, whatever else is in their URLs and cookies stays")
def _():
    path = "/private/shared"
    origin.on(path, cacheable(b"shared"))
    base = f"{HOST}{path}?size=1"
    ways = [(f"{path}?size=1&{query(rsa.canned(base, soon()))}", ""), (f"{path}?{query(ecdsa.custom('*', soon(), 'sha256'))}&size=1", ""),
            (f"{path}?size=1", f"Cookie: a=b; {cookies(rsa.canned(base, soon()))}; c=d\r\n"),
            (f"{path}?size=1", f"Cookie: {cookies(rsa.custom(HOST + '/private/*', soon()))}\r\n")]
    expect_equal([hit(front.get(*way)) for way in ways], [False, True, True, True], "hits")
    expect_equal([request.target for request in origin.asked(path)], [f"{path}?size=1"], "what the origin was asked")
    origin.on(path, Answer(b"cookies", "Cache-Control: no-store"))
    front.get(f"{path}?x", f"Cookie: a=b; {cookies(rsa.custom('*', soon()))}; c=d\r\nCookie: {cookies({'Expires': '1'})}\r\nCookie: e=f\r\n")
    cookie_lines = [value for name, value in origin.asked(path)[-1].fields if name == "cookie"]
    expect_equal("; ".join(cookie_lines), "a=b; c=d; e=f", "the cookies at the origin")


@check("a query with a part of a signature is judged as a signed URL, and cookies are not looked at")
def _():
    path = "/private/both"
    origin.on(path, cacheable(b"both"))
    allowed = f"Cookie: {cookies(rsa.custom('*', soon()))}\r\n"
    expect_equal(front.get(path, allowed).status, 200, "cookies alone")
    expect_denied(f"{path}?Expires=1", "signature_malformed", allowed)


@check("every method needs a signature, and what no store keeps needs it as well; PURGE does not")
def _():
    path = "/private/methods"
    origin.on(path, Answer(b"not stored", "Cache-Control: no-store"))
    made = query(rsa.custom("*", soon()))
    for method, body in (("GET", b""), ("POST", b"content"), ("OPTIONS", b""), ("DELETE", b"")):
        expect_denied(path, "signature_missing", method=method, body=body)
        expect_equal(front.get(f"{path}?{made}", method=method, body=body).status, 200, method)
    expect_equal(origin.count(path), 4, "requests at the origin")
    expect_equal(front.get(path, method="HEAD").status, 403, "HEAD")
    expect_equal(front.get(path, method="PURGE").status, 403, "PURGE from a client that may not")
    expect_equal(front.log.one(path=path, method="PURGE")["reason"], "purge_refused", "its reason")


@check("trusted_key_groups: each behavior trusts its own groups; without any, nothing is asked for and nothing is taken off")
def _():
    for path in ("/other/a", "/public/a"):
        origin.on(path, cacheable(b"content"))
    expect_equal(front.get(f"/other/a?{query(other.custom('*', soon()))}").status, 200, "a key of the group")
    expect_denied(f"/other/a?{query(rsa.custom('*', soon()))}", "signature_unknown_key")
    expect_equal(front.get("/public/a?Expires=1&Signature=x").status, 200, "a behavior without key groups")
    expect_equal(origin.asked("/public/a")[-1].target, "/public/a?Expires=1&Signature=x", "what its origin sees")


@check("key_groups: a reload takes a key out of its group; public_keys: a file that holds no fit key is refused with its line")
def _():
    path = "/private/reload"
    origin.on(path, cacheable(b"content"))
    made = query(rsa.custom("*", soon()))
    expect_equal(front.get(f"{path}?{made}").status, 200, "before")
    front.reload(more=trust("{ name: readers, public_keys: [KECDSA] }, { name: others, public_keys: [KOTHER, KRSA] }"), listeners=listener(more=BEHAVIORS))
    front.settle()
    expect_denied(f"{path}?{made}", "signature_unknown_key")
    front.reload(more=trust(), listeners=listener(more=BEHAVIORS))
    for key, words in ((Key(keys, "short", "short"), "1024 bits"), (Key(keys, "p384", "p384"), "another curve"), (None, "cannot read")):
        with open(front.gateway.file, encoding="utf-8") as file:
            text = file.read()
        front.gateway.write(text.replace(rsa.public, key.public if key else keys + "/none.pem"))
        said = subprocess.run([program(), "check", "-c", front.gateway.file, "--format", "json"], capture_output=True, text=True, timeout=30, check=False)
        found = [problem for problem in json.loads(said.stdout)["problems"] if problem["severity"] == "error"]
        expect_equal((said.returncode, len(found)), (1, 1), said.stdout)
        line = next(number for number, each in enumerate(text.splitlines(), 1) if "id: KRSA" in each)
        expect(words in found[0]["message"] and found[0]["line"] == line, f"{found[0]} for line {line}")
        expect_equal(front.gateway.reload().returncode, 1, "reload")
        front.gateway.write(text)
    for groups, words in (("{ name: readers, public_keys: [KRSB] }", "KRSA"), ("{ name: reader, public_keys: [KRSA] }", "reader"),
                          ("{ name: readers, public_keys: [" + ", ".join(["KRSA"] * 6) + "] }", "5 are the most")):
        front.gateway.write(text.replace(text[text.index("key_groups:"):text.index("\n", text.index("key_groups:"))], f"key_groups: [ {groups} ]"))
        said = front.gateway.reload()
        expect(said.returncode == 1 and words in said.stderr, said.stderr)
    front.gateway.write(text)


def sign(*words):
    return subprocess.run([program(), "sign", *words], capture_output=True, text=True, timeout=30, check=False)


@check("gatehouse sign makes URLs and cookies that the gateway and the openssl command line accept")
def _():
    path = "/private/made"
    origin.on(path, cacheable(b"made"))
    policy_file = os.path.join(keys, "policy.json")
    with open(policy_file, "w", encoding="utf-8") as file:
        file.write('{ "Statement": [ { "Resource": "http://*/private/*", "Condition": { "DateLessThan": { "AWS:EpochTime": %d } } } ] }\n' % soon())
    for key in (rsa, ecdsa):
        who = ["--key", key.private, "--key-pair-id", key.id]
        for more in (["--expires", "1h"], ["--expires", str(soon()), "--sha256"], ["--expires", "1h", "--ip", "127.0.0.0/8", "--not-before", "1000"],
                     ["--expires", "1h", "--resource", "http://*"], ["--policy", policy_file]):
            said = sign("url", *who, *more, f"{HOST}{path}?a=b")
            expect(said.returncode == 0 and said.stdout.startswith(f"{HOST}{path}?a=b&"), f"{more}: {said}")
            expect_equal(front.get(said.stdout.strip()[len(HOST):]).status, 200, f"a URL with {more}")
            told = json.loads(sign("cookie", *who, *more, "--format", "json", f"{HOST}{path}").stdout)
            expect_equal(front.get(path, f"Cookie: {told['cookie']}\r\n").status, 200, f"cookies with {more}")
            given = dict(cookie.split("=", 1) for cookie in told["cookie"].split("; "))
            digest = "sha256" if "CloudFront-Hash-Algorithm" in given else "sha1"
            expect(key.verifies(told["policy"], given["CloudFront-Signature"], digest), "the command line")
            expect_equal(told["kind"] == "canned", "CloudFront-Expires" in given, "the kind of policy")
            expect(told["kind"] == "canned" or given["CloudFront-Policy"] == url_base64(told["policy"].encode()), "the policy's base64")
    said = sign("cookie", "--key", rsa.private, "--key-pair-id", rsa.id, "--expires", "1h", f"{HOST}/private/*")
    lines = said.stdout.splitlines()
    expect_equal([line.split("=")[0] for line in lines[:3]], ["Set-Cookie: CloudFront-" + name for name in ("Policy", "Signature", "Key-Pair-Id")], "Set-Cookie")
    expect(lines[3].startswith("Cookie: CloudFront-Policy="), said.stdout)
    expect_equal(front.get(path, lines[3] + "\r\n").status, 200, "a wildcard")
    for words, code in ((["url", "--key", rsa.private, "--key-pair-id", "K", HOST], 1), (["url", "--expires", "1h", HOST], 2),
                        (["url", "--key", rsa.public, "--key-pair-id", "K", "--expires", "1h", HOST], 1),
                        (["url", "--key", rsa.private, "--key-pair-id", "K", "--expires", "1h", "--policy", policy_file, HOST], 2)):
        said = sign(*words)
        expect(said.returncode == code and said.stderr, f"{words}: {said}")


finish()
