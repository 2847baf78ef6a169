"""One call, from validated arguments to a `ToolResult`.

The function runs where it is told to (see `nbagent.tools.place`), what it shows goes to its
listener, and both sides of the result are made in the same place: a figure is drawn on the thread
it was made on. What the function raises becomes a result too; only `asyncio.CancelledError`
passes.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from nbagent.errors import ToolTimeout
from nbagent.messages import ImagePart
from nbagent.tools.capture import Shown, capture
from nbagent.tools.context import ToolContext
from nbagent.tools.failures import ToolInterrupted, ToolRaised
from nbagent.tools.for_model import LIMIT, cut, exception_text, for_model
from nbagent.tools.for_person import for_person
from nbagent.tools.generators import drained, drained_async
from nbagent.tools.interrupts import Deadline
from nbagent.tools.outputs import MimeBundle, StreamOutput, ToolResult
from nbagent.tools.place import Place
from nbagent.tools.rendering import Render, card_of, drawn
from nbagent.tools.schema import BoundCall
from nbagent.tools.signature import is_async
from nbagent.tools.tracebacks import traceback_parts

__all__ = ["Running", "failed"]

LOOP_HINT = (
    "The notebook's own event loop runs on this thread. Make the tool an async def function and "
    "use await, or give it a thread of its own: @tool(thread=True)."
)
GRACE_SECONDS = 1.0  # that a coroutine has for its cleaning up after its timeout


@dataclass(frozen=True, slots=True)
class Running:
    """One call about to run.

    Attributes:
        name: The tool's name, for messages.
        function: What is called.
        bound: With what.
        context: Whom it tells.
        render: Gives what the person sees in place of the value.
        limit: Characters of the model's text.
    """

    name: str
    function: Callable[..., Any]
    bound: BoundCall
    context: ToolContext
    render: Render | None = None
    limit: int = LIMIT

    async def at(self, place: Place, timeout: float | None) -> ToolResult:
        """Run it there, for so many seconds at most, counted from its start (not its queueing).

        When time is up a coroutine is cancelled and a plain function on the main thread
        interrupted. On another thread it cannot be ended from outside: it goes on, its result is
        dropped, and ``context.cancelled`` tells it so.
        """
        try:
            if timeout is None:
                return await self._run(place, self.context.started, None)
            return await self._limited(place, timeout)
        except asyncio.CancelledError:
            self.context.cancel()
            raise
        except ToolInterrupted as error:  # between the function and its place
            return failed(error, "Interrupted by the user.")

    async def _run(
        self, place: Place, started: Callable[[], None], seconds: float | None
    ) -> ToolResult:
        if is_async(self.function):
            return await place.run_async(lambda: self._in_coroutine(None), started)
        outcome = await place.run(lambda: self._in_function(seconds), started)
        if isinstance(outcome, ToolResult):
            return outcome
        # A plain function that returned something to await: a wrapper, or a lambda.
        return await place.run_async(lambda: self._in_coroutine(outcome), _already_started)

    async def _limited(self, place: Place, seconds: float) -> ToolResult:
        loop, begun = asyncio.get_running_loop(), asyncio.Event()

        def started() -> None:
            self.context.started()
            loop.call_soon_threadsafe(begun.set)

        task = asyncio.ensure_future(self._run(place, started, seconds))
        task.add_done_callback(lambda _: begun.set())
        try:
            await begun.wait()
            await asyncio.wait({task}, timeout=seconds)
            if task.done():
                return task.result()
            self.context.cancel()
            task.cancel()
            await asyncio.wait({task}, timeout=GRACE_SECONDS)
        finally:
            task.cancel()
        return self._late(seconds)

    def _in_function(
        self, seconds: float | None
    ) -> ToolResult | Awaitable[Any] | AsyncIterator[Any]:
        deadline = Deadline(seconds)
        with capture(self.context.listener) as shown:
            try:
                with deadline:
                    return self._called(shown)
            except asyncio.CancelledError:
                raise
            except BaseException as error:  # whatever it is, it is the call's result
                if seconds is not None and deadline.passed:
                    return self._late(seconds)
                return self._raised(error, shown)

    def _called(self, shown: Shown) -> ToolResult | Awaitable[Any] | AsyncIterator[Any]:
        value = self.function(*self.bound.args, **self.bound.kwargs)
        if inspect.isawaitable(value) or inspect.isasyncgen(value):
            return value
        if inspect.isgenerator(value):
            value = drained(value, self._step)
        return self._succeeded(value, shown)

    async def _in_coroutine(self, value: Any) -> ToolResult:
        with capture(self.context.listener) as shown:
            try:
                if value is None:
                    value = self.function(*self.bound.args, **self.bound.kwargs)
                if inspect.isawaitable(value):
                    value = await value
                if inspect.isasyncgen(value):
                    value = await drained_async(value, self._step)
                return self._succeeded(value, shown)
            except (asyncio.CancelledError, GeneratorExit):
                raise
            except BaseException as error:  # as above
                return self._raised(error, shown)

    def _step(self, step: Any) -> bool:
        match step:
            case (int() | float() as fraction, str() as text):
                self.context.progress(fraction, text)
            case float():
                self.context.progress(step)
            case _:
                self.context.progress(None, for_model(step, limit=200).text)
        return not self.context.cancelled

    def _late(self, seconds: float) -> ToolResult:
        text = f"{self.name} took longer than its timeout of {seconds:g} seconds and was given up."
        return failed(ToolTimeout(text), text)

    def _succeeded(self, value: Any, shown: Shown) -> ToolResult:
        shown.take_figures(value)
        bundle = self._for_person(value)
        if value is None:
            return self._nothing_returned(bundle, shown)
        side = for_model(value, limit=self.limit, picture=bundle.data.get("image/png"))
        return ToolResult(value, side.text, bundle, None, side.images)

    def _for_person(self, value: Any) -> MimeBundle:
        draw = card_of(self.render).result
        if draw is None:
            return for_person(value)
        try:
            given = draw(value)
            return for_person(value) if given is None else drawn(given)
        except Exception as error:  # whatever the person's own function raises
            self._note(f"Shown as usual: its render= failed with {exception_text(error)}\n")
            return for_person(value)

    def _note(self, text: str) -> None:
        if self.context.listener is not None:
            self.context.listener.output(StreamOutput("stderr", text))

    def _nothing_returned(self, bundle: MimeBundle, shown: Shown) -> ToolResult:
        # Notebook functions often print or plot their answer: the model has to hear it.
        words = f"The function returned None. It showed:\n{shown.words}" if shown.words else "None"
        images = tuple(ImagePart(picture) for picture, _ in shown.drawn)
        return ToolResult(None, cut(words, self.limit), bundle, None, images)

    def _raised(self, error: BaseException, shown: Shown) -> ToolResult:
        shown.take_figures(None)
        parts = traceback_parts(error, self.function)
        if isinstance(error, KeyboardInterrupt):
            text = f"{self.name} was interrupted by the user before it had finished."
            failure: ToolInterrupted | ToolRaised = ToolInterrupted(text, parts=parts)
        else:
            text = exception_text(error)
            hint = LOOP_HINT if _wants_a_loop(error) else ""
            failure = ToolRaised(f"Tool {self.name!r} raised {text}", parts=parts, hint=hint)
        failure.__cause__ = error
        return failed(failure, cut(text, self.limit))


def failed(error: ToolTimeout | ToolInterrupted | ToolRaised, text: str) -> ToolResult:
    """A result without a value: the model reads the text, the person the traceback."""
    lines = getattr(error, "traceback", "") or text
    return ToolResult(None, text, MimeBundle({"text/plain": lines}), error)


def _wants_a_loop(error: BaseException) -> bool:
    """Whether it is asyncio's complaint about a second loop on one thread."""
    text = str(error) if isinstance(error, RuntimeError) else ""
    return "running" in text and "event loop" in text


def _already_started() -> None:
    """The plain function that came first reported the start."""
