"""An origin that keeps what it was sent and answers what a request asks for: /say?status=200&type=text/html with the
request's content as the response's (and coding=gzip as its Content-Encoding), else 200 with the length of the content."""
import http.server
import threading
import urllib.parse


class Echo:
    def __init__(self):
        self.seen, self.lock = [], threading.Lock()
        origin = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                content = self._content()
                with origin.lock:
                    origin.seen.append((self.command, self.path, content))
                parts = urllib.parse.urlsplit(self.path)
                wanted = dict(urllib.parse.parse_qsl(parts.query)) if parts.path == "/say" else {}
                body = content if wanted else str(len(content)).encode()
                self.send_response(int(wanted.get("status", 200)))
                self.send_header("Content-Type", wanted.get("type", "text/plain"))
                if "coding" in wanted:
                    self.send_header("Content-Encoding", wanted["coding"])
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def _content(self):
                if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                    return self.rfile.read(int(self.headers.get("Content-Length", 0)))
                content = b""
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    content += self.rfile.read(size)
                    self.rfile.readline()
                while self.rfile.readline().strip():
                    pass
                return content

            do_GET = do_POST = do_PUT = do_HEAD = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self):
        return f"127.0.0.1:{self.server.server_address[1]}"

    def requests(self):
        with self.lock:
            return list(self.seen)

    def forget(self):
        with self.lock:
            self.seen.clear()
