#!/usr/bin/env -S /usr/bin/python3
"""Every row of tests/cases/http1_requests.cases as raw bytes through the real process: what is accepted reaches the origin once
and in one unambiguous form, what is refused gets its exact status and reaches nobody. Rows whose limits are smaller
than a configuration may set belong to the scanner's own test; protocol_limits has limits of the process."""
import os
import queue
import re
import threading

from support.checks import check, expect, expect_equal, finish, limit
from support.gateway import Gateway, folder, group, source
from support.protocol import NO_HEALTH, Ended, Log, Origin, Wire, listener, read_cases, text

limit(60)
STATUS = {"bad_expect": 417, "unknown_transfer_encoding": 501, "request_line_too_long": 414, "field_too_large": 431,
          "head_too_large": 431, "too_many_fields": 431, "connect_refused_method": 405, "trace_refused_method": 405,
          "version_not_supported": 505, "http2_preface": 505}  # every other refusal is 400
LANES = 4
rows, beyond = read_cases(os.path.join(source(), "tests", "cases", "http1_requests.cases"))
where = folder()
log = Log(os.path.join(where, "access.log"))


class Lane:
    """A listener with an origin of its own, so that what arrives there came from this lane's client."""

    def __init__(self, number):
        self.name, self.origin = f"lane{number}", Origin()


lanes = [Lane(number) for number in range(LANES)]
gateway = Gateway(text(
    log=log.path,
    listeners="".join(listener(lane.name, lane.name, "forwarded_headers: { preserve_host: true }") for lane in lanes),
    groups="".join(group([lane.origin.address], lane.name, NO_HEALTH) for lane in lanes)), where=where).wait_ready()


def connect(lane):
    return Wire(gateway.ports[lane.name], timeout=5)


def head_size(row):
    """Where the head of an accepted row ends."""
    start = 2 if row.data.startswith(b"\r\n") else 0
    return row.data.index(b"\r\n\r\n", start) + 4


def content(row):
    """What has to follow the row's bytes so that its message is complete; None when that cannot be sent."""
    body, held = row.wanted.get("body"), row.data[head_size(row):]
    lengths = re.findall(rb"\r\n(?i:content-length):[ \t]*(\d+)[ \t]*\r\n", row.data)
    if body == "chunked" or re.search(rb"(?i:transfer-encoding):[ \t]*chunked", row.data):
        return b"5\r\nhello\r\n0\r\n\r\n", b"hello"
    size = int(lengths[0]) if lengths else 0
    if size > 1 << 20:
        return None, None
    rest = b"hello, hello"[len(held):size]
    return rest, (held + rest)[:size]


def wanted_host(row, request):
    return row.wanted.get("authority", request.one("host"))


def without_dots(path):
    """RFC 3986 5.2.4: a gateway that decides by the path resolves its dot segments, and forwards what it decided by."""
    kept = []
    segments = path.split("/")[1:]
    for place, segment in enumerate(segments):
        if segment == ".." and kept:
            kept.pop()
        if segment not in (".", ".."):
            kept.append(segment)
        elif place == len(segments) - 1:
            kept.append("")
    return "/" + "/".join(kept) if path.startswith("/") else path


def check_arrived(row, request, body):
    wanted = row.wanted
    if "method" in wanted:
        expect_equal(request.method, wanted["method"], "method")
    path, _, query = request.target.partition("?")
    if "path" in wanted:
        expect_equal(path, without_dots(wanted["path"]), "path")
    if "query" in wanted:
        expect_equal(query if "?" in request.target else "-", wanted["query"], "query")
    expect_equal(len(request.all("host")), 1, "number of Host fields")
    expect_equal(request.one("host"), wanted_host(row, request), "Host")
    for name in ("connection", "keep-alive", "proxy-connection", "upgrade", "expect", "te"):
        expect_equal(request.all(name), [], f"{name} at the origin")
    expect_equal(request.body, body, "content at the origin")
    expect(not (request.all("content-length") and request.all("transfer-encoding")), "two framings")


