"""Tells apart the calls whose fragments arrive mixed.

Providers name a call by an index, by an id, by both, by neither, or change their mind half way.
`CallAssembly` decides to which call a piece belongs, `CallBlock` keeps what has come of one call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pydantic_core

from nbagent.frames import StreamFrame, ToolCallComplete, ToolCallDelta
from nbagent.json_scan import ObjectScanner
from nbagent.messages import ToolCall

__all__ = ["CallAssembly", "CallBlock"]


class CallBlock:
    """One call while it arrives.

    Attributes:
        key: The provider's index of the call.
        index: The ``index`` of its frames.
        provider_id: The provider's id of the call.
        late: That id came when ours had been given out already.
        finished: The provider said that the block is over.
        closed: The complete frame has been given.
    """

    def __init__(self, tool_call_id: str, key: int | None, index: int) -> None:
        self.tool_call_id = tool_call_id
        self.key = key
        self.index = index
        self.name = ""
        self.provider_id: str | None = None
        self.signature: str | None = None
        self.late = False
        self.finished = False
        self.closed = False
        self._given: list[str] = []
        self._held: list[str] = []
        self._announced = False
        self._scanner = ObjectScanner()

    @property
    def arguments(self) -> str:
        """What has come of the arguments."""
        return "".join((*self._given, *self._held))

    @property
    def whole(self) -> bool:
        """The arguments' outermost bracket is closed."""
        return self._scanner.whole

    @property
    def empty(self) -> bool:
        """Nothing but white space has come of the arguments."""
        return not self._scanner.started

    @property
    def begun(self) -> bool:
        """In the middle of its arguments."""
        return self._scanner.started and not self._scanner.whole

    @property
    def over(self) -> bool:
        """Nothing can be added any more."""
        return self.closed or self.finished

    @property
    def part(self) -> ToolCall | None:
        """The call as a message carries it; None while it is not complete."""
        if not self.closed:
            return None
        arguments = self.arguments or "{}"
        provider_id = self.provider_id if self.late else None
        return ToolCall(self.tool_call_id, self.name, arguments, provider_id, self.signature)

    def identify(self, id: str, *, unique: bool) -> None:
        """Takes the provider's id, as the call's own if no frame has carried another."""
        if self.provider_id is not None:
            return
        self.provider_id = id
        if unique and not self._announced:
            self.tool_call_id = id
        else:
            self.late = unique

    def take_name(self, name: str) -> None:
        """Takes a name. It is assigned, unless it plainly goes on from the piece before it."""
        if self.name and self.empty and not name.startswith(self.name):
            name = self.name + name
        self.name = name

    def add(self, fragment: str) -> str:
        """Takes a fragment of arguments; gives back the beginning of another object behind it."""
        end = 0 if self._scanner.whole else self._scanner.feed(fragment)
        if end < 0:
            if fragment:
                self._held.append(fragment)
            return ""
        rest = fragment[end:].lstrip()
        if not rest.startswith("{"):
            rest = ""
        if mine := fragment[: len(fragment) - len(rest)]:
            self._held.append(mine)
        return rest

    def extend(self, fragment: str) -> ToolCallDelta | None:
        """`add` and `deltas` in one, where the fragment cannot be the arguments' end; else None."""
        if not (self._announced and fragment) or self._held or self._scanner.whole:
            return None
        if "}" in fragment or "]" in fragment:
            return None
        self._scanner.feed(fragment)
        self._given.append(fragment)
        return ToolCallDelta(self.tool_call_id, self.name, fragment, self.index)

    def deltas(self) -> list[StreamFrame]:
        """The frame for what has not been given yet. Nothing is given before the name is known."""
        return self._release() if self.name else []

    def complete(self) -> list[StreamFrame]:
        """The complete frame, after what was held back for a name that never came."""
        if self.empty and self.arguments:
            self._held.append("{}")  # white space alone came: what it means, as valid JSON
        frames = self._release()
        self.closed = True
        arguments = self.arguments or "{}"
        frames.append(ToolCallComplete(self.tool_call_id, self.name, arguments, self.index))
        return frames

    def _release(self) -> list[StreamFrame]:
        if self._announced and not self._held:
            return []
        fragment = "".join(self._held)
        self._given.append(fragment)
        self._held.clear()
        self._announced = True
        return [ToolCallDelta(self.tool_call_id, self.name, fragment, self.index)]


