"""An agent's conversation where no page runs: in a file, and in the saved cell that displays it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from nbagent.exporting.files import SAVED, suffix_of, write_transcript
from nbagent.exporting.text import as_text
from nbagent.notebook.view import View
from nbagent.store.document import write_document
from nbagent.tools.for_person import running_shell
from nbagent.widget.gather import Gatherer
from nbagent.widget.transcript import Transcript
from nbagent.widget.translate import Translator
from nbagent.widget.views import TranscriptView
from nbagent.widget.widget import AgentWidget

__all__ = ["Exporting"]


class Exporting(View):
    """The part of `Agent` that is displayed and exported."""

    _widget: AgentWidget | None

    @property
    def widget(self) -> AgentWidget:
        """The widget."""
        raise NotImplementedError

    def export(self, path: str | os.PathLike[str]) -> Path:
        """Writes the conversation to a file, in the form that its name ends in::

            agent.export("chat.md")       # Markdown, tool calls folded, images in it
            agent.export("chat.html")     # one page: light and dark, printable, nothing is fetched
            agent.export("chat.ipynb")    # a notebook: words as Markdown, each call as a code cell
            agent.export("chat.json")     # what `save` writes, for `Agent.load`

        It may be called while a run goes on: what there is so far is written. A file that stands
        there is replaced, whole or not at all.

        Returns:
            The path of the file.

        Raises:
            ConfigurationError: The path ends in none of the four.
            StoreError: It cannot be written.
        """
        if suffix_of(path) == SAVED:
            return write_document(self._engine, path)
        return write_transcript(self._transcript(), path)

    def _transcript(self) -> TranscriptView:
        """What a widget shows, or would show: none is made for it."""
        if self._widget is not None:
            return self._widget.snapshot_now()[1]
        model = str(self.model)
        translator, gatherer, transcript = Translator(model), Gatherer(), Transcript(model)
        for event in self._engine.versions.retold(self._engine.messages, model):
            gatherer.add(translator.translate(event))
        # As they would be sent: what was printed is played on a terminal, text is whole.
        while (message := gatherer.take()) is not None:
            for op in message.ops:
                transcript.apply(op)
        return transcript.snapshot()

    def _repr_mimebundle_(self, **options: Any) -> Any:
        if _in_terminal():
            # Nobody sees a widget there, nor could answer in it.
            return {"text/plain": as_text(self._transcript())}
        # Not on every access of .widget: from here on somebody can see it, and answer it.
        bundle = self.widget._repr_mimebundle_(**options)
        self._engine.attended = True
        return bundle


def _in_terminal() -> bool:
    """Whether IPython runs on a terminal. IPython is not imported for it."""
    module = sys.modules.get("IPython.terminal.interactiveshell")
    # The shell itself is asked: a kernel's counts as an instance of the terminal's class too, and
    # IPython 8 imports that class everywhere.
    kind = getattr(module, "TerminalInteractiveShell", None)  # None while it is imported
    return kind is not None and isinstance(running_shell(), kind)
