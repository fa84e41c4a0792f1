"""A client on a raw socket: it sees what came byte by byte, keeps its connection, and never repeats a request."""
import socket
import threading
import time


class Response:
    def __init__(self, status, fields, body):
        self.status, self.fields, self.body = status, fields, body

    def __repr__(self):
        return f"<{self.status} {self.body[:80]!r}>"

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    @property
    def closes(self):
        return self.fields.get("connection", "").lower() == "close"


class Closed(Exception):
    """The connection ended before a whole response was there."""


class Client:
    def __init__(self, port, timeout=10.0, wrap=None):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if wrap is not None:
            self.socket = wrap(self.socket)
        self.held = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def ask(self, path="/", method="GET", fields=(), body=None):
        """Sends one request; read() takes its response."""
        lines = [f"{method} {path} HTTP/1.1", "Host: shop.example.com"]
        lines += [f"{name}: {value}" for name, value in fields]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b""))

    def get(self, path="/", **more):
        self.ask(path, **more)
        return self.read(head_only=more.get("method") == "HEAD")

    def read(self, head_only=False):
        head = self._until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        status = int(head[0].split(" ", 2)[1])
        fields = {}
        for line in head[1:]:
            name, _, value = line.partition(":")
            fields[name.lower()] = value.strip()
        if head_only or status in (204, 304) or status < 200:
            return Response(status, fields, b"")
        if fields.get("transfer-encoding", "").lower() == "chunked":
            return Response(status, fields, self._chunks())
        if "content-length" in fields:
            return Response(status, fields, self._exactly(int(fields["content-length"])))
        return Response(status, fields, self.rest())

    def rest(self):
        """Everything until the other side closes."""
        while self._more():
            pass
        data, self.held = self.held, b""
        return data

    def closed_within(self, seconds):
        """Whether the gateway closes this connection without another byte."""
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False

    def _more(self):
        data = self.socket.recv(65536)
        self.held += data
        return bool(data)

    def _until(self, mark):
        while mark not in self.held:
            if not self._more():
                raise Closed(f"closed after {len(self.held)} bytes of a response")
        data, self.held = self.held.split(mark, 1)
        return data

    def _exactly(self, size):
        while len(self.held) < size:
            if not self._more():
                raise Closed(f"closed after {len(self.held)} of {size} bytes of content")
        data, self.held = self.held[:size], self.held[size:]
        return data

    def _chunks(self):
        body = b""
        while True:
            size = int(self._until(b"\r\n").split(b";")[0], 16)
            if size == 0:
                while self._until(b"\r\n"):
                    pass
                return body
            body += self._exactly(size)
            self._exactly(2)


def once(port, path="/", **more):
    """One request on a connection of its own."""
    with Client(port) as client:
        return client.get(path, **more)


def new_connections(port, count, path="/", batch=50):
    """`count` connections with one request each, some side by side; the bodies of the 200s, None for anything else."""
    answers = []
    request = f"GET {path} HTTP/1.1\r\nHost: shop.example.com\r\n\r\n".encode()
    while len(answers) < count:
        clients = [Client(port) for _ in range(min(batch, count - len(answers)))]
        for client in clients:
            client.send(request)
        for client in clients:
            response = client.read()
            answers.append(response.text if response.status == 200 else None)
            client.close()
    return answers


class Load:
    """Clients in keep-alive loops until stop(). A request fails when its answer is no 200 or does not come; a new
    connection is made only after a response that announced the end of the old one."""

    def __init__(self, port, clients=4, path="/", pause=0.0):
        self.port, self.path, self.pause = port, path, pause
        self.ok, self.failed = 0, []
        self._lock, self._stopping = threading.Lock(), threading.Event()
        self._threads = [threading.Thread(target=self._loop, daemon=True) for _ in range(clients)]
        for thread in self._threads:
            thread.start()

    def _loop(self):
        client = None
        while not self._stopping.is_set():
            try:
                client = client or Client(self.port)
                response = client.get(self.path)
                failure = None if response.status == 200 else f"{response.status} {response.text[:120]}"
                closes = response.closes
            except (OSError, Closed) as problem:
                failure, closes = f"{type(problem).__name__}: {problem}", True
            if closes and client is not None:
                client.close()
                client = None
            with self._lock:
                if failure is None:
                    self.ok += 1
                elif len(self.failed) < 1000:
                    self.failed.append(failure)
            if self.pause:
                time.sleep(self.pause)
        if client is not None:
            client.close()

    def stop(self):
        self._stopping.set()
        for thread in self._threads:
            thread.join(timeout=15)
        return self
