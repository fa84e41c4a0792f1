#!/usr/bin/env -S /usr/bin/python3
"""Keys of the process and of certificates that no other scenario shows (keys.py)."""
import os
import ssl

from support import certificates
from support.checks import check, expect, expect_equal, finish, limit, until
from support.gateway import HEAD, LISTENER, Gateway, command, folder, group, simple
from support.origin import Origin
from support.protocol import Wire

limit(60)
origin = Origin("origin")
where = folder()
certificates.make(where, "shop", "shop.example.com")


def refused(text):
    """What `check` says against a configuration."""
    path = os.path.join(where, "refused.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    said = command("check", "-c", path)
    expect_equal(said.returncode, 1, f"exit code: {said.stdout}{said.stderr}")
    return said.stdout + said.stderr


@check("version: 2 is refused")
def _():
    expect("version" in refused(simple([origin.address]).replace("version: 1", "version: 2")), "no word of the version")


@check("logs.access.format: json is all there is")
def _():
    said = refused(simple([origin.address], head=HEAD.replace('path: "off"', 'path: "off", format: text')))
    expect("format" in said and "json" in said, said)


@check("algorithm: round_robin is all there is")
def _():
    said = refused(simple([origin.address], more="algorithm: least_connections"))
    expect("algorithm" in said and "round_robin" in said, said)


def threads(gateway):
    return len(os.listdir(f"/proc/{gateway.pid}/task"))


@check("workers: as many threads carry traffic")
def _():
    seen = {}
    for workers in (1, 3):
        gateway = Gateway(simple([origin.address], head=HEAD.replace("workers: 2", f"workers: {workers}"))).wait_ready()
        expect_equal(gateway.status()["workers"], workers, "workers in status")
        seen[workers] = threads(gateway)
    expect_equal(seen[3] - seen[1], 2, "threads more with 3 workers than with 1")


def secure(certificate, tls="", address="127.0.0.1:0"):
    listener = LISTENER.replace("name: http\n", f"name: http\n    protocol: HTTPS\n    tls: {{ certificates: [shop]{tls} }}\n")
    return HEAD + f"certificates: [ {{ name: shop, {certificate} }} ]\n" + listener + "target_groups:\n" + group([origin.address])


KEY_FILE = f'certificate_file: "{where}/shop.pem", private_key_file: "{where}/shop.key"'


def context():
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.load_verify_locations(os.path.join(where, "shop.pem"))
    made.maximum_version = ssl.TLSVersion.TLSv1_2  # whose session is known once the handshake is over
    return made


def connect(gateway, using, session=None):
    return Wire(gateway.port, wrap=lambda sock: using.wrap_socket(sock, server_hostname="shop.example.com", session=session))


@check("private_key_command: its output is the key")
def _():
    hidden = os.path.join(where, "hidden")
    os.rename(os.path.join(where, "shop.key"), hidden)
    gateway = Gateway(secure(f'certificate_file: "{where}/shop.pem", private_key_command: ["cat", "{hidden}"]')).wait_ready()
    with connect(gateway, context()) as client:
        expect_equal(client.get().status, 200, "status")
    os.rename(hidden, os.path.join(where, "shop.key"))
    said = Gateway(secure(f'certificate_file: "{where}/shop.pem", private_key_command: ["false"]'))
    expect_equal(said.wait(), 1, "exit code when the command fails")
    until(lambda: any("private_key_command" in line for line in said.errors), "the key in what it says")


def resumes(gateway, using, session):
    with connect(gateway, using, session) as client:
        expect_equal(client.get().status, 200, "status")
        return client.socket.session_reused


@check("ticket_rotation: a ticket whose key has gone resumes nothing")
def _():
    gateway = Gateway(secure(KEY_FILE, ", ticket_rotation: 1s")).wait_ready()
    using = context()
    with connect(gateway, using) as client:
        session = client.socket.session
    expect(resumes(gateway, using, session), "a fresh ticket does not resume")
    # Two periods later its key is not accepted any more; by default that takes 16 hours.
    until(lambda: not resumes(gateway, using, session), "the end of the key", seconds=10, pause=0.2)


finish()
