"""`FakeServer`: an OpenAI-compatible server on a real loopback socket, scripted reply by reply."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from types import MappingProxyType
from typing import TypeAlias

from nbagent.testing.anthropic import encode_messages
from nbagent.testing.gemini import encode_content
from nbagent.testing.http import Request, ResponseWriter, read_request
from nbagent.testing.ollama import encode_ollama, encode_tags
from nbagent.testing.openai_chat import encode_chat
from nbagent.testing.openai_responses import encode_responses
from nbagent.testing.replies import (
    POLL,
    Gate,
    Reply,
    ReplyLike,
    Responder,
    Script,
    ScriptItem,
    reply_error,
    reply_json,
)
from nbagent.testing.script import ReplyQueue, ScriptExhausted

__all__ = ["ENCODERS", "Encoder", "FakeServer"]

Encoder: TypeAlias = Callable[[Iterable[ScriptItem], str], Iterator[bytes | Gate]]

#: How the path of a request ends, and the protocol that is spoken there.
ENCODERS: Mapping[str, Encoder] = MappingProxyType(
    {
        "/chat/completions": encode_chat,
        "/v1/messages": encode_messages,
        ":streamGenerateContent": encode_content,
        "/responses": encode_responses,
        "/api/chat": encode_ollama,
    }
)


class FakeServer:
    """A scripted model server on ``127.0.0.1``, for tests that want a real socket.

    It runs on a thread of its own, so it also serves while the test, or a kernel's main thread,
    blocks. Use it with ``with`` or ``async with``::

        with FakeServer(["Hello."]) as server:
            client = OpenAIChatClient(api_key="test", base_url=server.url)

    Args:
        script: The replies, one for each POST, in order: a `Reply`, a string (a reply of these
            words), or a callable that gets the `Request` and gives one of them.
        always: The reply when the script is used up. Without it, the server answers 500.
        models: What ``GET /v1/models`` lists.
        encoders: Path endings and how frames are encoded there.

    Attributes:
        requests: Every POST so far, in order of arrival.
        url: The base URL, with ``/v1``.
    """

    def __init__(
        self,
        script: Script = (),
        *,
        always: ReplyLike | Responder | None = None,
        models: Sequence[str] = ("scripted",),
        encoders: Mapping[str, Encoder] = ENCODERS,
    ) -> None:
        self.requests: list[Request] = []
        self._queue = ReplyQueue(script, always)
        self._models = tuple(models)
        self._encoders = encoders
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._stop: Callable[[], object] = lambda: None

    @property
    def port(self) -> int:
        """The port, chosen by the system.

        Raises:
            RuntimeError: The server is not running.
        """
        if self._socket is None:
            raise RuntimeError("The fake server is not running; enter it with `with` first.")
        return int(self._socket.getsockname()[1])

    @property
    def url(self) -> str:
        """The base URL as OpenAI's clients want it, e.g. ``http://127.0.0.1:40123/v1``."""
        return f"http://127.0.0.1:{self.port}/v1"

    def add(self, *replies: ReplyLike | Responder) -> None:
        """Append replies to the script, also while the server runs."""
        self._queue.add(*replies)

    def wait_for_requests(self, count: int, timeout: float = 10.0) -> list[Request]:
        """Block until ``count`` POSTs have come; gives all that came.

        Raises:
            TimeoutError: They did not come within ``timeout`` seconds.
        """
        deadline = time.monotonic() + timeout
        while len(self.requests) < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(self.requests)} of {count} requests in {timeout} s.")
            time.sleep(POLL)
        return list(self.requests)

    def __enter__(self) -> FakeServer:
        self._socket = socket.create_server(("127.0.0.1", 0))
        ready = threading.Event()
        name = "nbagent-fake-server"
        serve = partial(asyncio.run, self._main(ready))
        self._thread = threading.Thread(target=serve, name=name, daemon=True)
        self._thread.start()
        ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        if self._thread is not None:
            self._stop()
            self._thread.join()

    async def __aenter__(self) -> FakeServer:
        return self.__enter__()

    async def __aexit__(self, *_: object) -> None:
        self.__exit__()

    async def _main(self, ready: threading.Event) -> None:
        """Serve until `__exit__` says stop, on this thread's own loop."""
        connections: set[asyncio.Task[None]] = set()

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.ensure_future(self._connection(reader, writer))
            connections.add(task)
            task.add_done_callback(connections.discard)

        server = await asyncio.start_server(accept, sock=self._socket)
        stopped = asyncio.Event()
        self._stop = partial(asyncio.get_running_loop().call_soon_threadsafe, stopped.set)
        ready.set()
        await stopped.wait()
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve the requests of one connection, one after the other."""
        try:
            while (request := await read_request(reader)) is not None:
                if not await self._answer(request, reader, writer):
                    break
        finally:
            writer.close()

    async def _answer(
        self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Answer one request; True when the connection stays open for the next."""
        reply = self._reply(request)
        pieces = self._pieces(request, reply)
        sending = asyncio.ensure_future(ResponseWriter(writer, reply, request).write(pieces))
        watching = asyncio.ensure_future(_client_gone(reader))
        await asyncio.wait({sending, watching}, return_when=asyncio.FIRST_COMPLETED)
        gone = not sending.done() or isinstance(sending.exception(), ConnectionError)
        sending.cancel()
        watching.cancel()
        if gone:
            request.mark_disconnected()
        with suppress(ConnectionError, asyncio.CancelledError):
            return await sending and not gone
        return False

    def _reply(self, request: Request) -> Reply:
        if request.method == "GET" and request.path.endswith("/api/tags"):
            return reply_json(encode_tags(self._models))
        if request.method == "GET":
            listed = [{"id": name, "object": "model", "created": 0} for name in self._models]
            gemini = [{"name": f"models/{name}"} for name in self._models]
            return reply_json({"object": "list", "data": listed, "models": gemini})
        self.requests.append(request)
        try:
            return self._queue.take(request)
        except ScriptExhausted as error:
            return reply_error(500, str(error))

    def _pieces(self, request: Request, reply: Reply) -> Iterable[bytes | Gate]:
        if reply.body is not None:
            return (reply.body,) if isinstance(reply.body, bytes) else reply.body
        for ending, encode in self._encoders.items():
            if request.path.partition("?")[0].endswith(ending):
                return encode(reply.frames, _model(request))
        return (f"event: error\ndata: no protocol is known at {request.path}\n\n".encode(),)


def _model(request: Request) -> str:
    """The model that was asked for: Gemini has it in the path, the others in the body."""
    _, inside, rest = request.path.partition("/models/")
    if inside:
        return rest.partition(":")[0]
    body = request.body
    return str(body.get("model", "scripted")) if isinstance(body, Mapping) else "scripted"


async def _client_gone(reader: asyncio.StreamReader) -> None:
    """Return once the client has closed; reads nothing, so that a next request is not lost."""
    while not _closed(reader):  # noqa: ASYNC110  # a StreamReader has no event for it
        await asyncio.sleep(POLL)


def _closed(reader: asyncio.StreamReader) -> bool:
    return reader.at_eof() or reader.exception() is not None
