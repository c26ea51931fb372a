"""A small hub on loopback that speaks the real one's contract, with faults that a test can plant; and a forward proxy.

The contract: GET /{repo}/resolve/{commit}/{file} with X-Repo-Commit. Small files: 307 to a relative address. Weights:
302 to another host (localhost instead of 127.0.0.1) with X-Linked-Size and X-Linked-Etag; that host honours Range.
"""

import hashlib
import http.client
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

WEIGHTS = "model.safetensors"


@dataclass
class Fault:
    """What goes wrong once with a file. With none of the fields set, nothing does.

    status: answered at once, with `headers`. store: the fault happens at the file store, after the redirect.
    cut_after: bytes after which the connection is closed. hang: send this many bytes, then nothing until the end.
    content: other bytes than the file's. ignore_range, wrong_range: what is done with Range. chunked: no length is sent.
    """

    status: int = 0
    headers: dict = field(default_factory=dict)
    store: bool = True
    cut_after: int | None = None
    hang: int | None = None
    content: bytes | None = None
    ignore_range: bool = False
    wrong_range: bool = False
    chunked: bool = False


@dataclass
class Seen:
    """One request as the hub saw it: the file, whether it came to the store, its headers, and how many bytes went out."""

    path: str
    file: str
    store: bool
    headers: dict
    sent: int = 0


class Hub(ThreadingHTTPServer):
    """The server. files: {repo: {revision: {file: bytes}}}. plant(file, *faults): one fault a request, in this order."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, files, tls=None):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files, self.seen, self.faults, self.always = files, [], {}, {}
        self.ending, self.guard = threading.Event(), threading.Lock()
        self.scheme = "http"
        if tls:
            self.socket, self.scheme = tls.wrap_socket(self.socket, server_side=True), "https"

    @property
    def address(self):
        return f"{self.scheme}://127.0.0.1:{self.server_port}"

    def plant(self, file, *faults, always=None):
        """Let these faults happen to the next requests for a file, and `always` to all after them."""
        self.faults.setdefault(file, []).extend(faults)
        if always:
            self.always[file] = always

    def fault(self, file, store):
        with self.guard:
            waiting = self.faults.get(file, [])
            if waiting and waiting[0].store == store:
                return waiting.pop(0)
            usual = self.always.get(file)
            return usual if usual and usual.store == store and not waiting else Fault()

    def sent(self, file):
        """Return how many bytes of a file's content went out, in all requests together."""
        return sum(seen.sent for seen in self.seen if seen.file == file)

    def handle_error(self, request, client_address):
        pass  # a client that goes away is what some tests are about


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer takes 40 ms more

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        hub, parts = self.server, urlsplit(self.path).path.strip("/").split("/")
        store = parts[0] in ("store", "cache")
        owner, repo, _, revision, file = parts[1:] if store else parts
        seen = Seen(self.path, file, store, dict(self.headers))
        hub.seen.append(seen)
        content = hub.files.get(f"{owner}/{repo}", {}).get(revision, {}).get(file)
        small = file != WEIGHTS
        fault = hub.fault(file, store)
        if fault.status:
            return self.answer(fault.status, fault.headers, b"no", seen)
        if content is None:
            return self.answer(404, {"X-Error-Code": "EntryNotFound"}, b"Entry not found", seen)
        if not store:
            where = "/cache" if small else f"{hub.scheme}://localhost:{hub.server_port}/store"
            headers = {"X-Repo-Commit": revision, "Location": where + self.path}
            if not small:
                etag = hashlib.sha256(content).hexdigest()
                headers |= {"X-Linked-Size": str(len(content)), "X-Linked-Etag": f'"{etag}"'}
            return self.answer(307 if small else 302, headers | fault.headers, b"", seen)
        return self.content(fault, content if fault.content is None else fault.content, seen)

    def content(self, fault, content, seen):
        start, status, headers = 0, 200, {"Accept-Ranges": "bytes"} | fault.headers
        asked = self.headers.get("Range")
        if asked and not fault.ignore_range:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            if start >= len(content):
                return self.answer(416, {"Content-Range": f"bytes */{len(content)}"}, b"", seen)
            start = 1 if fault.wrong_range else start
            status, headers = 206, headers | {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"}
        body = content[start:]
        if fault.cut_after is None and fault.hang is None:
            return self.answer(status, headers, body, seen, fault.chunked)
        stop = fault.cut_after if fault.hang is None else fault.hang
        self.head(status, headers | {"Content-Length": str(len(body))})
        self.send(body[:stop], seen)
        if fault.hang is not None:
            self.server.ending.wait(30)
        self.close_connection = True

    def answer(self, status, headers, body, seen, chunked=False):
        length = {"Transfer-Encoding": "chunked"} if chunked else {"Content-Length": str(len(body))}
        self.head(status, length | headers)
        if chunked:
            self.wfile.write(b"%x\r\n" % len(body))
        self.send(body, seen)
        if chunked:
            self.wfile.write(b"\r\n0\r\n\r\n")

    def head(self, status, headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def send(self, body, seen):
        for start in range(0, len(body), 65536):
            piece = body[start : start + 65536]
            self.wfile.write(piece)
            seen.sent += len(piece)


class Proxy(ThreadingHTTPServer):
    """A forward proxy for plain HTTP that brings every request to one hub, whatever host it names; refuses CONNECT."""

    daemon_threads = True

    def __init__(self, hub, status=0):
        super().__init__(("127.0.0.1", 0), _ProxyHandler)
        self.hub, self.status, self.seen = hub, status, []

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}"


class _ProxyHandler(BaseHTTPRequestHandler):
    def log_message(self, *arguments):
        pass

    def do_GET(self):
        self.server.seen.append(self.path)
        if self.server.status:
            return self.send_error(self.server.status)
        hub = http.client.HTTPConnection("127.0.0.1", self.server.hub.server_port)
        hub.request("GET", urlsplit(self.path).path, headers={"Range": r} if (r := self.headers.get("Range")) else {})
        answer = hub.getresponse()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.read())

    def do_CONNECT(self):
        self.server.seen.append(f"CONNECT {self.path}")
        self.send_error(self.server.status or 403)


@contextmanager
def running(server):
    """Run a server in the background and end it, with all that hangs, at the end."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        if hasattr(server, "ending"):
            server.ending.set()
        server.shutdown()
        server.server_close()
        thread.join()
