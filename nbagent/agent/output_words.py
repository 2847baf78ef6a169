"""An answer in words: what ``output=str`` asks for, of an agent too that otherwise gives values."""

from __future__ import annotations

from nbagent.agent.events import OutputElement, PartialOutput
from nbagent.agent.output_json import PART
from nbagent.errors import OutputInvalid
from nbagent.output_schema import OutputSchema

__all__ = ["Words"]


class Words:
    """Any words; the value is the text."""

    name = "answer"
    schema: OutputSchema | None = None

    def instructions(self) -> str:
        """Nothing has to be said."""
        return ""

    def value(self, text: str) -> str:
        """The text.

        Raises:
            OutputInvalid: There is none.
        """
        if not text.strip():
            raise OutputInvalid.of(self.name, text, ["It is empty."])
        return text

    def checked(self, value: object) -> str:
        """A text that somebody else made.

        Raises:
            OutputInvalid: It is none.
        """
        if not isinstance(value, str):
            raise OutputInvalid.of(self.name, repr(value), ["It is no text."])
        return self.value(value)

    def reader(self, run_id: str) -> WordsReader:
        """What reads one answer while it streams."""
        return WordsReader(run_id)


class WordsReader:
    """Gives the text so far, each time that it has grown by a part of its length."""

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self._pieces: list[str] = []
        self._length = self._told = 0

    def feed(self, text: str) -> list[PartialOutput | OutputElement]:
        """The events that a fragment makes due."""
        self._pieces.append(text)
        self._length += len(text)
        return self.flush() if (self._length - self._told) * PART >= self._length else []

    def flush(self) -> list[PartialOutput | OutputElement]:
        """The events that are due when the text is over."""
        if self._length == self._told:
            return []
        self._told = self._length
        self._pieces = ["".join(self._pieces)]
        return [PartialOutput(self._run_id, self._pieces[0])]
