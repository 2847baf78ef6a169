"""A drawing of an agent's strategy, with the nodes lit that run just now.

JupyterLab draws ``text/vnd.mermaid`` by itself; where it is not known the text is readable.
"""

from __future__ import annotations

import sys
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from nbagent.agent.audience import ENDS
from nbagent.agent.drawing import mermaid
from nbagent.agent.events import NodeFinished, NodeStarted, StreamItem
from nbagent.agent.graph import Graph, Node
from nbagent.notebook.view import View
from nbagent.tools.for_person import running_shell
from nbagent.widget.clock import Clock, shared_clock

__all__ = ["Drawing", "LiveDrawing"]

# Seconds between two changes of a display: each is drawn anew as a whole, which takes its time.
PAUSE = 0.25


class LiveDrawing:
    """A display of a graph that is changed as its nodes begin and end.

    Args:
        graph: What is drawn.
        publisher: IPython's, of the running kernel.
        clock: Says when the next change is due; for tests.
    """

    def __init__(self, graph: Graph[Any, Any], publisher: Any, clock: Clock | None = None) -> None:
        self._graph = graph
        self._publisher = publisher
        self._clock = clock or shared_clock()
        self._id = ""
        self._nodes = _named(graph)
        self._going: Counter[Node[Any, Any]] = Counter()
        self._shown: frozenset[Node[Any, Any]] = frozenset()
        self._due = False
        # Nodes begin on the run's loop, and the display is changed on the clock's thread.
        self._guard = threading.Lock()

    def show(self) -> None:
        """Displays it here; a display that it had before stays as it is."""
        with self._guard:
            self._id = f"nbagent-graph-{uuid.uuid4().hex[:12]}"
            self._publish(update=False)

    def put(self, item: StreamItem) -> None:
        """One item of a run."""
        if isinstance(item, (NodeStarted, NodeFinished)):
            node = self._nodes.get((item.graph, item.name))
            if node is not None:
                self._change(node, 1 if isinstance(item, NodeStarted) else -1)
        elif isinstance(item, ENDS):
            self._change(None, 0)

    def _change(self, node: Node[Any, Any] | None, by: int) -> None:
        with self._guard:
            if node is None:
                self._going.clear()  # a run that was broken off leaves no light on
            else:
                self._going[node] += by
            if not self._due:
                self._due = True
                self._clock.call_later(PAUSE, self._draw)

    def _draw(self) -> None:
        with self._guard:
            self._due = False
            if self._lit() != self._shown:
                self._publish(update=True)

    def _lit(self) -> frozenset[Node[Any, Any]]:
        return frozenset(node for node, times in self._going.items() if times > 0)

    def _publish(self, *, update: bool) -> None:
        self._shown = self._lit()
        drawing = mermaid(self._graph, self._shown)
        self._publisher.publish(
            {"text/vnd.mermaid": drawing, "text/plain": drawing},
            transient={"display_id": self._id},
            update=update,
        )


class Drawing(View):
    """The part of `Agent` that draws."""

    _drawing: LiveDrawing | None = None

    def draw(self) -> None:
        """Displays the agent's strategy, and lights the nodes that run while they do.

        In a notebook the drawing changes as the agent works, in whatever cell; drawn again, the
        new display is the one that changes. Elsewhere the source of the drawing is printed, in the
        language of Mermaid.
        """
        graph = self._engine.runs.strategy
        shell = running_shell()
        publisher = getattr(shell, "display_pub", None)
        if getattr(shell, "kernel", None) is None or publisher is None:
            sys.stdout.write(mermaid(graph) + "\n")
            return
        if self._drawing is None:
            self._drawing = LiveDrawing(graph, publisher)
            # The default strategy tells nothing of its nodes otherwise: it would cost each run.
            self._engine.runs = replace(self._engine.runs, told=True)
            self._engine.listen(self._drawing.put)
        self._drawing.show()


def _named(graph: Graph[Any, Any]) -> dict[tuple[str, str], Node[Any, Any]]:
    """All nodes of a graph, those inside others too, by what their events name them."""
    return dict(_inside(graph.name, graph.nodes))


def _inside(name: str, nodes: Any) -> Iterator[tuple[tuple[str, str], Node[Any, Any]]]:
    for node in nodes:
        yield (name, node.name), node
        for part in node.inner:
            if isinstance(part, Graph):
                yield from _inside(part.name, part.nodes)
            else:
                yield from _inside(node.name, (part,))
