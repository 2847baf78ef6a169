"""The embedded model's server: started when it is needed, again when it died, ended with us."""

from __future__ import annotations

import asyncio
import atexit
import os
import secrets
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextvars import copy_context
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from nbagent.local.errors import ServerStartError
from nbagent.local.process import CHILD, ChildProcess
from nbagent.local.progress import default_progress
from nbagent.local.verify import Progress
from nbagent.local.weights import pull

__all__ = ["Endpoint", "LocalServer", "default_threads", "shared_server"]

CONTEXT_TOKENS = 8192
PathLike = str | os.PathLike[str]


@dataclass(frozen=True)
class Endpoint:
    """Where the server is. ``base_url`` is an OpenAI-compatible one, ending in ``/v1``."""

    base_url: str
    api_key: str = field(repr=False)


def default_threads() -> int:
    """As many threads as there are processors for us, within what helps a small model."""
    count = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    # Above that, processors are mostly second threads of the same cores, which add nothing.
    return count if count <= 4 else max(4, min(count // 2, 16))


class LocalServer:
    """llama.cpp in a child process, on a loopback port of its own, with a key of its own.

    It may be used from any thread and any event loop. Nothing is started before `ensure`.

    Args:
        model_path: A GGUF file; by default the embedded model, downloaded when it is first needed.
        context: Tokens that a conversation can have.
        parallel: Requests served at the same time; more wait. Each takes its own context's memory.
        threads: Threads to compute with; by default `default_threads`.
        port: The port to listen on; 0 takes a free one.
        api_key: The key that requests must have; by default a random one for each start.
        start_timeout: Seconds that the process may take to load the model.
        progress: Told how far a download is; by default a bar is shown.
        command: The child to run.
        find_model: Gives the path of the weights; see `nbagent.local.pull`.
    """

    _lock: Lock
    _child: ChildProcess | None
    _endpoint: Endpoint | None
    _starting: Future[Endpoint] | None
    _thread: Thread | None

    def __init__(
        self,
        model_path: PathLike | None = None,
        *,
        context: int = CONTEXT_TOKENS,
        parallel: int = 1,
        threads: int | None = None,
        port: int = 0,
        api_key: str | None = None,
        start_timeout: float = 120.0,
        progress: Progress | None = None,
        command: Sequence[str] = CHILD,
        find_model: Callable[..., Path] = pull,
    ) -> None:
        self._model_path = model_path
        self._settings = {
            "context": context,
            "parallel": parallel,
            "threads": threads or default_threads(),
            "port": port,
        }
        self._key = api_key
        self._timeout = start_timeout
        self._progress = progress
        self._command = tuple(command)
        self._find_model = find_model
        self._forget()

    def __repr__(self) -> str:
        state = f"pid={self.pid}" if self.alive else "not running"
        return f"LocalServer({str(self._model_path or 'embedded model')!r}, {state})"

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        child = self._child
        return child is not None and self._owner == os.getpid() and child.alive

    @property
    def pid(self) -> int | None:
        """The id of its process, if it runs."""
        child = self._child
        return child.pid if child is not None and self.alive else None

    @property
    def fate(self) -> str:
        """How its last process ended, in words."""
        return self._child.fate if self._child is not None else "was not started"

    async def ensure(self) -> Endpoint:
        """Where the server is; starts it if it does not run. All that wait share one start.

        Raises:
            ConfigurationError: xllamacpp is not installed.
            LocalModelError: The weights are not to be had, or the process did not come up.
        """
        # Shielded: one that stops waiting must not end the start for the others.
        return await asyncio.shield(asyncio.wrap_future(self._begin()))

    def ensure_blocking(self) -> Endpoint:
        """`ensure`, for where there is no event loop."""
        return self._begin().result()

    def close(self) -> None:
        """Ends its process; `ensure` starts another. Ends a start (and a download) on its way."""
        with self._lock:
            child, self._child = self._child, None
            starting, self._starting = self._starting, None
            self._endpoint = None
            self._generation += 1
        atexit.unregister(self.close)
        if child is not None and self._owner == os.getpid():
            child.stop()
        if starting is not None and self._thread is not None:
            self._thread.join(5.0)

    def _begin(self) -> Future[Endpoint]:
        if self._owner != os.getpid():
            # We are a fork: the process belongs to the one that we were forked from.
            self._forget()
        with self._lock:
            if self._starting is not None:
                return self._starting
            future: Future[Endpoint] = Future()
            if self._endpoint is not None and self.alive:
                future.set_result(self._endpoint)
                return future
            self._starting = future
            self._thread = Thread(
                # What a start displays belongs to the cell that asked for it.
                target=copy_context().run,
                args=(self._start, future, self._generation),
                daemon=True,
                name="nbagent-local",
            )
            self._thread.start()
            return future

    def _start(self, future: Future[Endpoint], generation: int) -> None:
        try:
            endpoint = self._start_child(generation)
        except BaseException as error:
            # It is raised again by all that wait.
            self._settle(future)
            future.set_exception(error)
        else:
            self._settle(future)
            future.set_result(endpoint)

    def _settle(self, future: Future[Endpoint]) -> None:
        with self._lock:
            if self._starting is future:
                self._starting = None

    def _start_child(self, generation: int) -> Endpoint:
        def keep_on() -> None:
            if self._generation != generation:
                raise ServerStartError("The model's server was closed while it was starting.")

        show = self._progress or default_progress()

        def progress(done: int, total: int, text: str) -> None:
            keep_on()
            show(done, total, text)

        model = self._find_model(self._model_path, progress=progress)
        if self._child is not None:
            self._child.stop(0.0)
        key = self._key or secrets.token_urlsafe(24)
        child = ChildProcess(self._command, self._spec(model, key))
        atexit.register(self.close)
        url = child.wait_ready(self._timeout, keep_on)
        return self._adopt(child, Endpoint(f"{url}/v1", key), generation)

    def _adopt(self, child: ChildProcess, endpoint: Endpoint, generation: int) -> Endpoint:
        with self._lock:
            if self._generation == generation:
                self._child, self._endpoint = child, endpoint
                return endpoint
        child.stop(0.0)
        raise ServerStartError("The model's server was closed while it was starting.")

    def _spec(self, model: Path, key: str) -> dict[str, Any]:
        # The child finds what we find, also when a notebook added to its path.
        return {
            **self._settings,
            "model": str(model),
            "alias": model.stem,
            "api_key": key,
            "sys_path": [str(Path(entry).absolute()) for entry in sys.path],
        }

    def _forget(self) -> None:
        self._lock = Lock()
        self._owner = os.getpid()
        self._generation = 0
        self._child = None
        self._endpoint = None
        self._starting = None
        self._thread = None


_shared: dict[str, LocalServer] = {}
_shared_lock = Lock()


def shared_server(path: PathLike | None = None, **options: Any) -> LocalServer:
    """The process's one server of a model; ``options`` are `LocalServer`'s, for the first call."""
    key = str(Path(path).expanduser().absolute()) if path else ""
    with _shared_lock:
        if key not in _shared:
            _shared[key] = LocalServer(key or None, **options)
        return _shared[key]
