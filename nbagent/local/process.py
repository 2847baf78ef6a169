"""The child process as its parent sees it: started, waited for, ended, and its last words."""

from __future__ import annotations

import http.client
import json
import os
import queue
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Thread
from typing import IO, Any
from urllib.parse import urlsplit

from nbagent.errors import ConfigurationError
from nbagent.local.errors import PortInUse, ServerStartError

__all__ = ["CHILD", "ChildProcess"]

CHILD: tuple[str, ...] = (sys.executable, str(Path(__file__).with_name("child.py")))
"""The command of the real child."""

POLL_SECONDS = 0.2
READY_POLL_SECONDS = 0.02
HEALTH_SECONDS = 5.0
TAIL_BYTES = 4096
TAIL_LINES = 12


class ChildProcess:
    """One run of the child. Making it starts it.

    Args:
        command: What to run; it speaks as `nbagent.local.child` does.
        spec: What the child is told on its stdin; it holds the key.
    """

    def __init__(self, command: Sequence[str], spec: Mapping[str, Any]) -> None:
        # Without a name on disk: it goes when the last of the two processes goes.
        self._log: IO[bytes] = tempfile.TemporaryFile("a+b")  # noqa: SIM115 - stop closes it
        self._answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        try:
            self._process = self._spawn(command)
        except OSError as error:
            self._log.close()
            raise ServerStartError(
                f"The model's process could not be started: {error}. Is there memory left?"
            ) from error
        Thread(target=self._read_answer, daemon=True, name="nbagent-child").start()
        self._send(json.dumps(spec).encode() + b"\n")

    def __repr__(self) -> str:
        return f"ChildProcess(pid={self.pid}, alive={self.alive})"

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    @property
    def fate(self) -> str:
        """How it ended, in words."""
        status = self._process.poll()
        if status is None:
            return "is running"
        if status < 0:
            return f"was killed by signal {-status}"
        return f"ended with status {status}"

    def wait_ready(self, seconds: float, keep_on: Callable[[], None]) -> str:
        """Waits until the server in it answers; gives its URL.

        Args:
            seconds: How long to wait at most.
            keep_on: Called several times a second; may raise to give up.

        Raises:
            ConfigurationError: xllamacpp is not installed.
            ServerStartError: It died, could not load the model, or took too long.
        """
        deadline = time.monotonic() + seconds
        try:
            url = self._url(self._answer(deadline, seconds, keep_on))
            while not _is_healthy(url):
                self._still_there(deadline, seconds)
                keep_on()
                time.sleep(POLL_SECONDS)
        except BaseException:
            self.stop(0.0)
            raise
        return url

    def stop(self, grace: float = 2.0) -> None:
        """Ends it: asks, waits ``grace`` seconds, kills."""
        if self._process.stdin is not None and not self._process.stdin.closed:
            _close(self._process.stdin)
        if self.alive and grace > 0:
            self._process.terminate()
            try:
                self._process.wait(grace)
            except subprocess.TimeoutExpired:
                # It does not listen; the kill below does not ask.
                grace = 0.0
        if self.alive:
            self._process.kill()
        self._process.wait()
        self._log.close()

    def tail(self) -> str:
        """The last lines of its log."""
        if self._log.closed:
            return ""
        # The file is open for appending: reading it moves no writer.
        size = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(size - TAIL_BYTES, 0))
        lines = self._log.read().decode("utf-8", "replace").splitlines()
        return "\n".join(lines[-TAIL_LINES:])

    def _spawn(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        # A group of its own, so that the interrupt of a cell or a Ctrl-C does not reach it.
        own_group: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            own_group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        return subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            **own_group,
        )

    def _send(self, line: bytes) -> None:
        stdin = self._process.stdin
        if stdin is None:
            raise RuntimeError("the child was started without a pipe")
        try:
            # The pipe stays open: its end tells the child that we are gone.
            stdin.write(line)
            stdin.flush()
        except OSError:
            # It died before it read; wait_ready says how.
            return

    def _read_answer(self) -> None:
        stdout = self._process.stdout
        if stdout is not None:
            with stdout:
                self._answers.put(stdout.readline())

    def _answer(self, deadline: float, seconds: float, keep_on: Callable[[], None]) -> bytes:
        while self._answers.empty():
            self._still_there(deadline, seconds)
            keep_on()
            time.sleep(READY_POLL_SECONDS)
        return self._answers.get()

    def _still_there(self, deadline: float, seconds: float) -> None:
        if not self.alive:
            raise self._died()
        if time.monotonic() > deadline:
            raise ServerStartError(
                f"The model's process did not get ready within {seconds:g} s. A large model on a "
                "slow disk needs longer: LocalServer(start_timeout=…).",
                log=self.tail(),
            )

    def _url(self, answer: bytes) -> str:
        try:
            reply = json.loads(answer)
        except ValueError:
            # It wrote nothing, or not its whole line: it died on the way.
            raise self._died() from None
        if "url" in reply:
            return str(reply["url"])
        kind, message = reply.get("error"), reply.get("message", "")
        if kind == "missing":
            raise ConfigurationError(
                f"The embedded model needs xllamacpp ({message}): pip install 'nbagent[local]'."
            )
        if kind == "port":
            raise PortInUse(f"The model's server cannot listen: {message}. Choose another port.")
        raise ServerStartError(
            f"The model could not be loaded ({message}). Its file may be damaged or of a kind that "
            "this llama.cpp does not know, or memory may be short.",
            log=self.tail(),
        )

    def _died(self) -> ServerStartError:
        self._process.wait(POLL_SECONDS * 10)
        return ServerStartError(
            f"The model's process {self.fate} before it was ready. Memory may be short, or "
            "llama.cpp may not run on this processor.",
            log=self.tail(),
        )


def _is_healthy(url: str) -> bool:
    address = urlsplit(url)
    # By hand, as a proxy from the environment must not come between.
    connection = http.client.HTTPConnection(
        address.hostname or "127.0.0.1", address.port, timeout=HEALTH_SECONDS
    )
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        # Not there yet; the caller knows how long to wait.
        return False
    finally:
        connection.close()


def _close(stream: IO[bytes]) -> None:
    try:
        stream.close()
    except OSError:
        # What was still in its buffer has no reader any more.
        return
