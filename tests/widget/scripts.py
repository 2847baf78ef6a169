"""Events of whole runs, and a page and a clock that tests can hold in their hands."""

from __future__ import annotations

import heapq
import itertools
import json
from collections.abc import Callable
from typing import Any

from nbagent.agent.events import (
    ApprovalRequested,
    Notice,
    RunFinished,
    RunStarted,
    StepStarted,
    StreamItem,
    ToolFinished,
    ToolOutput,
    ToolProgress,
    ToolQueued,
    ToolStarted,
)
from nbagent.frames import (
    End,
    ReasoningComplete,
    ReasoningDelta,
    TextComplete,
    TextDelta,
    ToolCallComplete,
    ToolCallDelta,
)
from nbagent.messages import Usage
from nbagent.tools.outputs import DisplayOutput, MimeBundle, StreamOutput, ToolResult
from nbagent.widget.wire import WireMessage

PNG = b"\x89PNG\r\n\x1a\n\x00"


class FakeClock:
    """Time that moves only when a test says so."""

    def __init__(self) -> None:
        self._now = 1000.0
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def now(self) -> float:
        return self._now

    def call_later(self, delay: float, callback: Callable[[], None]) -> None:
        heapq.heappush(self._due, (self._now + delay, next(self._order), callback))

    def advance(self, seconds: float) -> None:
        """Runs all that is due in the next ``seconds``, each at its own time."""
        end = self._now + seconds
        while self._due and self._due[0][0] <= end:
            when, _, callback = heapq.heappop(self._due)
            self._now = max(self._now, when)
            callback()
        self._now = end


class FakePage:
    """Takes what a sender sends: time, content as it travels (JSON), buffers."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.times: list[float] = []
        self.sent: list[tuple[WireMessage, list[bytes]]] = []
        self.broken = False

    def __call__(self, content: WireMessage, buffers: list[bytes]) -> None:
        if self.broken:
            raise RuntimeError("comm is closed")
        self.times.append(self._clock.now())
        self.sent.append((json.loads(json.dumps(content)), buffers))

    @property
    def messages(self) -> list[WireMessage]:
        """What came that was not a tick."""
        return [content for content, _ in self.sent if content["ops"]]

    @property
    def ticks(self) -> list[WireMessage]:
        """The ticks that came."""
        return [content for content, _ in self.sent if not content["ops"]]


def question(text: str = "What is the average mpg?", run_id: str = "r1") -> list[StreamItem]:
    """A run that has begun."""
    return [RunStarted(run_id, text, "openai:gpt-4.1"), StepStarted(run_id, 1)]


def words(*deltas: str, index: int = 0) -> list[StreamItem]:
    """A block of text in these pieces."""
    pieces: list[StreamItem] = [TextDelta(delta, index) for delta in deltas]
    return [*pieces, TextComplete("".join(deltas), index)]


def end(output_tokens: int = 5) -> End:
    """The end of a step's stream."""
    return End("stop", Usage(10, output_tokens, 2, 1))


def whole_run() -> list[StreamItem]:
    """A run that uses every event with a picture: reasoning, two calls at once, a figure."""
    figure = MimeBundle({"image/png": PNG, "text/plain": "<Figure>"}, {})
    table = MimeBundle({"text/html": "<table></table>", "text/plain": "23.5"}, {"rows": 1})
    return [
        *question(),
        ReasoningDelta("Hm", 0),
        ReasoningDelta("m.", 0),
        ReasoningDelta("A sum", 0, summary=True),
        ReasoningComplete("Hmm.", 0, "A sum"),
        *words("Let ", "me ", "look", index=1),
        ToolCallDelta("a", "", '{"col', 2),
        ToolCallDelta("b", "plot", "{", 3),
        ToolCallDelta("a", "summary", 'umn": "mpg"}', 2),
        ToolCallDelta("b", "plot", "}", 3),
        ToolCallComplete("a", "summary", '{"column": "mpg"}', 2),
        ToolCallComplete("b", "plot", "{}", 3),
        end(),
        ApprovalRequested("r1", "a", "summary", '{"column": "mpg"}'),
        ToolQueued("r1", "b", "plot", "{}"),
        ToolStarted("r1", "b", "plot", "{}"),
        ToolOutput("r1", "b", StreamOutput("stdout", "one ")),
        ToolOutput("r1", "b", StreamOutput("stdout", "two ")),
        ToolOutput("r1", "b", StreamOutput("stderr", "oh")),
        ToolProgress("r1", "b", 0.25, "a quarter"),
        ToolProgress("r1", "b", 0.5, "half"),
        ToolOutput("r1", "b", DisplayOutput(figure)),
        ToolStarted("r1", "a", "summary", '{"column": "weight"}'),
        ToolFinished("r1", "a", "summary", "done", ToolResult(23.5, "23.5", table), 0.25),
        ToolFinished("r1", "b", "plot", "done", ToolResult(None, "a figure", figure), 0.5),
        StepStarted("r1", 2),
        Notice("r1", "retrying in 4 s"),
        *words("It is ", "**23.5**."),
        end(7),
        RunFinished("r1", None),
    ]


def fill(content: Any, buffers: list[bytes]) -> Any:
    """What the page's transport does: buffers put back where they were."""
    if isinstance(content, dict):
        if content.keys() == {"buffer"}:
            return buffers[content["buffer"]]
        return {key: fill(value, buffers) for key, value in content.items()}
    if isinstance(content, list):
        return [fill(item, buffers) for item in content]
    return content
