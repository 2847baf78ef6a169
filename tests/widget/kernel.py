"""A real kernel with a widget in it, and a front end that is only a client: no browser."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

ROOT = Path(__file__).parents[2]

# The page is not needed here, and its absence must not fail these tests.
SETUP = """
import asyncio, pathlib, tempfile, threading, time
from nbagent.frames import TextDelta
from nbagent.agent.events import RunFinished, RunStarted
from nbagent.widget.widget import AgentWidget
from tests.widget.scripts import whole_run

static = pathlib.Path(tempfile.mkdtemp())
for name in ("widget.js", "widget.css"):
    (static / name).write_text("")
commands = []
widget = AgentWidget(
    lambda command: commands.append((command, threading.current_thread().name)), static=static
)
"""


class Page:
    """What a notebook page would get from the kernel, with the time it came."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self.client = client
        self.got: list[tuple[float, dict[str, Any]]] = []

    def run(self, code: str, timeout: float = 60) -> dict[str, Any]:
        """Runs a cell to its end and gives its reply.

        Raises:
            AssertionError: The cell raised.
        """
        asked = self.client.execute(code)
        reply: dict[str, Any] = self.until(lambda: self._reply(asked), timeout)
        assert reply["content"]["status"] == "ok", reply["content"]
        self.until(lambda: self._idle(asked), timeout)
        return reply

    def start(self, code: str) -> str:
        """Sends a cell and does not wait for it."""
        return str(self.client.execute(code))

    def finish(self, asked: str, timeout: float = 60) -> float:
        """Waits for the end of a cell; gives the time at which it was reported."""
        return float(self.until(lambda: self._idle(asked), timeout))

    def value(self, expression: str) -> str:
        """The value of an expression in the kernel, as its text."""
        asked = self.client.execute("", user_expressions={"value": expression})
        reply = self.until(lambda: self._reply(asked))
        result = reply["content"]["user_expressions"]["value"]
        return str(result["data"]["text/plain"])

    def say(self, content: object, comm_id: str, subshell: str | None = None) -> None:
        """Sends the widget a custom message."""
        self.comm_message(comm_id, {"method": "custom", "content": content}, subshell)

    def comm_message(self, comm_id: str, data: object, subshell: str | None = None) -> None:
        """Sends a message on a comm, to a subshell as JupyterLab does where it is given."""
        message = self.client.session.msg("comm_msg", {"comm_id": comm_id, "data": data})
        if subshell is not None:
            message["header"]["subshell_id"] = subshell
        self.client.shell_channel.send(message)

    def control(self, message_type: str, **content: object) -> dict[str, Any]:
        """Asks on the control channel; gives the reply's content."""
        message = self.client.session.msg(message_type, content)
        self.client.control_channel.send(message)
        reply: dict[str, Any] = self.client.control_channel.get_msg(timeout=60)
        assert reply["parent_header"]["msg_id"] == message["msg_id"]
        return dict(reply["content"])

    def comm_open(self, comm_id: str, target: str) -> None:
        """Opens a comm from the page's side."""
        content = {"comm_id": comm_id, "target_name": target, "data": {}}
        message = self.client.session.msg("comm_open", content, metadata={"version": "1.0.0"})
        self.client.shell_channel.send(message)

    def wire(self) -> list[tuple[float, dict[str, Any]]]:
        """The widget's custom messages so far."""
        data = [(when, message["content"].get("data", {})) for when, message in self.messages()]
        return [(when, value["content"]) for when, value in data if value.get("method") == "custom"]

    def messages(self, *, of: str = "comm_msg") -> list[tuple[float, dict[str, Any]]]:
        """All messages of a type that came so far, on any channel."""
        self._read()
        return [(when, message) for when, message in self.got if message["msg_type"] == of]

    def until(self, ask: Callable[[], Any], timeout: float = 60) -> Any:
        """Reads until ``ask`` gives something true.

        Raises:
            TimeoutError: It did not in ``timeout`` seconds.
        """
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            self._read()
            if value := ask():
                return value
            time.sleep(0.01)
        raise TimeoutError(f"nothing in {timeout} s; the last message was {self.got[-1:]}")

    def _read(self) -> None:
        for channel in (self.client.iopub_channel, self.client.shell_channel):
            while channel.msg_ready():
                self.got.append((time.monotonic(), channel.get_msg()))

    def _reply(self, asked: str) -> Any:
        replies = self.messages(of="execute_reply")
        return next((m for _, m in replies if m["parent_header"]["msg_id"] == asked), None)

    def _idle(self, asked: str) -> Any:
        states = self.messages(of="status")
        return next(
            (
                when
                for when, m in states
                if m["parent_header"].get("msg_id") == asked
                and m["content"]["execution_state"] == "idle"
            ),
            None,
        )


@contextmanager
def kernel_page() -> Iterator[Page]:
    """A kernel of this interpreter with a widget made; shut down at the end."""
    manager = KernelManager()
    path = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), str(ROOT)]))
    manager.start_kernel(env={**os.environ, "PYTHONPATH": path})
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        page = Page(client)
        page.run(SETUP, timeout=60)
        yield page
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
