"""The order in which scripted replies are given out."""

from __future__ import annotations

from collections import deque
from typing import Any

from nbagent.testing.replies import Reply, ReplyLike, Responder, Script, as_reply

__all__ = ["ReplyQueue", "ScriptExhausted"]


class ScriptExhausted(AssertionError):
    """A fake was asked once more than its script has replies."""


class ReplyQueue:
    """Replies for one request after the other, then ``always`` for all that follow."""

    def __init__(self, script: Script = (), always: ReplyLike | Responder | None = None) -> None:
        self._waiting = deque(script)
        self._always = always

    def add(self, *replies: ReplyLike | Responder) -> None:
        """Append replies to the script."""
        self._waiting.extend(replies)

    def take(self, request: Any) -> Reply:
        """The reply to ``request``.

        Raises:
            ScriptExhausted: No reply is left, and there is none for always.
        """
        chosen = self._waiting.popleft() if self._waiting else self._always
        if chosen is None:
            raise ScriptExhausted(
                "The script has no reply left for this request. Add one with add(), "
                "or give the fake a reply for always=."
            )
        return as_reply(chosen(request) if callable(chosen) else chosen)
