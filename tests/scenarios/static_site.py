#!/usr/bin/env -S /usr/bin/python3
"""A static site: files as S3 serves a website's, conditions and ranges, and paths that try to leave the root. The cache, compression,
policies and logs see it as they see any origin."""
import os
import random
import socket
import threading
import time

from support.checks import check, expect, expect_equal, finish, limit, until
from support.codings import plain
from support.gateway import Gateway, command, folder
from support.protocol import Ended, Log, Wire

limit(180)
where = folder()
root = os.path.join(where, "site")
log = Log(os.path.join(where, "access.log"))
BIG = random.Random(7).randbytes(64 * 1024 * 1024)


def put(name, content, seconds_ago=3600):
    path = os.path.join(root, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content)
    then = time.time() - seconds_ago
    os.utime(path, (then, then))
    return path


PAGE = b"<!doctype html><title>Shop</title>" + b"<p>text that can be made smaller</p>" * 400
put("index.html", b"<h1>front</h1>")
put("page.html", PAGE)
put("shop/index.html", b"shop")
put("shop/deep/a b.txt", b"spaces")
put("caf\u00e9.txt", b"coffee")
put("100%.txt", b"all")
put("empty.css", b"")
put("big.bin", BIG)
put("errors/404.html", b"<h1>not here</h1>")
put("no-index/file.txt", b"x")
put(".secret", b"hidden")
put(".git/config", b"hidden")
put(".well-known/security.txt", b"contact")
put("locked.txt", b"locked")
os.chmod(os.path.join(root, "locked.txt"), 0)
with open(os.path.join(where, "outside.txt"), "w", encoding="utf-8") as outside:
    outside.write("outside")
os.symlink("../outside.txt", os.path.join(root, "link-out.txt"))
os.symlink(os.path.join(where, "outside.txt"), os.path.join(root, "link-abs.txt"))
os.symlink("..", os.path.join(root, "up"))
os.symlink("page.html", os.path.join(root, "link-in.html"))
os.symlink("loop", os.path.join(root, "loop"))
os.symlink("/proc/self/root/etc/passwd", os.path.join(root, "magic"))
os.mkfifo(os.path.join(root, "pipe"))
unix = socket.socket(socket.AF_UNIX)
unix.bind(os.path.join(root, "socket"))


def config(site, listeners=None, where_to="site"):
    listeners = listeners or (f'  - name: http\n    address: "127.0.0.1:0"\n    default_actions: [ {{ forward: {{ target_groups: [ {{ name: {where_to} }} ] }} }} ]\n')
    return (f'version: 1\nworkers: 2\nadmin: {{ listen: "127.0.0.1:0" }}\nlogs: {{ access: {{ path: "{log.path}" }} }}\n'
            "cache: { policies: [ { name: pages, profile: cloudfront, default_ttl: 60s, enable_accept_encoding_gzip: true, enable_accept_encoding_brotli: true } ] }\n"
            f"listeners:\n{listeners}target_groups:\n  - name: site\n    static_site: {{ {site} }}\n")


PLAIN = "root: site, error_document: errors/404.html"
TWO = ('  - name: http\n    address: "127.0.0.1:0"\n    default_actions: [ { forward: { target_groups: [ { name: site } ] } } ]\n'
       '  - name: cached\n    address: "127.0.0.1:0"\n    behaviors: [ { path_pattern: "*", cache_policy: pages, compress: true } ]\n'
       '    default_actions: [ { forward: { target_groups: [ { name: site } ] } } ]\n')
gateway = Gateway(config(PLAIN, TWO), where=where).wait_ready()


def get(path, fields="", method="GET", port=None, body=b""):
    with Wire(port or gateway.port, timeout=20) as client:
        return client.get(path, fields, method, body)


