"""Keeping ipykernel 7.0 to 7.3 from going deaf.

Their shell socket is read through a `ZMQStream`, and replies are sent on the same socket past that
stream. Such a send may swallow the one sign that a request has arrived meanwhile: the cell or
the message then waits for ever in a kernel that says it is idle. A bare 7.3 kernel was deaf after
25 to 350 pairs of requests. ipykernel 7.4 sends through the stream, and so do the others once a
widget is made. See https://github.com/ipython/ipykernel/pull/1529 and issue 1554 there.
"""

from __future__ import annotations

from typing import Any

__all__ = ["reply_through_stream"]

# Where these versions keep the socket, which they only use to send replies. 7.4 has none.
_SOCKET = "_shell_socket"


def reply_through_stream(kernel: Any) -> None:
    """Lets the kernel's replies take its stream, if it is an ipykernel of 7.0 to 7.3.

    A stream sends with the socket's own method and arguments. The attribute is read for each reply,
    by the one thread that reads requests too, so it may be set at any time.

    Args:
        kernel: The kernel that this runs in, or None.
    """
    thread = getattr(kernel, "shell_channel_thread", None)
    stream = getattr(kernel, "shell_stream", None)
    manager = getattr(thread, "manager", None)
    if stream is not None and hasattr(manager, _SOCKET):
        setattr(manager, _SOCKET, stream)
