#!/usr/bin/env -S /usr/bin/python3
"""Each key of an action, set to another value in a rule's actions and in default_actions (keys.py)."""
from support.checks import check, expect_equal, expect_near, finish, limit
from support.gateway import Gateway, group
from support.protocol import NO_HEALTH, Origin, Wire, answer, text

limit(60)

ACTIONS = {
    "plain": "redirect: { host: other.test }",
    "protocol": "redirect: { host: other.test, protocol: HTTPS }",
    "host": "redirect: { host: \"#{host}.moved.test\" }",
    "port": "redirect: { host: other.test, port: \"8443\" }",
    "path": "redirect: { host: other.test, path: \"/new/#{path}\" }",
    "query": "redirect: { host: other.test, query: \"from=#{query}\" }",
    "moved": "redirect: { host: other.test, status_code: 301 }",
    "empty": "fixed_response: { message_body: hello }",
    "status": "fixed_response: { message_body: hello, status_code: 404 }",
    "type": "fixed_response: { message_body: hello, content_type: text/css }",
    "body": "fixed_response: { message_body: other }",
    "one": "forward: { target_groups: [ { name: one } ] }",
    "two": "forward: { target_groups: [ { name: two } ] }",
    "weights": "forward: { target_groups: [ { name: one, weight: 3 }, { name: two, weight: 1 } ] }",
}


def named(name):
    def script(peer):
        while peer.request() is not None:
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n" + name)
    return script


def listeners():
    """Each action twice: as a rule's on the listener r_NAME and as the default on d_NAME."""
    out = []
    for name, action in ACTIONS.items():
        out.append(f'  - name: d_{name}\n    address: "127.0.0.1:0"\n    default_actions: [ {{ {action} }} ]\n')
        out.append(f'  - name: r_{name}\n    address: "127.0.0.1:0"\n    rules:\n'
                   f'      - priority: 1\n        conditions: [ {{ path_pattern: ["/a*"] }} ]\n        actions: [ {{ {action} }} ]\n'
                   f'    default_actions: [ {{ fixed_response: {{ status_code: 599 }} }} ]\n')
    return "".join(out)


origins = {name: Origin(named(name.encode())) for name in ("one", "two")}
gateway = Gateway(text(listeners=listeners(), groups="".join(group([origin.address], name, NO_HEALTH) for name, origin in origins.items())))
gateway.wait_ready()


def ask(name, count=1):
    """The answers to so many requests, by the rule and by the default."""
    answers = []
    for place in ("r_", "d_"):
        with Wire(gateway.ports[place + name]) as client:
            answers.append([client.get("/a?q=1") for _ in range(count)])
    return answers


def locations(name):
    """Status and Location as templates: the listener's own port is PORT."""
    return [(answers[0].status, answers[0].one("location").replace(str(gateway.ports[place + name]), "PORT"))
            for place, answers in zip(("r_", "d_"), ask(name))]


def both(value):
    return [value, value]


def redirected(name, location, status=302):
    expect_equal(locations("plain"), both((302, "http://other.test:PORT/a?q=1")), "without the key")
    expect_equal(locations(name), both((status, location)), "with it")


@check("redirect.protocol: the scheme of Location")
def _():
    redirected("protocol", "https://other.test:PORT/a?q=1")


@check("redirect.host: the name in Location")
def _():
    redirected("host", "http://shop.example.com.moved.test:PORT/a?q=1")


@check("redirect.port: the port in Location")
def _():
    redirected("port", "http://other.test:8443/a?q=1")


@check("redirect.path: the path in Location")
def _():
    redirected("path", "http://other.test:PORT/new/a?q=1")


@check("redirect.query: the query in Location")
def _():
    redirected("query", "http://other.test:PORT/a?from=q=1")


@check("redirect.status_code: 301 instead of 302")
def _():
    redirected("moved", "http://other.test:PORT/a?q=1", 301)


def fixed(name, wanted):
    got = [[(one.status, one.one("content-type"), one.text) for one in answers] for answers in ask("empty")]
    expect_equal(got, both([(503, "text/plain", "hello")]), "without the key")
    got = [[(one.status, one.one("content-type"), one.text) for one in answers] for answers in ask(name)]
    expect_equal(got, both([wanted]), "with it")


@check("fixed_response.status_code: another status")
def _():
    fixed("status", (404, "text/plain", "hello"))


@check("fixed_response.content_type: another type")
def _():
    fixed("type", (503, "text/css", "hello"))


@check("fixed_response.message_body: another content")
def _():
    fixed("body", (503, "text/plain", "other"))


@check("forward.name: another group")
def _():
    for name in ("one", "two"):
        expect_equal([[one.text for one in answers] for answers in ask(name)], both([name]), name)


@check("forward.weight: three of four requests")
def _():
    for answers in ask("weights", 400):
        # Drawn for each request: a standard deviation of 8.7. Six of them fail once in 500 million runs.
        expect_near(sum(one.text == "one" for one in answers), 300, 52, "requests of 400 at the weight of 3")


LISTED = """filters: [ { access_list: { allow: ["127.0.0.2/32"] } } ]"""


@check("access_list.allow: everybody else is refused")
def _():
    origin = Origin(answer)
    more = "".join(f'  - name: {name}\n    address: "127.0.0.1:0"\n    {filters}\n'
                   "    default_actions: [ { forward: { target_groups: [ { name: web } ] } } ]\n"
                   for name, filters in (("listed", LISTED), ("here", LISTED.replace("127.0.0.2/32", "127.0.0.0/30"))))
    listed = Gateway(text(listeners=more, groups=group([origin.address], more=NO_HEALTH))).wait_ready()
    statuses = {}
    for name, port in listed.ports.items():
        with Wire(port) as client:
            statuses[name] = client.get().status
    expect_equal(statuses, {"listed": 403, "here": 200}, "statuses of a client at 127.0.0.1")


finish()
