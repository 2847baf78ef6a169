"""Conversations as rows: what is written, read and removed, each inside a transaction.

Rows are only added: a checkpoint has what came since the one before it, and going back moves the
conversation's head. So a writer that is killed leaves the last whole checkpoint.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from nbagent.agent.calls import CallRecord
from nbagent.agent.cutting import Cut
from nbagent.agent.journal import Checkpoint
from nbagent.agent.versions import Failure, Left
from nbagent.errors import StoreError
from nbagent.messages import Message
from nbagent.store.blobs import digest
from nbagent.store.document import validated
from nbagent.store.format import (
    SavedCut,
    SavedError,
    SavedMessage,
    SavedRecord,
    SavedSettings,
)
from nbagent.store.pack import Packer, pack_error
from nbagent.store.unpack import Unpacker, unpack_error

__all__ = ["Conversation", "Found", "Rows", "Stored"]

Forks: TypeAlias = Sequence[Sequence[Left]]
Failures: TypeAlias = Sequence[tuple[Message, BaseException]]
Content: TypeAlias = tuple[tuple[Message, ...], tuple[CallRecord, ...]]
EXCERPT = 80  # characters on each side of what was found
TITLE = 80


@dataclass(frozen=True, slots=True)
class Conversation:
    """A stored conversation in a line.

    Attributes:
        name: Its name, which is its own in the store.
        title: The beginning of the first question.
        created: When it began, in epoch seconds.
        updated: When it was last added to.
        messages: How many messages it has.
        model: The model's label.
    """

    name: str
    title: str
    created: float
    updated: float
    messages: int
    model: str


@dataclass(frozen=True, slots=True)
class Found:
    """A message in which words were found: its conversation's name, its role, and an excerpt."""

    conversation: str
    role: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A whole conversation: what the agent was, all checkpoints, the one it is at, its cut.

    ``forks``: the versions of each question that has several. ``failures``: how runs failed, by the
    last message of each.
    """

    settings: SavedSettings | None
    checkpoints: tuple[Checkpoint, ...]
    head: Checkpoint | None
    cut: Cut | None = None
    forks: Forks = ()
    failures: Failures = ()


class Rows:
    """The rows of a store. Used on one thread.

    Args:
        connection: To a store's tables.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def begin(self, name: str) -> int:
        """The number of the conversation of that name, which is made if there is none."""
        now = time.time()
        self._db.execute(
            "INSERT INTO conversations (name, created, updated) VALUES (?, ?, ?) "
            "ON CONFLICT (name) DO NOTHING",
            (name, now, now),
        )
        number: int = self._one("SELECT number FROM conversations WHERE name = ?", name)[0]
        return number

    def write(
        self,
        number: int,
        checkpoint: Checkpoint,
        settings: SavedSettings,
        cut: Cut | None,
        forks: Forks = (),
        failed: Sequence[Failure] = (),
    ) -> None:
        """Puts the conversation to a checkpoint, which is added if it is new.

        Raises:
            StoreError: The conversation was deleted.
        """
        parent = checkpoint.parent.id if checkpoint.parent is not None else None
        if not self._db.execute(
            "SELECT 1 FROM conversations WHERE number = ?", (number,)
        ).fetchone():
            raise StoreError("The conversation was deleted from the store while it went on.")
        added = self._db.execute(
            "INSERT OR IGNORE INTO checkpoints (id, conversation, parent, kept, made) "
            "VALUES (?, ?, ?, ?, ?)",
            (checkpoint.id, number, parent, checkpoint.kept, checkpoint.made),
        )
        if added.rowcount and added.lastrowid is not None:
            self._add(added.lastrowid, checkpoint)
        self._db.execute(
            "UPDATE conversations SET head = ?, length = ?, updated = ?, "
            "settings = ?, cut = ?, branches = ?, failures = ?, "
            "title = coalesce(nullif(title, ''), ?) WHERE number = ?",
            (
                checkpoint.id,
                len(checkpoint),
                time.time(),
                settings.model_dump_json(exclude_defaults=True),
                _cut_text(self, cut),
                _forks_text(forks),
                _failures_text(failed),
                _title(checkpoint),
                number,
            ),
        )

    def read(self, name: str) -> Stored:
        """A whole conversation.

        Raises:
            StoreError: There is none of that name, or it is damaged.
        """
        row = self._db.execute(
            "SELECT number, head, settings, cut, branches, failures FROM conversations "
            "WHERE name = ?",
            (name,),
        ).fetchone()
        if row is None:
            raise StoreError(f"There is no conversation named {name!r} in the store.")
        number, head, settings, cut, forks, failures = row
        where = f"the conversation {name!r}"
        made: dict[str, Checkpoint] = {}
        found = self._db.execute(
            "SELECT number, id, parent, kept, made FROM checkpoints "
            "WHERE conversation = ? ORDER BY number",
            (number,),
        ).fetchall()
        for row_number, identity, parent, kept, when in found:
            messages, calls = self._content(row_number, where)
            made[identity] = Checkpoint(made.get(parent), kept, messages, calls, when, identity)
        known = validated(SavedSettings, _json(settings, where), where) if settings else None
        stored = made.get(head)
        return Stored(
            known,
            tuple(made.values()),
            stored,
            self._cut(cut, where),
            _forks(forks, made, where),
            _failures(failures, made, where),
        )

    def conversations(self) -> list[Conversation]:
        """All conversations, the one that was last added to first."""
        rows = self._db.execute(
            "SELECT name, title, created, updated, length, settings FROM conversations "
            "ORDER BY updated DESC, number DESC"
        )
        return [
            Conversation(name, title, created, updated, length, _label(settings))
            for name, title, created, updated, length, settings in rows.fetchall()
        ]

    def search(self, words: str, limit: int) -> list[Found]:
        """The messages in which ``words`` stand, upper or lower case, the newest first."""
        rows = self._db.execute(
            "SELECT c.name, m.role, m.words, instr(folded(m.words), ?) AS place FROM messages m "
            "JOIN checkpoints k ON k.number = m.checkpoint "
            "JOIN conversations c ON c.number = k.conversation "
            "WHERE place > 0 ORDER BY m.checkpoint DESC, m.position DESC LIMIT ?",
            (words.casefold(), limit),
        )
        return [
            Found(name, role, _excerpt(text, place - 1, len(words)))
            for name, role, text, place in rows.fetchall()
        ]

    def rename(self, old: str, new: str) -> None:
        """Gives a conversation another name.

        Raises:
            StoreError: There is none, or the new name is taken.
        """
        try:
            done = self._db.execute("UPDATE conversations SET name = ? WHERE name = ?", (new, old))
        except sqlite3.IntegrityError as error:
            raise StoreError(f"There is a conversation named {new!r} already.") from error
        if not done.rowcount:
            raise StoreError(f"There is no conversation named {old!r} in the store.")

    def delete(self, name: str) -> bool:
        """Removes a conversation with all that it alone used; whether it was there."""
        gone = self._db.execute("DELETE FROM conversations WHERE name = ?", (name,)).rowcount
        self._db.execute("DELETE FROM blobs WHERE name NOT IN (SELECT blob FROM uses)")
        return bool(gone)

    def put(self, data: bytes) -> str:
        """Keeps bytes under their hash."""
        name = digest(data)
        self._db.execute("INSERT OR IGNORE INTO blobs (name, data) VALUES (?, ?)", (name, data))
        return name

    def get(self, name: str) -> bytes:
        """The bytes of a name.

        Raises:
            StoreError: They are not there.
        """
        row = self._db.execute("SELECT data FROM blobs WHERE name = ?", (name,)).fetchone()
        if row is None or digest(row[0]) != name:
            raise StoreError(f"The store is damaged: content {name[:12]}… is not what was saved.")
        data: bytes = row[0]
        return data

    def _add(self, number: int, checkpoint: Checkpoint) -> None:
        using = _Using(self)
        packer = Packer(using)
        messages = [
            (number, at, message.role, _words(message), _dump(packer.message(message)))
            for at, message in enumerate(checkpoint.added)
        ]
        calls = [
            (number, at, _dump(packer.record(record))) for at, record in enumerate(checkpoint.calls)
        ]
        self._db.executemany("INSERT INTO messages VALUES (?, ?, ?, ?, ?)", messages)
        self._db.executemany("INSERT INTO calls VALUES (?, ?, ?)", calls)
        self._db.executemany(
            "INSERT INTO uses VALUES (?, ?)", [(number, name) for name in sorted(using.names)]
        )

    def _content(self, number: int, where: str) -> Content:
        unpacker = Unpacker(self)
        rows = "SELECT content FROM {} WHERE checkpoint = ? ORDER BY position"
        messages = self._db.execute(rows.format("messages"), (number,)).fetchall()
        calls = self._db.execute(rows.format("calls"), (number,)).fetchall()
        return (
            tuple(
                unpacker.message(validated(SavedMessage, _json(content, where), where))
                for (content,) in messages
            ),
            tuple(
                unpacker.record(validated(SavedRecord, _json(content, where), where))
                for (content,) in calls
            ),
        )

    def _cut(self, cut: str | None, where: str) -> Cut | None:
        if cut is None:
            return None
        return Unpacker(self).cut(validated(SavedCut, _json(cut, where), where))

    def _one(self, query: str, *values: object) -> tuple[int, ...]:
        row: tuple[int, ...] = self._db.execute(query, values).fetchone()
        return row


