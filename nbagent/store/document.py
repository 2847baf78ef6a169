"""One conversation in one file of JSON, with what is big in a folder beside it.

The file is written as a whole beside the old one and then put in its place, after everything that
it points to: whenever the kernel is killed, a whole conversation stands there.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pydantic

from nbagent.agent.calls import CallRecord
from nbagent.agent.cutting import Cut
from nbagent.agent.engine import Engine
from nbagent.agent.interrupted import interrupted
from nbagent.agent.version_tree import Place, tree_of
from nbagent.errors import StoreError
from nbagent.messages import Message
from nbagent.store.blobs import INLINE, Sidecar, write_atomically
from nbagent.store.format import VERSION, SavedAgent, SavedSettings, SavedUsage
from nbagent.store.pack import Packer, pack_settings
from nbagent.store.unpack import Unpacker

__all__ = ["Document", "read_document", "validated", "write_document"]


def write_document(engine: Engine, path: str | os.PathLike[str], *, inline: int = INLINE) -> Path:
    """Saves a conversation, and what the agent is besides.

    Args:
        engine: What is saved; it may be running, the reply that streams is then left out.
        path: The file. What is big goes into the folder of the same name with ``.files``.
        inline: Bytes up to which content stays in the file.

    Returns:
        The path of the file.

    Raises:
        StoreError: It cannot be written. What was saved before is still there.
    """
    target = Path(path).expanduser()
    beside = Sidecar(_folder(target))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        packer = Packer(beside, inline, engine.versions.failures)
        document = _document(engine, packer)
        write_atomically(target, document.model_dump_json(indent=1, exclude_defaults=True).encode())
        beside.sweep()
    except OSError as error:
        raise StoreError(f"{target} cannot be written: {error.strerror}.") from error
    return target


def _document(engine: Engine, packer: Packer) -> SavedAgent:
    messages, calls, usage = engine.messages, tuple(engine.calls), engine.usage
    cut = engine.journal.cut
    engine.versions.leave()
    return SavedAgent(
        nbagent=1,
        saved=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        settings=pack_settings(engine),
        messages=[packer.message(message) for message in messages],
        calls=[packer.record(record) for record in calls],
        cut=packer.cut(cut) if cut is not None else None,
        branches=[packer.place(place) for place in tree_of(engine.versions, messages)],
        usage=SavedUsage(**{name: getattr(usage, name) for name in SavedUsage.model_fields}),
    )


@dataclass(frozen=True, slots=True)
class Document:
    """What stands in a file: settings, conversation, its calls, its cut, other versions.

    ``failures``: how runs failed, by the last message of each.
    """

    settings: SavedSettings
    messages: list[Message]
    calls: list[CallRecord]
    cut: Cut | None
    branches: tuple[Place, ...] = ()
    failures: tuple[tuple[Message, BaseException], ...] = ()


def read_document(path: str | os.PathLike[str]) -> Document:
    """What was saved.

    Raises:
        StoreError: There is no such file, it is damaged, or a newer version wrote it.
    """
    source = Path(path).expanduser()
    try:
        value = json.loads(source.read_bytes())
    except OSError as error:
        raise StoreError(f"{source} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise StoreError(
            f"{source} is damaged: it is not JSON ({error}). An earlier copy is needed."
        ) from error
    document = validated(SavedAgent, value, str(source))
    unpacker = Unpacker(Sidecar(_folder(source)))
    try:
        messages = [unpacker.message(message) for message in document.messages]
        calls = [unpacker.record(record) for record in document.calls]
        cut = unpacker.cut(document.cut) if document.cut is not None else None
        branches = tuple(unpacker.place(place) for place in document.branches)
    except (StoreError, ValueError) as error:
        raise StoreError(f"{source} is damaged: {error}") from error
    made, left = interrupted(messages, calls)
    failures = tuple(unpacker.failures)
    return Document(document.settings, made, [*calls, *left], cut, branches, failures)


def validated(kind: type[Any], value: Any, where: str) -> Any:
    """``value`` as a model of the saved form.

    Raises:
        StoreError: A newer version wrote it, or it is damaged; the text names the place.
    """
    version = value.get("nbagent") if isinstance(value, dict) else None
    if isinstance(version, int) and version > VERSION:
        raise StoreError(
            f"{where} was saved by a newer version of nbagent (format {version}; this one reads "
            f"up to {VERSION}). Update nbagent: pip install -U nbagent."
        )
    try:
        return kind.model_validate(value)
    except pydantic.ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        place = ".".join(map(str, first["loc"])) or "the whole"
        what = "is not a conversation saved by nbagent" if version is None else "is damaged"
        raise StoreError(f"{where} {what}: at {place}: {first['msg']}.") from error


def _folder(path: Path) -> Path:
    return path.with_name(f"{path.name}.files")