@check("files with their type, length, dates and a strong tag; HEAD says the same")
def _():
    for path, content, kind in (("/", b"<h1>front</h1>", "text/html; charset=utf-8"), ("/page.html", PAGE, "text/html; charset=utf-8"),
                                ("/shop/", b"shop", "text/html; charset=utf-8"), ("/shop/deep/a%20b.txt", b"spaces", "text/plain; charset=utf-8"),
                                ("/caf%C3%A9.txt", b"coffee", "text/plain; charset=utf-8"), ("/100%25.txt", b"all", "text/plain; charset=utf-8"),
                                ("/empty.css", b"", "text/css; charset=utf-8"), ("/link-in.html", PAGE, "text/html; charset=utf-8"),
                                ("/.well-known/security.txt", b"contact", "text/plain; charset=utf-8"), ("/page.html?v=2", PAGE, "text/html; charset=utf-8")):
        got, head = get(path), get(path, method="HEAD")
        expect_equal((got.status, got.body, got.one("content-type"), got.one("content-length")), (200, content, kind, str(len(content))), path)
        expect(got.one("etag").startswith(('"', 'W/"')) and got.one("last-modified").endswith("GMT") and got.one("date"), path)
        expect_equal(got.one("accept-ranges"), "bytes", path)
        same = [(name, value) for name, value in got.fields if name not in ("date", "x-request-id")]
        expect_equal([(name, value) for name, value in head.fields if name not in ("date", "x-request-id")], same, f"HEAD {path}")
    line = log.one(path="/page.html", method="GET")
    expect_equal((line["target_group"], line["endpoint"], line["status"]), ("site", "static", 200), "the access log")


@check("folders: 302 to the slash where there is an index document, 404 where there is none; they are never listed")
def _():
    for path, to in (("/shop", "/shop/"), ("/shop?a=1&b=2", "/shop/?a=1&b=2"), ("/./shop", "/shop/")):
        got = get(path)
        expect_equal((got.status, got.one("location")), (302, to), path)
    for path in ("/no-index", "/no-index/", "/shop/deep", "/shop/deep/", "/page.html/", "/errors/"):
        expect_equal(get(path).status, 404, path)


@check("what is not there gets the error document with its own status; so does what may not be read")
def _():
    got = get("/nothing")
    expect_equal((got.status, got.body, got.one("content-type")), (404, b"<h1>not here</h1>", "text/html; charset=utf-8"), "404")
    expect_equal((got.all("etag"), got.all("last-modified")), ([], []), "validators of an error")
    if os.geteuid() != 0:
        expect_equal(get("/locked.txt").status, 403, "not readable")
    expect_equal((get("/nothing", method="HEAD").status, get("/nothing", "Range: bytes=0-1\r\n").status), (404, 404), "HEAD, Range")


@check("methods: GET and HEAD, else 405 with Allow, whatever content comes along")
def _():
    for method, body in (("POST", b"x" * 300_000), ("PUT", b"x"), ("DELETE", b""), ("OPTIONS", b""), ("PATCH", b"1"), ("BREW", b"")):
        with Wire(gateway.port, timeout=20) as client:
            got = client.get("/page.html", method=method, body=body)
            expect_equal((got.status, got.one("allow")), (405, "GET, HEAD"), method)
            if len(body) < 10_000:
                expect_equal(client.get("/page.html").status, 200, f"the next one on the connection after {method}")


HOSTILE = """
/../outside.txt /../../outside.txt /shop/../../outside.txt /%2e%2e/outside.txt /%2E%2E/outside.txt /.%2e/outside.txt /%2e./outside.txt
/..%2foutside.txt /..%2Foutside.txt /%2e%2e%2foutside.txt /shop%2f..%2f..%2foutside.txt /..%5coutside.txt /..\\outside.txt /shop/..\\..\\outside.txt
/%252e%252e/outside.txt /%252e%252e%252foutside.txt /%c0%ae%c0%ae/outside.txt /%c0%af../outside.txt /....//outside.txt /..../outside.txt
//outside.txt //../outside.txt /shop//../..//outside.txt /./../outside.txt /.../outside.txt /..;/outside.txt /shop/..;/..;/outside.txt
/link-out.txt /link-abs.txt /up/outside.txt /up/site/page.html /loop /magic /pipe /socket /.secret /.git/config /%2egit/config /shop/%2e%2e/%2e%2e/outside.txt
/proc/self/environ /etc/passwd //etc/passwd /%2fetc/passwd /page.html%00.txt /page.html%0a /page.html/ /page.html/../outside.txt /index.html%20 /%20/../../outside.txt
/site/page.html /../site/page.html /..%00/outside.txt /%u002e%u002e/outside.txt /~root/ /C:/outside.txt /outside.txt
""".split()