class _Using:
    """Notes which blobs a checkpoint uses."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self.names: set[str] = set()

    def put(self, data: bytes) -> str:
        name = self._rows.put(data)
        self.names.add(name)
        return name

    def get(self, name: str) -> bytes:
        return self._rows.get(name)


def _cut_text(rows: Rows, cut: Cut | None) -> str | None:
    # In the row whatever its size: no checkpoint uses what stands for its beginning.
    packer = Packer(rows, inline=sys.maxsize)
    return packer.cut(cut).model_dump_json(exclude_defaults=True) if cut is not None else None


def _forks_text(forks: Forks) -> str | None:
    # The checkpoints have the messages.
    ids = [[(left.tip.id, left.start) for left in fork] for fork in forks]
    return json.dumps(ids) if ids else None


def _forks(text: str | None, made: Mapping[str, Checkpoint], where: str) -> Forks:
    saved: Any = _json(text, where) if text is not None else None
    forks: list[list[Left]] = []
    for fork in saved or ():
        known = [(made[tip], start) for tip, start in fork if start < len(made.get(tip, ()))]
        forks.append([Left(tip.messages[start], start, tip) for tip, start in known])
    return [fork for fork in forks if fork]


def _failures_text(failed: Sequence[Failure]) -> str | None:
    # The checkpoints have the messages, each at its place in what it added.
    known = [(each.place, pack_error(each.error)) for each in failed if each.place is not None]
    found = [(tip.id, at, error.model_dump()) for (tip, at), error in known if error is not None]
    return json.dumps(found) if found else None


def _failures(text: str | None, made: Mapping[str, Checkpoint], where: str) -> Failures:
    saved: Any = _json(text, where) if text is not None else None
    return [
        (made[tip].added[at], unpack_error(validated(SavedError, error, where)))
        for tip, at, error in saved or ()
        if tip in made and at < len(made[tip].added)
    ]


def _dump(value: SavedMessage | SavedRecord) -> str:
    return value.model_dump_json(exclude_defaults=True)


def _json(text: str, where: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        raise StoreError(f"{where} is damaged: {error}.") from error


def _words(message: Message) -> str:
    """What of a message is found by searching."""
    results = (result.text for result in message.tool_results)
    text = " ".join(filter(None, (message.text, *results)))
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _title(checkpoint: Checkpoint) -> str:
    asked = next((m.text for m in checkpoint.added if m.role == "user" and m.text.strip()), "")
    line = " ".join(asked.encode("utf-8", "replace").decode().split())
    return line if len(line) <= TITLE else line[: TITLE - 1] + "…"


def _label(settings: str | None) -> str:
    model = json.loads(settings).get("model", {}) if settings else {}
    return f"{model['provider']}:{model['name']}" if model else ""


def _excerpt(text: str, place: int, length: int) -> str:
    start, end = max(0, place - EXCERPT), place + length + EXCERPT
    before, after = "…" if start else "", "…" if end < len(text) else ""
    return f"{before}{' '.join(text[start:end].split())}{after}"
