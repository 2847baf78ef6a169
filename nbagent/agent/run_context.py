"""What the nodes of a strategy work with: the conversation, who listens, and how much was used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

from nbagent.agent.calls import CallRecord
from nbagent.agent.compaction import Compaction, compacted
from nbagent.agent.events import (
    NodeFinished,
    NodeOutput,
    NodeStarted,
    Notice,
    OutputElement,
    PartialOutput,
    StepFinished,
    StepStarted,
    StreamItem,
)
from nbagent.agent.graph import Node, Owner
from nbagent.agent.lanes import Lanes
from nbagent.agent.limits import Tally
from nbagent.agent.output import Output
from nbagent.agent.session import Session
from nbagent.agent.step_cap import StepCap
from nbagent.agent.transform import FRAMES, Transform
from nbagent.errors import ContextWindowExceeded, NbagentError, RunLimitReached
from nbagent.messages import Message

__all__ = ["RunContext"]

TOO_MANY = "This call was not run: the run had made as many calls as it may."
GIVEN = (*FRAMES, PartialOutput, OutputElement)


@dataclass
class RunContext:
    """Given to each node of a strategy.

    Attributes:
        session: The conversation.
        run_id: The run's name on its events.
        emit: Tells an event to everybody who listens.
        tally: What was used.
        question: What was asked; it is in the conversation already.
        told: Whether nodes are worth events; those of the default strategy are not.
        output: What the run's answer is to be; None for words.
        compaction: What is done about a conversation that grows long; None for nothing.
        early_start: Whether calls begin while the reply that asks for them still streams.
        state: For the nodes of a run to share what they like. A branch has a copy.
        lanes: Tells what branches say one after the other; None while there are no branches.
        caps: The limits of the subgraphs that it is in.
    """

    session: Session
    run_id: str
    emit: Callable[[StreamItem], None]
    tally: Tally
    question: Any = None
    told: bool = False
    output: Output | None = None
    compaction: Compaction | None = None
    early_start: bool = False
    state: dict[str, Any] = field(default_factory=dict)
    lanes: Lanes | None = None
    caps: tuple[StepCap, ...] = ()

    def entered(self, graph: Owner, node: Node[Any, Any]) -> None:
        """Tells that a node begins."""
        if self.told:
            self.emit(NodeStarted(self.run_id, graph.name, node.name))

    def left(self, graph: Owner, node: Node[Any, Any]) -> None:
        """Tells that a node has ended."""
        if self.told:
            self.emit(NodeFinished(self.run_id, graph.name, node.name))

    def fork(self) -> RunContext:
        """The same run with a copy of the conversation, for a branch."""
        if self.lanes is None:
            self.lanes = Lanes(self.emit)  # here too: all branches share it
        return replace(self, session=self.session.fork(), state=dict(self.state))

    def adopt(self, other: RunContext) -> None:
        """Goes on with a branch's conversation and state."""
        self.session.adopt(other.session)
        self.state = other.state

    async def reply(
        self,
        *,
        transform: Transform | None = None,
        reminder: str = "",
        answers: bool = True,
        params: Mapping[str, Any] | None = None,
    ) -> Message:
        """Asks the model, tells what streams, and gives the message, which is in the history.

        Args:
            transform: See `Session.stream`. What it gives besides frames becomes `NodeOutput`.
            reminder: Said to the model after the conversation, in this one request.
            answers: Whether what it says may be the run's answer, and has its ``output`` form.
            params: Parameters of this one request.

        Raises:
            RunLimitReached: The run has used up what it may.
            NbagentError: The request failed; see `nbagent.errors`.
        """
        how = {"output": self.output if answers else None, **(params or {})}
        for cap in self.caps:
            cap.step()
        step = self.tally.step()
        if self.lanes is not None:
            return await self._reply_in_lane(self.lanes, step, transform, reminder, how)
        return await self._reply(step, transform, reminder, how)

    async def _reply_in_lane(
        self,
        lanes: Lanes,
        step: int,
        transform: Transform | None,
        reminder: str,
        how: Mapping[str, Any],
    ) -> Message:
        lane = lanes.lane()
        try:
            # A call that begins at once would be told of before what it stands in is heard.
            early = self.early_start and lane.heard.is_set()
            alone = replace(self, emit=lane.emit, early_start=early)
            message = await alone._reply(step, transform, reminder, how)
        finally:
            lane.close()
        if message.tool_calls:
            # Whoever is told what becomes of a call has to know of the call.
            await lane.heard.wait()
        return message

    async def _reply(
        self, step: int, transform: Transform | None, reminder: str, how: Mapping[str, Any]
    ) -> Message:
        self.emit(StepStarted(self.run_id, step))
        try:
            await self._compact_if_due()
            try:
                await self._streamed(transform, reminder, how)
            except ContextWindowExceeded:
                if not await self.compact():
                    raise
                await self._streamed(transform, reminder, how)
        finally:
            message = self.session.last
            self.emit(StepFinished(self.run_id, step, message, self.session.heard))
        return message

    async def _streamed(
        self, transform: Transform | None, reminder: str, how: Mapping[str, Any]
    ) -> None:
        run_id, emit = self.run_id, self.emit
        stream = self.session.stream(
            notify=lambda text: emit(Notice(run_id, text)),
            transform=transform,
            reminder=reminder,
            **{"early_start": self.tally.admits if self.early_start else False, **how},
        )
        async with aclosing(stream) as frames:
            async for frame in frames:
                given = transform is None or isinstance(frame, GIVEN)
                emit(frame if given else NodeOutput(run_id, frame))

    async def run_tools(self, *, parallel: bool = True) -> list[CallRecord]:
        """Runs the calls of the last reply; see `Session.run_tools`.

        Raises:
            RunLimitReached: They would be more than the run may make.
        """
        try:
            self.tally.admit(call.tool_call_id for call in self.session.history.open_calls)
        except RunLimitReached:
            await self.session.call_off()
            self.session.history.close(TOO_MANY)
            raise
        return await self.session.run_tools(parallel=parallel)

    async def compact(self, how: Compaction | None = None) -> bool:
        """Makes the conversation shorter for the model, now; says so to everybody.

        Args:
            how: In which way; by default as the agent does.

        Returns:
            Whether anything was left out.

        Raises:
            NbagentError: The model could not be asked for a summary.
        """
        how = how or self.compaction
        return how is not None and await compacted(how, self.session, self.run_id, self.emit)

    async def _compact_if_due(self) -> None:
        if self.compaction is None or not self.compaction.due(self.session):
            return
        try:
            await self.compact()
        except NbagentError as error:
            # It is not too long yet; the provider says so when it is.
            text = f"The conversation could not be made shorter: {error} It goes on whole."
            self.emit(Notice(self.run_id, text))