@check(f"{len(HOSTILE)} hostile paths never leave the root, and hidden and special files are not served")
def _():
    expect(len(HOSTILE) >= 40, f"{len(HOSTILE)} paths")
    for path in HOSTILE:
        with Wire(gateway.port, timeout=5) as client:
            client.send(f"GET {path} HTTP/1.1\r\nHost: shop.example.com\r\n\r\n".encode("latin-1"))
            got = client.response()
        expect(got.status in (400, 404), f"{path}: {got}")
        expect(b"outside" not in got.body.replace(path.encode("latin-1"), b"") and b"hidden" not in got.body and b"root:" not in got.body, f"{path}: {got}")


@check("conditions: 304 by tag and by date, 412 by If-Match, and nothing else stands in the way")
def _():
    whole = get("/page.html")
    tag, date = whole.one("etag"), whole.one("last-modified")
    for fields, status in ((f"If-None-Match: {tag}\r\n", 304), (f"If-None-Match: W/{tag}\r\n", 304), ('If-None-Match: "x"\r\n', 200), ("If-None-Match: *\r\n", 304),
                           (f"If-Modified-Since: {date}\r\n", 304), ("If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT\r\n", 200),
                           (f'If-None-Match: "x"\r\nIf-Modified-Since: {date}\r\n', 200), (f"If-Match: {tag}\r\n", 200), ('If-Match: "x"\r\n', 412),
                           ("If-Unmodified-Since: Sat, 01 Jan 2000 00:00:00 GMT\r\n", 412), (f"If-Unmodified-Since: {date}\r\n", 200)):
        got = get("/page.html", fields)
        expect_equal(got.status, status, fields)
        expect_equal(got.body, PAGE if status == 200 else b"" if status == 304 else b"Precondition Failed\n", fields)
        if status == 304:
            expect_equal((got.one("etag"), got.all("content-length"), got.all("content-type")), (tag, [], []), fields)
    put("page.html", PAGE, seconds_ago=3600)  # the same bytes and dates, another time
    expect_equal(get("/page.html", f"If-None-Match: {tag}\r\n").status, 200, "a file that was written anew")


@check("a tag is weak while the file could still change unnoticed, and strong afterwards")
def _():
    until(lambda: get("/page.html").one("etag").startswith('"'), "a strong tag", 5)
    path = put("fresh.txt", b"1")
    tags = set()
    for turn in range(40):
        with open(path, "wb") as file:
            file.write(b"%03d" % turn)
        got = get("/fresh.txt")
        expect_equal(got.body, b"%03d" % turn, "content")
        if got.one("etag").startswith('"'):
            expect(got.one("etag") not in tags, "a strong tag twice")
            tags.add(got.one("etag"))


