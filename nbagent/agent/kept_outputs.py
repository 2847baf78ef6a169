"""What a call showed while it ran, kept as it stands on its card, within bounds."""

from __future__ import annotations

from itertools import groupby

from nbagent.tools.outputs import ClearOutput, DisplayOutput, StreamOutput, ToolOutput

__all__ = ["KeptOutputs"]

PRINTED = 200_000  # characters; of more the end is kept
DISPLAYS = 100  # of more the last are kept


class KeptOutputs:
    """Takes outputs as they come. Not for several threads at once."""

    def __init__(self) -> None:
        self._outputs: list[ToolOutput] = []
        self._printed = 0
        self._clears = False

    def add(self, output: ToolOutput) -> None:
        """One more output."""
        if isinstance(output, ClearOutput):
            self._clears = True
            if not output.wait:
                self._clear()
            return
        if isinstance(output, DisplayOutput) and output.update:
            self._update(output)
            return
        if self._clears:
            self._clear()
        self._outputs.append(output)
        if isinstance(output, StreamOutput):
            self._printed += len(output.text)
        if self._printed > 2 * PRINTED or len(self._outputs) > 4 * DISPLAYS:
            self._outputs = list(self.now)
            self._printed = sum(len(o.text) for o in self._outputs if isinstance(o, StreamOutput))

    @property
    def now(self) -> tuple[ToolOutput, ...]:
        """What is shown, texts that follow one another joined."""
        kept: list[ToolOutput] = []
        room, displays = PRINTED, DISPLAYS
        for output in reversed(_joined(self._outputs)):
            if not isinstance(output, StreamOutput):
                kept += [output] if displays > 0 else []
                displays -= 1
            elif room > 0:
                kept.append(StreamOutput(output.name, output.text[-room:]))
                room -= len(output.text)
        return tuple(reversed(kept))

    def _clear(self) -> None:
        self._outputs, self._printed, self._clears = [], 0, False

    def _update(self, output: DisplayOutput) -> None:
        self._outputs = [
            DisplayOutput(output.bundle, output.display_id)
            if isinstance(each, DisplayOutput) and each.display_id == output.display_id
            else each
            for each in self._outputs
        ]


def _joined(outputs: list[ToolOutput]) -> list[ToolOutput]:
    """The outputs, with one text for each run of texts of the same stream."""
    joined: list[ToolOutput] = []
    for name, run in groupby(outputs, lambda o: o.name if isinstance(o, StreamOutput) else None):
        if name is None:
            joined += run
        else:
            text = "".join(o.text for o in run if isinstance(o, StreamOutput))
            joined.append(StreamOutput(name, text))
    return joined
