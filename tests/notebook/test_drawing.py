"""`Agent.draw`: what is displayed, and how the display changes while the strategy runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from nbagent import (
    Graph,
    NodeFinished,
    NodeStarted,
    RunFailed,
    parallel,
    retry,
    stream_with_tools,
    tool_loop,
)
from nbagent.notebook.drawing import LiveDrawing
from tests.agent.agents import collected, scripted


class Clock:
    """Time that goes on when the test says so."""

    def __init__(self) -> None:
        self.due: list[Callable[[], None]] = []

    def now(self) -> float:
        """It stands still."""
        return 0.0

    def call_later(self, delay: float, callback: Callable[[], None]) -> None:
        """Kept until `tick`."""
        self.due.append(callback)

    def tick(self) -> None:
        """Runs what is due."""
        due, self.due = self.due, []
        for callback in due:
            callback()


class Publisher:
    """Stands where IPython's display publisher does."""

    def __init__(self) -> None:
        self.displays: list[tuple[str, str, bool]] = []

    def publish(self, data: Any, *, transient: Any, update: bool) -> None:
        """Notes a display."""
        assert data["text/vnd.mermaid"] == data["text/plain"]
        self.displays.append((data["text/plain"], transient["display_id"], update))

    def lit(self) -> list[str]:
        """The words of the nodes that are lit in the last display."""
        source = self.displays[-1][0]
        line = next((line for line in source.splitlines() if line.endswith(" lit")), "")
        names = line.removeprefix("  class ").removesuffix(" lit").split(",") if line else []
        return [
            text.partition('["')[2].partition('"]')[0]
            for name in names
            for text in source.splitlines()
            if text.strip().removeprefix("subgraph ").startswith(f"{name}[")
        ]


def live(graph: Graph[Any, Any]) -> tuple[LiveDrawing, Publisher, Clock]:
    """A drawing, what it displays, and its time."""
    publisher, clock = Publisher(), Clock()
    return LiveDrawing(graph, publisher, clock), publisher, clock


def test_nodes_are_lit_while_they_run() -> None:
    """One display is changed, no more often than the clock says, and the last state is shown."""
    drawing, publisher, clock = live(tool_loop())
    drawing.show()
    assert publisher.lit() == []
    drawing.put(NodeStarted("r", "tool_loop", "stream_with_tools"))
    assert len(publisher.displays) == 1
    clock.tick()
    assert publisher.lit() == ["stream_with_tools"]
    drawing.put(NodeFinished("r", "tool_loop", "stream_with_tools"))
    drawing.put(NodeStarted("r", "tool_loop", "run_tools"))
    clock.tick()
    assert publisher.lit() == ["run_tools"]
    drawing.put(NodeFinished("r", "tool_loop", "run_tools"))
    clock.tick()
    clock.tick()
    assert publisher.lit() == []
    assert len(publisher.displays) == 4
    assert {name for _, name, _ in publisher.displays} == {publisher.displays[0][1]}
    assert [update for _, _, update in publisher.displays] == [False, True, True, True]


def test_a_run_that_fails_leaves_no_light_on() -> None:
    """Whatever was told of its nodes."""
    drawing, publisher, clock = live(tool_loop())
    drawing.show()
    drawing.put(NodeStarted("r", "tool_loop", "run_tools"))
    clock.tick()
    drawing.put(RunFailed("r", ValueError("no")))
    clock.tick()
    assert publisher.lit() == []


@pytest.mark.parametrize("strategy", ["drawn", "default"])
async def test_an_agent_lights_its_nodes(strategy: str) -> None:
    """Its own strategy's, branches and retries too; and the default's, once it is drawn."""
    graph: Graph[Any, Any] = Graph("mine")
    both = parallel(retry(stream_with_tools(name="a")), stream_with_tools(name="b"), name="both")
    graph.path(graph.start, both, lambda _: None, graph.finish)
    agent, _ = scripted("One.", always="Two.", strategy=graph if strategy == "drawn" else None)
    drawing, publisher, clock = live(agent._engine.runs.strategy)
    drawing.show()
    lit: set[str] = set()

    def put(item: Any) -> None:
        drawing.put(item)
        clock.tick()
        lit.update(publisher.lit())

    agent._engine.listen(put)
    agent._engine.runs.told = True
    await collected(agent)
    wanted = {"both", "retry a", "a", "b", "lambda"}
    assert lit == (wanted if strategy == "drawn" else {"stream_with_tools"})
    assert publisher.lit() == []


def test_outside_of_a_notebook_its_source_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing else is there to show it."""
    agent, _ = scripted()
    agent.draw()
    assert capsys.readouterr().out.startswith("flowchart TD\n")
