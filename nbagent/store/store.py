"""`Store`: many conversations in one SQLite file, each step of each written as it ends.

All that touches the file happens on one thread of the store's own, so that no event loop waits for
a disk. What could not be written (the disk is full, another process holds the file) is kept and
tried again with the next step, in order; `Store.flush` says whether all of it is there.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias, TypeVar

from nbagent.agent.cutting import Cut
from nbagent.agent.engine import Engine
from nbagent.agent.journal import Checkpoint
from nbagent.agent.versions import Failure
from nbagent.errors import StoreError
from nbagent.store.format import SavedSettings
from nbagent.store.pack import pack_settings
from nbagent.store.rows import Conversation, Forks, Found, Rows, Stored
from nbagent.store.tables import connect

__all__ = ["Recorder", "Store"]

T = TypeVar("T")
Step: TypeAlias = "tuple[int, Checkpoint, SavedSettings, Cut | None, Forks, tuple[Failure, ...]]"
_log = logging.getLogger("nbagent")


class Store:
    """Conversations in a file, to be shared by agents, threads and processes::

        store = Store("chats.db")
        agent = Agent(tools=[summary], store=store, conversation="cars")
        store.conversations()             # all of them, the latest first
        store.search("horsepower")        # in which messages these words stand

    Args:
        path: The file; made if it is not there. ``":memory:"`` keeps all in memory.
        timeout: Seconds to wait for another process that writes.

    Raises:
        StoreError: The file cannot be opened, is something else, or a newer version made it.
    """

    def __init__(self, path: str | os.PathLike[str], *, timeout: float = 10.0) -> None:
        memory = os.fspath(path) == ":memory:"
        self.path = path if memory else Path(path).expanduser()
        self._thread = ThreadPoolExecutor(1, "nbagent-store")
        self._waiting: deque[Step] = deque()
        self._guard = threading.Lock()
        self._drains = False
        self._failed: Exception | None = None
        where = str(self.path)
        try:
            self._db = self._thread.submit(connect, where, timeout).result()
        except BaseException:
            self._thread.shutdown(wait=False)
            raise
        self._rows = Rows(self._db)

    def __repr__(self) -> str:
        return f"Store({str(self.path)!r})"

    def __contains__(self, name: object) -> bool:
        """Whether there is a conversation of that name."""
        return any(each.name == name for each in self.conversations())

    def conversations(self) -> list[Conversation]:
        """All conversations, the one that was last added to first."""
        return self._do(self._rows.conversations, "BEGIN")

    def search(self, words: str, limit: int = 50) -> list[Found]:
        """Messages in which these words stand, in upper or lower case, the newest first.

        Args:
            words: What to look for, as it is.
            limit: The most to give.
        """
        return self._do(lambda: self._rows.search(words, limit), "BEGIN")

    def read(self, name: str) -> Stored:
        """A whole conversation.

        Raises:
            StoreError: There is none of that name, or it is damaged.
        """
        return self._do(lambda: self._rows.read(name), "BEGIN")

    def begin(self, name: str) -> int:
        """The number of the conversation of that name, which is made if there is none."""
        return self._do(lambda: self._rows.begin(name))

    def rename(self, old: str, new: str) -> None:
        """Gives a conversation another name.

        Raises:
            StoreError: There is none, or the new name is taken.
        """
        self._do(lambda: self._rows.rename(old, new))

    def delete(self, name: str) -> bool:
        """Removes a conversation for good; whether it was there."""
        return self._do(lambda: self._rows.delete(name))

    def put(self, step: Step) -> None:
        """Writes a step, soon; returns at once, from any thread."""
        with self._guard:
            self._waiting.append(step)
            if self._drains:
                return
            self._drains = True
        try:
            self._thread.submit(self._drain)
        except RuntimeError as error:  # closed, or the interpreter is on its way out
            _log.error("A step of a conversation was not stored, the store is closed: %s", error)

    def flush(self) -> None:
        """Waits until all steps are in the file.

        Raises:
            StoreError: They cannot be written; they are kept, and tried again.
        """
        self._do(lambda: None, "BEGIN")

    def close(self) -> None:
        """Writes what waits and closes the file. Closing again does nothing.

        Raises:
            StoreError: What waited cannot be written.
        """
        try:
            with suppress(RuntimeError):  # it is closed already
                self._thread.submit(self._end).result()
        finally:
            self._thread.shutdown()

    def _end(self) -> None:
        try:
            self._drain()
            self._complain()
        finally:
            self._db.close()

    def _do(self, work: Callable[[], T], begin: str = "BEGIN IMMEDIATE") -> T:
        """Does it on the store's thread, after all steps that wait."""

        def in_order() -> T:
            self._drain()
            self._complain()
            return self._transaction(work, begin)

        try:
            return self._thread.submit(in_order).result()
        except sqlite3.Error as error:
            raise StoreError(f"The store {self.path} does not do this: {error}.") from error
        except RuntimeError as error:
            raise StoreError(f"The store {self.path} is closed. Make another Store.") from error

    def _drain(self) -> None:
        with self._guard:
            self._drains = False
            steps = list(self._waiting)
        if not steps:
            return
        try:
            self._transaction(lambda: self._write(steps))
            self._failed = None
        except sqlite3.Error as error:
            self._failed = error
            _log.error("%d steps could not be stored in %s yet: %s", len(steps), self.path, error)
            return
        with self._guard:
            for _ in steps:
                self._waiting.popleft()

    def _write(self, steps: list[Step]) -> None:
        for step in steps:
            self._db.execute("SAVEPOINT step")
            error = self._trouble(step)
            if error is not None:
                self._db.execute("ROLLBACK TO step")
                _log.error("A step of a conversation cannot be stored: %s", error, exc_info=error)
            self._db.execute("RELEASE step")

    def _trouble(self, step: Step) -> Exception | None:
        """Writes a step; why it never can be, if that is so."""
        try:
            self._rows.write(*step)
        except sqlite3.Error:
            raise
        except Exception as error:  # what a tool gave may be anything; the steps behind it go on
            return error
        return None

    def _transaction(self, work: Callable[[], T], begin: str = "BEGIN IMMEDIATE") -> T:
        self._db.execute(begin)
        try:
            done = work()
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        return done

    def _complain(self) -> None:
        if self._waiting and self._failed is not None:
            raise StoreError(
                f"{len(self._waiting)} steps could not be written to {self.path}: {self._failed}. "
                "They are kept in memory; make room for them and call flush()."
            ) from self._failed