@check("one range: 206 with its place, If-Range, 416 beyond the end; several get the whole")
def _():
    until(lambda: get("/page.html").one("etag").startswith('"'), "a strong tag", 5)
    tag, date, size = get("/page.html").one("etag"), get("/page.html").one("last-modified"), len(PAGE)
    for span, first, end in (("0-0", 0, 1), ("5-9", 5, 10), (f"{size - 4}-", size - 4, size), ("-4", size - 4, size), (f"9-{size * 2}", 9, size)):
        got = get("/page.html", f"Range: bytes={span}\r\n")
        expect_equal((got.status, got.one("content-range"), got.body), (206, f"bytes {first}-{end - 1}/{size}", PAGE[first:end]), span)
    for value, status in ((tag, 206), ('"x"', 200), (f"W/{tag}", 200), (date, 206), ("Sat, 01 Jan 2000 00:00:00 GMT", 200)):
        expect_equal(get("/page.html", f"Range: bytes=1-2\r\nIf-Range: {value}\r\n").status, status, value)
    got = get("/page.html", f"Range: bytes={size}-\r\n")
    expect_equal((got.status, got.one("content-range"), got.body), (416, f"bytes */{size}", b""), "beyond the end")
    for span in ("0-1,5-6", "1-0", "x"):
        got = get("/page.html", f"Range: bytes={span}\r\n")
        expect_equal((got.status, got.body), (200, PAGE), span)


