"""One session with a server, held open by one task of its own on the I/O loop.

The SDK's contexts have to be entered and left by the same task; so that task does nothing else, and
calls come from others. A connection never comes back: after its end there is a new one.
"""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import contextvars
import json
from collections import deque
from collections.abc import Awaitable, Iterable
from contextlib import suppress
from typing import Any, TypeVar

from nbagent.agent.io_thread import io_loop
from nbagent.errors import TransportError
from nbagent.mcp.last_words import LastWords
from nbagent.mcp.sdk import (
    Client,
    ListenNotSupportedError,
    MCPError,
    SubscriptionLost,
    types,
)
from nbagent.mcp.target import Target
from nbagent.mcp.transport import streams
from nbagent.tools import StreamOutput, ToolContext

__all__ = ["Connection", "ConnectionLost", "NotSent"]

EXIT_SECONDS = 8.0  # that servers have for their end when the interpreter ends

T = TypeVar("T")
PAGES = 200  # of a listing, so that one without an end does not hang a run
LISTEN_AGAIN_SECONDS = 1.0
QUESTIONS = ("Elicitation not", "elicitation/", "Sampling not", "sampling/")
_calling: contextvars.ContextVar[ToolContext | None] = contextvars.ContextVar(
    "nbagent_mcp_call", default=None
)


_open: set[Connection] = set()


@atexit.register
def close_all() -> None:
    """Ends every child process: none outlives the interpreter that started it."""
    left = tuple(_open)
    if left:
        closing = asyncio.run_coroutine_threadsafe(_closed(left), io_loop())
        with suppress(concurrent.futures.TimeoutError):
            closing.result(EXIT_SECONDS)


async def _closed(left: Iterable[Connection]) -> None:
    await asyncio.gather(*(connection.aclose() for connection in left))


class ConnectionLost(TransportError):
    """The server went away while it worked on a call. Whether it did its work is not known."""


class NotSent(ConnectionLost):
    """The server was away already: it never saw the call, which can be sent again."""


