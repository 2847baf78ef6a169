"""`ScriptedClient`: a client that plays scripted replies without any socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from nbagent.assembly import FrameAssembler
from nbagent.errors import StreamTruncated
from nbagent.frames import (
    End,
    ReasoningComplete,
    ReasoningDelta,
    StreamFrame,
    TextDelta,
    ToolCallDelta,
)
from nbagent.messages import Prompt, PromptLike
from nbagent.models import ModelLike
from nbagent.testing.replies import Gate, Reply, ReplyLike, Responder, Script
from nbagent.testing.script import ReplyQueue

__all__ = ["Asked", "ScriptedClient"]


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
            Exception: What the reply's ``raises`` says.
        """
        asked = Asked(Prompt.of(prompt), str(model), tuple(tools), params)
        self.asked.append(asked)
        try:
            async for frame in _played(self._queue.take(asked)):
                yield frame
        except (GeneratorExit, asyncio.CancelledError):
            self.closed += 1
            raise

    async def aclose(self) -> None:
        """Nothing to close; clients of providers have it."""


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
    if isinstance(item, End):
        return assembler.end(
            item.finish_reason,
            item.usage,
            model=item.model,
            response_id=item.response_id,
            raw=item.raw,
        )
    return ()
