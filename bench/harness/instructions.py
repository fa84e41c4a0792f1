"""User-space instructions a request, counted by callgrind: exact where CPU time is noisy, blind to the kernel's part."""
import glob
import os
import re
import shutil
import subprocess
import time

from harness import load, peers
from harness.processes import Trouble

ROUNDS = 32       # counted rounds; each asks once on every connection
WARM_UP = 8
CONNECTIONS = 64  # at most; more change nothing but the time this takes


def dump(stem, pid, number):
    """Has the process write what it counted since its last dump; the instructions in it."""
    run = subprocess.run(["callgrind_control", "-d", str(pid)], capture_output=True, text=True, timeout=60, check=False)
    path, end = f"{stem}.{pid}.{number}", time.monotonic() + 10
    while time.monotonic() < end:
        try:
            with open(path, encoding="ascii", errors="replace") as file:
                found = re.search(r"^totals: (\d+)", file.read(), re.M)
            if found:
                return int(found.group(1))
        except OSError:
            pass
        time.sleep(0.05)
    raise Trouble(f"no dump of callgrind: {run.stdout.strip()}")


def per_request(name, row, where, origin_port):
    """Counts one peer at one row: what it did between two dumps, so that start-up and warm-up do not count."""
    folder = where[1]
    stem = os.path.join(folder, f"callgrind.{name}")
    for old in glob.glob(f"{stem}.*"):
        os.remove(old)
    tool = ["valgrind", "--tool=callgrind", "-q", f"--callgrind-out-file={stem}.%p"]
    peer = peers.start(name, row, where, origin_port, under=tool)
    clients = []
    try:
        clients = [load.Client(peer.port, row.tls) for _ in range(min(row.connections, CONNECTIONS))]
        load.lock_step(clients, row.path, WARM_UP, row.body)
        pid = peer.process.popen.pid
        dump(stem, pid, 1)
        load.lock_step(clients, row.path, ROUNDS, row.body)
        return round(dump(stem, pid, 2) / (ROUNDS * len(clients)))
    finally:
        for client in clients:
            client.close()
        peer.stop()


def available():
    """None, or what is missing."""
    return None if shutil.which("valgrind") else "valgrind is missing: .ci/install bench"
