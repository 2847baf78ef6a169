"""A conversation that survives: saved in a file or a store, edited, rolled back."""

from __future__ import annotations

import os
import sys
import time
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from typing_extensions import Self

from nbagent.agent.editing import Editing
from nbagent.agent.journal import Checkpoint
from nbagent.agent.limits import Limits
from nbagent.agent.repair import history_of
from nbagent.errors import ConfigurationError
from nbagent.messages import Message, MessageLike
from nbagent.models import ModelLike
from nbagent.notebook.view import View
from nbagent.store import Store
from nbagent.store.document import read_document, write_document
from nbagent.store.format import SavedSettings
from nbagent.store.rows import Stored
from nbagent.store.store import Recorder
from nbagent.store.unpack import unpack_model

__all__ = ["Memory", "model_of", "stored_in"]


class Memory(Editing, View):
    """The part of `Agent` that remembers."""

    _recorder: Recorder | None

    @property
    def history(self) -> tuple[Message, ...]:
        """The conversation, oldest message first; set to a list of messages it is another one.

        What is set is checked and repaired, see `edit`; a widget shows it.

        Raises:
            AgentBusy: It was set while a run is going on.
            ConfigurationError: What was set is no list of messages.
        """
        return self._engine.messages

    @history.setter
    def history(self, messages: Iterable[MessageLike]) -> None:
        self._engine.rewrite(history_of(messages))

    def _get_messages(self) -> tuple[Message, ...]:
        return self._engine.messages

    def _set_messages(self, messages: Iterable[MessageLike]) -> None:
        self._engine.rewrite(messages)

    @property
    def checkpoints(self) -> tuple[Checkpoint, ...]:
        """The moments that `rollback` goes back to, oldest first: one for each step, and more."""
        return self._engine.journal.checkpoints

    def rollback(self, checkpoint: Checkpoint | str) -> None:
        """Puts the conversation back to a checkpoint; what came after it can be gone back to too.

        Args:
            checkpoint: One of `checkpoints`, or its id.

        Raises:
            AgentBusy: A run is going on.
            ConfigurationError: The agent has no such checkpoint.
        """
        identity = checkpoint if isinstance(checkpoint, str) else checkpoint.id
        found = self._engine.journal.get(identity)
        if found is None:
            raise ConfigurationError(
                f"This agent has no checkpoint {identity!r}. agent.checkpoints lists those it has."
            )
        self._engine.rollback(found)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Saves the conversation and what the agent is, in a file of JSON.

        Results keep what the model read and the person saw; objects are saved only where they are
        plain JSON. What is big goes into a folder beside the file, ``<path>.files``. Keys are not
        saved, and of ``params`` not ``extra``, which may carry one.

        Returns:
            The path of the file.

        Raises:
            StoreError: It cannot be written; what was saved there before stays.
        """
        return write_document(self._engine, path)

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        *,
        tools: Iterable[Any] = (),
        model: ModelLike | None = None,
        **options: Any,
    ) -> Self:
        """An agent that goes on from a saved conversation, also on another model.

        Args:
            path: The file that `save` wrote.
            tools: The tools, which are code and not in the file. Calls of those that are missing
                are told to the model in words.
            model: Another model than the one that was saved.
            options: As for `Agent`, in place of what was saved.

        Raises:
            StoreError: There is no such file, it is damaged, or a newer version wrote it.
            ConfigurationError: An option does not make sense.
        """
        saved = read_document(path)
        settings = saved.settings
        chosen = model if model is not None else unpack_model(settings.model)
        given = {**_options(settings), **options}
        made = cls(chosen, tools=tools, **given)  # type: ignore[call-arg]  # Agent has the door
        made._engine.restore(saved.messages, saved.calls, saved.branches, saved.failures)
        made._engine.journal.cut = saved.cut
        made._take_over(settings, sys._getframe(1).f_globals)
        return made

    @property
    def store(self) -> Store | None:
        """Where each step is written as it ends; set to a `Store` all so far is written, too."""
        return self._recorder.store if self._recorder is not None else None

    @store.setter
    def store(self, store: Store | None) -> None:
        if store is not self.store:
            self._keep_in(store, None)

    @property
    def conversation(self) -> str | None:
        """The conversation's name in the store; set, it is renamed.

        Raises:
            ConfigurationError: It was set without a store.
            StoreError: The store has a conversation of that name already.
        """
        return self._recorder.name if self._recorder is not None else None

    @conversation.setter
    def conversation(self, name: str) -> None:
        if self._recorder is None:
            raise ConfigurationError(
                "A conversation has a name in a store: set agent.store = Store('chats.db') first."
            )
        self._recorder.rename(_name(name))

    def _keep_in(self, store: Store | None, name: str | None, written: bool = False) -> None:
        """Writes to another store from now on, under a name of its own if none is given."""
        recorder = None
        if store is not None:
            recorder = Recorder(_store(store), self._engine, _name(name))
        if self._recorder is not None:
            self._recorder.end()
        self._recorder = recorder
        if recorder is not None:
            recorder.begin(written=written)

    def _resume(
        self,
        store: Store | None,
        name: str | None,
        stored: Stored | None,
        home: Mapping[str, Any] | None,
    ) -> None:
        """Goes on with the store's conversation of that name, or begins it."""
        resumed = stored is not None and stored.head is not None
        if stored is not None and stored.head is not None:
            if self.history:
                raise ConfigurationError(
                    f"The store has a conversation named {name!r}: history= cannot be put in its "
                    "place. Give another name."
                )
            self._engine.resume(stored.checkpoints, stored.head, stored.forks, stored.failures)
            self._engine.journal.cut = stored.cut
        if stored is not None and stored.settings is not None:
            self._take_over(stored.settings, home)
        self._keep_in(store, name, resumed)

    def _take_over(self, known: SavedSettings, home: Mapping[str, Any] | None) -> None:
        """What was not given anew: instructions, params, the yes for always, what was shown."""
        settings = self._engine.settings
        settings.instructions = settings.instructions or known.instructions
        settings.params = settings.params or known.params
        settings.tool_calling = settings.tool_calling or known.tool_calling
        settings.shown.expect(known.shown, home)
        self._engine.approvals.allow(known.always_approved)


