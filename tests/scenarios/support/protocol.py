"""HTTP/1 to the byte: a strict reader, origins that record exactly what reached them and answer with raw bytes, clients
that see every byte of every reply. Nothing is repaired here: what could be read in two ways is a Malformed."""
import json
import os
import re
import socket
import threading
import time

from .checks import until

LINE = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+): ?([^\x00-\x08\x0a-\x1f\x7f]*)")
NO_HEALTH = "health_check: { enabled: false }\noutlier_detection: { enabled: false }\nretries: 0"


class Malformed(Exception):
    """Bytes that no strict reader would take."""


class Ended(Exception):
    """The peer ended before a message was complete."""


class Message:
    """One request or response. `fields` and `trailers` are lists of (lower-case name, value) in order."""

    def __init__(self, head):
        self.head, self.body, self.trailers, self.interim, self.connection = head, b"", [], [], 0
        lines = head.split(b"\r\n")
        self.line = lines[0].decode("latin-1")
        self.fields = fields_of(lines[1:])

    def all(self, name):
        return [value for has, value in self.fields if has == name]

    def one(self, name):
        values = self.all(name)
        if len(values) > 1:
            raise Malformed(f"{name} {len(values)} times: {values}")
        return values[0] if values else None

    @property
    def method(self):
        return self.line.split(" ")[0]

    @property
    def target(self):
        return self.line.split(" ")[1]

    @property
    def status(self):
        return int(self.line.split(" ")[1])

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    def __repr__(self):
        return f"<{self.line} {self.fields} {self.body[:60]!r}>"


def fields_of(lines):
    fields = []
    for line in lines:
        match = LINE.fullmatch(line)
        if not match:
            raise Malformed(f"no field line: {line[:80]!r}")
        fields.append((match[1].decode().lower(), match[2].decode("latin-1")))
    return fields


class Reader:
    """Reads messages off a socket with nothing but CRLF lines and one framing."""

    def __init__(self, sock):
        self.socket, self.held, self.raw = sock, b"", b""

    def more(self, ended_is_fine=False):
        data = self.socket.recv(262144)
        self.held += data
        if not data and not ended_is_fine:
            raise Ended(f"the end after {self.held[:60]!r}")
        return bool(data)

    def line_block(self):
        while b"\r\n\r\n" not in self.held:
            if not self.held:
                if not self.more(ended_is_fine=True):
                    return None
            else:
                self.more()
        head, self.held = self.held.split(b"\r\n\r\n", 1)
        if re.search(rb"(?<!\r)\n|\r(?!\n)", head):
            raise Malformed(f"a bare CR or LF: {head[:80]!r}")
        return head

    def exactly(self, size):
        while len(self.held) < size:
            self.more()
        data, self.held = self.held[:size], self.held[size:]
        return data

    def line(self):
        while b"\r\n" not in self.held:
            self.more()
        line, self.held = self.held.split(b"\r\n", 1)
        return line

    def framed(self, message):
        """The content by Transfer-Encoding or Content-Length; None when there is neither."""
        encoding, length = message.one("transfer-encoding"), message.one("content-length")
        if encoding is not None and (encoding != "chunked" or length is not None):
            raise Malformed(f"framing: transfer-encoding {encoding}, content-length {length}")
        if encoding is not None:
            body = []
            while size := self.chunk_size():
                body.append(self.exactly(size))
                if self.exactly(2) != b"\r\n":
                    raise Malformed("no CRLF behind a chunk")
            lines = []
            while line := self.line():
                lines.append(line)
            message.trailers = fields_of(lines)
            return b"".join(body)
        if length is None:
            return None
        if not re.fullmatch(r"0|[1-9][0-9]*", length):
            raise Malformed(f"content-length {length!r}")
        return self.exactly(int(length))

    def chunk_size(self):
        line = self.line()
        if not re.fullmatch(rb"[0-9a-f]{1,16}", line):
            raise Malformed(f"chunk size {line!r}")
        return int(line, 16)

    def request(self, with_body=True):
        """One request, or None when the peer has ended between two."""
        head = self.line_block()
        if head is None:
            return None
        message = Message(head)
        if not re.fullmatch(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+ [!-~]+ HTTP/1\.1", message.line):
            raise Malformed(f"request line {message.line[:80]!r}")
        if with_body:
            message.body = self.framed(message) or b""
        return message

    def response(self, method="GET", with_body=True):
        """One final response with its interim ones."""
        interim = []
        while True:
            head = self.line_block()
            if head is None:
                raise Ended("no response")
            message = Message(head)
            if not re.fullmatch(r"HTTP/1\.1 [1-9][0-9][0-9] [\t -~\x80-\xff]*", message.line):
                raise Malformed(f"status line {message.line[:80]!r}")
            if message.status >= 200 or message.status == 101:
                break
            interim.append(message)
        message.interim = interim
        if not with_body or method == "HEAD" or message.status in (204, 304):
            return message
        body = self.framed(message)
        if body is None:
            body = self.rest()
        message.body = body
        return message

    def rest(self):
        while self.more(ended_is_fine=True):
            pass
        data, self.held = self.held, b""
        return data


class Wire(Reader):
    """A client."""

    def __init__(self, port, timeout=10.0, wrap=None):
        sock = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().__init__(wrap(sock) if wrap else sock)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def get(self, path="/", fields="", method="GET", body=b""):
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        self.send(f"{method} {path} HTTP/1.1\r\nHost: shop.example.com\r\n{fields}{length}\r\n".encode("latin-1") + body)
        return self.response(method)

    def ended(self):
        """Whether the gateway closes without another byte."""
        try:
            return not self.held and not self.more(ended_is_fine=True)
        except ConnectionResetError:
            return not self.held
        except TimeoutError:
            return False


def once(port, path="/", **more):
    with Wire(port) as client:
        return client.get(path, **more)


class Origin:
    """Each connection runs `script(peer)`; a peer reads with peer.request() and writes with peer.send(). What was read
    is in `requests`, what could not be read strictly in `problems`."""

    def __init__(self, script=None, wrap=None):
        self.script, self.wrap = script or answer, wrap
        self.requests, self.problems, self.accepted = [], [], 0
        self.lock, self.peers = threading.Lock(), set()
        self.listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.listening.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def take(self):
        """The requests since the last call."""
        with self.lock:
            taken, self.requests = self.requests, []
        return taken

    def become(self, script):
        """From now on this script: the connections of the one before end, and none of them is used again."""
        self.script = script
        with self.lock:
            peers = list(self.peers)
        for peer in peers:
            try:
                peer.socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _accept(self):
        while True:
            sock, _ = self.listening.accept()
            self.accepted += 1
            threading.Thread(target=self._serve, args=(sock, self.accepted), daemon=True).start()

    def _serve(self, sock, number):
        peer = None
        try:
            sock.settimeout(60)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            peer = Peer(self, self.wrap(sock) if self.wrap else sock, number)
            with self.lock:
                self.peers.add(peer)
            self.script(peer)
        except (OSError, Ended) as problem:
            if peer is not None:
                peer.ended_by = problem
        except Malformed as problem:
            self.problems.append(str(problem))
        finally:
            with self.lock:
                self.peers.discard(peer)
            try:
                (peer.socket if peer else sock).close()
            except OSError:
                pass


class Peer(Reader):
    """One connection at an origin."""

    def __init__(self, origin, sock, number):
        super().__init__(sock)
        self.origin, self.number, self.ended_by = origin, number, None

    def send(self, data):
        self.socket.sendall(data)

    def request(self, with_body=True):
        message = super().request(with_body)
        if message is not None:
            message.connection = self.number
            with self.origin.lock:
                self.origin.requests.append(message)
        return message


def answer(peer):
    """200 with a short content to every request."""
    while (request := peer.request()) is not None:
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + (b"" if request.method == "HEAD" else b"ok"))


