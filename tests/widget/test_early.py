"""Messages of our widgets are heard at once in a kernel that queues them, and no others."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from jupyter_client.session import Session

from nbagent.widget.early import hear_early


class FakeKernel:
    """What ipykernel 6 has of this: a queue, a session, comms, and a status to publish."""

    def __init__(self) -> None:
        self.session = Session(key=b"secret")
        self.msg_queue: asyncio.Queue[Any] = asyncio.Queue()
        self.comm_manager = self
        self.handled: list[Any] = []
        self.status: list[str] = []

    def dispatch_shell(self, message: Any) -> None:
        """What the queue would call."""

    def get_comm(self, comm_id: str) -> Any:
        return SimpleNamespace(handle_msg=lambda m: self.handled.append(m["content"]["data"]))

    def _publish_status(self, status: str, channel: str, parent: Any = None) -> None:
        self.status.append(status)

    def arrive(self, kind: str, comm_id: str = "ours", method: str = "custom") -> None:
        """A message comes in, as ipykernel puts it into its queue."""
        content = {"comm_id": comm_id, "data": {"method": method, "content": {"type": "stop"}}}
        parts = self.session.serialize(self.session.msg(kind, content))
        frames = [SimpleNamespace(bytes=part, buffer=part) for part in parts]
        self.msg_queue.put_nowait((0, self.dispatch_shell, (frames,)))


def widget() -> Any:
    """A widget with a comm."""
    return SimpleNamespace(comm=SimpleNamespace(comm_id="ours"))


async def test_a_command_is_heard_at_once() -> None:
    """It does not wait in the queue, and the page sees the kernel busy and idle for it."""
    kernel = FakeKernel()
    hear_early(widget(), kernel)
    kernel.arrive("comm_msg")
    assert [data["content"] for data in kernel.handled] == [{"type": "stop"}]
    assert kernel.status == ["busy", "idle"]
    assert kernel.msg_queue.empty()


async def test_everything_else_waits_as_ever() -> None:
    """Cells, other widgets, and changes of traits keep their order."""
    kernel = FakeKernel()
    hear_early(widget(), kernel)
    hear_early(widget(), kernel)
    kernel.arrive("execute_request")
    kernel.arrive("comm_msg", comm_id="another")
    kernel.arrive("comm_msg", method="update")
    kernel.msg_queue.put_nowait((0, print, ()))
    assert kernel.handled == [] and kernel.msg_queue.qsize() == 4


def test_other_kernels_are_left_alone() -> None:
    """Without such a queue, without a kernel and without a comm there is nothing to do."""
    hear_early(widget(), None)
    hear_early(widget(), SimpleNamespace(session=None))
    kernel = FakeKernel()
    hear_early(SimpleNamespace(comm=None), kernel)
    assert "put_nowait" not in vars(kernel.msg_queue)
