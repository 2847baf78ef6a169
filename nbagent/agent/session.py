"""One conversation with one model: ask, stream, run the tools, again.

Streaming is the only path: what was streamed is in the history by itself, also after a failure or
a stop, and the history is always one that a provider accepts.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from nbagent.agent.answering import Answering
from nbagent.agent.call_again import CallAgain
from nbagent.agent.call_ids import CallIds, TakenIds
from nbagent.agent.call_runner import CallRunner, Stopped
from nbagent.agent.calls import CallRecord
from nbagent.agent.early import EarlyCalls, ended
from nbagent.agent.editing import Editing
from nbagent.agent.history import History
from nbagent.agent.limits import Tally
from nbagent.agent.output import Output, OutputReader
from nbagent.agent.output_request import Request, answered
from nbagent.agent.pricing import Spent
from nbagent.agent.repair import history_of
from nbagent.agent.settings import Changeable, Settings
from nbagent.agent.transform import Transform, transformed
from nbagent.agent.turn import Turn
from nbagent.frames import StreamFrame
from nbagent.message_builder import MessageBuilder
from nbagent.messages import Message, MessageLike, Part, Prompt, ToolCall
from nbagent.models import Model
from nbagent.tools import Tool

__all__ = ["Session", "Settings"]

NOTHING = Message("assistant")
STOPPED = "This call was stopped before it had a result."
BROKEN = "This call was not run: the reply that asked for it broke off."


class Session(Changeable, Editing, Answering):
    """A conversation. Used by an agent's runs; also on its own, through ``agent.session()``.

    What is changed of its settings (``session.model = …``) counts for this session alone.

    Args:
        settings: What it is held with.
        history: What it adds to.
        runner: Runs the calls.
        calls: Where the records of calls are kept.
        turn: Held from ``async with`` to its end, so that the agent's runs wait; None holds none.
        spent: What its requests cost is added to it.
        taken: The ids of calls that the conversation has, gathered in one session after another.

    Attributes:
        last: The model's last message, as it went into the history.
        heard: The same as the model said it, where a transform changed it on the way; else None.
        tally: What the run may use that it is part of; None outside of a run.
    """

    def __init__(
        self,
        settings: Settings,
        history: History,
        runner: CallRunner,
        *,
        calls: list[CallRecord] | None = None,
        turn: Turn | None = None,
        spent: Spent | None = None,
        taken: TakenIds | None = None,
    ) -> None:
        self.settings = settings
        self.history = history
        self.calls: list[CallRecord] = calls if calls is not None else []
        self.last = NOTHING
        self.heard: Message | None = None
        self.spent = spent if spent is not None else Spent()
        self.tally: Tally | None = None
        self._runner = replace(runner, host=self)
        self._early: EarlyCalls | None = None
        self._handed = ""
        self._taken = taken if taken is not None else TakenIds()
        # Ids that branches of the same conversation gave out; None where there are none.
        self._claims: dict[str, CallIds] | None = None
        self._offered: Mapping[str, Tool[..., Any]] | None = None
        self._turn = turn
        self._reply: MessageBuilder | None = None
        # What calls are run with in place of what the model wrote, by their ids.
        self._given: dict[str, str] = {}

    async def __aenter__(self) -> Session:
        if self._turn is not None:
            await self._turn.take(wait=True)
            self._turn.mark()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.call_off()
        self.history.close(STOPPED)
        if self._turn is not None:
            self._turn.give()

    def user(self, *content: str | Part) -> None:
        """Adds what the person says."""
        self._settle()
        self._keep_early()
        self.history.close(STOPPED)
        self.history.add(Message.user(*content))

    def take_up(self, again: CallAgain) -> None:
        """Adds a question and its answer up to a call, which `run_tools` then runs."""
        self._settle()
        self._keep_early()
        self.history.close(STOPPED)
        self.calls += again.calls
        self.history.extend(again.messages)
        self.last = again.asking
        self._given[again.call.tool_call_id] = again.call.arguments

    async def stream(
        self,
        *,
        notify: Callable[[str], None] | None = None,
        transform: Transform | None = None,
        reminder: str = "",
        tools: Iterable[Any] | None = None,
        output: Any = None,
        early_start: bool | Callable[[str], bool] = False,
        **params: Any,
    ) -> AsyncGenerator[Any, None]:
        """The frames of the model's reply; its message is in the history when they end.

        However they end: what had come of a reply that failed or was stopped is kept, with no
        ``finish_reason``, and its calls are answered by a result that says so.

        Args:
            notify: Told of retries and fallbacks.
            transform: An async generator function that gets the frames and gives those that count:
                the history takes what it gives. One that returns before the end closes the
                connection, and the reply counts as finished there. What it gives besides frames is
                passed on to the reader.
            reminder: Said to the model after the conversation, in this request alone.
            tools: Offered in this request instead of the session's own; ``()`` offers none.
            output: What an answer is to be: a type, a JSON schema, `Sections` or an `Output`. The
                stream gives `PartialOutput` and `OutputElement` too; see also `output`.
            early_start: Whether calls begin as soon as they are whole; or what says it of each, by
                its id. `run_tools` then waits for them. What came of calls that had ended when a
                stream fails is kept.
            params: Parameters of this request.
        """
        self._settle()
        self._keep_early()
        self.last, self.heard = NOTHING, None
        offered = await self._offer()  # may fail: there is no reply before it
        builder = self._reply = MessageBuilder()
        ids = CallIds(self._taken.of(self.history, self.calls), self._claims)
        sent = tuple(offered.values() if tools is None else tools)
        wanted = None if output is None else Output.of(output)
        reader = None if wanted is None else OutputReader(wanted, self._runner.run_id)
        early = self._early = self._beginning(early_start)
        feed = builder.feed if early is None else early.watching(builder.feed)
        said: MessageBuilder | None = None
        frames = self._asked(Request(sent, self._params(params), reminder), wanted, notify)
        try:
            async with aclosing(frames):
                if transform is None:
                    async for given in frames:
                        frame = ids.unique(given)
                        feed(frame)
                        yield frame
                        if reader is not None:
                            for event in reader.feed(frame):
                                yield event
                else:
                    said = MessageBuilder()
                    changed = transformed(_named(frames, ids, said), transform, feed)
                    async with aclosing(changed):
                        async for item in changed:
                            yield item
                            if reader is not None:
                                for event in reader.feed(item):
                                    yield event
        finally:
            if self._reply is builder:
                if early is not None and builder.message.finish_reason is None:
                    await early.call_off()
                self._settle()
                self.heard = None if said is None else said.message

    async def run_tools(self, *, parallel: bool = True) -> list[CallRecord]:
        """Runs the calls of the last reply; their results are in the history.

        Args:
            parallel: Side by side, or one after the other.

        Raises:
            asyncio.CancelledError: Stopped; the calls without a result were given one.
        """
        self._settle()
        calls = self._as_given(self.history.open_calls)
        if self._offered is None:  # they were asked for in another session
            await self._offer()
        early, self._early = self._early or EarlyCalls(self._runner, bool), None
        records = early.records
        tasks: list[asyncio.Future[CallRecord]] = []
        try:
            for call in calls:
                begun = early.task_of(call)
                tasks.append(begun or asyncio.ensure_future(self._runner.run(call, early.keep)))
                if not parallel:
                    await tasks[-1]
            # Not gather: it ends with the first call that was stopped, and the others' cleaning up
            # would be cut short.
            if tasks:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
                for task in done:
                    task.result()
        finally:
            await ended(tasks)
            kept = [records.get(call.tool_call_id) or _stopped(call) for call in calls]
            self.calls += kept
            self.history.answer(record.part() for record in kept)
        return kept

    def _as_given(self, calls: Iterable[ToolCall]) -> tuple[ToolCall, ...]:
        given = self._given
        return tuple(
            replace(call, arguments=given.get(call.tool_call_id, call.arguments)) for call in calls
        )

    async def call_off(self) -> None:
        """Stops calls that began early and that nobody waits for; what came of them is kept."""
        if self._early is not None:
            await self._early.call_off()
        self._settle()
        self._keep_early()

    def hand_over(self, settings: Settings, name: str) -> str:
        """Goes on with another agent's settings from the next request on.

        Returns:
            The name of who has it already since the last request; else nothing.
        """
        if not self._handed:
            self.settings, self._handed = settings, name
            return ""
        return self._handed

    def fork(self) -> Session:
        """Another conversation that goes on from a copy of this one, with the same calls."""
        self._settle()
        history = History(self.history.messages)
        history.cut = self.history.cut
        settings = replace(self.settings)
        other = Session(settings, history, self._runner, calls=self.calls, spent=self.spent)
        other.tally = self.tally
        self._claims = other._claims = {} if self._claims is None else self._claims
        return other

    def adopt(self, other: Session) -> None:
        """Goes on from where another conversation is."""
        self._settle()
        other._settle()
        self.history.replace(other.history.messages)
        self.history.cut = other.history.cut
        self.last = other.last

    @property
    def messages(self) -> tuple[Message, ...]:
        """The conversation so far; set to a list of messages it is another one."""
        self._settle()
        return self.history.messages

    @messages.setter
    def messages(self, messages: Iterable[MessageLike]) -> None:
        self._set_messages(history_of(messages))

    def _get_messages(self) -> tuple[Message, ...]:
        return self.messages

    def _set_messages(self, messages: Iterable[MessageLike]) -> None:
        self._settle()
        self.history.replace(messages)

    def _get_settings(self) -> Settings:
        return self.settings

    def _change(self, name: str, value: Any) -> None:
        # A copy: the agent and its other sessions keep theirs.
        self.settings = replace(self.settings, **{name: value})

    async def _offer(self) -> Mapping[str, Tool[..., Any]]:
        """The tools for the next request; the calls that come of it find these and no others."""
        self._handed = ""
        offered = await self.settings.tools.resolve()
        if offered is not self._offered:
            self._offered = offered
            self._runner = replace(self._runner, tools=offered)
        return offered

    def _settle(self) -> None:
        """Takes what came of the reply into the history, once.

        By the stream's own end where it has one; a stream that was left with ``break`` is only
        closed later, and the next thing said must not come before it.
        """
        reply, self._reply = self._reply, None
        if reply is not None:
            message = self.last = reply.message
            # A fallback has a price of its own.
            model = Model.of(reply.answered_by or self.settings.model)
            self.spent.add(model, message, self.history.context)
            self.history.add(message)
            if message.finish_reason is None:
                self._keep_early()
                self.history.close(BROKEN)

    def _beginning(self, early_start: bool | Callable[[str], bool]) -> EarlyCalls | None:
        if not early_start:
            return None
        return EarlyCalls(self._runner, early_start if callable(early_start) else bool)

    def _keep_early(self) -> None:
        """Gives up on calls that began early and were not waited for; their results are kept."""
        early, self._early = self._early, None
        if early is not None:
            kept = early.given_up(self.history.open_calls, _stopped)
            self.calls += kept
            self.history.answer(record.part() for record in kept)

    def _asked(
        self, request: Request, output: Output | None, notify: Callable[[str], None] | None
    ) -> AsyncGenerator[StreamFrame, None]:
        settings = self.settings

        def ask(request: Request) -> AsyncGenerator[StreamFrame, None]:
            return settings.executor.stream(
                self._prompt(request),
                model=settings.model,
                tools=request.tools,
                notify=notify,
                **request.params,
            )

        if output is None:
            return ask(request)
        return answered(ask, request, output, settings.model, notify)

    def _prompt(self, request: Request) -> Prompt:
        settings = self.settings
        known = {getattr(tool, "spec", tool).name for tool in request.tools}
        told = (settings.instructions, settings.shown.text(), request.instructions)
        instructions = "\n\n".join(filter(None, told))
        system = (Message.system(instructions),) if instructions else ()
        return Prompt((*system, *self.history.presented(known, request.reminder)))

    def _params(self, params: Mapping[str, Any]) -> dict[str, Any]:
        values = {**self.settings.params, **params}
        if self.settings.tool_calling is not None:
            values["tool_calling"] = self.settings.tool_calling
        return values


async def _named(
    frames: AsyncIterator[StreamFrame], ids: CallIds, said: MessageBuilder
) -> AsyncGenerator[StreamFrame, None]:
    async for given in frames:
        frame = ids.unique(given)
        said.feed(frame)
        yield frame


def _stopped(call: ToolCall) -> CallRecord:
    return CallRecord.refused(call, "cancelled", Stopped(STOPPED))
