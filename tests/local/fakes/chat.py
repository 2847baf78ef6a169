# ruff: noqa: T201 - a script speaks through its stdout
"""Stands in for the child with a model: repeats the request, or dies when it is asked to."""

import json
import os
import signal
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

spec = json.loads(sys.stdin.readline())
# The parent's id, so that one "die once" is one, also with a new process.
died = Path(tempfile.gettempdir()) / f"nbagent-fake-chat-{os.getppid()}"


class Handler(BaseHTTPRequestHandler):
    """Chat completions of one model."""

    def do_GET(self) -> None:
        """Healthy."""
        self.send_response(200)
        self.end_headers()

    def do_POST(self) -> None:
        """A streamed reply."""
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        words = request["messages"][-1]["content"]
        if words == "die once" and not died.exists():
            died.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        died.unlink(missing_ok=True)
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        if words == "die in the middle":
            self.say({"delta": {"content": "half a "}})
            os.kill(os.getpid(), signal.SIGKILL)
        echo = {**request, "connection": self.headers["connection"], "served": spec["model"]}
        self.say({"delta": {"content": json.dumps(echo)}})
        self.say({"delta": {}, "finish_reason": "stop"})
        self.wfile.write(b"data: [DONE]\n\n")

    def say(self, choice: dict[str, object]) -> None:
        """Sends a chunk."""
        self.wfile.write(b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n")
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


server = ThreadingHTTPServer(("127.0.0.1", spec["port"]), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(json.dumps({"url": f"http://127.0.0.1:{server.server_port}"}), flush=True)
sys.stdin.read()