def accepted(row, lane):
    rest, body = content(row)
    with connect(lane) as client:
        client.send(row.data)
        if rest is None:  # a length that nobody can send: the head is passed on, the connection then ends
            client.socket.shutdown(1)
            client.rest()
            return
        client.send(rest)
        method = row.wanted.get("method", row.data.lstrip().split(b" ")[0].decode("latin-1"))
        response = client.response(method)
        expect_equal(response.status, 200, f"status ({response.text[-120:]!r})")
        requests = lane.origin.take()
        expect_equal(len(requests), 1, f"requests at the origin: {requests}")
        check_arrived(row, requests[0], body)
        if len(row.data) > head_size(row) and not body:
            return  # what follows is another message, which the row does not speak about
        closes = response.one("connection") == "close"
        if "keep" in row.wanted:
            expect_equal(not closes, row.wanted["keep"] == "yes", "the connection persists")
        if closes:
            expect(client.ended(), "the connection is open after Connection: close")
            return
        if requests[0].method == "HEAD":
            return
        expect_equal(client.get("/barrier").status, 200, "status of the next request")
        expect_equal([request.target for request in lane.origin.take()], ["/barrier"], "the next request at the origin")


def refused(row, lane):
    reason = row.refusal.split("@")[0]
    with connect(lane) as client:
        client.send(row.data)
        response = client.response()
        expect_equal(response.status, STATUS.get(reason, 400), f"status ({response.text[-120:]!r})")
        expect(f"Reason: {reason}<" in response.text, f"reason, not {reason}: {response.text!r}")
        expect_equal(response.one("connection"), "close", "Connection")
        expect(client.ended(), "the connection is open")
    expect_equal(lane.origin.take(), [], "requests at the origin")
    return response.one("x-request-id"), reason


def incomplete(row, lane):
    with connect(lane) as client:
        client.send(row.data)
        client.socket.shutdown(1)
        try:
            status = client.response().status
            expect(status in (400, 460), f"status {status}")
        except Ended:
            pass
    expect_equal(lane.origin.take(), [], "requests at the origin")


