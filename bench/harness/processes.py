"""Starting, pinning, timing and ending the processes of a run. Only what was started here is ever ended."""
import atexit
import os
import resource
import signal
import socket
import subprocess
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_TICK = os.sysconf("SC_CLK_TCK")
_started = []


class Trouble(Exception):
    """Something the bench needs is missing or failed; the text says what."""


def cores():
    """(core of the measured process, core of load and origin)."""
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < 2:
        raise Trouble("the bench needs two cores: one for the measured process, one for load and origin")
    return allowed[0], allowed[1]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """A process, pinned to one core unless that is None, with everything it forks; its output goes to a file."""

    def __init__(self, command, core, log):
        resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
        self.log = log
        pinned = [] if core is None else ["taskset", "-c", str(core)]
        with open(log, "wb") as out:
            try:
                self.popen = subprocess.Popen(pinned + command, stdout=out, stderr=subprocess.STDOUT,
                                              stdin=subprocess.DEVNULL, start_new_session=True)
            except OSError as problem:
                raise Trouble(f"cannot start {command[0]}: {problem.strerror}") from problem
        self.command = command
        _started.append(self)

    def pids(self):
        """The process and its descendants."""
        found, queue = [], [self.popen.pid]
        while queue:
            pid = queue.pop()
            found.append(pid)
            try:
                for task in os.listdir(f"/proc/{pid}/task"):
                    with open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as file:
                        queue += [int(child) for child in file.read().split()]
            except OSError:
                continue
        return found

    def cpu_seconds(self):
        """User and system time of all threads of all its processes, from /proc/PID/stat."""
        ticks = 0
        for pid in self.pids():
            try:
                with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
                    fields = file.read().rsplit(")", 1)[1].split()
                ticks += int(fields[11]) + int(fields[12])
            except OSError:
                continue
        return ticks / _TICK

    def output(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def wait_for_line(self, start, seconds=15):
        """The first line of its output that starts so."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for line in self.output().splitlines():
                if line.startswith(start):
                    return line
            self.check_alive()
            time.sleep(0.02)
        raise Trouble(f"{self.command[0]} did not say '{start}' within {seconds} s:\n{self.output()[-2000:]}")

    def wait_for_port(self, port, seconds=15):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.check_alive()
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise Trouble(f"{self.command[0]} does not listen on port {port}:\n{self.output()[-2000:]}")

    def check_alive(self):
        if self.popen.poll() is not None:
            raise Trouble(f"{' '.join(self.command)} ended with {self.popen.returncode}:\n{self.output()[-2000:]}")

    def stop(self, seconds=5):
        if self in _started:
            _started.remove(self)
        if self.popen.poll() is None:
            self.popen.terminate()
            try:
                self.popen.wait(timeout=seconds)
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(self.popen.pid, signal.SIGKILL)  # its own session: nothing but what it forked
        except ProcessLookupError:
            pass
        self.popen.wait()


def stop_all():
    for process in list(_started):
        process.stop(1)


atexit.register(stop_all)
for _signal in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(_signal, lambda number, frame: exit(128 + number))


def busy_seconds():
    """What all cores together were busy, for telling how quiet the machine was."""
    with open("/proc/stat", encoding="ascii") as file:
        fields = [int(word) for word in file.readline().split()[1:]]
    user, nice, system, _, _, irq, softirq, steal = fields[:8]
    return (user + nice + system + irq + softirq + steal) / _TICK
