"""What a served tool tells while it runs, sent to the client that called it."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Awaitable, Callable
from typing import Any

from nbagent.agent.events import AgentEvent, ToolOutput, ToolProgress
from nbagent.mcp.sdk import ServerRequestContext
from nbagent.tools import DisplayOutput, StreamOutput

__all__ = ["Telling"]


class Telling:
    """Events of one call, from any thread, as messages in their order.

    Progress is progress; what is printed and displayed is a log message, for it has no other place
    in the protocol. `finish` before the result is sent: nothing may come after that.
    """

    def __init__(self, request: ServerRequestContext[Any]) -> None:
        self._request = request
        self._loop = asyncio.get_running_loop()
        self._waiting: asyncio.Queue[Callable[[], Awaitable[None]] | None] = asyncio.Queue()
        self._sending = asyncio.ensure_future(self._send())
        self._done = 0.0

    def hear(self, event: AgentEvent) -> None:
        """Takes an event of the call."""
        if isinstance(event, ToolProgress):
            self._put(lambda: self._progress(event.fraction, event.text))
        elif isinstance(event, ToolOutput):
            text = _words(event.output)
            if text:
                self._put(lambda: self._log(text))

    async def finish(self) -> None:
        """Waits until all is sent."""
        self._loop.call_soon(self._waiting.put_nowait, None)
        await self._sending

    def drop(self) -> None:
        """The call was cancelled: nobody listens."""
        self._sending.cancel()

    def _put(self, message: Callable[[], Awaitable[None]]) -> None:
        self._loop.call_soon_threadsafe(self._waiting.put_nowait, message)

    async def _send(self) -> None:
        while (message := await self._waiting.get()) is not None:
            await message()

    async def _progress(self, fraction: float | None, text: str) -> None:
        # The protocol wants it to rise with each message, also where the fraction is not known.
        known = fraction is not None
        self._done = max(self._done, fraction) if fraction is not None else self._done + 1e-6
        await self._request.session.report_progress(
            self._done, 1.0 if known else None, text or None
        )

    async def _log(self, text: str) -> None:
        with warnings.catch_warnings():
            # Deprecated by the newest protocol, and still the only way for older clients.
            warnings.simplefilter("ignore")
            sent = self._request.session.send_log_message(
                "info", text, related_request_id=self._request.request_id
            )
        await sent


def _words(output: Any) -> str:
    if isinstance(output, StreamOutput):
        return output.text.rstrip("\n")
    if isinstance(output, DisplayOutput):
        return str(output.bundle.data.get("text/plain", ""))
    return ""
