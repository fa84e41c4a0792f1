"""The client side: a browser's request head, wrk for load, and a lock-step client for counting instructions."""
import json
import os
import re
import socket
import ssl
import subprocess

from harness.processes import Trouble

# What a browser sends for a page: twelve fields, about 700 bytes.
FIELDS = (
    ("Host", "shop.example"),
    ("Connection", "keep-alive"),
    ("Upgrade-Insecure-Requests", "1"),
    ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"),
    ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"),
    ("Sec-Fetch-Site", "same-origin"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-Dest", "document"),
    ("Referer", "https://shop.example/catalogue/shoes?sort=price&page=2"),
    ("Accept-Encoding", "gzip, deflate, br"),
    ("Accept-Language", "en-GB,en;q=0.9,sv;q=0.8"),
    ("Cookie", "session=3b1f6c0a9d5e4f27b8c1; theme=dark; cart=7c9e6679-7425-40de-944b-e07fc1f90ae7"),
)

_DONE = """
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('RESULT {"requests": %d, "us": %d, "bytes": %d, "p50_us": %d, "p99_us": %d, '
    .. '"connect": %d, "read": %d, "write": %d, "status": %d, "timeout": %d}\\n', summary.requests, summary.duration,
    summary.bytes, latency:percentile(50), latency:percentile(99), e.connect, e.read, e.write, e.status, e.timeout))
end
"""


def request_head(path, fields=FIELDS):
    return f"GET {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields) + "\r\n"


def write_script(path, fields=FIELDS):
    """The wrk script: the fields, and one line of results that is easy to read."""
    lines = [f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}" for name, value in fields]
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + _DONE)


def wrk(url, script, connections, seconds, core=None, threads=1):
    """One run of wrk; its numbers, with `errors` by kind for those that are not zero."""
    command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--timeout", "5s", "--latency", "-s", script, url]
    if core is not None:
        command = ["taskset", "-c", str(core)] + command
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=False)
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise Trouble(f"wrk: {problem}") from problem
    found = re.search(r"^RESULT (\{.*\})$", run.stdout, re.M)
    if run.returncode != 0 or not found:
        raise Trouble(f"wrk failed: {(run.stderr or run.stdout).strip()}")
    numbers = json.loads(found.group(1))
    numbers["errors"] = {kind: numbers.pop(kind) for kind in ("connect", "read", "write", "status", "timeout")}
    numbers["errors"] = {kind: count for kind, count in numbers["errors"].items() if count}
    return numbers


class Client:
    """One blocking keep-alive connection."""

    def __init__(self, port, tls=False):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            self.socket = context.wrap_socket(self.socket, server_hostname="shop.example")
        self.buffer = b""

    def send(self, path):
        self.socket.sendall(request_head(path).encode())

    def _fill(self):
        data = self.socket.recv(1 << 17)
        if not data:
            raise Trouble("the peer closed the connection before the reply was complete")
        self.buffer += data

    def receive(self):
        """(status, body) of the next reply, which must have a Content-Length."""
        while b"\r\n\r\n" not in self.buffer:
            self._fill()
        head, _, rest = self.buffer.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)^content-length:\s*(\d+)", head, re.M)
        if not length:
            raise Trouble(f"a reply without Content-Length:\n{head.decode(errors='replace')}")
        size, self.buffer = int(length.group(1)), rest
        while len(self.buffer) < size:
            self._fill()
        body, self.buffer = self.buffer[:size], self.buffer[size:]
        return int(head.split(b" ", 2)[1]), body

    def ask(self, path):
        self.send(path)
        return self.receive()

    def cipher(self):
        return self.socket.cipher()[0] if isinstance(self.socket, ssl.SSLSocket) else None

    def close(self):
        self.socket.close()


def lock_step(clients, path, rounds, body):
    """All clients ask, then all are answered, so that the peer meets as many events at once as under load."""
    for _ in range(rounds):
        for client in clients:
            client.send(path)
        for client in clients:
            status, got = client.receive()
            if status != 200 or len(got) != body:
                raise Trouble(f"answered {status} with {len(got)} bytes")


def certificate(folder):
    """(certificate, key, both in one file) with a P-256 key, made once a folder."""
    cert, key, both = (os.path.join(folder, name) for name in ("cert.pem", "key.pem", "both.pem"))
    if not os.path.exists(both):
        made = subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30",
             "-subj", "/CN=shop.example", "-addext", "subjectAltName=DNS:shop.example", "-keyout", key, "-out", cert],
            capture_output=True, text=True, check=False)
        if made.returncode != 0:
            raise Trouble(f"openssl: {made.stderr}")
        with open(both, "w", encoding="ascii") as out:
            for part in (cert, key):
                with open(part, encoding="ascii") as file:
                    out.write(file.read())
    return cert, key, both
