"""What can never work in a graph, found before it runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from nbagent.errors import GraphError

__all__ = ["check"]


class _Edge(Protocol):
    @property
    def source(self) -> Any: ...
    @property
    def target(self) -> Any: ...


class _Graph(Protocol):
    name: str
    start: Any
    finish: Any

    @property
    def nodes(self) -> Sequence[Any]: ...
    @property
    def edges(self) -> Sequence[_Edge]: ...


def check(graph: _Graph) -> None:
    """Raises if a node cannot be reached, has no way on, or never gets to the finish.

    Raises:
        GraphError: Names all such nodes.
    """
    onward: dict[Any, list[Any]] = {}
    backward: dict[Any, list[Any]] = {}
    for edge in graph.edges:
        onward.setdefault(edge.source, []).append(edge.target)
        backward.setdefault(edge.target, []).append(edge.source)
    reached, ending = _from(graph.start, onward), _from(graph.finish, backward)
    inner = [node for node in graph.nodes if node is not graph.finish]
    faults = [
        _fault([node for node in inner if node not in onward], "no edge leads on from"),
        _fault([node for node in graph.nodes if node not in reached], "no way leads to"),
        _fault(
            [node for node in inner if node in onward and node not in ending],
            "the finish cannot be reached from",
        ),
    ]
    found = [fault for fault in faults if fault]
    if found:
        raise GraphError(f"Graph {graph.name!r} cannot run: {'; '.join(found)}.")


def _fault(nodes: Sequence[Any], words: str) -> str:
    return f"{words} {', '.join(repr(node.name) for node in nodes)}" if nodes else ""


def _from(origin: Any, ways: Mapping[Any, Iterable[Any]]) -> set[Any]:
    found, open_ends = {origin}, [origin]
    while open_ends:
        for target in ways.get(open_ends.pop(), ()):
            if target not in found:
                found.add(target)
                open_ends.append(target)
    return found
