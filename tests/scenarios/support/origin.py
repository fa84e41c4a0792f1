"""Origins: scripted ones in threads of the scenario, which count and misbehave on demand, and one that is a process."""
import collections
import signal
import socket
import subprocess
import threading

from .gateway import program

GARBAGE = b"\x16\x03\x01 this is no HTTP\r\n\r\n"


class Behavior:
    """How requests are answered. `kind`: answer, close (read the request, say nothing), garbage, or hang until the
    origin is told otherwise. `delay` comes before any of them."""

    def __init__(self, kind="answer", status=200, delay=0.0):
        self.kind, self.status, self.delay = kind, status, delay


OK = Behavior()
CLOSE = Behavior("close")
HANG = Behavior("hang")


def fail(status=503):
    return Behavior(status=status)


def slow(seconds):
    return Behavior(delay=seconds)


class Origin:
    """Keep-alive HTTP/1.1 on a port of its own. `traffic` and `health` say how it behaves, for /healthz by itself.
    Its reply's content is its name. `requests` counts by method, `probes` what came for /healthz."""

    def __init__(self, name, health=OK, traffic=OK, port=0):
        self.name, self.health, self.traffic = name, health, traffic
        self.requests, self.paths = collections.Counter(), collections.Counter()
        self.probes = self.connections = 0
        self.lock, self.changed = threading.Lock(), threading.Event()
        self.listening, self._open = None, set()
        self.port = port
        self.start()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    @property
    def total(self):
        return sum(self.requests.values())

    def start(self):
        self.changed.clear()
        self.listening = socket.create_server(("127.0.0.1", self.port), backlog=512)
        self.port = self.listening.getsockname()[1]
        threading.Thread(target=self._accept, args=(self.listening,), daemon=True).start()

    def stop(self):
        """As a process that ended: no listener, every connection closed."""
        self.changed.set()
        listening, self.listening = self.listening, None
        if listening is not None:
            listening.shutdown(socket.SHUT_RDWR)
            listening.close()
        with self.lock:
            connections = list(self._open)
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def forget(self):
        with self.lock:
            self.requests.clear()
            self.paths.clear()
            self.probes = self.connections = 0

    def _accept(self, listening):
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with self.lock:
                self.connections += 1
                self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            held = b""
            while (read := self._read(connection, held)) is not None:
                method, path, closes, held = read
                if not self._reply(connection, method, path, closes):
                    break
        except OSError:
            pass
        finally:
            with self.lock:
                self._open.discard(connection)
            connection.close()

    def _read(self, connection, held):
        """One request: its method, path, whether the connection ends with it, and what came behind it."""
        while b"\r\n\r\n" not in held:
            data = connection.recv(65536)
            if not data:
                return None
            held += data
        head, held = held.split(b"\r\n\r\n", 1)
        line, *fields = head.decode("latin-1").split("\r\n")
        method, path, _ = line.split(" ", 2)
        length, closes = 0, False
        for field in fields:
            name, _, value = field.partition(":")
            if name.lower() == "content-length":
                length = int(value)
            closes = closes or (name.lower() == "connection" and value.strip().lower() == "close")
        while len(held) < length:
            data = connection.recv(65536)
            if not data:
                return None
            held += data
        return method, path, closes, held[length:]

    def _reply(self, connection, method, path, closes):
        probe = path == "/healthz"
        with self.lock:
            if probe:
                self.probes += 1
            else:
                self.requests[method] += 1
                self.paths[path] += 1
        behavior = self.health if probe else self.traffic
        if behavior.delay:
            self.changed.wait(behavior.delay)
        if behavior.kind == "hang":
            self.changed.wait(60)
            return False
        if behavior.kind == "close":
            return False
        if behavior.kind == "garbage":
            connection.sendall(GARBAGE)
            return False
        body = b"" if method == "HEAD" else self.name.encode()
        head = f"HTTP/1.1 {behavior.status} Said So\r\nContent-Length: {len(self.name)}\r\n"
        head += "Connection: close\r\n\r\n" if closes else "\r\n"
        connection.sendall(head.encode() + body)
        return not closes


class OriginProcess:
    """A demo origin as a process of its own, to be killed and started again on the same port."""

    def __init__(self, name, port=0):
        self.name, self.port, self.process = name, port, None
        self.start()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def start(self):
        command = [program(), "demo", "origin", "--listen", f"127.0.0.1:{self.port}", "--name", self.name]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("ready "):
            raise AssertionError(f"the origin {self.name} did not start: {line!r}")
        self.port = int(line.rsplit(":", 1)[1])

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()
