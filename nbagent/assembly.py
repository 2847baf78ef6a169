"""Joins fragments into frames, and frames into a message. The only place where that happens.

A provider's decoder says what it saw (words, reasoning, a piece of a call); the `FrameAssembler`
answers with the frames that are due. It keeps the promises that every stream makes:

* a call has one ``tool_call_id`` from its first delta on, made up if the provider gives none;
* a complete frame carries exactly its deltas joined, and comes as soon as it is certain;
* calls come out whole and apart, however their fragments are interleaved;
* exactly one `End`, last; arguments that were cut off never become a complete call.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from nbagent.call_assembly import CallAssembly, CallBlock
from nbagent.errors import IncompleteToolCall
from nbagent.frames import (
    End,
    ReasoningComplete,
    ReasoningDelta,
    StreamFrame,
    TextComplete,
    TextDelta,
)
from nbagent.messages import FinishReason, Message, Part, ReasoningPart, TextPart, ToolCall, Usage

__all__ = ["FrameAssembler"]

# Reasons under which even a block that the provider declared finished was cut off: Anthropic sends
# the block's stop before it says that the token limit was reached.
LIMITS: frozenset[str | None] = frozenset({"length", "content_filter", "refusal"})
FINISH_REASONS: frozenset[str] = frozenset(
    {"stop", "tool_calls", "length", "content_filter", "refusal", "other"}
)


# So many fragments are joined: each one for itself takes ten times the memory of its letters.
MANY = 4096


class _TextBlock:
    """An open or closed block of words."""

    __slots__ = ("closed", "fragments", "index", "key")

    def __init__(self, key: int | None, index: int) -> None:
        self.key = key
        self.index = index
        self.fragments: list[str] = []
        self.closed = False

    def continues(self, key: int | None) -> bool:
        """Whether a fragment with this index belongs here."""
        return key is None or key == (self.index if self.key is None else self.key)

    def extend(self, text: str) -> TextDelta | None:
        """Takes more words; None for the empty ones."""
        if not text:
            return None
        fragments = self.fragments
        fragments.append(text)
        if len(fragments) > MANY:
            self.fragments = ["".join(fragments)]
        return TextDelta(text, self.index)

    @property
    def part(self) -> Part | None:
        text = "".join(self.fragments)
        return TextPart(text) if text else None

    def complete(self) -> list[StreamFrame]:
        self.closed = True
        text = "".join(self.fragments)
        self.fragments = [text]
        return [TextComplete(text, self.index)]


class _ReasoningBlock:
    """An open or closed block of reasoning."""

    __slots__ = ("closed", "fragments", "id", "index", "key", "signature", "summary")

    def __init__(self, key: int | None, id: str | None, index: int) -> None:
        self.key = key
        self.id = id
        self.index = index
        self.fragments: list[str] = []
        self.summary: list[str] = []
        self.signature: str | None = None
        self.closed = False

    def continues(self, key: int | None, id: str | None, signature: str | None) -> bool:
        """Whether a fragment with this index, id and signature belongs here."""
        same_key = key is None or key == (self.index if self.key is None else self.key)
        same_id = id is None or self.id is None or id == self.id
        # Two signatures prove two pieces of reasoning; joined, neither would be accepted.
        same_proof = not signature or not self.signature or signature == self.signature
        return same_key and same_id and same_proof

    @property
    def part(self) -> Part:
        text, summary = "".join(self.fragments), "".join(self.summary)
        return ReasoningPart(text, summary, self.signature, self.id)

    def complete(self) -> list[StreamFrame]:
        self.closed = True
        text, summary = "".join(self.fragments), "".join(self.summary)
        return [ReasoningComplete(text, self.index, summary, self.signature)]


_Block = _TextBlock | _ReasoningBlock | CallBlock


class FrameAssembler:
    """The shared joiner of one reply. Each method gives the frames that are now due.

    ``index`` in the methods is the provider's own number of the block, where it has one. The
    ``index`` on the frames is that number as long as no other block of the reply has it, else
    the next free one, so that it names one block.
    """

    def __init__(self) -> None:
        self._blocks: list[_Block] = []
        self._taken: set[int] = set()
        self._current: _Block | None = None
        self._calls = CallAssembly(self._open_call)
        self._end: End | None = None

    def text(self, text: str, *, index: int | None = None) -> list[StreamFrame]:
        """Words of the answer. Empty text gives nothing and opens nothing."""
        block = self._current
        if type(block) is _TextBlock and not block.closed and block.continues(index):
            if self._end is not None:
                return []
            frame = block.extend(text)
            return [] if frame is None else [frame]
        if not text or self._end is not None:
            return []
        frames = self._boundary()
        block = _TextBlock(index, self._number(index))
        self._open(block)
        block.fragments.append(text)
        frames.append(TextDelta(text, block.index))
        return frames

    def reasoning(
        self,
        text: str = "",
        *,
        summary: str = "",
        signature: str | None = None,
        index: int | None = None,
        id: str | None = None,
    ) -> list[StreamFrame]:
        """Reasoning: its text, the provider's summary of it, the signature that proves it."""
        if self._end is not None or not (text or summary or signature):
            return []
        frames: list[StreamFrame] = []
        block = self._current
        if (
            type(block) is not _ReasoningBlock
            or block.closed
            or not block.continues(index, id, signature)
        ):
            frames = self._boundary()
            block = _ReasoningBlock(index, id, self._number(index))
            self._open(block)
        block.id = block.id or id
        block.signature = signature or block.signature
        if text:
            block.fragments.append(text)
            frames.append(ReasoningDelta(text, block.index))
        if summary:
            block.summary.append(summary)
            frames.append(ReasoningDelta(summary, block.index, True))
        return frames

    def tool_call(
        self,
        *,
        id: str | None = None,
        name: str | None = None,
        arguments: str | Mapping[str, Any] | None = None,
        index: int | None = None,
        signature: str | None = None,
    ) -> list[StreamFrame]:
        """A piece of a call: any of its id, its name, a fragment of its arguments.

        ``arguments`` sent as an object are taken as the whole JSON text of that object.
        ``signature`` is kept with the call and goes back to the provider with it.
        """
        before = self._current
        if self._end is not None:
            return []
        if before is self._calls.current and not (id or name or signature):
            # Nearly every piece: more arguments of the call that has the last ones.
            frame = self._calls.more(arguments, index)
            if frame is not None:
                return [frame]
        frames = self._calls.feed(id, name, arguments, index)
        if signature and self._calls.current is not None:
            self._calls.current.signature = signature
        if not frames:
            # Nothing to show yet (a call without a name, a repetition): no boundary either.
            self._current = before
            return []
        self._current = self._calls.current
        return frames if isinstance(before, CallBlock) else self._close(before) + frames

    def close_block(self, *, index: int | None = None) -> list[StreamFrame]:
        """The provider says that a block is finished: the one with that index, or the last.

        A call whose arguments are not whole JSON stays open: only the finish reason says whether
        they were cut off.
        """
        if self._end is not None:
            return []
        if index is None:
            return self._close(self._current)
        frames: list[StreamFrame] = []
        for block in self._blocks:
            if block.key == index and not block.closed:
                frames += self._close(block)
        return frames

    def end(
        self,
        finish_reason: FinishReason | None = None,
        usage: Usage | None = None,
        **meta: Any,
    ) -> list[StreamFrame]:
        """The reply is over: what was open completes, then comes the `End`.

        Args:
            finish_reason: Why, in our terms; None where the provider gave no reason.
            usage: The tokens, where they are known.
            meta: ``model``, ``response_id`` and ``raw`` of the `End`; anything else joins ``raw``.

        Raises:
            IncompleteToolCall: A call's arguments were cut off.
        """
        if self._end is not None:
            return []
        frames: list[StreamFrame] = []
        cut_off: list[CallBlock] = []
        for block in self._blocks:
            if block.closed:
                continue
            if isinstance(block, CallBlock) and _was_cut(block, finish_reason):
                cut_off.append(block)
            else:
                frames += block.complete()
        if cut_off:
            raise self._incomplete(cut_off[0], finish_reason)
        self._end = self._make_end(finish_reason, usage or Usage(), meta)
        frames.append(self._end)
        return frames

    def extension(self) -> Callable[[str], StreamFrame | None] | None:
        """A short way for more fragments of what came last: words, or arguments of one call.

        It may be used until any other method is called. It gives the fragment's delta frame, or
        None without having taken the fragment, where that has to go the long way.
        """
        block = self._current
        if self._end is not None or block is None or isinstance(block, _ReasoningBlock):
            return None
        return block.extend if not block.closed else None

    @property
    def message(self) -> Message:
        """What has been assembled so far; calls only as far as they are complete."""
        parts = tuple(part for block in self._blocks if (part := block.part) is not None)
        if self._end is None:
            return Message("assistant", parts)
        end = self._end
        return Message("assistant", parts, end.finish_reason, end.usage, end.model, end.response_id)

    def _number(self, key: int | None) -> int:
        number = key if key is not None and key not in self._taken else 0
        while number in self._taken:
            number += 1
        self._taken.add(number)
        return number

    def _open(self, block: _Block) -> None:
        self._blocks.append(block)
        self._current = block

    def _open_call(self, key: int | None) -> CallBlock:
        block = CallBlock(f"call_{uuid.uuid4().hex[:24]}", key, self._number(key))
        self._open(block)
        return block

    def _close(self, block: _Block | None) -> list[StreamFrame]:
        if block is None or block.closed:
            return []
        if isinstance(block, CallBlock):
            block.finished = True
            if not (block.whole or block.empty):
                return []
        return block.complete()

    def _boundary(self) -> list[StreamFrame]:
        """Another kind of content begins: what is open and certain completes."""
        frames: list[StreamFrame] = []
        for block in self._calls.take_whole():
            frames += block.complete()
        if not isinstance(self._current, CallBlock):
            frames += self._close(self._current)
        return frames

    def _marks(self) -> dict[str, dict[str, str | None]]:
        """What goes back to the provider with its calls, for whoever has only the frames."""
        calls = [part for block in self._blocks if isinstance(part := block.part, ToolCall)]
        return {
            call.tool_call_id: {"provider_id": call.provider_id, "signature": call.signature}
            for call in calls
            if call.provider_id or call.signature
        }

    def _reasoning_ids(self) -> dict[int, str]:
        """The provider's names of its reasoning, by the ``index`` of their frames."""
        blocks = [block for block in self._blocks if isinstance(block, _ReasoningBlock)]
        return {block.index: block.id for block in blocks if block.id}

    def _incomplete(self, block: CallBlock, finish_reason: str | None) -> IncompleteToolCall:
        why = (
            "the reply reached its token limit; raise max_tokens or ask for less at once"
            if finish_reason == "length"
            else f"the reply ended early (finish reason: {finish_reason or 'none given'})"
        )
        return IncompleteToolCall(
            f"The arguments of the call to {block.name or 'an unnamed tool'!r} were cut off after "
            f"{len(block.arguments)} characters: {why}. The call was not run.",
            partial=self.message,
        )

    def _make_end(
        self, finish_reason: FinishReason | None, usage: Usage, meta: dict[str, Any]
    ) -> End:
        reason: FinishReason = finish_reason or "stop"
        if reason not in FINISH_REASONS:
            reason = "other"
        if any(isinstance(block, CallBlock) for block in self._blocks):
            reason = "tool_calls"
        elif reason == "tool_calls":
            reason = "stop"
        raw = {**(meta.pop("raw", None) or {})}
        if marks := self._marks():
            raw["call_marks"] = marks
        if ids := self._reasoning_ids():
            raw["reasoning_ids"] = ids
        model, response_id = meta.pop("model", None), meta.pop("response_id", None)
        return End(reason, usage, model, response_id, {**raw, **meta})


def _was_cut(block: CallBlock, finish_reason: str | None) -> bool:
    """Whether the arguments were cut off, and not just written badly."""
    if block.whole or block.arguments.strip() == "null":
        return False
    if block.empty or block.finished:
        return finish_reason in LIMITS
    return finish_reason not in ("stop", "tool_calls")
