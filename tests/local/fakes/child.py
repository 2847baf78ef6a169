# ruff: noqa: T201 - a script speaks through its stdout
"""Stands in for the child: answers /health and nothing else; its first argument is how to fail."""

import json
import os
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

how = sys.argv[1] if len(sys.argv) > 1 else ""
if how == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
spec = json.loads(sys.stdin.readline())
if how == "crash":
    print("llama: no luck today", file=sys.stderr, flush=True)
    os.kill(os.getpid(), signal.SIGABRT)
if how in ("load", "missing", "port"):
    print("llama: what is this file?", file=sys.stderr, flush=True)
    print(json.dumps({"error": how, "message": f"the {how} failed"}), flush=True)
    sys.exit(1)
if how == "silent":
    print("llama: still reading", file=sys.stderr, flush=True)
    time.sleep(3600)


class Handler(BaseHTTPRequestHandler):
    """Healthy."""

    def do_GET(self) -> None:
        """Answers with the key's length, never with the key."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(len(spec["api_key"])).encode())

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


server = ThreadingHTTPServer(("127.0.0.1", spec["port"]), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(json.dumps({"url": f"http://127.0.0.1:{server.server_port}"}), flush=True)
if how == "deaf":
    time.sleep(3600)
sys.stdin.read()
