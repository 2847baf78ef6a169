"""`Recorder`: writes what happens in an agent's runs to a file, as it happens."""

from __future__ import annotations

import io
import json
import os
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from os import PathLike
from pathlib import Path
from typing import Any

from typing_extensions import Self

from nbagent.agent.audience import ENDS
from nbagent.agent.events import RunStarted, StepFinished, StepStarted, StreamItem
from nbagent.agent.following import Everywhere, Following, Source
from nbagent.errors import StoreError
from nbagent.recording.codec import Encoder
from nbagent.store.blobs import Sidecar

__all__ = ["FORMAT", "Recorder", "files_of"]

FORMAT = 1
# Which step the code belongs to: branches of a run stream side by side, and frames do not say.
_step: ContextVar[int] = ContextVar("nbagent_recorded_step", default=0)


class Recorder:
    """A recording that goes on; a context manager that ends it.

    Each item is a line, written out at once: a kernel that dies loses nothing but a half line.

    Args:
        path: The file.
        followers: Where it listens; None for what is `put` by hand.
        model: The model's label.
        replace: Whether to begin the file anew; else it is continued.
        now: Gives seconds since some moment.

    Attributes:
        path: The file.
        items: How many items were written.
        closed: Whether it has ended.

    Raises:
        StoreError: The file cannot be written.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        followers: Everywhere | None = None,
        model: str = "",
        *,
        replace: bool = False,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.path = Path(path)
        self.items = 0
        self.closed = False
        self._now = now
        self._guard = threading.Lock()
        self._open: set[tuple[str, int]] = set()
        self._encoder = Encoder(Sidecar(files_of(self.path)))
        self._file = _opened(self.path, replace)
        self._begun = now()
        self._write(_header(model))
        self._followers = followers
        self._following = Following(self._told, None, f"The recording to {self.path}")
        if followers is not None:
            followers.add(self._following)

    def __repr__(self) -> str:
        state = "ended" if self.closed else "going on"
        return f"<Recorder to {str(self.path)!r}: {self.items} items, {state}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def error(self) -> BaseException | None:
        """Why an item could not be written; None where all were."""
        return self._following.error

    def put(self, item: StreamItem) -> None:
        """One more item, of now.

        Raises:
            StoreError: It cannot be written.
        """
        line = self._encoder.item(item)
        if isinstance(item, StepStarted):
            _step.set(item.step)
        with self._guard:
            if self.closed:
                return
            self._note(item)
            at = {"t": round((self._now() - self._begun) * 1000, 1)}
            if len(self._open) > 1:
                at["step"] = _step.get()
            self._write({**at, **line})
            self.items += 1
            if isinstance(item, ENDS):
                os.fsync(self._file.fileno())

    def close(self) -> None:
        """Ends it. Once more does nothing."""
        if self._followers is not None:
            self._followers.remove(self._following)
        with self._guard:
            self.closed = True
            self._file.close()

    def _told(self, source: Source, item: StreamItem) -> None:
        self.put(item)

    def _note(self, item: StreamItem) -> None:
        """Which steps go on."""
        if isinstance(item, RunStarted):
            self._open.clear()
        elif isinstance(item, StepStarted):
            self._open.add((item.run_id, item.step))
        elif isinstance(item, StepFinished):
            self._open.discard((item.run_id, item.step))

    def _write(self, line: dict[str, Any]) -> None:
        try:
            self._file.write(_line(line))
        except OSError as error:
            raise StoreError(
                f"{self.path} cannot be written ({error.strerror}); what was recorded so far is "
                "there."
            ) from error


def files_of(path: Path) -> Path:
    """The folder beside a recording that has what is big."""
    return path.with_name(f"{path.name}.files")


def _header(model: str) -> dict[str, Any]:
    date = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
    return {"nbagent_recording": FORMAT, "version": _version(), "model": model, "date": date}


def _version() -> str:
    try:
        return version("nbagent")
    except PackageNotFoundError:  # used from a clone that was not installed
        return "unknown"


def _line(line: dict[str, Any]) -> bytes:
    try:
        return json.dumps(line, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:  # half a surrogate pair, which only an escape can carry
        return json.dumps(line).encode() + b"\n"


def _opened(path: Path, replace: bool) -> io.FileIO:
    """The file, at its end; unbuffered, for each line is to be there at once."""
    try:
        file = io.FileIO(path, "w" if replace else "a")
        if not replace and file.tell() and not path.read_bytes().endswith(b"\n"):
            file.write(b"\n")  # the kernel died in the middle of a line
    except OSError as error:
        raise StoreError(f"{path} cannot be written ({error.strerror}).") from error
    return file
