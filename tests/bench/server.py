"""A server in a process of its own, so that its CPU is not counted; it sends without a pause."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.replies import body

__all__ = ["serving"]

ROOT = Path(__file__).parents[2]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
FRAMED = {
    "plain": b"Connection: close\r\n\r\n",
    "chunked": b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
}


@contextmanager
def serving() -> Iterator[str]:
    """The server's base URL while it runs, ending in ``/v1``."""
    command = [sys.executable, "-m", "tests.bench.server"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdin is not None and child.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(child.stdout.readline())}/v1"
        finally:
            child.stdin.close()


def main() -> None:
    """Serves until the standard input is closed, which the parent's end does too."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    print(listener.getsockname()[1], flush=True)  # noqa: T201 - the parent reads it
    threading.Thread(target=_watch, daemon=True).start()
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_answer, args=(connection,), daemon=True).start()


def _watch() -> None:
    sys.stdin.read()
    os._exit(0)


def _answer(connection: socket.socket) -> None:
    with connection:
        name = _asked(connection)
        content = HEAD + FRAMED[name.rpartition(",")[2]] + body(name)
        try:
            connection.sendall(content)
        except ConnectionError:
            return  # the reader had enough


def _asked(connection: socket.socket) -> str:
    """The model that a request names."""
    with connection.makefile("rb") as reader:
        length = 0
        while (line := reader.readline().strip().lower()) != b"":
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        return str(json.loads(reader.read(length))["model"])


if __name__ == "__main__":
    main()
