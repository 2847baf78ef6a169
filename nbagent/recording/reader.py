"""`Recording`: what stands in a recorded file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from nbagent.errors import StoreError
from nbagent.recording.codec import Decoder
from nbagent.recording.recorder import FORMAT, files_of
from nbagent.store.blobs import Sidecar

__all__ = ["Recorded", "Recording"]


@dataclass(frozen=True, slots=True)
class Recorded:
    """One item of a recording.

    Attributes:
        t: Milliseconds since the recording began.
        item: The frame or event.
        step: The step of its run that a frame belongs to, where several went on at once; else 0.
    """

    t: float
    item: Any
    step: int = 0


@dataclass(frozen=True)
class Recording:
    """A recorded file.

    Attributes:
        path: The file.
        model: The label of the model.
        version: The version of nbagent that recorded it.
        date: When it was begun, in UTC.
        items: What happened. The times of a file that was continued go on where it stopped.
        broken: How many lines were cut off because a kernel died.
    """

    path: Path
    model: str
    version: str
    date: str
    items: tuple[Recorded, ...]
    broken: int = 0

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Recording:
        """Reads a file.

        Raises:
            StoreError: It is not there, no recording, or of a newer version.
        """
        where = Path(path)
        headers: list[dict[str, Any]] = []
        items: list[Recorded] = []
        broken, offset = 0, 0.0
        decoder = Decoder(Sidecar(files_of(where)))
        for number, line in _lines(where):
            if line is None:
                broken += 1
                continue
            if "nbagent_recording" in line:
                headers.append(_checked(where, line))
                offset = items[-1].t if items else 0.0
                continue
            if not headers:
                raise StoreError(f"{where} is no recording: line {number} is before any header.")
            item = decoder.item(line)
            if item is not None:
                t, step = float(line.get("t", 0.0)), int(line.get("step", 0))
                items.append(Recorded(offset + t, item, step))
        if not headers:
            raise StoreError(f"{where} is no recording: it has no header.")
        first = headers[0]
        model, version, date = (str(first.get(name, "")) for name in ("model", "version", "date"))
        return cls(where, model, version, date, tuple(items), broken)


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """The lines by number; None for one that was cut off."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise StoreError(f"{path} cannot be read ({error.strerror}).") from error
    lines = data.split(b"\n")
    for number, raw in enumerate(lines, 1):
        if not raw.strip():
            continue
        try:
            line = json.loads(raw)
        except ValueError as error:
            if not _cut_off(lines, number):
                raise StoreError(f"{path}, line {number} is no JSON: {error}") from error
            line = None
        if line is not None and not isinstance(line, dict):
            raise StoreError(f"{path}, line {number} is not one of a recording.")
        yield number, line


def _cut_off(lines: list[bytes], number: int) -> bool:
    """Whether the line is the last before the end, or before a recording that continued it."""
    following = next((line for line in lines[number:] if line.strip()), b"")
    return not following or following.startswith(b'{"nbagent_recording"')


def _checked(path: Path, header: dict[str, Any]) -> dict[str, Any]:
    if header["nbagent_recording"] != FORMAT:
        raise StoreError(
            f"{path} was recorded in format {header['nbagent_recording']!r}, by nbagent "
            f"{header.get('version')}; this version reads format {FORMAT}. Update nbagent."
        )
    return header
