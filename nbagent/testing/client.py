"""`ScriptedClient`: a client that plays scripted replies without any socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any

from nbagent.assembly import FrameAssembler
from nbagent.calling import Emulation
from nbagent.errors import StreamTruncated
from nbagent.executor import Executor
from nbagent.frames import (
    End,
    ReasoningComplete,
    ReasoningDelta,
    StreamFrame,
    TextComplete,
    TextDelta,
    ToolCallComplete,
    ToolCallDelta,
)
from nbagent.messages import Prompt, PromptLike
from nbagent.models import Model, ModelLike
from nbagent.providers.client import specs_of
from nbagent.recording.reader import Recording
from nbagent.testing.recorded import RecordedRun, replies_of, tools_of
from nbagent.testing.replies import Gate, Reply, ReplyLike, Responder, Script
from nbagent.testing.script import ReplyQueue

__all__ = ["Asked", "ScriptedClient", "recorded"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a scripted client was asked: the arguments of one `ScriptedClient.stream`."""

    prompt: Prompt
    model: str
    tools: tuple[Any, ...]
    params: dict[str, Any]


class ScriptedClient:
    """A model that says what the script says; for tests of agents, tools and strategies.

    It takes the place of a provider's client::

        client = ScriptedClient([reply_calls(("average", {"column": "mpg"})), "It is 23.4."])
        agent = Agent("scripted:any", tools=[average], executor=Executor({"scripted": client}))

    Args:
        script: The replies, one for each request, in order: a `Reply`, a string (a reply of
            these words), or a callable that gets the `Asked` and gives one of them.
        always: The reply when the script is used up.
        models: What `models` lists.

    Attributes:
        asked: Every request so far.
        closed: How many streams were closed before their end (by Stop, say).
    """

    def __init__(
        self,
        script: Script = (),
        *,
        always: ReplyLike | Responder | None = None,
        models: Sequence[str] = ("scripted",),
    ) -> None:
        self.asked: list[Asked] = []
        self.closed = 0
        self._queue = ReplyQueue(script, always)
        self._models = tuple(models)

    @classmethod
    def from_recording(cls, path: str | PathLike[str]) -> ScriptedClient:
        """A model that says what was recorded with `Agent.record`, one reply for each step.

        Raises:
            StoreError: There is no such recording.
        """
        return cls(replies_of(Recording.load(path)))

    @property
    def prompts(self) -> list[Prompt]:
        """The prompt of every request so far."""
        return [asked.prompt for asked in self.asked]

    def add(self, *replies: ReplyLike | Responder) -> None:
        """Append replies to the script."""
        self._queue.add(*replies)

    async def models(self) -> list[str]:
        """The names given at the start."""
        return list(self._models)

    async def stream(
        self,
        prompt: PromptLike,
        *,
        model: ModelLike = "scripted",
        tools: Iterable[Any] = (),
        **params: Any,
    ) -> AsyncGenerator[StreamFrame, None]:
        """Play the next reply of the script.

        Raises:
            ScriptExhausted: The script has no reply left.
            StreamTruncated: The reply has no `End`.
            UnsupportedCapability: There are tools and the model cannot call any.
            Exception: What the reply's ``raises`` says.
        """
        asked = Asked(Prompt.of(prompt), str(model), tuple(tools), params)
        # What a provider's client would refuse, a test should not see pass.
        form = params.get("tool_calling")
        Emulation.of(model, specs_of(asked.tools), form)
        self.asked.append(asked)
        try:
            async for frame in _played(self._queue.take(asked)):
                yield frame
        except (GeneratorExit, asyncio.CancelledError):
            self.closed += 1
            raise

    async def aclose(self) -> None:
        """Nothing to close; clients of providers have it."""


def recorded(path: str | PathLike[str], *, tools: Iterable[Any] | None = None) -> RecordedRun:
    """A recorded run as a fixture::

        agent = Agent(**recorded("run.jsonl"))                     # no tool is really called
        agent = Agent(**recorded("run.jsonl", tools=[average]))    # yours is

    Args:
        path: A file that `Agent.record` wrote.
        tools: Tools that are really called; by default there is one for each that was called,
            which gives what was recorded.

    Raises:
        StoreError: There is no such recording.
    """
    recording = Recording.load(path)
    client = ScriptedClient(replies_of(recording))
    executor = Executor({Model.of(recording.model).provider: client})
    return RecordedRun(recording, executor, tools_of(recording) if tools is None else tools)


async def _played(reply: Reply) -> AsyncGenerator[StreamFrame, None]:
    """The frames of a reply, with the complete frames where they are due."""
    assembler = FrameAssembler()
    ended = False
    for item in reply.frames:
        await asyncio.sleep(reply.delay)
        if isinstance(item, Gate):
            await item.passed()
            continue
        for frame in _fed(assembler, item):
            yield frame
        ended = ended or isinstance(item, End)
    if reply.raises is not None:
        raise reply.raises
    if not ended:
        raise StreamTruncated("The scripted reply has no End.", partial=assembler.message)


def _fed(assembler: FrameAssembler, item: StreamFrame) -> Iterable[StreamFrame]:
    """What is due after one scripted frame."""
    if isinstance(item, TextDelta):
        return assembler.text(item.text, index=item.index)
    if isinstance(item, ReasoningDelta):
        words = {"summary": item.text} if item.summary else {"text": item.text}
        return assembler.reasoning(**words, index=item.index)
    if isinstance(item, ReasoningComplete):
        return assembler.reasoning(signature=item.signature, index=item.index)
    if isinstance(item, ToolCallDelta):
        return assembler.tool_call(
            id=item.tool_call_id, name=item.name, arguments=item.arguments, index=item.index
        )
    if isinstance(item, (TextComplete, ToolCallComplete)):
        return assembler.close_block(index=item.index)
    if isinstance(item, End):
        return assembler.end(
            item.finish_reason,
            item.usage,
            model=item.model,
            response_id=item.response_id,
            raw=item.raw,
        )
    return ()
