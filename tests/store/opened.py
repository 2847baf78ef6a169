"""A stored conversation, as another kernel would find it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbagent import (
    Agent,
    Executor,
    Store,
)
from nbagent.testing import ScriptedClient


def opened(path: Path, name: str = "cars", after: Agent | None = None, **options: Any) -> Agent:
    """The conversation in a store of its own, as another kernel would open it."""
    if after is not None and after.store is not None:
        after.store.flush()
    client = ScriptedClient(always="On.")
    executor = Executor({"scripted": client})
    return Agent(store=Store(path), conversation=name, executor=executor, **options)
