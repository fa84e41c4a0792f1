"""The gateway as a process: started with the text of a configuration, waited for, asked, signalled, ended."""
import atexit
import http.client
import json
import mmap
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

# Before any listener: the admin API on a free port, and no access log. Scenarios that want a log bring their own head.
HEAD = 'version: 1\nworkers: 2\nadmin: { listen: "127.0.0.1:0" }\nlogs: { access: { path: "off" } }\n'
LISTENER = ('listeners:\n  - name: http\n    address: "127.0.0.1:0"\n'
            '    default_actions: [ { forward: { target_groups: [ { name: web } ] } } ]\n')

CRASHES = (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE, signal.SIGTRAP)

# How much slower than usual everything may be: the runner's --slower, for sanitizers.
SLOWER = int(os.environ.get("GATEHOUSE_SLOWER", "1"))

# What the sanitizers print before their stacks.
REPORT = re.compile(r"(Address|Leak|Thread|UndefinedBehavior)Sanitizer|: runtime error: |^gatehouse: task .* exception")

_started = []


def program():
    return os.environ.get("GATEHOUSE", "build/release/gatehouse")


def sanitized():
    """Whether the program was built with a sanitizer, whose own memory says nothing about ours."""
    with open(program(), "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        return text.find(b"__asan_init") >= 0 or text.find(b"__tsan_init") >= 0


def source():
    return os.environ.get("GATEHOUSE_SOURCE", os.path.join(os.path.dirname(__file__), "..", "..", ".."))


def folder():
    """A folder for the files of this scenario, gone when it ends."""
    made = tempfile.mkdtemp(prefix="gatehouse-scenario-")
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def command(*arguments, timeout=20):
    """Runs one verb to its end."""
    return subprocess.run([program(), *arguments], capture_output=True, text=True, timeout=timeout * SLOWER, stdin=subprocess.DEVNULL)


def group(endpoints, name="web", more=""):
    """The text of one target group. An endpoint is an origin's address, or that with further keys: `ADDRESS, weight: 3`."""
    lines = []
    for endpoint in endpoints:
        address, _, keys = endpoint.partition(",")
        lines.append(f'      - {{ address: "{address}"{"," + keys if keys else ""} }}\n')
    settings = "".join(f"    {line}\n" for line in more.splitlines())
    return f"  - name: {name}\n{settings}    endpoints:\n" + "".join(lines)


def simple(endpoints, more="", head=HEAD, tail=""):
    """A whole configuration: one listener, one group `web`."""
    return head + LISTENER + "target_groups:\n" + group(endpoints, more=more) + tail


class Gateway:
    def __init__(self, text, where=None, arguments=(), stdout=None, verb="run"):
        self.folder = where or folder()
        self.file = os.path.join(self.folder, "gatehouse.yaml")
        self.output, self.errors = [], []
        self.ports, self.admin, self.ready_line = {}, "", ""
        self.readers = []
        self.write(text)
        self.began = time.monotonic()
        run = [program(), "run", "-c", self.file] if verb == "run" else [program(), verb]
        self.process = subprocess.Popen([*run, *arguments], stdin=subprocess.DEVNULL, stdout=stdout or subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        _started.append(self)
        if stdout is None:
            self._follow(self.process.stdout, self.output)
        self._follow(self.process.stderr, self.errors)

    def _follow(self, pipe, lines):
        def read():
            for line in pipe:
                lines.append(line.decode("utf-8", "replace").rstrip("\n"))
                if lines is self.output and lines[-1].startswith("ready "):
                    self._note_ready(lines[-1])
        self.readers.append(threading.Thread(target=read, daemon=True))
        self.readers[-1].start()

    def _note_ready(self, line):
        addresses = dict(word.split("=", 1) for word in line.split()[1:])
        self.admin = addresses.pop("admin")
        self.ports = {name: int(address.rsplit(":", 1)[1]) for name, address in addresses.items()}
        self.ready_line = line

    def write(self, text):
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(text)

    def wait_ready(self, seconds=10):
        end = time.monotonic() + seconds * SLOWER
        while not self.ready_line:
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"no ready line; exit code {self.process.poll()}; stderr: {self.errors}")
            time.sleep(0.002)
        return self

    @property
    def port(self):
        return self.ports["http"]

    @property
    def pid(self):
        return self.process.pid

    def ask(self, path, method="GET", body=None):
        """A request to the admin API: status, and the document or text."""
        host, port = self.admin.rsplit(":", 1)
        connection = http.client.HTTPConnection(host, int(port), timeout=10)
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, path, content, {"Content-Type": "application/json"} if content else {})
            response = connection.getresponse()
            text = response.read().decode("utf-8")
        finally:
            connection.close()
        is_json = "json" in (response.getheader("Content-Type") or "")
        return response.status, json.loads(text) if is_json else text

    def patch(self, path, body):
        status, document = self.ask(path, "PATCH", body)
        if status != 200:
            raise AssertionError(f"PATCH {path} {body}: {status} {document}")
        return document

    def status(self):
        """What `gatehouse status --format json` says."""
        said = command("status", "--admin", self.admin, "--format", "json")
        if said.returncode != 0:
            raise AssertionError(f"gatehouse status: exit code {said.returncode}: {said.stderr}")
        return json.loads(said.stdout)

    def endpoint(self, address, group="web"):
        _, document = self.ask(f"/v1/target-groups/{group}")
        return next(endpoint for endpoint in document["endpoints"] if endpoint["address"] == address)

    def metrics(self):
        """Samples of /metrics: a list of (name, labels, value)."""
        samples = []
        for line in self.ask("/metrics")[1].splitlines():
            match = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line)
            if match and not line.startswith("#"):
                labels = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', match[2] or ""))
                samples.append((match[1], labels, float(match[3])))
        return samples

    def metric(self, name, **labels):
        """The sum of a metric's samples that have these labels."""
        return sum(value for sample, has, value in self.metrics()
                   if sample == name and all(has.get(key) == wanted for key, wanted in labels.items()))

    def reload(self):
        """`gatehouse reload`, which returns when the new configuration is in force or refused."""
        return command("reload", "--admin", self.admin)

    def generation(self):
        return self.ask("/v1/status")[1]["generation"]

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, seconds=10):
        """The exit code."""
        try:
            return self.process.wait(timeout=seconds * SLOWER)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the gateway had not ended after {seconds} s") from None

    def stop(self):
        """Ends it at once, whatever it is doing: a first SIGTERM drains, a second one ends it by its ordinary way out."""
        for patience in (0.3, 10 * SLOWER):
            if self.process.poll() is None:
                self.process.send_signal(signal.SIGTERM)
                try:
                    self.process.wait(timeout=patience)
                except subprocess.TimeoutExpired:
                    pass
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def crashes():
    """What is to be said of gateways that ended by a signal which no scenario sends, did not end when they were told
    to, or have a sanitizer's report on their standard error. Ends those that still run."""
    said = []
    for gateway in _started:
        running = gateway.process.poll() is None
        gateway.stop()
        for reader in gateway.readers:
            reader.join(timeout=5)
        if -gateway.process.returncode in CRASHES or (running and gateway.process.returncode == -signal.SIGKILL):
            said.append(f"a gateway ended by signal {-gateway.process.returncode}: {gateway.errors[-20:]}")
        reports = [at for at, line in enumerate(gateway.errors) if REPORT.search(line)]
        if reports:
            said.append("a sanitizer reports:\n" + "\n".join(gateway.errors[reports[0]:reports[0] + 60]))
    return said


def _end_all():
    for gateway in _started:
        if gateway.process.poll() is None:
            gateway.process.kill()
            gateway.process.wait()


atexit.register(_end_all)
