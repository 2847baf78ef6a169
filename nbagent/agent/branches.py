"""Nodes made of other nodes: several side by side with a merge, and one that is tried again."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import reduce
from typing import Any

from nbagent.agent.called import called
from nbagent.agent.graph import Node, entered
from nbagent.errors import GraphError, RunLimitReached

__all__ = ["Branch", "best_by", "first_where", "fold", "parallel", "retry", "timed"]


@dataclass(frozen=True)
class Branch:
    """How one of several branches came out.

    Attributes:
        name: The node's name.
        value: What it gave.
        context: What it worked with: a copy of the graph's own, where that can be copied.
    """

    name: str
    value: Any
    context: Any = None


Merge = Callable[[list[Branch]], Any]


def parallel(*steps: Any, merge: Merge | None = None, name: str = "parallel") -> Node[Any, Any]:
    """A node that gives its value to several at once and waits for all.

    Each branch has a copy of the context (of a conversation, say), so that they do not write into
    one another's. When one fails, the others are cancelled and its error is raised.

    Args:
        steps: Nodes, graphs or functions.
        merge: Gets the branches in the order of ``steps``, and gives the node's value: a plain
            value, or one of the branches, whose context is then taken over as well. May be async.
            Without it the value is the list of the branches' values.
        name: The node's name.

    Raises:
        GraphError: There are no steps.
    """
    nodes = [Node.of(step) for step in steps]
    if not nodes:
        raise GraphError(f"Node {name!r} has no branches: parallel(first, second, merge=…).")

    async def run(context: Any, value: Any) -> Any:
        branches = await _together(_branch(name, node, context, value) for node in nodes)
        if merge is None:
            return [branch.value for branch in branches]
        merged = merge(branches)
        return _taken(context, await merged if inspect.isawaitable(merged) else merged)

    return Node(name, run, tuple(nodes))


def retry(
    step: Any,
    *,
    attempts: int = 3,
    until: Callable[..., Any] | None = None,
    on: type[Exception] | tuple[type[Exception], ...] = (),
    strict: bool = True,
    name: str | None = None,
) -> Node[Any, Any]:
    """A node that is tried again until its value will do.

    Each attempt begins with a copy of the context as it was before the first; that of the last one
    is taken over.

    Args:
        step: A node, graph or function.
        attempts: How often it is tried at most.
        until: Whether a value will do. Without it every value does.
        on: The errors after which it is tried again; others are raised at once.
        strict: Whether it is an error that no value would do; else the last one is taken.
        name: The node's name.

    Raises:
        GraphError: ``attempts`` is below 1; at run time, that no value would do.
    """
    node = Node.of(step)
    title = name or f"retry {node.name}"
    if attempts < 1:
        raise GraphError(f"Node {title!r}: attempts is at least 1; got {attempts}.")

    async def run(context: Any, value: Any) -> Any:
        for attempt in range(1, attempts + 1):
            try:
                branch = await _branch(title, node, context, value)
            except on:
                if attempt == attempts:
                    raise
                continue
            will_do = until is None or await called(until)(branch.context, branch.value)
            if will_do or (attempt == attempts and not strict):
                return _taken(context, branch)
        raise GraphError(f"Node {title!r} was tried {attempts} times and gave no value that does.")

    return Node(title, run, (node,))


def timed(step: Any, seconds: float, *, name: str | None = None) -> Node[Any, Any]:
    """A node that is given up after a while.

    What it had said by then stays in the conversation, as after a stop.

    Args:
        step: A node, graph or function.
        seconds: How long it may take.
        name: The node's name; by default the step's.

    Raises:
        RunLimitReached: At run time, it took longer; ``retry(…, on=RunLimitReached)`` tries again.
    """
    node = Node.of(step)
    title = name or node.name

    async def run(context: Any, value: Any) -> Any:
        work = asyncio.ensure_future(node.run(context, value))
        try:
            await asyncio.wait({work}, timeout=seconds)
            if work.done():
                return work.result()
        finally:
            await _stopped([work])
        raise RunLimitReached(f"Node {title!r} took longer than the {seconds:g} s that it may.")

    return Node(title, run, (node,))


def best_by(key: Callable[[Any], Any]) -> Merge:
    """For `parallel`: goes on with the branch whose value is the greatest by ``key``."""
    return lambda branches: max(branches, key=lambda branch: key(branch.value))


def first_where(will_do: Callable[[Any], bool]) -> Merge:
    """For `parallel`: goes on with the first branch whose value will do.

    Raises:
        GraphError: At run time, none does.
    """

    def merge(branches: list[Branch]) -> Branch:
        for branch in branches:
            if will_do(branch.value):
                return branch
        names = ", ".join(branch.name for branch in branches)
        raise GraphError(f"No branch gave a value that will do; there were {names}.")

    return merge


def fold(start: Any, join: Callable[[Any, Any], Any]) -> Merge:
    """For `parallel`: joins all values to one, beginning with ``start``, in the branches' order."""
    return lambda branches: reduce(join, (branch.value for branch in branches), start)


async def _branch(owner: str, node: Node[Any, Any], context: Any, value: Any) -> Branch:
    fork = getattr(context, "fork", None)
    own = context if fork is None else fork()
    return Branch(node.name, await entered(_Owner(owner), node, own, value), own)


@dataclass(frozen=True)
class _Owner:
    """What a branch is said to be a node of: the node that it is a branch of."""

    name: str


async def _together(work: Iterable[Coroutine[Any, Any, Branch]]) -> list[Branch]:
    tasks = [asyncio.ensure_future(item) for item in work]
    try:
        return await asyncio.gather(*tasks)
    finally:
        await _stopped(tasks)


async def _stopped(tasks: Sequence[asyncio.Future[Any]]) -> None:
    """Cancels those that still go. What is cancelled may clean up; none outlives its node."""
    going = [task for task in tasks if not task.done()]
    while going:
        for task in going:
            task.cancel()
        # Stopped once more while the first stop is on its way: they are cancelled again.
        with suppress(asyncio.CancelledError):
            await asyncio.wait(going)
        going = [task for task in going if not task.done()]


def _taken(context: Any, value: Any) -> Any:
    if not isinstance(value, Branch):
        return value
    adopt = getattr(context, "adopt", None)
    if adopt is not None and value.context is not context:
        adopt(value.context)
    return value.value
