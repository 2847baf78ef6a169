"""A model hub on a real socket that honours ranges and can be told how to misbehave."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class HubServer:
    """A hub with one file.

    Attributes:
        content: The file's bytes.
        etag: Its ETag.
        cuts: Where to cut the next replies, in bytes of the file; used up one by one.
        status: Answers this instead, if not 0.
        ranges: Whether it honours ranges.
        hang: Seconds to wait before each answer.
        requests: Path and the headers Range and If-Range of what was asked.
    """

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.etag = '"one"'
        self.cuts: list[int] = []
        self.status = 0
        self.ranges = True
        self.hang = 0.0
        self.requests: list[tuple[str, str | None, str | None]] = []
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                hub.answer(self)

            def log_message(self, format: str, *args: Any) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "HubServer":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Answers one request."""
        wanted, condition = request.headers.get("range"), request.headers.get("if-range")
        self.requests.append((request.path, wanted, condition))
        time.sleep(self.hang)
        if self.status:
            request.send_error(self.status)
            return
        start = 0
        if wanted and self.ranges and condition in (None, self.etag):
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            request.send_response(206)
            last = len(self.content) - 1
            request.send_header("content-range", f"bytes {start}-{last}/{len(self.content)}")
        else:
            request.send_response(200)
        request.send_header("etag", self.etag)
        request.send_header("content-length", str(len(self.content) - start))
        request.end_headers()
        end = self.cuts.pop(0) if self.cuts else len(self.content)
        request.wfile.write(self.content[start:end])


@contextmanager
def nowhere() -> Iterator[str]:
    """An address where nobody listens."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    port = server.server_port
    server.server_close()
    yield f"http://127.0.0.1:{port}"
