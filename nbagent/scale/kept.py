"""Finished replies in a file of JSON lines, so that a map can go on where it was broken off.

A line is written as soon as its reply is there. A line that was cut off by a crash is not counted,
and its prompt is asked again.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from typing import Any, TextIO

import pydantic

from nbagent.agent.output import Output
from nbagent.agent.reply import Reply
from nbagent.errors import ConfigurationError, OutputInvalid
from nbagent.messages import Usage

__all__ = ["Kept", "fingerprint"]

VERSION = 1
SYNC_SECONDS = 1.0  # what the machine (not the process) loses at most when its power fails


def fingerprint(*parts: Any) -> str:
    """A short name for values, the same in every process.

    Objects without a form of their own in JSON count by their class and what `repr` says, without
    addresses in memory.
    """
    text = json.dumps(parts, sort_keys=True, default=_described, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class Kept:
    """The replies in a file, and those that are added.

    Args:
        path: The file. It is made if it is not there.
        settings: What the agent is asked with: a prompt under other settings is another one.
        key: Names a prompt, by the settings and itself.
        output: What the answers are to be, to read them back.

    Raises:
        ConfigurationError: The file is not one of ours, or cannot be written.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        settings: str,
        key: Callable[[str, Any], str],
        output: Output | None = None,
    ) -> None:
        self._path = Path(path)
        self._settings = settings
        self._key = key
        self._output = output
        self._known = _read(self._path)
        self._times: Counter[str] = Counter()
        self._guard = threading.Lock()
        self._synced = 0.0
        self._file = _opened(self._path)

    def key(self, prompt: Any) -> str:
        """The name of the next prompt. One that comes several times has several names."""
        named = self._key(self._settings, prompt)
        self._times[named] += 1
        times = self._times[named]
        return named if times == 1 else f"{named}#{times}"

    async def get(self, key: str) -> Reply | None:
        """The reply that was kept under a name, if there is one that can be read."""
        line = self._known.pop(key, None)
        if line is None:
            return None
        try:
            output = await _value(self._output, line.get("output"), line["text"])
        except OutputInvalid:
            return None  # the type has changed since: it is asked for again
        usage = Usage(**line.get("usage", {}))
        return Reply(line["text"], (), usage, (), line.get("run_id", ""), output, line.get("cost"))

    def add(self, key: str, reply: Reply) -> None:
        """Keeps a reply."""
        line = {
            "version": VERSION,
            "key": key,
            "text": reply.text,
            "output": pydantic.TypeAdapter(Any).dump_python(
                reply.output, mode="json", fallback=repr
            ),
            "usage": asdict(reply.usage),
            "cost": reply.cost,
            "run_id": reply.run_id,
        }
        with self._guard:
            self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
            self._file.flush()
            if time.monotonic() - self._synced > SYNC_SECONDS:
                os.fsync(self._file.fileno())
                self._synced = time.monotonic()

    def close(self) -> None:
        """Brings everything to the disk and closes the file."""
        with self._guard:
            if not self._file.closed:
                self._file.flush()
                os.fsync(self._file.fileno())
                self._file.close()


async def _value(output: Output | None, kept: Any, text: str) -> Any:
    if output is None:
        return kept
    # Words are read from the words; a value was kept as what its type makes of it.
    return await output.value(text if output.shape.schema is None else json.dumps(kept))


def _read(path: Path) -> dict[str, dict[str, Any]]:
    known: dict[str, dict[str, Any]] = {}
    try:
        lines = path.read_text("utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return known
    except OSError as error:
        raise ConfigurationError(f"resume={str(path)!r} cannot be read: {error}.") from error
    for number, line in enumerate(lines, 1):
        try:
            value = json.loads(line) if line.strip() else None
        except ValueError:
            if number == 1 and len(lines) > 1:
                raise _foreign(path) from None
            continue  # cut off by a crash: its prompt is asked again
        if value is None:
            continue
        if not isinstance(value, dict) or value.get("version") != VERSION or "key" not in value:
            raise _foreign(path)
        known[value["key"]] = value
    return known


def _foreign(path: Path) -> ConfigurationError:
    return ConfigurationError(
        f"resume={str(path)!r} is a file, but not one that agent.map(resume=…) of this version "
        "wrote. Name another one; nothing was changed in it."
    )


def _opened(path: Path) -> TextIO:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8")
        if file.tell() and not _ends_whole(path):
            file.write("\n")
    except OSError as error:
        raise ConfigurationError(f"resume={str(path)!r} cannot be written: {error}.") from error
    return file


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _described(value: Any) -> Any:
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    try:
        return pydantic.TypeAdapter(Any).dump_python(value, mode="json")
    except (pydantic.PydanticSchemaGenerationError, pydantic.ValidationError, ValueError):
        return f"{type(value).__module__}.{type(value).__qualname__}"
