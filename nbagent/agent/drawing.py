"""A graph as a Mermaid flowchart, with the nodes lit that run just now.

The syntax is that of https://mermaid.js.org/syntax/flowchart.html.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import count
from typing import Any, Protocol

__all__ = ["mermaid"]

# As Mermaid writes them.
ENTITIES = str.maketrans(
    {"#": "#35;", "&": "#amp;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "\n": " "}
)
LIT = "classDef lit fill:#ffe08a,stroke:#b8860b,stroke-width:3px,color:#000"


class _Graph(Protocol):
    start: Any
    finish: Any

    @property
    def nodes(self) -> Sequence[Any]: ...
    @property
    def edges(self) -> Sequence[Any]: ...


def mermaid(graph: _Graph, lit: Collection[Any] = ()) -> str:
    """The drawing's source.

    Args:
        graph: What is drawn, subgraphs and branches inside.
        lit: The nodes that run just now.
    """
    drawing = _Drawing(lit)
    lines = ["flowchart TD", *drawing.graph(graph, "  ")]
    if drawing.shining:
        lines += [f"  {LIT}", f"  class {','.join(drawing.shining)} lit"]
    return "\n".join(lines)


class _Drawing:
    def __init__(self, lit: Collection[Any]) -> None:
        self.shining: list[str] = []
        self._lit = lit
        self._numbers = count()

    def graph(self, graph: _Graph, indent: str) -> Iterator[str]:
        names: dict[Any, str] = {}
        for node in graph.nodes:
            names[node] = f"n{next(self._numbers)}"
            ends = node is graph.start or node is graph.finish
            yield from self._node(node, names[node], indent, ends)
        for edge in graph.edges:
            arrow = f"-->|{_text(edge.label)}|" if edge.label else "-->"
            yield f"{indent}{names[edge.source]} {arrow} {names[edge.target]}"

    def _node(self, node: Any, name: str, indent: str, ends: bool) -> Iterator[str]:
        if node in self._lit:
            self.shining.append(name)
        words = _text(node.name)
        if ends:
            yield f"{indent}{name}([{words}])"
        elif not node.inner:
            yield f"{indent}{name}[{words}]"
        else:
            yield f"{indent}subgraph {name}[{words}]"
            for part in node.inner:
                yield from self._part(part, indent + "  ")
            yield f"{indent}end"

    def _part(self, part: Any, indent: str) -> Iterator[str]:
        if hasattr(part, "edges"):
            yield from self.graph(part, indent)
        else:
            yield from self._node(part, f"n{next(self._numbers)}", indent, ends=False)


def _text(words: str) -> str:
    # Quoted, so that brackets and words such as "end" are only words.
    return f'"{words.translate(ENTITIES)}"'
