"""The peers: how each is configured for a row, started, and told to be ready."""
import atexit
import os
import re
import shutil
import tempfile

from harness import load
from harness.processes import ROOT, Process, Trouble, free_port

_NGINX_LOG = "{dir}/nginx-access.log main buffer=64k flush=1s"


def fill(template, target, words):
    with open(os.path.join(ROOT, "bench", "peers", template), encoding="utf-8") as file:
        text = file.read()
    for word, value in words.items():
        text = text.replace(f"@{word}@", value)
    left = [word for word in re.findall(r"@([A-Z_]+)@", text) if word != "WORDS"]
    if left:
        raise Trouble(f"bench/peers/{template} has words that nothing fills: {', '.join(left)}")
    with open(target, "w", encoding="utf-8") as file:
        file.write(text)
    return target


def cache_words(row, folder):
    """The cache of each peer: in memory (nginx's files lie in a file system of memory), 256 MiB, without a log."""
    none = dict.fromkeys(("NGINX_CACHE", "NGINX_CACHED", "HAPROXY_CACHE", "HAPROXY_CACHED", "GATEHOUSE_CACHE", "GATEHOUSE_BEHAVIORS"), "")
    if not row.cache:
        return none
    files = tempfile.mkdtemp(prefix="bench-nginx-cache-", dir="/dev/shm")
    atexit.register(shutil.rmtree, files, ignore_errors=True)
    return {"NGINX_CACHE": f"proxy_cache_path {files} levels=1:2 keys_zone=hits:16m max_size=256m inactive=1d use_temp_path=off;",
            "NGINX_CACHED": "location /stored/ { proxy_cache hits; proxy_cache_lock on; proxy_pass http://web; }",
            "HAPROXY_CACHE": ("cache hits\n  total-max-size 256\n  max-object-size 1000000\n  max-age 86400\n  process-vary on"),
            "HAPROXY_CACHED": ("http-request cache-use hits if { path_beg /stored/ }\n"
                               "  http-response cache-store hits"),
            "GATEHOUSE_CACHE": "cache: { memory: 256MiB, policies: [ { name: hits } ] }",
            "GATEHOUSE_BEHAVIORS": 'behaviors: [ { path_pattern: "/stored/*", cache_policy: hits } ]'}


def words(row, folder, port, origin_port):
    """What the templates may ask for."""
    cert, key, both = load.certificate(folder)
    large = row.body > 16384
    found = {"DIR": folder, "PORT": str(port), "ORIGIN": str(origin_port), "ADMIN": str(free_port()),
             "SCHEME": "https" if row.tls else "http", "PROTOCOL": "HTTPS" if row.tls else "HTTP",
             "USER": "user root;" if os.getuid() == 0 else "",
             "NGINX_LOG": _NGINX_LOG.format(dir=folder) if row.log else "off",
             "NGINX_BUFFER": "80k" if large else "16k", "NGINX_BUSY": "160k" if large else "32k",
             # On, it stalls large replies out of a file for 40 ms; off, it costs proxied ones up to a third.
             "NGINX_NOPUSH": "off" if large and row.cache == "hit" else "on",
             "NGINX_TLS": "ssl" if row.tls else "",
             "NGINX_CERTIFICATE": (f"ssl_certificate {cert}; ssl_certificate_key {key}; ssl_protocols TLSv1.3; "
                                   "ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;") if row.tls else "",
             # The whole reply and the space HAProxy reserves for rewriting its head.
             "HAPROXY_BUFFER": "81920" if large else "16384",
             "HAPROXY_TLS": f"ssl crt {both} alpn http/1.1" if row.tls else "",
             "HAPROXY_LOG_TARGET": "log stdout format raw local0" if row.log else "",
             "HAPROXY_LOG": "log global\n  option httplog" if row.log else "no log",
             **cache_words(row, folder),
             "GATEHOUSE_LOG": os.path.join(folder, "gatehouse-access.log") if row.log else "off",
             "GATEHOUSE_CERTIFICATES":
                 f'certificates: [ {{ name: shop, certificate_file: "{cert}", private_key_file: "{key}" }} ]' if row.tls else "",
             "GATEHOUSE_TLS": "tls: { certificates: [shop] }" if row.tls else ""}
    return found