class Log:
    """The access log as it grows."""

    def __init__(self, path):
        self.path = path

    def lines(self):
        if not os.path.exists(self.path):
            return []
        with open(self.path, "rb") as file:
            return [json.loads(line) for line in file.read().decode("utf-8").split("\n")[:-1]]

    def where(self, **wanted):
        return [line for line in self.lines() if all(line.get(key) == value for key, value in wanted.items())]

    def one(self, **wanted):
        """The line with these values, waited for."""
        return until(lambda: self.where(**wanted), f"a line of the access log with {wanted}", seconds=5)[-1]


def text(log="off", listeners="", groups="", limits="", workers=1, more=""):
    """A configuration."""
    return (f'version: 1\nworkers: {workers}\nadmin: {{ listen: "127.0.0.1:0" }}\nlogs: {{ access: {{ path: "{log}" }} }}\n'
            f"limits: {{ {limits} }}\n{more}listeners:\n{listeners}" + (f"target_groups:\n{groups}" if groups else ""))


def listener(name="http", to="web", more="", address="127.0.0.1:0"):
    keys = "".join(f"    {line}\n" for line in more.splitlines())
    return (f'  - name: {name}\n    address: "{address}"\n{keys}'
            f"    default_actions: [ {{ forward: {{ target_groups: [ {{ name: {to} }} ] }} }} ]\n")


def resident(pid):
    """VmRSS in KiB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read())[1])


class Row:
    """A row of a .cases file: its number, its bytes, and the verdict as (errc, detail words)."""

    def __init__(self, number, data, verdict, method):
        self.number, self.data, self.verdict, self.method = number, data, verdict, method
        self.ok = verdict.split(" ")[0] == "ok"
        self.more = verdict == "more"
        self.wanted = dict(word.split("=", 1) for word in verdict.split(" ")[1:]) if self.ok else {}
        self.refusal = "" if self.ok or self.more else verdict

    def name(self):
        return f"line {self.number} {self.data[:70]!r}"


def unescape(source):
    """The bytes of a TEXT, as the head of http1_requests.cases describes it."""
    out, at = b"", 0
    simple = {"r": b"\r", "n": b"\n", "t": b"\t", "0": b"\0", "\\": b"\\"}
    while at < len(source):
        if source[at] == "⏎":
            out, at = out + b"\r\n", at + 1
        elif source.startswith("\\{", at):
            count, end = int(source[at + 2:source.index("*", at)]), source.index("}", at)
            out, at = out + unescape(source[source.index("*", at) + 1:end]) * count, end + 1
        elif source.startswith("\\x", at):
            out, at = out + bytes([int(source[at + 2:at + 4], 16)]), at + 4
        elif source[at] == "\\":
            out, at = out + simple[source[at + 1]], at + 2
        else:
            out, at = out + source[at].encode(), at + 1
    return out


def read_cases(path):
    """Rows under the default limits, and how many there are under limits smaller than a configuration may set."""
    rows, beyond, limited, method = [], 0, False, "GET"
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip("\n")
            if not line or line.startswith("#"):
                continue
            clause, rest = re.fullmatch(r"(\S+)\s+(.*)", line).groups()
            if clause == "limits":
                limited = rest != "default"
            elif clause == "method":
                method = rest
            elif limited:
                beyond += 1
            else:
                # The blank between clause and TEXT is the format's; a TEXT that begins with one says \x20.
                source, verdict = rest.rsplit("  =>  ", 1)
                rows.append(Row(number, unescape(source), verdict.strip(), method))
    return rows, beyond


def wait(seconds, condition):
    """Polls without failing."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return condition()
