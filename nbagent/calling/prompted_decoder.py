"""The reply of the ``prompted`` form, parsed while it streams.

Three ways of writing a call are understood: ``<tool_call>{…}</tool_call>``, a fenced block of
JSON, and a bare JSON object; the last two only for tools that there are. Their markup never
reaches the reader. Everything else is words, to the letter: other code blocks, other JSON, and
a ``<`` in the middle of a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from nbagent.assembly import FrameAssembler
from nbagent.calling.reply_object import NAME_KEYS, ObjectRules, ReplyObject
from nbagent.calling.text_decoder import CUT, InnerDecoder, TextDecoder, cut_call
from nbagent.frames import StreamFrame
from nbagent.json_scan import ObjectScanner

__all__ = ["PromptedDecoder", "PromptedText"]

OPEN, CLOSE, FENCE = "<tool_call>", "</tool_call>", "```"
# The languages under which models write calls in a fenced block.
CALL_LANGUAGES = frozenset({"", "json", "tool_call", "tool", "tool_code"})
# A fence's first line names a language; a longer line names none.
MAX_INFO = 40
# Only whether a line is blank so far, and how it ends, has to be known of it.
LINE = 200
_MARK = re.compile(r"<tool_call>|```|\{")
_CUT_MARK = re.compile(r"<(?:t(?:o(?:o(?:l(?:_(?:c(?:a(?:l(?:l)?)?)?)?)?)?)?)?)?$|`{1,2}$")
_CUT_FENCE = re.compile(r"`{1,2}$")

_State = Callable[[str, list[StreamFrame]], str | None]


class PromptedDecoder(TextDecoder):
    """Puts the ``prompted`` form around a client's own decoder.

    Args:
        inner: The client's own decoder.
        names: The tools that there are.
    """

    def __init__(self, inner: InnerDecoder, names: Iterable[str] = ()) -> None:
        assembler = FrameAssembler()
        super().__init__(inner, assembler, PromptedText(assembler, names))


class PromptedText:
    """Follows the text of one reply and feeds what it finds to an assembler."""

    def __init__(self, assembler: FrameAssembler, names: Iterable[str] = ()) -> None:
        known = frozenset(names)
        self._words = _Words(assembler)
        self._assembler = assembler
        self._known = ObjectRules(known)
        self._tagged = ObjectRules(known, sure=NAME_KEYS, limit=None)
        self._state: _State = self._prose
        self._not_a_call: _State = self._prose
        self._after: _State = self._prose
        self._opener = ""
        self._held = ""
        self._object: ReplyObject | None = None
        self._objects = 0
        self._scanner = ObjectScanner()

    def feed(self, text: str) -> list[StreamFrame]:
        """The frames that a fragment makes due."""
        frames: list[StreamFrame] = []
        rest: str | None = self._held + text
        self._held = ""
        while rest:
            rest = self._state(rest, frames)
        return frames

    def flush(self, finish_reason: str | None = None) -> list[StreamFrame]:
        """What was held back because it might have been markup, as words.

        Raises:
            IncompleteToolCall: The text was cut off where a call began.
        """
        frames: list[StreamFrame] = []
        current, self._object = self._object, None
        if current is not None and current.verdict == "open":
            if finish_reason in CUT and (current.named or self._after == self._tag_end):
                raise cut_call(self._assembler, finish_reason)
            self._words.say(self._opener + current.raw, frames)
        elif self._state == self._tag_start and finish_reason in CUT:
            raise cut_call(self._assembler, finish_reason)
        elif self._state in (self._fence_info, self._fence_start, self._tag_start):
            self._words.say(self._opener + self._held, frames)
        elif self._state in (self._prose, self._code):
            self._words.say(self._held, frames)
        self._words.flush(frames)
        return frames

    # Each state takes the text that is there and gives back what is left for the next one, or
    # None when more has to come; what it wants to see again then is in _held.

    def _prose(self, text: str, frames: list[StreamFrame]) -> str | None:
        for match in _MARK.finditer(text):
            if self._words.allows(match.group(), text[: match.start()]):
                self._words.say(text[: match.start()], frames)
                return self._marked(match.group(), text[match.start() :])
        cut = _CUT_MARK.search(text)
        kept = cut.start() if cut else len(text)
        self._words.say(text[:kept], frames)
        self._held = text[kept:]
        return None

    def _marked(self, mark: str, text: str) -> str:
        if mark == "{":
            self._opener, self._not_a_call, self._after = "", self._plain, self._prose
            self._begin(self._known)
            return text
        self._opener = mark
        self._state = self._tag_start if mark == OPEN else self._fence_info
        return text[len(mark) :]

    def _tag_start(self, text: str, frames: list[StreamFrame]) -> str | None:
        return self._call_start(text, frames, self._prose, self._tag_end, self._tagged)

    def _call_start(
        self,
        text: str,
        frames: list[StreamFrame],
        otherwise: _State,
        after: _State,
        rules: ObjectRules,
    ) -> str | None:
        """Behind an opener: a call begins here, or what came is words and `otherwise` goes on."""
        stripped = text.lstrip()
        if not stripped:
            self._held = text
            return None
        if stripped[0] == "{":
            self._opener += text[: len(text) - len(stripped)]
            self._not_a_call, self._after = otherwise, after
            self._begin(rules)
            return stripped
        self._state = otherwise
        self._words.say(self._opener, frames)
        return text

    def _tag_end(self, text: str, frames: list[StreamFrame]) -> str | None:
        stripped = text.lstrip()
        if stripped.startswith(CLOSE):
            self._state = self._prose
            return stripped[len(CLOSE) :]
        if CLOSE.startswith(stripped):
            self._held = stripped
            return None
        self._state, self._opener = (
            (self._tag_start, "") if stripped[0] == "{" else (self._prose, "")
        )
        return stripped

    def _fence_info(self, text: str, frames: list[StreamFrame]) -> str | None:
        line, newline, rest = text.partition("\n")
        if not newline and len(line) <= MAX_INFO:
            self._held = text
            return None
        if line.strip().lower() in CALL_LANGUAGES and len(line) <= MAX_INFO:
            self._opener += line + newline
            self._state = self._fence_start
            return rest
        self._words.say(self._opener, frames)
        self._state = self._code
        return text

    def _fence_start(self, text: str, frames: list[StreamFrame]) -> str | None:
        return self._call_start(text, frames, self._code, self._fence_end, self._known)

    def _fence_end(self, text: str, frames: list[StreamFrame]) -> str | None:
        stripped = text.lstrip()
        if stripped.startswith(FENCE):
            self._state = self._prose
            return stripped[len(FENCE) :]
        if FENCE.startswith(stripped):
            self._held = stripped
            return None
        self._state, self._opener = self._fence_start, "```json\n"
        return stripped

    def _begin(self, rules: ObjectRules) -> None:
        self._object = ReplyObject(self._assembler, rules, self._objects)
        self._objects += 1
        self._state = self._in_object

    def _in_object(self, text: str, frames: list[StreamFrame]) -> str | None:
        current = self._object
        if current is None:
            return text
        rest = current.feed(text, frames)
        if current.verdict == "taken":
            self._words.drop_space()
        if rest is None:
            return None
        self._object = None
        if current.verdict == "taken":
            self._state = self._after
            return rest
        return self._told_apart(current, rest, frames)

    def _told_apart(self, current: ReplyObject, text: str, frames: list[StreamFrame]) -> str:
        self._words.say(self._opener, frames)
        self._state = self._not_a_call
        if self._state == self._plain:
            self._scanner = ObjectScanner()
            if current.verdict == "broken":
                # A brace in a sentence; what stands behind it may be a call.
                self._state = self._prose
                self._words.say("{", frames)
                return text[1:]
        return text

    def _plain(self, text: str, frames: list[StreamFrame]) -> str:
        end = self._scanner.feed(text)
        self._words.say(text if end < 0 else text[:end], frames)
        if end < 0:
            return ""
        self._state = self._prose
        return text[end:]

    def _code(self, text: str, frames: list[StreamFrame]) -> str | None:
        position = text.find(FENCE)
        while position >= 0:
            if self._words.at_line_start(text[:position]):
                end = position + len(FENCE)
                self._words.say(text[:end], frames)
                self._state = self._prose
                return text[end:]
            position = text.find(FENCE, position + 1)
        cut = _CUT_FENCE.search(text)
        kept = cut.start() if cut else len(text)
        self._words.say(text[:kept], frames)
        self._held = text[kept:]
        return None


class _Words:
    """The words between the calls: without the white space around these, else to the letter."""

    def __init__(self, assembler: FrameAssembler) -> None:
        self._assembler = assembler
        self._space = ""
        self._said = False
        self._behind_call = False
        self._line = ""

    def say(self, text: str, frames: list[StreamFrame]) -> None:
        """Takes words; white space at their end waits for what follows it."""
        if self._behind_call:
            stripped = text.lstrip()
            self._space += text[: len(text) - len(stripped)]
            text = stripped
        if not text:
            return
        if self._behind_call:
            self._space = self._gap()
            self._behind_call = False
        self._line = (self._line + text).rpartition("\n")[2][-LINE:]
        kept = text.rstrip()
        if kept:
            self._said = True
            frames += self._assembler.text(self._space + kept)
            self._space = ""
        self._space += text[len(kept) :]

    def drop_space(self) -> None:
        """A call stands here: of the white space around it, only what parts words is kept."""
        self._line, self._behind_call = "", True

    def flush(self, frames: list[StreamFrame]) -> None:
        """White space at the very end."""
        if not self._behind_call:
            frames += self._assembler.text(self._space)
        self._space = ""

    def _gap(self) -> str:
        gaps = (gap for gap in ("\n\n", "\n", " ") if gap in self._space)
        return next(gaps, "") if self._said else ""

    def at_line_start(self, before: str) -> bool:
        """Whether only white space stands on the line before what follows ``before``."""
        return not (self._line + before).rpartition("\n")[2].strip()

    def allows(self, mark: str, before: str) -> bool:
        """Whether a mark behind ``before`` may begin a call."""
        if mark == FENCE:
            return self.at_line_start(before)
        return not (self._line + before).endswith("`")