def program(name, built=None):
    """Where a program is, or Trouble that says how to get it."""
    if built:
        path = os.path.join(ROOT, "build", "release", built)
        if not os.access(path, os.X_OK):
            raise Trouble(f"build/release/{built} is missing: build it first (make bench does)")
        return path
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not path:
        raise Trouble(f"{name} is missing: .ci/install bench")
    return path


class Peer:
    """One running peer: its process, its port."""

    def __init__(self, name, process, port):
        self.name, self.process, self.port = name, process, port

    def stop(self):
        self.process.stop()


def command_of(name, row, folder, port, origin_port):
    filled = words(row, folder, port, origin_port)
    if name == "nginx":
        return [program("nginx"), "-e", f"{folder}/nginx-error.log", "-c", fill("nginx.conf", f"{folder}/nginx.conf", filled),
                "-g", "daemon off;"]
    if name == "haproxy":
        return [program("haproxy"), "-db", "-f", fill("haproxy.cfg", f"{folder}/haproxy.cfg", filled)]
    if name == "responder":
        return [program("origin", "bench/bench_origin"), str(port)]
    if name == "relay":
        cert, key, _ = load.certificate(folder)
        return [program("relay", "bench/bench_relay"), str(port), str(origin_port)] + ([cert, key] if row.tls else [])
    if name == "gatehouse":
        config = fill("gatehouse.yaml", f"{folder}/gatehouse.yaml", filled)
        return [program("gatehouse", "gatehouse"), "run", "-c", config, "--workers", "1"]
    raise Trouble(f"unknown peer '{name}'; there are gatehouse, nginx, haproxy, relay, responder")


def start(name, row, where, origin_port, under=()):
    """Starts a peer on `where` = (core, folder) and waits until it serves; `under` comes before its command."""
    core, folder = where
    port = free_port()
    command = list(under) + command_of(name, row, folder, port, origin_port)
    if under and name == "nginx":
        command[-1] += " master_process off;"  # the tool can talk to the process it started only
    process = Process(command, core, os.path.join(folder, f"{name}.log"))
    if name == "gatehouse":
        process.wait_for_line("ready", 60 if under else 15)
    process.wait_for_port(port, 60 if under else 15)
    return Peer(name, process, port)


def start_origin(core, folder):
    process = Process([program("origin", "bench/bench_origin"), "0"], core, os.path.join(folder, "origin.log"))
    return Peer("origin", process, int(process.wait_for_line("ready").split()[1]))


def check_hit(peer, client, row):
    """Proves that what the peer sends is what is stored: the origin is not asked again."""
    for _ in range(3):
        client.ask(row.path)
    status, body = client.ask(row.path)
    client.close()
    if status != 200 or len(body) != row.body:
        raise Trouble(f"{peer.name} answers {row.path} from its cache with {status} and {len(body)} bytes")


def check_job(peer, row):
    """Proves that the peer does the row's job: right reply, forwarded fields added, the same cipher. Returns the cipher."""
    client = load.Client(peer.port, row.tls)
    status, body = client.ask(row.path)
    if status != 200 or len(body) != row.body:
        raise Trouble(f"{peer.name} answers {row.path} with {status} and {len(body)} bytes")
    if row.cache == "hit":
        return check_hit(peer, client, row)
    _, head = client.ask("/head")
    head = head.decode(errors="replace").lower()
    for field in ("x-forwarded-for: 127.0.0.1", f"x-forwarded-proto: {'https' if row.tls else 'http'}", "x-forwarded-port:"):
        if peer.name != "relay" and f"\r\n{field}" not in head:
            raise Trouble(f"{peer.name} does not send '{field}' to the origin, which saw:\n{head}")
    cipher = client.cipher()
    client.close()
    if row.tls and cipher != "TLS_AES_128_GCM_SHA256":
        raise Trouble(f"{peer.name} agreed on {cipher}, the row is about TLS_AES_128_GCM_SHA256")
