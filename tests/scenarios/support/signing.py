"""Signed URLs and cookies as others make them: keys and signatures of the openssl command line, policies put together by hand.
And requests signed with SigV4, checked by an implementation of its own."""
import hashlib
import hmac
import os
import re
import subprocess
import urllib.parse

KINDS = {"rsa": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], "ecdsa": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
         "short": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"], "p384": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"]}


def openssl(*words, data=None):
    return subprocess.run(["openssl", *words], input=data, check=True, capture_output=True, timeout=30).stdout


def url_base64(data):
    return openssl("base64", "-A", data=data).decode().translate(str.maketrans("+=/", "-_~"))


def from_url_base64(text):
    return openssl("base64", "-A", "-d", data=text.translate(str.maketrans("-_~", "+=/")).encode())


class Key:
    """A pair NAME.pem and NAME.pub.pem in a folder."""

    def __init__(self, where, name, kind="rsa"):
        self.id, self.private, self.public = "K" + name.upper(), os.path.join(where, name + ".pem"), os.path.join(where, name + ".pub.pem")
        openssl("genpkey", *KINDS[kind], "-out", self.private)
        openssl("pkey", "-in", self.private, "-pubout", "-out", self.public)

    def sign(self, policy, digest="sha1"):
        return url_base64(openssl("dgst", "-" + digest, "-sign", self.private, data=policy.encode()))

    def verifies(self, policy, signature, digest):
        """By the command line; its exit code says it."""
        file = self.private + ".sig"
        with open(file, "wb") as out:
            out.write(from_url_base64(signature))
        return subprocess.run(["openssl", "dgst", "-" + digest, "-verify", self.public, "-signature", file], input=policy.encode(),
                              capture_output=True, timeout=30, check=False).returncode == 0

    def parts(self, policy, digest, first):
        more = {"Hash-Algorithm": "SHA256"} if digest == "sha256" else {}
        return {**first, "Signature": self.sign(policy, digest), "Key-Pair-Id": self.id, **more}

    def canned(self, url, expires, digest="sha1"):
        policy = '{"Statement":[{"Resource":"%s","Condition":{"DateLessThan":{"AWS:EpochTime":%d}}}]}' % (url, expires)
        return self.parts(policy, digest, {"Expires": str(expires)})

    def custom(self, resource, expires, digest="sha1", more=""):
        policy = '{"Statement":[{"Resource":"%s","Condition":{"DateLessThan":{"AWS:EpochTime":%d}%s}}]}' % (resource, expires, more)
        return self.parts(policy, digest, {"Policy": url_base64(policy.encode())})


def query(parts):
    return "&".join(f"{name}={value}" for name, value in parts.items())


def cookies(parts):
    return "; ".join(f"CloudFront-{name}={value}" for name, value in parts.items())


def quoted(text, kept=""):
    return urllib.parse.quote(urllib.parse.unquote(text), safe="-._~" + kept)


def sigv4_problem(request, secret, content=None):
    """Why S3 would refuse the request; None when it would not. Written from the description of the protocol alone."""
    given = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request,\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]{64})",
                         request.one("authorization") or "")
    if not given:
        return f"Authorization: {request.one('authorization')}"
    _, day, region, service, names, signature = given.groups()
    for needed in ("host", "x-amz-date", "x-amz-content-sha256"):
        if needed not in names.split(";"):
            return f"{needed} is not signed"
    unsigned = [name for name, _ in request.fields if name.startswith("x-amz-") and name not in names.split(";")]
    if unsigned:
        return f"not signed: {unsigned}"
    payload, date = request.one("x-amz-content-sha256"), request.one("x-amz-date")
    if payload != "UNSIGNED-PAYLOAD" and payload != hashlib.sha256(content or b"").hexdigest():
        return "another content"
    path, _, parameters = request.target.partition("?")
    pairs = sorted((quoted(name.replace("+", " ")), quoted(value.replace("+", " ")))
                   for name, _, value in (member.partition("=") for member in parameters.split("&") if member))
    canonical = "\n".join([request.method, quoted(path, "/"), "&".join(f"{name}={value}" for name, value in pairs),
                           *[f"{name}:{' '.join(request.one(name).split())}" for name in names.split(";")], "", names, payload])
    scope = f"{day}/{region}/{service}/aws4_request"
    to_sign = "\n".join(["AWS4-HMAC-SHA256", date, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + secret).encode()
    for step in (day, region, service, "aws4_request", to_sign):
        key = hmac.new(key, step.encode(), hashlib.sha256).digest()
    if not date.startswith(day):
        return "another day"
    return None if key.hex() == signature else f"another signature; the canonical request is {canonical!r}"