class Connection:
    """A session with a server.

    Attributes:
        stale: Whether the server said that its tools have changed since they were listed.
        over: Whether it has ended.
        server_name: What the server calls itself.
        log: The last messages that belong to no call.
    """

    def __init__(self, target: Target) -> None:
        self.stale = True
        self.over = False
        self.server_name = ""
        self.log: deque[str] = deque(maxlen=50)
        self._target = target
        self._words = LastWords() if target.command else None
        self._client: Client | None = None
        self._error: BaseException | None = None
        self._closing = asyncio.Event()
        self._calls: list[ToolContext] = []
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        # Not in the context of the call that needs it first: it outlives that call, and what it
        # prints is not that call's.
        self._task = contextvars.Context().run(asyncio.ensure_future, self._hold())
        _open.add(self)
        self._task.add_done_callback(lambda _: _open.discard(self))

    async def opened(self, seconds: float) -> None:
        """Waits until it can be used.

        Raises:
            TransportError: It cannot be, or not in time.
        """
        try:
            await asyncio.wait_for(asyncio.shield(self._ready), seconds)
        except asyncio.TimeoutError:
            await self.aclose()
            raise TransportError(
                self._told(f"did not answer within {seconds:g} seconds; see connect_timeout=")
            ) from None
        except Exception as error:
            await self._last_words()
            raise TransportError(self._told(f"cannot be used: {_reason(error)}")) from error
        except BaseException:  # whoever waited was stopped: nobody would close it
            self.close_soon()
            raise

    def close_soon(self) -> None:
        """Lets it end. To be called on the I/O loop."""
        self._closing.set()
        if not self._ready.done():
            self._task.cancel()

    async def aclose(self) -> None:
        """Ends it, the child process with it."""
        self.close_soon()
        # The SDK gives a child some seconds before it kills it.
        await asyncio.wait({self._task}, timeout=10)

    async def tools(self) -> list[types.Tool]:
        """All tools, page by page.

        Raises:
            NbagentError: The server does not say.
        """
        self.stale = False
        found: list[types.Tool] = []
        cursor: str | None = None
        for _ in range(PAGES):
            page = await self._asked(self._open_client.list_tools(cursor=cursor))
            found += page.tools
            if not page.next_cursor or page.next_cursor == cursor:
                break
            cursor = page.next_cursor
        return found

    async def call(
        self, name: str, arguments: dict[str, Any], context: ToolContext
    ) -> types.CallToolResult:
        """Calls a tool. Cancelling tells the server.

        Raises:
            NotSent: The connection was over.
            ConnectionLost: The connection broke meanwhile.
            TransportError: The server refuses, or says what makes no sense.
        """

        async def heard(progress: float, total: float | None, message: str | None) -> None:
            fraction = progress / total if total else None
            context.progress(fraction, message or ("" if total else f"{progress:g}"))

        token = _calling.set(context)
        self._calls.append(context)
        try:
            client = self._open_client
            return await self._asked(client.call_tool(name, arguments, progress_callback=heard))
        finally:
            self._calls.remove(context)
            _calling.reset(token)

    @property
    def _open_client(self) -> Client:
        if self.over or self._client is None:
            raise NotSent(self._told("is gone"))
        return self._client

    async def _hold(self) -> None:
        listening: asyncio.Future[None] | None = None
        try:
            async with self._made() as client:
                self._client = client
                self.server_name = client.server_info.name if client.server_info else ""
                listening = asyncio.ensure_future(self._listen(client))
                self._ready.set_result(None)
                try:
                    await self._closing.wait()
                finally:
                    listening.cancel()
                    await asyncio.wait({listening})
        except BaseException as error:
            self._error = cause = _first(error)
            cancelled = isinstance(cause, asyncio.CancelledError)
            if not self._ready.done():
                self._ready.set_exception(NotSent("stopped") if cancelled else cause)
                self._ready.exception()  # looked at, also if nobody waits any more
            if cancelled:
                raise
        finally:
            self.over = True
            if self._words is not None:
                self._words.handed_over()

    def _made(self) -> Client:
        return Client(
            streams(self._target, self._words, self._gone),
            logging_callback=self._logged,
            message_handler=self._heard,
            log_level="info",
            cache=None,
            client_info=types.Implementation(name="nbagent", version="1"),
        )

    def _gone(self) -> None:
        self.over = True
        self._closing.set()

    async def _last_words(self) -> None:
        await self.aclose()
        if self._words is not None:
            await asyncio.to_thread(self._words.settle)

    async def _listen(self, client: Client) -> None:
        """Newer servers tell of changes to whoever asks for it."""
        tools = client.server_capabilities.tools
        while tools is not None and tools.list_changed and not self.over:
            try:
                async with client.listen(tools_list_changed=True) as changes:
                    async for _ in changes:
                        self.stale = True
            except ListenNotSupportedError:
                return  # an older one tells without being asked: `_heard`
            except (MCPError, SubscriptionLost):
                self.stale = True  # what was missed is not known
            await asyncio.sleep(LISTEN_AGAIN_SECONDS)

    async def _heard(self, message: Any) -> None:
        if isinstance(message, types.ToolListChangedNotification):
            self.stale = True

    async def _logged(self, params: types.LoggingMessageNotificationParams) -> None:
        data = params.data if isinstance(params.data, str) else json.dumps(params.data)
        source = f" {params.logger}" if params.logger else ""
        line = f"[{params.level}{source}] {data}\n"
        # Over HTTP a message comes in the context of its call. A child's belongs to no call that
        # could be named, unless there is only one.
        context = _calling.get() or (self._calls[0] if len(self._calls) == 1 else None)
        if context is None or context.listener is None:
            self.log.append(line.rstrip())
        else:
            grave = params.level not in ("debug", "info", "notice")
            context.listener.output(StreamOutput("stderr" if grave else "stdout", line))

    async def _asked(self, request: Awaitable[T]) -> T:
        """The SDK's errors as ours, with the last words of a server that died."""
        try:
            return await request
        except MCPError as error:
            failure = error
        except (ValueError, RuntimeError) as error:  # a reply that is not what it should be
            raise TransportError(
                self._told(f"gave a reply that makes no sense: {error}")
            ) from error
        closed = failure.code == types.CONNECTION_CLOSED
        # A server that was started anew knows nothing of the session, and has done nothing.
        unknown = "session terminated" in failure.message.lower()
        if not closed and not unknown:
            raise TransportError(self._told(_refusal(failure.message))) from failure
        self._gone()
        await self._last_words()
        if unknown or _unreachable(self._error):
            raise NotSent(self._told("was not there for the call")) from failure
        raise ConnectionLost(self._told("went away while it worked on the call")) from failure

    def _told(self, what: str) -> str:
        words = self._words.text if self._words is not None and self.over else ""
        name = self.server_name or self._target.label
        last = f"\nIts last words were:\n{words}" if words else ""
        return self._target.clean(f"The MCP server {name!r} {what.rstrip('.')}.{last}")


def _first(error: BaseException) -> BaseException:
    """What went wrong first: the SDK's task groups put it into groups."""
    inner = getattr(error, "exceptions", None)
    return _first(inner[0]) if inner else error


def _reason(error: BaseException) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such program"
    if isinstance(error, MCPError):
        return error.message
    return f"{type(error).__name__}: {error}"


def _refusal(message: str) -> str:
    if any(word in message for word in QUESTIONS):
        return (
            "wanted to question the person or the model in the middle of the call, which nbagent "
            f"does not do ({message})"
        )
    return f"refuses the call: {message}"


def _unreachable(error: BaseException | None) -> bool:
    # By name: the SDK's HTTP library is its own business.
    return type(error).__name__ in ("ConnectError", "ConnectTimeout")
