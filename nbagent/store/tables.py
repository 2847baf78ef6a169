"""The tables of a store, and a connection to them."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from nbagent.errors import StoreError

__all__ = ["connect"]

VERSION = 1
# "nbag": what the file is, for whoever finds it.
APPLICATION = 0x6E626167
WAL_SECONDS = 2.0
COLUMNS = "PRAGMA table_info(conversations)"
LATER = ("branches", "failures")

TABLES = """
CREATE TABLE IF NOT EXISTS conversations (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL DEFAULT '',
    created REAL NOT NULL,
    updated REAL NOT NULL,
    head TEXT,
    length INTEGER NOT NULL DEFAULT 0,
    settings TEXT,
    cut TEXT,
    branches TEXT,
    failures TEXT
);
CREATE TABLE IF NOT EXISTS checkpoints (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    conversation INTEGER NOT NULL REFERENCES conversations (number) ON DELETE CASCADE,
    parent TEXT,
    kept INTEGER NOT NULL,
    made REAL NOT NULL,
    UNIQUE (conversation, id)
);
CREATE TABLE IF NOT EXISTS messages (
    checkpoint INTEGER NOT NULL REFERENCES checkpoints (number) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    role TEXT NOT NULL,
    words TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (checkpoint, position)
);
CREATE TABLE IF NOT EXISTS calls (
    checkpoint INTEGER NOT NULL REFERENCES checkpoints (number) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (checkpoint, position)
);
CREATE TABLE IF NOT EXISTS blobs (
    name TEXT PRIMARY KEY,
    data BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS uses (
    checkpoint INTEGER NOT NULL REFERENCES checkpoints (number) ON DELETE CASCADE,
    blob TEXT NOT NULL,
    PRIMARY KEY (checkpoint, blob)
);
CREATE INDEX IF NOT EXISTS uses_by_blob ON uses (blob);
"""


def connect(path: str | Path, timeout: float) -> sqlite3.Connection:
    """A connection to a store, which is made if it is not there.

    Args:
        path: The file, or ``":memory:"``.
        timeout: Seconds to wait for another process that writes.

    Raises:
        StoreError: It cannot be opened, is no store, or a newer version made it.
    """
    try:
        # Without Python's own transactions: each write says where it begins and ends.
        connection = sqlite3.connect(
            path, timeout=timeout, isolation_level=None, check_same_thread=False
        )
    except sqlite3.Error as error:
        raise StoreError(f"The store {path} cannot be opened: {error}.") from error
    try:
        _prepare(connection, str(path))
    except sqlite3.Error as error:
        connection.close()
        raise StoreError(f"{path} cannot be used as a store: {error}.") from error
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: str) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    # SQLite's own upper and lower case ends with ASCII.
    connection.create_function("folded", 1, str.casefold, deterministic=True)
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    tables: int = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if version > VERSION and application == APPLICATION:
        raise StoreError(
            f"{path} was made by a newer version of nbagent (format {version}; this one knows up "
            f"to {VERSION}). Update nbagent: pip install -U nbagent."
        )
    if tables and application != APPLICATION:
        raise StoreError(f"{path} is a database of another program. Name another file.")
    _write_ahead(connection)
    if version < VERSION:
        connection.executescript(
            f"BEGIN IMMEDIATE; {TABLES} PRAGMA application_id = {APPLICATION}; "
            f"PRAGMA user_version = {VERSION}; COMMIT;"
        )
    _add_later_columns(connection)


def _add_later_columns(connection: sqlite3.Connection) -> None:
    """What earlier versions did not write, and do not mind: no other format."""
    if not _missing(connection):
        return
    connection.execute("BEGIN IMMEDIATE")
    # Another process may have been quicker.
    for column in _missing(connection):
        connection.execute(f"ALTER TABLE conversations ADD COLUMN {column} TEXT")
    connection.execute("COMMIT")


def _missing(connection: sqlite3.Connection) -> list[str]:
    known = {row[1] for row in connection.execute(COLUMNS).fetchall()}
    return [column for column in LATER if column not in known]


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Readers and a writer at once. Changing to it does not wait for others, so it is tried."""
    deadline = time.monotonic() + WAL_SECONDS
    while not _is_ahead(connection, last=time.monotonic() > deadline):
        time.sleep(0.02)


def _is_ahead(connection: sqlite3.Connection, *, last: bool) -> bool:
    try:
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.OperationalError:
        if last:
            raise
        return False
    return True
