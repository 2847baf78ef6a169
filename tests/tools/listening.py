"""A listener that keeps what it hears, for the tests of tools."""

from nbagent.tools import DisplayOutput, StreamOutput, ToolOutput


class Heard:
    """Keeps everything, in order of arrival."""

    def __init__(self) -> None:
        self.starts = 0
        self.steps: list[tuple[float | None, str]] = []
        self.outputs: list[ToolOutput] = []

    def started(self) -> None:
        self.starts += 1

    def progress(self, fraction: float | None, text: str) -> None:
        self.steps.append((fraction, text))

    def output(self, output: ToolOutput) -> None:
        self.outputs.append(output)

    def text(self, name: str = "stdout") -> str:
        streams = [item for item in self.outputs if isinstance(item, StreamOutput)]
        return "".join(item.text for item in streams if item.name == name)

    @property
    def displays(self) -> list[DisplayOutput]:
        return [item for item in self.outputs if isinstance(item, DisplayOutput)]