class Recorder:
    """Writes the steps of one agent's conversation into a store.

    Args:
        store: Where.
        engine: The agent.
        name: The conversation's name.
    """

    def __init__(self, store: Store, engine: Engine, name: str) -> None:
        self.store = store
        self.name = name
        self._engine = engine
        self._number = store.begin(name)

    def begin(self, *, written: bool = False) -> None:
        """Writes what there is, and from now on each step.

        Args:
            written: What there is was read from the store just now. Writing it again would put the
                conversation back there, under the hands of another that goes on with it.
        """
        journal = self._engine.journal
        if not written:
            for checkpoint in journal.everything:
                self(checkpoint)
            if journal.head is not None:
                self(journal.head)
        journal.listen(self)

    def end(self) -> None:
        """Writes no more."""
        self._engine.journal.unlisten(self)

    def rename(self, name: str) -> None:
        """Gives the conversation another name.

        Raises:
            StoreError: The name is taken.
        """
        self.store.rename(self.name, name)
        self.name = name

    def __call__(self, checkpoint: Checkpoint) -> None:
        """Writes a step, soon."""
        cut = self._engine.journal.cut
        # A copy: the store writes it on a thread of its own, and the conversation goes on.
        versions = self._engine.versions
        forks = tuple(tuple(fork.left) for fork in versions.forks)
        settings = pack_settings(self._engine)
        step = (self._number, checkpoint, settings, cut, forks, versions.failed)
        self.store.put(step)
