"""An origin whose answers a scenario gives as functions of the request. It counts what it was asked, keeps it for inspection, and
knows how many requests it had at once. A body may come in pieces with waits between them, and may end early."""
import collections

from .gateway import SLOWER
from .protocol import Origin

CUT = object()  # among the pieces of a body: the connection ends here
PATIENCE = 20   # seconds an answer waits for its event before it goes on; the check that set it up has failed by then


class Answer:
    """`body` is the whole content, or a list of pieces: bytes, an Event to wait for, or CUT. `fields` are lines of a head."""
    before = None  # an Event, or a function that waits, ahead of the head
    length = None  # the Content-Length of a body in pieces; without one it comes in chunks
    interim = b""  # what goes out first
    trailers = b""  # lines behind the last chunk

    def __init__(self, body=b"ok", fields="", status=200, **options):
        self.body, self.fields, self.status = body, fields, status
        for name, value in options.items():
            if name not in ("before", "length", "interim", "trailers"):
                raise TypeError(f"an answer has no {name}")
            setattr(self, name, value)

    def pieces(self):
        return self.body if isinstance(self.body, list) else [self.body]

    def framing(self):
        if isinstance(self.body, bytes):
            return f"Content-Length: {len(self.body)}\r\n"
        return "Transfer-Encoding: chunked\r\n" if self.length is None else f"Content-Length: {self.length}\r\n"

    def head(self):
        lines = "".join(line.strip() + "\r\n" for line in self.fields.strip().splitlines())
        framing = "" if self.status in (204, 304) else self.framing()
        return f"HTTP/1.1 {self.status} Scripted\r\n{framing}{lines}\r\n".encode("latin-1")


def cacheable(body=b"ok", more="", age=60, **options):
    """An answer that is fresh for a minute."""
    return Answer(body, f"Cache-Control: max-age={age}\r\n{more}", **options)


def stale(body=b"ok", directives="", more="", **options):
    """An answer that may be stored and whose time is over when it arrives: nothing has to wait for that."""
    control = "max-age=60" + (", " + directives if directives else "")
    return Answer(body, f"Cache-Control: {control}\r\nAge: 60\r\n{more}", **options)


class Scripted(Origin):
    """`answers` maps a path to an Answer or to a function of the request that makes one; a path that is not there is
    answered by the entry of "*", else with 404. A function sees how often its path was asked before as request.turn."""

    def __init__(self, wrap=None, **answers):
        self.answers = {"*": Answer(b"nothing here", "Cache-Control: no-store", 404)}
        self.answers.update(answers)
        self.turns, self.now, self.most = collections.Counter(), collections.Counter(), collections.Counter()
        super().__init__(self._converse, wrap)

    def on(self, path, answer):
        """What the path is answered from now on; its counts begin anew."""
        with self.lock:
            self.answers[path] = answer
            self.turns[path] = self.most[path] = 0

    def asked(self, path):
        """The requests for a path, whatever their query."""
        with self.lock:
            return [request for request in self.requests if request.target.split("?")[0] == path]

    def count(self, path):
        with self.lock:
            return self.turns[path]

    def under_way(self, path):
        with self.lock:
            return self.now[path]

    def _converse(self, peer):
        while (request := peer.request()) is not None:
            self._note(request)
            try:
                if not self._answer(peer, request):
                    return
            finally:
                with self.lock:
                    self.now[request.path] -= 1

    def _note(self, request):
        request.path = request.target.split("?")[0]
        with self.lock:
            request.turn = self.turns[request.path]
            self.turns[request.path] += 1
            self.now[request.path] += 1
            self.most[request.path] = max(self.most[request.path], self.now[request.path])

    def _answer(self, peer, request):
        """Whether the connection goes on."""
        with self.lock:
            answer = self.answers.get(request.path, self.answers["*"])
        if callable(answer):
            answer = answer(request)
        if answer is CUT:
            return False
        if answer.interim:
            peer.send(answer.interim)
        wait_for(answer.before)
        peer.send(answer.head())
        if request.method == "HEAD" or answer.status in (204, 304):
            return True
        return self._send_pieces(peer, answer)

    @staticmethod
    def _send_pieces(peer, answer):
        chunked = "chunked" in answer.framing()
        for piece in answer.pieces():
            if piece is CUT:
                return False
            if isinstance(piece, bytes):
                peer.send(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
            else:
                wait_for(piece)
        if chunked:
            peer.send(b"0\r\n" + answer.trailers + b"\r\n")
        return True


def wait_for(what):
    if callable(what):
        what()
    elif what is not None:
        what.wait(PATIENCE * SLOWER)