def stored_in(store: Store | None, name: str | None) -> Stored | None:
    """The stored conversation of that name, if there is one.

    Raises:
        ConfigurationError: There is a name and no store, or the store is something else.
    """
    if name is None:
        return None
    if store is None:
        raise ConfigurationError("conversation= names one in a store: give store= too.")
    return store.read(name) if name in _store(store) else None


def model_of(stored: Stored | None, model: ModelLike | None) -> ModelLike | None:
    """The model that is given, else the one that the stored conversation was held with."""
    if model is not None or stored is None or stored.settings is None:
        return model
    return unpack_model(stored.settings.model)


def _store(store: Any) -> Store:
    if not isinstance(store, Store):
        raise ConfigurationError(
            f"store is a Store, as in Store('chats.db'); got a {type(store).__name__}."
        )
    return store


def _options(settings: SavedSettings) -> dict[str, Any]:
    return {
        "instructions": settings.instructions,
        "params": settings.params,
        "tool_calling": settings.tool_calling,
        "max_steps": settings.max_steps,
        "limits": Limits(**settings.limits.model_dump()),
        "early_start": settings.early_start,
        "max_parallel_calls": settings.max_parallel_calls,
        "approval_timeout": settings.approval_timeout,
    }


def _name(name: str | None) -> str:
    if name is None:
        # Told apart by people by its time, and by the store by its end.
        return f"{time.strftime('%Y-%m-%d %H:%M:%S')} {uuid.uuid4().hex[:4]}"
    if not isinstance(name, str) or not name.strip():
        raise ConfigurationError(f"The name of a conversation is a text; got {name!r}.")
    return name
