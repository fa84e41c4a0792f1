"""A gateway with a cache in front of scripted origins: its configuration, its clients, and what its responses say."""
import os
import threading

from .checks import expect, expect_equal, until
from .gateway import Gateway, folder, group
from .protocol import NO_HEALTH, Log, Wire, listener

BEHAVIORS = 'behaviors: [ { path_pattern: "*", cache_policy: standard } ]'


def config(origin, **wanted):
    """`policy` has further keys of the policy `standard`, `cache` of the cache, `limits` of limits; `listeners`, `groups` and `more` are
    whole sections; `log` is the access log."""
    texts = {"policy": "", "cache": "", "limits": "", "listeners": listener(more=BEHAVIORS), "more": "", "groups": "", "log": "off"}
    if not wanted.keys() <= texts.keys():
        raise TypeError(f"one of {list(wanted)} is no part of the configuration")
    texts.update(wanted)
    keys = ", ".join(["name: standard"] + [texts["policy"]] * bool(texts["policy"]))
    cache = ", ".join([texts["cache"]] * bool(texts["cache"]) + [f"policies: [ {{ {keys} }} ]"])
    return ('version: 1\nworkers: 2\nadmin: { listen: "127.0.0.1:0" }\n'
            f'logs: {{ access: {{ path: "{texts["log"]}" }} }}\nlimits: {{ {texts["limits"]} }}\ncache: {{ {cache} }}\n{texts["more"]}'
            f'listeners:\n{texts["listeners"]}target_groups:\n' + group([origin.address], more=NO_HEALTH) + texts["groups"])


class Cached:
    def __init__(self, origin, **keys):
        self.where = folder()
        self.log = Log(os.path.join(self.where, "access.log"))
        self.origin = origin
        self.gateway = Gateway(config(origin, log=self.log.path, **keys), where=self.where).wait_ready(30)
        self.port = self.gateway.port

    def reload(self, **keys):
        self.gateway.write(config(self.origin, log=self.log.path, **keys))
        said = self.gateway.reload()
        expect_equal(said.returncode, 0, said.stderr)

    def get(self, path, fields="", method="GET", body=b"", port=None):
        """One request on a connection of its own."""
        with Wire(port or self.port) as client:
            return client.get(path, fields, method, body)

    def raw(self, head, method="GET"):
        with Wire(self.port) as client:
            client.send(head.encode("latin-1"))
            return client.response(method)

    def log_result(self, path):
        """What the access log says of the cache for a path that was asked once, or of the last one."""
        return self.log.one(path=path)["cache"]

    def settle(self):
        """Returns when both workers have taken in what was sent before: later requests of either have been answered."""
        for _ in range(16):
            expect_equal(self.get("/settle").status, 404, "a request in between")


def hit(response):
    """Whether it came from the cache without anybody asking the origin for it."""
    status = response.one("cache-status") or ""
    return "; hit" in status and "fwd=" not in status


def forwarded(response):
    """Why the cache asked the origin, by Cache-Status: `uri-miss`, `stale`, ...; None for a hit."""
    words = [part.strip() for part in (response.one("cache-status") or "").split(";")]
    return next((word[4:] for word in words if word.startswith("fwd=")), None)


class Crowd:
    """Many clients that ask at once, each on its own connection. answers() has their responses in order; a connection
    that broke has its exception instead."""

    def __init__(self, port, requests):
        """`requests` are (path, fields)."""
        self.clients = [Wire(port, timeout=30) for _ in requests]
        for client, (path, fields) in zip(self.clients, requests):
            client.send(f"GET {path} HTTP/1.1\r\nHost: shop.example.com\r\n{fields}\r\n".encode("latin-1"))

    def answers(self):
        got = [None] * len(self.clients)

        def read(number, client):
            try:
                got[number] = client.response()
            except Exception as problem:  # told with the answers
                got[number] = problem
            client.socket.close()
        threads = [threading.Thread(target=read, args=pair) for pair in enumerate(self.clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return got


def expect_all(responses, status, body, what):
    wrong = [repr(got) for got in responses if getattr(got, "status", None) != status or (body is not None and got.body != body)]
    expect(not wrong, f"{what}: {len(wrong)} of {len(responses)} are not {status}: {wrong[:3]}")


def asked_once(origin, path, count=1):
    """Waits for the count and looks that it is no more."""
    until(lambda: origin.count(path) >= count, f"{count} requests for {path}", 5)
    expect_equal(origin.count(path), count, f"requests for {path} at the origin")