class CallAssembly:
    """The calls of one reply.

    Args:
        new_block: Opens a new block for a provider's index.
    """

    def __init__(self, new_block: Callable[[int | None], CallBlock]) -> None:
        self._new_block = new_block
        self._open: list[CallBlock] = []
        self._by_key: dict[int | None, CallBlock] = {}
        self._by_id: dict[str, CallBlock] = {}
        self.current: CallBlock | None = None

    def feed(
        self,
        id: str | None,
        name: str | None,
        arguments: str | Mapping[str, Any] | None,
        index: int | None,
    ) -> list[StreamFrame]:
        """A piece of a call, as `FrameAssembler.tool_call` gets it; the frames that are due."""
        id = None if id in (None, "", "null") else str(id)
        fragment = _text(arguments)
        frames: list[StreamFrame] = []
        block = self._find(id, name or "", fragment, index)
        if block is None or (block.over and (name or fragment.strip())):
            if not (id or name or fragment.strip()):
                return []
            block = self._start(index, frames)
        elif block.over:
            return []
        self.current = block
        if id:
            block.identify(id, unique=self._by_id.setdefault(id, block) is block)
        if name:
            block.take_name(name)
        return frames + self._add(block, fragment, index)

    def more(
        self, arguments: str | Mapping[str, Any] | None, index: int | None
    ) -> ToolCallDelta | None:
        """The frame of a fragment of the current call that says nothing else; else None."""
        block = self.current
        if block is None or block.closed or block.finished or type(arguments) is not str:
            return None
        if index is not None and self._by_key.get(index) is not block:
            return None
        return block.extend(arguments)

    def take_whole(self) -> list[CallBlock]:
        """The open calls whose arguments are whole; they are no longer kept as open."""
        whole = [block for block in self._open if block.whole and not block.closed]
        self._open = [block for block in self._open if not block.whole and not block.closed]
        return whole

    def _add(self, block: CallBlock, fragment: str, index: int | None) -> list[StreamFrame]:
        rest = block.add(fragment)
        if not rest:
            return block.deltas()
        frames: list[StreamFrame] = []
        while rest:
            # Two objects on one index are two calls of the same name.
            frames += block.deltas()
            name = block.name
            block = self.current = self._start(index, frames)
            block.take_name(name)
            rest = block.add(rest)
        return frames + block.deltas()

    def _start(self, index: int | None, frames: list[StreamFrame]) -> CallBlock:
        before = self._by_key.get(index)
        if before is not None and before.whole and not before.closed:
            frames += before.complete()
        block = self._by_key[index] = self._new_block(index)
        self._open.append(block)
        return block

    def _find(
        self, id: str | None, name: str, fragment: str, index: int | None
    ) -> CallBlock | None:
        """The call that a piece belongs to, None for a new one."""
        known = self._by_id.get(id) if id else None
        if known is not None:
            return None if _reused_id(known, name, fragment, index) else known
        block = self.current if index is None else self._by_key.get(index)
        if block is None:
            return self._unnumbered(id, name) if index is not None else None
        renamed = bool(name and block.name) and name != block.name
        if id:
            late = block.provider_id is None and not (block.whole and (name or fragment))
            return block if late and not (renamed and (index is None or block.begun)) else None
        if not renamed:
            return block
        if index is None and block.provider_id is None:
            return None  # nothing says that the two are one, and calls may have no arguments
        split = block.empty and not block.over
        in_pieces_of_arguments = index is not None and not block.whole
        return block if split or in_pieces_of_arguments else None

    def _unnumbered(self, id: str | None, name: str) -> CallBlock | None:
        """The open call that began without an index, for a first piece with one."""
        block = self.current
        if block is None or block.key is not None or block.over or block.whole:
            return None
        return None if (id and block.provider_id) or (name and block.name) else block


def _reused_id(block: CallBlock, name: str, fragment: str, index: int | None) -> bool:
    """Whether a known id names another call this time: servers repeat ids between calls."""
    elsewhere = index is not None and block.key is not None and index != block.key
    if name and block.name and name != block.name:
        return elsewhere or block.whole
    goes_on = block.begun and not fragment.lstrip().startswith("{")
    return elsewhere and bool(name) and not goes_on


def _text(arguments: str | Mapping[str, Any] | None) -> str:
    if arguments is None:
        return ""
    if isinstance(arguments, str):
        return arguments
    return pydantic_core.to_json(arguments).decode()
