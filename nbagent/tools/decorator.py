"""The ``@tool`` decorator."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable, Iterable
from typing import Any, ParamSpec, Protocol, TypeAlias, TypeVar, overload

from nbagent.tools.for_model import LIMIT
from nbagent.tools.remote import executor_of
from nbagent.tools.rendering import Render
from nbagent.tools.tool import Approve, Example, Options, Tool

__all__ = ["tool"]

P = ParamSpec("P")
R = TypeVar("R")


class HasExecutor(Protocol):
    """A cluster's client."""

    def get_executor(self, **options: Any) -> concurrent.futures.Executor:
        """An executor that runs on the cluster."""


RunOn: TypeAlias = concurrent.futures.Executor | HasExecutor


class Decorator(Protocol):
    """Makes a tool of a function."""

    def __call__(self, function: Callable[P, R], /) -> Tool[P, R]:
        """The function as a tool."""


@overload
def tool(
    function: Callable[P, R],
    /,
    *,
    name: str | None = None,
    description: str | None = None,
    approve: Approve = False,
    timeout: float | None = None,
    thread: bool = False,
    run_on: RunOn | None = None,
    render: Render | None = None,
    examples: Iterable[Example] = (),
    strict: bool = False,
    text_limit: int = LIMIT,
) -> Tool[P, R]: ...


@overload
def tool(
    *,
    name: str | None = None,
    description: str | None = None,
    approve: Approve = False,
    timeout: float | None = None,
    thread: bool = False,
    run_on: RunOn | None = None,
    render: Render | None = None,
    examples: Iterable[Example] = (),
    strict: bool = False,
    text_limit: int = LIMIT,
) -> Decorator: ...


def tool(function: Any = None, /, *, examples: Iterable[Example] = (), **options: Any) -> Any:
    """Make a function one that a model may call. Used bare, or with options::

        @tool
        def mean(column: str) -> float:
            \"\"\"The mean of a column.\"\"\"

        @tool(approve=True, examples=[("drop the weight", {"column": "weight"})])
        def drop(column: str) -> None: ...

    Works on functions, ``async def``, generators, methods, classmethods, staticmethods, callable
    objects and `functools.partial`. Of a generator each yield is progress: a float is the fraction
    done, ``(fraction, text)`` both, anything else a text; its result is what it returns, or else
    what it yielded last.

    Args:
        function: The function.
        name: What the model calls it by; the function's name if not given.
        description: What the model is told; the docstring if not given.
        approve: Whether a person must say yes first: always, never, or as a function of the
            validated arguments (a dict) says.
        timeout: Seconds that a call may take, from its start. A coroutine is then cancelled, a
            plain function on the main thread interrupted. On another thread or process it cannot
            be ended: it goes on and its result is dropped.
        thread: Run on a worker thread instead of the kernel's main thread.
        run_on: Run on this executor: a thread pool, a process pool, a cluster's. A
            `dask.distributed` client may be given as it is.
        render: Gives what the person sees in place of the value: any object that a notebook can
            show, or HTML as a string. A `Card` draws the arguments too, also while they stream.
            Where it raises, the card shows the usual, with a word about it.
        examples: Pairs of a request and the arguments that answer it.
        strict: Describe it by the strict rules that some providers enforce.
        text_limit: Characters of a result that the model reads.

    Raises:
        ToolSchemaError: A parameter cannot be described to a model; the text says which and what
            to do.
        ConfigurationError: ``run_on`` is no executor.
    """
    run_on = executor_of(options.pop("run_on", None))
    settings = Options(examples=tuple(examples), run_on=run_on, **options)
    if function is not None:
        return Tool(function, settings)
    return lambda wrapped: Tool(wrapped, settings)
