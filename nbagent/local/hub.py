"""The weights from a model hub: one file by HTTP, gone on with where it was cut."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from threading import Thread
from typing import Any, Protocol

from nbagent.errors import TransportError
from nbagent.local.artefact import Artefact
from nbagent.local.errors import SourceFailed
from nbagent.local.partfile import PartFile
from nbagent.local.verify import Progress, sha256_of
from nbagent.providers.transport import download

__all__ = ["Hub"]

DEFAULT_ENDPOINT = "https://huggingface.co"
TRIES_WITHOUT_GAIN = 3


class Download(Protocol):
    """A reply on its way, as `nbagent.providers.transport.download` gives it."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def total(self) -> int | None: ...
    def chunks(self) -> AsyncIterator[bytes]: ...


Opener = Callable[..., AbstractAsyncContextManager[Download]]


class Hub:
    """The model hub.

    Args:
        endpoint: Its address; by default ``HF_ENDPOINT``, else Hugging Face.
        opener: Opens a download; see `nbagent.providers.transport.download`.
        pause: Seconds between two tries.
    """

    name = "model hub"

    def __init__(
        self, endpoint: str | None = None, *, opener: Opener = download, pause: float = 1.0
    ) -> None:
        chosen = endpoint or os.environ.get("HF_ENDPOINT") or DEFAULT_ENDPOINT
        self._endpoint = chosen.rstrip("/")
        self._open = opener
        self._pause = pause

    def room(self, artefact: Artefact, folder: Path) -> int:
        """Bytes that have to be free before `fetch`."""
        return max(artefact.size - PartFile(_part_path(artefact, folder)).size, 0)

    def fetch(self, artefact: Artefact, folder: Path, progress: Progress) -> Path:
        """Downloads into ``folder``; gives the path of a file with the right size and hash.

        Raises:
            SourceFailed: No connection, an error status, or not the right bytes.
            OSError: The disk.
        """
        part = PartFile(_part_path(artefact, folder))
        resumed = part.size > 0
        for fresh in (False, True) if resumed else (True,):
            if fresh:
                part.clear()
            _run_apart(self._receive(artefact, part, progress))
            if sha256_of(part.path, progress) == artefact.sha256:
                part.keep()
                return part.path
        part.clear()
        raise SourceFailed(
            f"{self._endpoint} served {artefact.filename} with another SHA-256 than "
            f"{artefact.sha256}; it was thrown away."
        )

    async def _receive(self, artefact: Artefact, part: PartFile, progress: Progress) -> None:
        failures = 0
        while part.size < artefact.size:
            before = part.size
            try:
                await self._receive_once(artefact, part, progress)
                if part.size < artefact.size:
                    raise TransportError("the file ended before its announced size")
            except TransportError as error:
                failures = 1 if part.size > before else failures + 1
                # Without a first byte there is no network, or no such file: no use in asking on.
                if part.size == 0 or failures >= TRIES_WITHOUT_GAIN:
                    raise SourceFailed(str(error)) from error
                await asyncio.sleep(self._pause)

    async def _receive_once(self, artefact: Artefact, part: PartFile, progress: Progress) -> None:
        headers = {"if-range": part.etag} if part.size and part.etag else {}
        url = self._endpoint + artefact.hub_path()
        async with self._open(url, offset=part.size, headers=headers) as reply:
            if reply.total not in (None, artefact.size):
                raise SourceFailed(
                    f"{url} is a file of {reply.total:,} bytes instead of {artefact.size:,}. "
                    "Does a proxy answer in its place?"
                )
            if part.size and not _continues(reply, part.size):
                part.clear()
            part.etag = reply.headers.get("etag", "")
            with part.appending() as file:
                async for chunk in reply.chunks():
                    file.write(chunk)
                    part.size += len(chunk)
                    if part.size > artefact.size:
                        part.clear()
                        raise SourceFailed(f"{url} sent more than {artefact.size:,} bytes.")
                    progress(part.size, artefact.size, f"Downloading {artefact.filename}")


def _continues(reply: Download, offset: int) -> bool:
    # 200 sends the whole file again: the server has no ranges, or the file is another one now.
    content_range = reply.headers.get("content-range", "")
    return reply.status == 206 and content_range.startswith(f"bytes {offset}-")


def _part_path(artefact: Artefact, folder: Path) -> Path:
    return folder / f"{artefact.filename}.part"


def _run_apart(work: Coroutine[Any, Any, None]) -> None:
    """Runs ``work`` on a loop of its own thread, as a notebook's cell already runs on a loop."""
    loop = asyncio.new_event_loop()
    task = loop.create_task(work)
    outcome: Future[None] = Future()
    thread = Thread(target=_drive, args=(loop, task, outcome), daemon=True, name="nbagent-pull")
    thread.start()
    try:
        while thread.is_alive():
            # A join without an end cannot be interrupted on Windows.
            thread.join(0.2)
    except BaseException:
        loop.call_soon_threadsafe(task.cancel)
        raise
    outcome.result()


def _drive(
    loop: asyncio.AbstractEventLoop, task: asyncio.Task[None], outcome: Future[None]
) -> None:
    try:
        loop.run_until_complete(task)
        outcome.set_result(None)
    except BaseException as error:
        # It is raised again by the thread that waits.
        outcome.set_exception(error)
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
