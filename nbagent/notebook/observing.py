"""Functions that are called when something happens in an agent, and recordings of its runs."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from typing import Any

from nbagent.agent.hooks import Hook, Kind, hook
from nbagent.notebook.view import View
from nbagent.recording.recorder import Recorder

__all__ = ["Observing"]


class Observing(View):
    """The part of `Agent` that others look at."""

    _recording: Recorder | None = None

    def on(self, kind: Kind, callback: Callable[[Any], Any]) -> Hook:
        """Calls a function whenever something happens, in this agent's runs from now on::

            hook = agent.on("tool_finished", lambda event: print(event.name, event.elapsed))
            hook.remove()

        A plain function is called at once, on the thread where it happens, and must return at
        once. The calls of an async function are awaited one after another, on the loop on which
        it was registered; the run does not wait for them. What either raises is logged (logger
        ``nbagent``) once, stands in ``hook.error``, and does not touch the run.

        Args:
            kind: A class of frames or events (`ToolFinished`), its ``kind`` (``"tool_finished"``),
                a union or a list of these, or ``"*"`` for all.
            callback: Gets the frame or event.

        Raises:
            ConfigurationError: There is no such kind, or nothing that can be called.
        """
        return hook(self._engine.followers, kind, callback)

    def record(self, path: str | PathLike[str], *, replace: bool = False) -> Recorder:
        """Writes everything that happens in this agent's runs from now on to a file::

            with agent.record("run.jsonl"):
                await agent.ask("…")
            nbagent.replay("run.jsonl")

        The file is JSON, one line each, and is whole after every line. A recording that goes on
        is ended first.

        Args:
            path: The file. What is in it stays, and the recording comes after it.
            replace: Whether to begin the file anew.

        Raises:
            StoreError: The file cannot be written.
        """
        if self._recording is not None:
            self._recording.close()
        self._recording = Recorder(path, self._engine.followers, str(self.model), replace=replace)
        return self._recording

    @property
    def recording(self) -> Recorder | None:
        """What is being recorded to; None where nothing is."""
        going = self._recording is not None and not self._recording.closed
        return self._recording if going else None
