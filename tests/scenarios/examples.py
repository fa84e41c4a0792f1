#!/usr/bin/env -S /usr/bin/python3
"""What a newcomer tries first: every example of config/examples boots, and so does the demo."""
import glob
import json
import os
import re
import signal
import subprocess

from support import certificates
from support.checks import check, expect, expect_equal, finish, limit, until
from support.client import once
from support.gateway import Gateway, command, folder, free_port, source

limit(80)


def curl(*arguments):
    return subprocess.run(["curl", "-sS", "--max-time", "5", *arguments], capture_output=True, text=True, timeout=10)


def on_this_machine(text, where):
    """An example with free ports, files in `where`, and a program that exists."""
    text = re.sub(r'address: "(0\.0\.0\.0|127\.0\.0\.1):8[04]\d+"', 'address: "127.0.0.1:0"', text)
    text = text.replace('listen: "0.0.0.0:9900"', 'listen: "127.0.0.1:0"').replace("/var/log/gatehouse/access.log", f"{where}/access.log")
    text = re.sub(r'private_key_command: \[.*\]', f'private_key_command: ["cat", "{where}/partner.key"]', text)
    return text if "\nadmin:" in text else text + '\nadmin: { listen: "127.0.0.1:0" }\n'


def boots(path):
    where = folder()
    for name, host in (("shop", "shop.example.com"), ("partner", "partner.example.com")):
        certificates.make(where, name, host)
    with open(path, encoding="utf-8") as file:
        text = on_this_machine(file.read(), where)
    os.mkdir(os.path.join(where, "site"))
    with open(os.path.join(where, "site", "index.html"), "w", encoding="utf-8") as page:
        page.write("<h1>It works</h1>")
    gateway = Gateway(text, where=where).wait_ready()
    said = command("check", "-c", gateway.file)
    expect_equal(said.returncode, 0, f"exit code of check ({said.stderr})")
    expect_equal(gateway.ask("/readyz")[0], 200, "/readyz")
    # Nobody is behind it, so what is forwarded fails; that it is answered at all is what counts here.
    expected = (301,) if "https" in gateway.ports else (200,) if "static_site" in text else (403, 502, 503, 504)
    expect(once(gateway.ports["http"]).status in expected, "the status of a request")
    if "https" in gateway.ports:
        said = curl("--cacert", f"{where}/shop.pem", "-o", "/dev/null", "-w", "%{http_code}", "--resolve",
                    f"shop.example.com:{gateway.ports['https']}:127.0.0.1", f"https://shop.example.com:{gateway.ports['https']}/")
        expect_equal((said.stderr, said.stdout), ("", "502"), "curl over HTTPS")
    if "robots.txt" in text:
        expect("Disallow" in once(gateway.ports["http"], "/robots.txt").text, "robots.txt")
    gateway.signal(signal.SIGTERM)
    expect_equal(gateway.wait(), 0, "exit code")


examples = sorted(glob.glob(os.path.join(source(), "config", "examples", "*.yaml")))


@check("there are examples")
def _():
    expect(len(examples) >= 5, f"{examples}")


for example in examples:
    check(f"example {os.path.basename(example)} boots and answers")(lambda: boots(example))


where = folder()
http, https, admin = free_port(), free_port(), free_port()
demo = Gateway("", verb="demo", arguments=["--http-port", str(http), "--https-port", str(https), "--admin", f"127.0.0.1:{admin}",
                                           "--folder", where])


@check("the demo is ready and prints its URLs and three commands worth trying")
def _():
    demo.wait_ready()
    page = "\n".join(demo.output)
    for wanted in (f"http://localhost:{http}", f"https://localhost:{https}", f"http://127.0.0.1:{admin}/v1/status"):
        expect(wanted in page, f"{wanted} is not in: {page}")
    expect(len(re.findall(r"^  curl ", page, re.M)) == 3, f"three curl commands expected in: {page}")


@check("the demo answers over HTTP and HTTPS, as its page says")
def _():
    commands = [line.strip() for line in demo.output if line.startswith("  curl ")]
    for line in commands[:2]:
        said = subprocess.run(line.replace("curl ", "curl -sS --max-time 5 ", 1), shell=True, capture_output=True, text=True, timeout=10)
        expect_equal((said.returncode, said.stderr), (0, ""), line)
        expect_equal(json.loads(said.stdout)["region"], "eu-north-1", f"region in the reply of: {line}")
    said = curl("-o", "/dev/null", "-w", "%{http_code} %{redirect_url}", f"http://localhost:{http}/secure/page")
    expect_equal(said.stdout, f"301 https://localhost:{https}/secure/page", "the redirect")
    expect_equal(curl(f"http://localhost:{http}/hello").stdout, "Hello from Gatehouse.\n", "the fixed response")
    said = curl("--tlsv1.3", "-o", "/dev/null", "-w", "%{ssl_verify_result}", f"https://localhost:{https}/")
    expect(said.returncode == 60, "the development certificate is trusted without its authority")


@check("the demo's weights take turns")
def _():
    seen = [json.loads(once(http).text)["origin"] for _ in range(40)]
    expect(abs(seen.count("eu-north-1a") - 30) <= 4 and abs(seen.count("eu-north-1b") - 10) <= 4, f"{seen}")


@check("a demo origin that is told to fail is taken out and comes back")
def _():
    first = re.search(r"http://127\.0\.0\.1:(\d+)/demo/fail", "\n".join(demo.output))[1]
    address = f"127.0.0.1:{first}"
    curl("-X", "POST", f"http://{address}/demo/fail")
    until(lambda: demo.endpoint(address, "demo")["state"] == "unhealthy", "the failing origin's state")
    expect_equal({json.loads(once(http).text)["origin"] for _ in range(10)}, {"eu-north-1b"}, "origins that serve")
    curl("-X", "POST", f"http://{address}/demo/heal")
    until(lambda: demo.endpoint(address, "demo")["state"] == "healthy", "the healed origin's state")


@check("gatehouse status shows the demo's groups, endpoints and regions")
def _():
    page = command("status", "--admin", f"127.0.0.1:{admin}").stdout
    for wanted in ("serving", "TARGET GROUP demo", "eu-north-1", "eu-west-1", "TRAFFIC DIAL", "healthy", str(http)):
        expect(wanted in page, f"{wanted!r} is not in: {page}")


@check("Ctrl-C ends the demo, and its authority stays for the next start")
def _():
    demo.signal(signal.SIGINT)
    expect_equal(demo.wait(5), 0, "exit code")
    until(lambda: any("ended" in line for line in demo.output), "its last line")
    files = {name: open(os.path.join(where, name), "rb").read() for name in os.listdir(where)}
    again = Gateway("", verb="demo", arguments=["--http-port", str(http), "--https-port", str(https), "--admin",
                                                f"127.0.0.1:{admin}", "--folder", where]).wait_ready()
    expect_equal({name: open(os.path.join(where, name), "rb").read() for name in os.listdir(where)}, files, "files of the authority")
    keys = [name for name in files if "key" in name]
    expect(keys, f"no key among {sorted(files)}")
    expect_equal({os.stat(os.path.join(where, name)).st_mode & 0o077 for name in keys}, {0}, "rights of others on the keys")
    again.signal(signal.SIGINT)
    expect_equal(again.wait(5), 0, "exit code of the second demo")


finish()
