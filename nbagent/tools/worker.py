"""What runs on a worker, in another process or on another machine: one call, and what it showed.

Everything that the function printed, displayed and plotted comes back with its value, in order.
"""

from __future__ import annotations

import asyncio
import inspect
import os
import pickle
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from nbagent.errors import ToolError
from nbagent.tools.capture import capture
from nbagent.tools.for_model import exception_text
from nbagent.tools.for_person import running_shell
from nbagent.tools.generators import drained, drained_async
from nbagent.tools.outputs import StreamOutput, ToolOutput
from nbagent.tools.tracebacks import TracebackPart, traceback_parts

__all__ = ["CannotTravel", "Outcome", "call", "call_packed", "pack", "unpacked"]


LONGEST = 10_000  # characters that prints are joined up to


class CannotTravel(ToolError):
    """A function, its arguments or its value cannot be sent between processes."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a worker sends back.

    Attributes:
        value: What the function returned; its pickle where ``packed``.
        error: What it raised.
        traceback: Where, for the person.
        outputs: What it showed, in order.
        drawn: The figures among them, as PNG and in words.
        where: The worker's address and process.
        packed: Whether the value is still to be unpickled.
    """

    value: Any
    error: BaseException | None
    traceback: tuple[TracebackPart, ...]
    outputs: tuple[ToolOutput, ...]
    drawn: tuple[tuple[bytes, str], ...]
    where: str
    packed: bool = False


class _Notes:
    """A listener that keeps what it hears."""

    def __init__(self) -> None:
        self.outputs: list[ToolOutput] = []

    def started(self) -> None: ...

    def progress(self, fraction: float | None, text: str) -> None: ...

    def output(self, output: ToolOutput) -> None:
        if not (isinstance(output, StreamOutput) and self._joined(output)):
            self.outputs.append(output)

    def _joined(self, output: StreamOutput) -> bool:
        """A print is two writes: fewer, longer pieces travel better."""
        last = self.outputs[-1] if self.outputs else None
        if not isinstance(last, StreamOutput) or last.name != output.name:
            return False
        if len(last.text) > LONGEST:
            return False
        self.outputs[-1] = StreamOutput(last.name, last.text + output.text)
        return True


def call(
    function: Callable[..., Any], args: list[Any], kwargs: dict[str, Any], once: str = ""
) -> Outcome:
    """Call it here, and send back whatever comes of it.

    ``once`` tells this call from others with the same arguments: a cluster that thinks functions
    pure would run only one of them.
    """
    _draw_without_windows()
    notes = _Notes()
    value, failure = None, None
    parts: tuple[TracebackPart, ...] = ()
    with capture(notes) as shown:
        try:
            value = _called(function, args, kwargs)
        except BaseException as error:  # a worker must outlive whatever its functions raise
            parts = traceback_parts(error, function)
            failure = _portable(error)
        shown.take_figures(value)
    outputs, drawn = tuple(notes.outputs), tuple(shown.drawn)
    return Outcome(value, failure, parts, outputs, drawn, _where())


def call_packed(packed: bytes, once: str = "") -> Outcome:
    """As `call`, for executors that a failed pickling breaks, or lets wait for ever."""
    try:
        function, args, kwargs = pickle.loads(packed)  # our own bytes, made by `pack`
    except Exception as error:  # whatever a module, a class or a missing name raises
        text = (
            f"the worker process cannot find the function ({exception_text(error)}). Define it in "
            "a module, or install cloudpickle, which sends functions of a notebook as they are"
        )
        return Outcome(None, CannotTravel(text), (), (), (), _where())
    outcome = call(function, args, kwargs)
    try:
        return replace(outcome, value=_dumps(outcome.value), packed=True)
    except Exception as error:  # any class may refuse, in any way
        kind = type(outcome.value).__name__
        text = f"its value, a {kind}, cannot be sent between processes ({exception_text(error)})"
        return replace(outcome, value=None, error=CannotTravel(text))


def pack(function: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]) -> bytes:
    """The call as bytes.

    Raises:
        CannotTravel: The function or an argument cannot be sent.
    """
    try:
        return _dumps((function, args, kwargs))
    except Exception as error:  # as above
        raise CannotTravel(
            f"the function or its arguments cannot be sent between processes "
            f"({exception_text(error)})"
        ) from error


def unpacked(outcome: Outcome) -> Any:
    """The value.

    Raises:
        CannotTravel: It cannot be put together again here.
    """
    if not outcome.packed:
        return outcome.value
    try:
        return pickle.loads(outcome.value)  # from a worker of the person's own
    except Exception as error:  # as above
        raise CannotTravel(f"its value cannot be read here ({exception_text(error)})") from error


def _called(function: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]) -> Any:
    value = function(*args, **kwargs)
    if inspect.isasyncgen(value):
        return asyncio.run(drained_async(value, _unheard))
    if inspect.isawaitable(value):

        async def awaited() -> Any:
            return await value

        return asyncio.run(awaited())
    return drained(value, _unheard) if inspect.isgenerator(value) else value


def _dumps(value: Any) -> bytes:
    try:
        # Optional: it sends by value what was defined in the notebook, where pickle sends a name.
        from cloudpickle import dumps  # type: ignore[import-untyped] # it has no types
    except ImportError:
        return pickle.dumps(value)
    packed: bytes = dumps(value)
    return packed


def _portable(error: BaseException) -> BaseException:
    try:
        copy = pickle.loads(_dumps(error))  # our own bytes, made here
    except Exception:  # any exception class may refuse, in any way
        return RuntimeError(exception_text(error))
    return error if isinstance(copy, type(error)) else RuntimeError(exception_text(error))


def _draw_without_windows() -> None:
    """A figure is drawn to be sent home; the kernel's own backend came along in the environment."""
    if "matplotlib" not in sys.modules and running_shell() is None:
        os.environ["MPLBACKEND"] = "agg"


def _where() -> str:
    """The worker's address, if it has one, its process and its machine."""
    module: Any = sys.modules.get("distributed.worker")
    address = f"{_address(module)}, " if module is not None else ""
    return f"{address.lstrip(', ')}process {os.getpid()} on {socket.gethostname()}"


def _address(module: Any) -> str:
    try:
        return str(module.get_worker().address)
    except ValueError:  # this thread is not one of a cluster's worker
        return ""


def _unheard(step: Any) -> bool:
    """Progress does not travel between processes: only the result does."""
    return True