@check("64 MiB, whole and in ranges, in constant memory")
def _():
    def peak():
        with open(f"/proc/{gateway.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    before = peak()
    expect(get("/big.bin").body == BIG, "the whole")
    for first, end in ((0, 1), (1_000_003, 9_000_017), (len(BIG) - 70_000, len(BIG)), (128 * 1024 - 1, 256 * 1024 + 1)):
        expect(get("/big.bin", f"Range: bytes={first}-{end - 1}\r\n").body == BIG[first:end], f"{first} to {end}")
    expect(peak() - before < 16 * 1024, f"{peak() - before} KiB more memory")


@check("2,000 requests on each of four kept connections")
def _():
    wrong = []

    def ask():
        with Wire(gateway.port, timeout=20) as client:
            for turn in range(2000):
                path, content = (("/", b"<h1>front</h1>"), ("/page.html", PAGE), ("/shop/", b"shop"), ("/nothing", b"<h1>not here</h1>"))[turn % 4]
                got = client.get(path)
                if got.body != content:
                    wrong.append((path, got))
    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expect(not wrong, f"{len(wrong)} wrong: {wrong[:2]}")
    expect(len(os.listdir(f"/proc/{gateway.pid}/fd")) < 100, "files stay open")


@check("a file that becomes shorter while it is sent ends the exchange short; one that is replaced is sent as it was")
def _():
    path = put("shrinks.bin", BIG)
    with Wire(gateway.port, timeout=20) as client:
        client.send(b"GET /shrinks.bin HTTP/1.1\r\nHost: shop.example.com\r\n\r\n")
        head = client.response(with_body=False)
        expect_equal(head.one("content-length"), str(len(BIG)), "announced")
        os.truncate(path, 1000)
        size = len(client.held)
        try:
            while client.more(ended_is_fine=True):
                size += len(client.held)
                client.held = b""
        except ConnectionResetError:
            pass
        expect(size < len(BIG), f"{size} bytes")
    path = put("replaced.bin", BIG)
    with Wire(gateway.port, timeout=20) as client:
        client.send(b"GET /replaced.bin HTTP/1.1\r\nHost: shop.example.com\r\n\r\n")
        head = client.response(with_body=False)
        put("new.bin", b"new")
        os.rename(os.path.join(root, "new.bin"), path)
        expect(client.exactly(len(BIG)) == BIG, "the old content")
        expect_equal(client.get("/replaced.bin").body, b"new", "the next request")


@check("behind a cache: one read for many, compressed once, validated by the file's own tag")
def _():
    port = gateway.ports["cached"]
    accept = "Accept-Encoding: gzip, br\r\n"
    first, second = get("/page.html", accept, port=port), get("/page.html", accept, port=port)
    for got, seen in ((first, "Miss from cloudfront"), (second, "Hit from cloudfront")):
        expect_equal((got.one("content-encoding"), plain(got), got.one("x-cache")), ("br", PAGE, seen), seen)
        expect(got.one("etag").startswith('W/"'), got.one("etag"))
    missing = get("/nowhere", accept, port=port)
    expect_equal((missing.status, missing.body), (404, b"<h1>not here</h1>"), "an error")
    lines = until(lambda: (found := log.where(path="/page.html", listener="cached")) and len(found) >= 2 and found, "lines of the log", 5)
    expect_equal([line.get("endpoint") for line in sorted(lines, key=lambda line: line["time"])], ["static", None], "endpoints in the log")


@check("a cache validates with the tag of the file: 304 while it is the same, the new file when it is not")
def _():
    put("index.html", b"<h1>front</h1>")
    until(lambda: get("/").one("etag").startswith('"'), "a strong tag", 5)
    second = Gateway(config(PLAIN, TWO).replace("default_ttl: 60s", "default_ttl: 1s"), where=where).wait_ready()
    port = second.ports["cached"]
    expect_equal(get("/", port=port).body, b"<h1>front</h1>", "the first")
    until(lambda: get("/", port=port).one("x-cache") == "RefreshHit from cloudfront", "a validation", 5)
    put("index.html", b"<h1>other</h1>")
    until(lambda: get("/", port=port).body == b"<h1>other</h1>", "the new file", 5)
    second.stop()


@check("status and metrics know a group without endpoints; hidden files are served where they are wanted")
def _():
    status, group = gateway.ask("/v1/target-groups/site")
    expect_equal((status, group["endpoints"], group["failing_open"]), (200, [], False), "the admin API")
    expect_equal(command("status", "--admin", gateway.admin).returncode, 0, "gatehouse status")
    expect(gateway.metric("gatehouse_requests_total") > 8000, "requests are counted")
    gateway.write(config(PLAIN + ", hidden_files: true", TWO))
    expect_equal(gateway.reload().returncode, 0, "reload")
    for _ in range(16):
        expect_equal(get("/.secret").body, b"hidden", "a hidden file")
    expect_equal(get("/link-out.txt").status, 404, "a link out of the root")


@check("redirect_all_requests_to sends everybody elsewhere, with path and query")
def _():
    gateway.write(config("root: site, redirect_all_requests_to: { host_name: www.example.com, protocol: https }", TWO))
    expect_equal(gateway.reload().returncode, 0, "reload")
    until(lambda: get("/page.html").status == 301, "the new configuration", 5)
    got = get("/a/b?c=d", method="POST")
    expect_equal((got.status, got.one("location")), (301, "https://www.example.com/a/b?c=d"), "POST")


@check("other names for the index, and errors without a document")
def _():
    put("shop/start.htm", b"start")
    gateway.write(config("root: site, index_document: start.htm", TWO))
    expect_equal(gateway.reload().returncode, 0, "reload")
    until(lambda: get("/shop/").body == b"start", "the other index", 5)
    got = get("/")
    expect_equal((got.status, got.body, got.one("content-type")), (404, b"Not Found\n", "text/plain; charset=utf-8"), "no index.html")


@check("a root that is not there, or is no folder, is refused with its place, by check and at the start; a running gateway keeps its own")
def _():
    bad = os.path.join(where, "bad.yaml")
    for site, said in (("root: nowhere", "No such file or directory"), ("root: outside.txt", "Not a directory"), ("index_document: a/b.html, root: site", "no file's name"),
                       ("error_document: ../x.html, root: site", "no file below the root"), ("error_document: x.html", "root")):
        with open(bad, "w", encoding="utf-8") as file:
            file.write(config(site))
        for verb in ("check", "run"):
            got = command(verb, "-c", bad)
            text = got.stdout + got.stderr
            expect(got.returncode == 1 and said in text and "bad.yaml:12:" in text, f"{verb} {site}: {got.returncode} {text}")
    gateway.write(config("root: nowhere", TWO))
    expect_equal(gateway.reload().returncode, 1, "a reload")
    expect_equal(get("/shop/").body, b"start", "what was there before")


finish()
