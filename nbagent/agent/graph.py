"""A graph of steps: nodes, edges with conditions, and how a value walks from start to finish.

Knows no model, no prompt and no tool: a node is an async function from one value to the next. What
the nodes need besides the value travels as the *context*, which the graph hands on unread.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass, field, replace
from types import MethodType
from typing import Any, Generic, Protocol, TypeVar, cast, overload

from nbagent.agent.called import called
from nbagent.agent.drawing import mermaid
from nbagent.agent.graph_check import check
from nbagent.errors import GraphError, RunLimitReached

__all__ = ["Edge", "Graph", "Node", "Owner", "Watcher", "entered"]

I = TypeVar("I")  # noqa: E741 - what a node takes in
O = TypeVar("O")  # noqa: E741 - what it gives out
T = TypeVar("T")
U = TypeVar("U")

YIELD = 100  # nodes after which others on the loop have their turn
STEPS = 100_000  # that a walk may take where nobody says otherwise: a loop without a way out ends


class Owner(Protocol):
    """What a node is a part of: a graph, or the node that it is a branch of."""

    @property
    def name(self) -> str: ...


class Watcher(Protocol):
    """Told which node a walk enters and leaves; a context that has these methods is told."""

    def entered(self, graph: Owner, node: Node[Any, Any]) -> None:
        """The node begins."""

    def left(self, graph: Owner, node: Node[Any, Any]) -> None:
        """The node has ended, well or not."""


@dataclass(frozen=True, eq=False)
class Node(Generic[I, O]):
    """A step.

    Attributes:
        name: What it is called in drawings, events and errors.
        run: An async function of the context and the value that gives the next value.
        inner: The graphs inside, of a node that is a subgraph or runs branches; for the drawing.
    """

    name: str
    run: Callable[[Any, I], Awaitable[O]] = field(repr=False)
    inner: tuple[Graph[Any, Any] | Node[Any, Any], ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, step: Any, name: str | None = None) -> Node[Any, Any]:
        """A node from a node, a graph, or a function of ``(value)`` or ``(context, value)``.

        The function may be async or not.

        Raises:
            GraphError: It is none of these.
        """
        if isinstance(step, Node):
            return step if name is None else replace(step, name=name)
        if isinstance(step, Graph):
            return Node(name or step.name, step.walk, (step,))
        if not callable(step):
            raise GraphError(
                f"{step!r} cannot be a node: a node is a Node, a Graph, or an async function that "
                "takes a value, or the context and a value."
            )
        return Node(name or _name_of(step), called(step))


@dataclass(frozen=True, eq=False)
class Edge:
    """A way from one node to another.

    Attributes:
        source: Where it begins.
        target: Where it leads.
        when: Whether it is open for the source's value; always, without it. As a node's function
            it may take the context too, and may be async.
        transform: Makes the target's value of the source's; a function of the same kinds.
        label: What the drawing says at it.
    """

    source: Node[Any, Any]
    target: Node[Any, Any]
    when: Callable[..., Any] | None = None
    transform: Callable[..., Any] | None = None
    label: str = ""


@dataclass(frozen=True)
class _Way:
    """An edge as it is walked."""

    target: Node[Any, Any]
    when: Callable[[Any, Any], Awaitable[Any]] | None
    transform: Callable[[Any, Any], Awaitable[Any]] | None

    @classmethod
    def of(cls, edge: Edge) -> _Way:
        when, transform = edge.when, edge.transform
        return cls(
            edge.target,
            None if when is None else called(when),
            None if transform is None else called(transform),
        )


class Graph(Generic[I, O]):
    """Nodes and edges. The value given to `walk` goes in at `start`, and comes out at `finish`.

    From a node the first edge is taken that is open for its value, in the order in which the edges
    were drawn. A graph can be a node of another one.

    Args:
        name: What it is called.
        max_steps: How many nodes one walk may enter.

    Attributes:
        start: Where the value comes in.
        finish: Where it goes out.
    """

    def __init__(self, name: str = "graph", *, max_steps: int = STEPS) -> None:
        self.name = name
        self.max_steps = max_steps
        self.start: Node[Any, I] = Node("start", _same)
        self.finish: Node[O, O] = Node("finish", _same)
        self._nodes: list[Node[Any, Any]] = [self.start, self.finish]
        self._edges: list[Edge] = []
        self._ways: dict[Node[Any, Any], list[_Way]] = {}
        self._checked = False

    def __repr__(self) -> str:
        return f"<Graph {self.name}: {', '.join(node.name for node in self._nodes[2:])}>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        drawing = mermaid(self)
        # JupyterLab draws the first; where a front end does not know it, the text is readable.
        return {"text/vnd.mermaid": drawing, "text/plain": drawing}

    @property
    def nodes(self) -> tuple[Node[Any, Any], ...]:
        """The nodes, start and finish first."""
        return tuple(self._nodes)

    @property
    def edges(self) -> tuple[Edge, ...]:
        """The edges, in the order in which they are tried."""
        return tuple(self._edges)

    def add(self, step: Any, name: str | None = None) -> Node[Any, Any]:
        """Adds a node; gives it, for edges.

        Args:
            step: A `Node`, a `Graph`, or a function of ``(value)`` or ``(context, value)``.
            name: Its name; by default the function's.

        Raises:
            GraphError: It cannot be a node, or another has its name.
        """
        node = Node.of(step, name or self._numbered(step))
        if node in self._nodes:
            return node
        if self in _graphs_in(node):
            raise GraphError(f"Graph {self.name!r} cannot be a node of itself: it would not end.")
        if any(known.name == node.name for known in self._nodes):
            raise GraphError(
                f"Graph {self.name!r} has a node named {node.name!r} already. Give this one "
                "another: graph.add(step, name=…)."
            )
        self._nodes.append(node)
        self._checked = False
        return node

    @overload
    def node(self, function: Callable[[T], Coroutine[Any, Any, U]], /) -> Node[T, U]: ...

    @overload
    def node(self, function: Callable[[Any, T], Coroutine[Any, Any, U]], /) -> Node[T, U]: ...

    @overload
    def node(self, function: Callable[..., Any], /) -> Node[Any, Any]: ...

    @overload
    def node(
        self, function: None = None, /, *, name: str
    ) -> Callable[[Callable[..., Any]], Node[Any, Any]]: ...

    def node(self, function: Any = None, /, *, name: str | None = None) -> Any:
        """`add` as a decorator: the function's name is then the node.

        Args:
            function: The function.
            name: Another name for the node.
        """
        if function is None:
            return lambda later: self.add(later, name)
        return self.add(function, name)

    def edge(
        self,
        source: Any,
        target: Any,
        *,
        when: Callable[..., Any] | None = None,
        transform: Callable[..., Any] | None = None,
        label: str | None = None,
    ) -> Edge:
        """Draws an edge; functions and graphs that are no nodes yet become some.

        Args:
            source: Where it begins: a node, its name, or the function or graph that it was made of.
            target: Where it leads.
            when: Whether it is open, by the source's value (or the context and the value); plain
                or async.
            transform: Makes the target's value of the source's, in the same ways.
            label: For the drawing; by default the name of ``when``.

        Raises:
            GraphError: It begins at the finish, leads to the start, or names no node.
        """
        begin, end = self._found(source), self._found(target)
        if begin is self.finish or end is self.start:
            raise GraphError(
                f"Graph {self.name!r}: an edge leads from {begin.name!r} to {end.name!r}, but "
                "nothing comes after the finish or before the start."
            )
        words = label if label is not None else _label_of(when)
        made = Edge(begin, end, when, transform, words)
        self._edges.append(made)
        self._ways.setdefault(begin, []).append(_Way.of(made))
        self._checked = False
        return made

    def path(self, *steps: Any) -> None:
        """Draws an edge from each of the steps to the next."""
        for source, target in itertools.pairwise(steps):
            self.edge(source, target)

    def check(self) -> None:
        """Looks for what can never work.

        Raises:
            GraphError: Names each node that cannot be reached, has no way on, or never gets to
                the finish.
        """
        if not self._checked:
            check(self)
            self._checked = True

    async def walk(self, context: Any, value: I, *, at: Node[Any, Any] | None = None) -> O:
        """Leads a value through.

        Args:
            context: Given to each node; told of them where it is a `Watcher`.
            value: What the first node gets.
            at: The node that is the first, where it is not one behind the start.

        Raises:
            GraphError: See `check`; or no edge is open for a node's value.
            RunLimitReached: More nodes were entered than ``max_steps``.
        """
        self.check()
        node, current = (at, value) if at else await self._next(self.start, context, value)
        for step in range(self.max_steps):
            if node is self.finish:
                return cast(O, current)
            if step % YIELD == YIELD - 1:
                await asyncio.sleep(0)  # nodes that never wait could not be stopped
            given = await entered(self, node, context, current)
            node, current = await self._next(node, context, given)
        if node is self.finish:
            return cast(O, current)
        raise RunLimitReached(
            f"Graph {self.name!r} entered {self.max_steps} nodes without coming to its finish; the "
            f"next was {node.name!r}. Give it more max_steps, or a condition that ends its loop."
        )

    async def run(self, value: I, context: Any = None) -> O:
        """`walk` for a graph that is used by itself."""
        return await self.walk(context, value)

    async def _next(
        self, node: Node[Any, Any], context: Any, value: Any
    ) -> tuple[Node[Any, Any], Any]:
        for way in self._ways.get(node, ()):
            if way.when is None or await way.when(context, value):
                change = way.transform
                return way.target, value if change is None else await change(context, value)
        raise GraphError(
            f"Graph {self.name!r}: no edge from {node.name!r} is open for its value, which is a "
            f"{type(value).__name__}. Draw one without a condition, last, for all other values."
        )

    def _found(self, step: Any) -> Node[Any, Any]:
        if isinstance(step, Node):
            return self.add(step)
        if isinstance(step, str):
            return self._named(step)
        # A function or a graph that was added before is meant again, not another node of it.
        for node in self._nodes:
            if step in node.inner or _same_function(getattr(node.run, "__wrapped__", None), step):
                return node
        return self.add(step)

    def _numbered(self, step: Any) -> str | None:
        """A name for one more function that has none of its own; else None."""
        if getattr(step, "__name__", "") != "<lambda>":
            return None
        known = {node.name for node in self._nodes}
        names = (f"lambda {number}" for number in itertools.count(2))
        return "lambda" if "lambda" not in known else next(n for n in names if n not in known)

    def _named(self, name: str) -> Node[Any, Any]:
        for node in self._nodes:
            if node.name == name:
                return node
        known = ", ".join(repr(node.name) for node in self._nodes)
        raise GraphError(f"Graph {self.name!r} has no node named {name!r}; it has {known}.")


async def entered(owner: Owner, node: Node[Any, Any], context: Any, value: Any) -> Any:
    """The value that a node gives; a context that watches is told of its beginning and end."""
    begin, end = getattr(context, "entered", None), getattr(context, "left", None)
    if begin is not None:
        begin(owner, node)
    try:
        return await node.run(context, value)
    finally:
        if end is not None:
            end(owner, node)


async def _same(context: Any, value: T) -> T:
    return value


def _same_function(known: Any, step: Any) -> bool:
    # A bound method is another object each time it is named.
    return known is step or (isinstance(step, MethodType) and known == step)


def _graphs_in(node: Node[Any, Any]) -> Iterator[Graph[Any, Any]]:
    """The graphs inside a node, those inside them too."""
    for part in node.inner:
        if isinstance(part, Graph):
            yield part
        for inside in part.nodes if isinstance(part, Graph) else (part,):
            yield from _graphs_in(inside)


def _name_of(step: Any) -> str:
    return getattr(step, "__name__", type(step).__name__).strip("<>")


def _label_of(when: Callable[[Any], bool] | None) -> str:
    words = "" if when is None else getattr(when, "__name__", "")
    return "" if words.startswith("<") else words.strip("_").replace("_", " ")