def through_lanes(work):
    """Calls work(item, lane) for each item, one thread a lane; the failures by item."""
    failures, waiting = [], queue.SimpleQueue()
    for item in work:
        waiting.put(item)

    def run(lane):
        while True:
            try:
                name, call = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                call(lane)
            except Exception as problem:  # whatever went wrong is this row's failure
                failures.append(f"{name}: {type(problem).__name__}: {problem}")
                lane.origin.take()
    threads = [threading.Thread(target=run, args=(lane,)) for lane in lanes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


def no_failures(failures):
    expect(not failures, f"{len(failures)} of them:\n    " + "\n    ".join(failures[:20]))


def rows_of(chosen, call):
    return [(row.name(), lambda lane, row=row: call(row, lane)) for row in chosen]


@check("the table is there")
def _():
    expect(len(rows) > 250 and beyond < 30, f"{len(rows)} rows, {beyond} with limits beyond a configuration's")


@check("accepted rows reach the origin once and in one form, and the next request is read where it begins")
def _():
    no_failures(through_lanes(rows_of([row for row in rows if row.ok], accepted)))


refusals = []


@check("refused rows get their status and reason, the connection ends, and nothing reaches the origin")
def _():
    no_failures(through_lanes(rows_of([row for row in rows if row.refusal], lambda row, lane: refusals.append(refused(row, lane)))))


@check("refused rows are in the access log with their reason")
def _():
    log.one(request_id=refusals[-1][0])
    reasons = {line["request_id"]: line["reason"] for line in log.lines()}
    wrong = [(reason, reasons.get(number)) for number, reason in refusals if reasons.get(number) != reason]
    expect_equal(wrong, [], "reasons (wanted, logged)")


@check("rows that are not complete wait, and reach nobody when the client ends")
def _():
    no_failures(through_lanes(rows_of([row for row in rows if row.more], incomplete)))


def barrier(lane):
    """The gateway has one worker: what it had to read before this request came it has read."""
    with connect(lane) as client:
        for _ in range(2):
            client.send(b"GET /barrier HTTP/1.1\r\nHost: barrier\r\n\r\n")
            expect_equal(client.response().status, 200, "status of the barrier")


def split(row, lane):
    """The row on one connection for each position (every second of long ones), its parts read apart."""
    data = row.data + ((content(row)[0] or b"") if row.ok else b"")
    cuts = list(range(1, len(data), 1 if len(data) < 64 else 2))
    clients = [connect(lane) for _ in cuts]
    for client, cut in zip(clients, cuts):
        client.send(data[:cut])
    barrier(lane)
    for client, cut in zip(clients, cuts):
        try:
            client.send(data[cut:])
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused by its first part, which is right: the answer is read below
    statuses = {client.response().status for client in clients}
    for client in clients:
        client.socket.close()
    requests = [request for request in lane.origin.take() if request.target != "/barrier"]
    if row.refusal:
        expect_equal(statuses, {STATUS.get(row.refusal.split("@")[0], 400)}, "statuses")
        expect_equal(requests, [], "requests at the origin")
        return
    expect_equal(statuses, {200}, "statuses")
    expect_equal(len(requests), len(cuts), "requests at the origin")
    for request in requests:
        check_arrived(row, request, content(row)[1])


def drip(row, lane):
    data = row.data + ((content(row)[0] or b"") if row.ok else b"")
    with connect(lane) as client, connect(lane) as other:
        for at in range(len(data)):
            try:
                client.send(data[at:at + 1])
            except (BrokenPipeError, ConnectionResetError):
                break
            other.send(b"GET /barrier HTTP/1.1\r\nHost: barrier\r\n\r\n")
            other.response()
        status = client.response().status
    requests = [request for request in lane.origin.take() if request.target != "/barrier"]
    if row.refusal:
        expect_equal((status, requests), (STATUS.get(row.refusal.split("@")[0], 400), []), "status, requests")
    else:
        expect_equal((status, len(requests)), (200, 1), "status, requests")
        check_arrived(row, requests[0], content(row)[1])


def sample(chosen, step, longest=140):
    usable = [row for row in chosen if len(row.data) < longest and content_is_small(row)]
    return usable[::step]


def content_is_small(row):
    if row.more:
        return False
    return not row.ok or (content(row)[0] is not None and len(row.data) == head_size(row))


@check("rows split at every position mean the same")
def _():
    chosen = sample([row for row in rows if row.ok and "body" in row.wanted], 8) + sample([row for row in rows if row.refusal], 24)
    expect(len(chosen) >= 10, f"{len(chosen)} rows")
    no_failures(through_lanes(rows_of(chosen, split)))


@check("rows dripped byte by byte mean the same")
def _():
    chosen = sample([row for row in rows if row.ok], 16, 90) + sample([row for row in rows if row.refusal], 24, 90)
    expect(len(chosen) >= 10, f"{len(chosen)} rows")
    no_failures(through_lanes(rows_of(chosen, drip)))


@check("content of a refused request is never read as a request")
def _():
    smuggled = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
    heads = [b"Expect: y\r\nContent-Length: %d" % len(smuggled), b"Expect: y\r\nTransfer-Encoding: chunked",
             b"Connection: upgrade\r\nUpgrade: websocket\r\nContent-Length: %d" % len(smuggled),
             b"Content-Length: %d, %d" % (len(smuggled), len(smuggled)), b"Transfer-Encoding: gzip"]
    reached = []
    for head in heads:
        with connect(lanes[0]) as client:
            client.send(b"POST / HTTP/1.1\r\nHost: a\r\n" + head + b"\r\n\r\n")
            client.response()
            client.socket.settimeout(0.5)
            try:
                client.send(smuggled)
                client.rest()
            except (BrokenPipeError, ConnectionResetError, TimeoutError):
                pass
        reached += [head for request in lanes[0].origin.take() if request.target == "/smuggled"]
    expect_equal(reached, [], "fields after which the content reached the origin as a request")


@check("no origin was sent anything that could be read in two ways")
def _():
    expect_equal([problem for lane in lanes for problem in lane.origin.problems], [], "problems at the origins")
    left = [request for lane in lanes for request in lane.origin.take() if request.target != "/barrier"]
    expect_equal(left, [], "requests that nobody sent")


finish()
