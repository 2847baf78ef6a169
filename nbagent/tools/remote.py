"""Calls on an executor whose workers are other processes.

Function, arguments and value are pickled. What the function prints is brought back when it ends.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import inspect
import io
import pickle
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from nbagent.tools.failures import ToolRaised
from nbagent.tools.for_model import cut, exception_text
from nbagent.tools.outputs import MimeBundle, ToolResult
from nbagent.tools.place import OwnThread, Place
from nbagent.tools.running import Running, drained
from nbagent.tools.schema import BoundCall
from nbagent.tools.tracebacks import cut_traceback

__all__ = ["RemoteRunning"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a worker sends back."""

    value: Any
    error: BaseException | None
    traceback: str
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class RemoteRunning(Running):
    """A call that runs in another process. ``sent`` is pickled to stand for the function."""

    executor: concurrent.futures.Executor | None = None
    sent: Callable[..., Any] | None = None

    async def _run(self, place: Place, started: Callable[[], None]) -> ToolResult:
        assert self.executor is not None  # a default only because the base class has defaults
        started()
        args, kwargs = self.bound.args, self.bound.kwargs
        future = self.executor.submit(call_here, self.sent or self.function, args, kwargs)
        try:
            outcome = await asyncio.wrap_future(future)
        except Exception as error:  # a lost worker, an object that cannot be sent
            return _not_reached(self.name, error)

        def replay() -> Any:
            sys.stdout.write(outcome.stdout)
            sys.stderr.write(outcome.stderr)
            if outcome.error is not None:
                raise outcome.error
            return outcome.value

        local = Running(self.name, replay, BoundCall(), self.context, self.render, self.limit)
        result = await local._run(OwnThread(), _already_started)
        return _with_far_traceback(result, outcome)


def call_here(function: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]) -> Outcome:
    """On the worker: call it, and send back whatever comes of it."""
    out, err = io.StringIO(), io.StringIO()
    value, failure, lines = None, None, ""
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            value = function(*args, **kwargs)
            if inspect.isawaitable(value):
                value = asyncio.run(_awaited(value))
            if inspect.isgenerator(value):
                value = drained(value, _unheard)
        except (Exception, SystemExit) as error:
            lines = cut_traceback(error, function)
            failure = _portable(error)
    return Outcome(value, failure, lines, out.getvalue(), err.getvalue())


async def _awaited(value: Awaitable[Any]) -> Any:
    return await value


def _portable(error: BaseException) -> BaseException:
    try:
        copy = pickle.loads(pickle.dumps(error))  # our own bytes, made one line above
    except Exception:  # any exception class may refuse, in any way
        return RuntimeError(exception_text(error))
    return error if isinstance(copy, type(error)) else RuntimeError(exception_text(error))


def _not_reached(name: str, error: Exception) -> ToolResult:
    text = f"{exception_text(error)} (the call did not come back from its worker process)"
    failure = ToolRaised(f"Tool {name!r} raised {text}", traceback=text)
    failure.__cause__ = error
    return ToolResult(None, cut(text), MimeBundle({"text/plain": text}), failure)


def _with_far_traceback(result: ToolResult, outcome: Outcome) -> ToolResult:
    if not isinstance(result.error, ToolRaised):
        return result
    failure = ToolRaised(str(result.error), traceback=outcome.traceback)
    failure.__cause__ = outcome.error
    return replace(result, error=failure, bundle=MimeBundle({"text/plain": outcome.traceback}))


def _unheard(step: Any) -> bool:
    """Progress does not travel between processes: only the result does."""
    return True


def _already_started() -> None:
    """The start was reported when the call was sent."""
