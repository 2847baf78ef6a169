"""Hearing the page while a cell awaits, in ipykernel 6.

There every message waits until the cell before it has ended: a cell that awaits an agent which
waits for the person's yes would wait for ever, and Stop would come too late. The messages of our
own widgets are therefore taken out of the kernel's queue when they arrive: their handler only
checks and hands over. ipykernel 7 does so by itself, and none of this is put on there.
"""

from __future__ import annotations

import functools
from typing import Any

__all__ = ["hear_early"]

MARK = "nbagent_hears"


def hear_early(widget: Any, kernel: Any) -> None:
    """Hands what the page says to this widget on at once, if this is an ipykernel 6."""
    queue = getattr(kernel, "msg_queue", None)
    comm = getattr(widget, "comm", None)
    if queue is None or comm is None or not hasattr(kernel, "dispatch_shell"):
        return
    early: set[str] | None = getattr(queue, MARK, None)
    if early is None:
        early = set()
        setattr(queue, MARK, early)
        queue.put_nowait = _sorting(queue.put_nowait, kernel, early)
    early.add(comm.comm_id)


def _sorting(original: Any, kernel: Any, early: set[str]) -> Any:
    @functools.wraps(original)
    def put_nowait(item: Any) -> None:
        message = _ours(kernel, item, early)
        if message is None:
            original(item)
        else:
            _deliver(kernel, message)

    return put_nowait


def _ours(kernel: Any, item: Any, early: set[str]) -> Any | None:
    """The message, checked and unpacked, if it is a command to one of the widgets; else None."""
    _, dispatch, arguments = item
    if dispatch != kernel.dispatch_shell:
        return None
    session = kernel.session
    _, parts = session.feed_identities(arguments[0], copy=False)
    # Looked at before its signature is checked: a message is only taken once for good.
    header, content = (session.unpack(parts[at].bytes) for at in (1, 4))
    if header.get("msg_type") != "comm_msg" or content.get("comm_id") not in early:
        return None
    if content.get("data", {}).get("method") != "custom":
        return None
    return session.deserialize(parts, content=True, copy=False)


def _deliver(kernel: Any, message: Any) -> None:
    kernel._publish_status("busy", "shell", parent=message)
    try:
        comm = kernel.comm_manager.get_comm(message["content"]["comm_id"])
        if comm is not None:
            comm.handle_msg(message)
    finally:
        kernel._publish_status("idle", "shell", parent=message)
