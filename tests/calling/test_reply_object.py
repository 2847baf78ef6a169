"""One JSON object that may be a call; the forms built on it are proved beside it."""

import pytest

from nbagent.assembly import FrameAssembler
from nbagent.calling.reply_object import ObjectRules, ReplyObject
from nbagent.frames import ToolCallDelta

KNOWN = ObjectRules(frozenset({"f"}), limit=60)


def follow(*pieces, rules=KNOWN):
    """The object, what is left behind it, and the frames."""
    made, frames, rest = ReplyObject(FrameAssembler(), rules, 1), [], None
    for piece in pieces:
        rest = made.feed(piece, frames)
    return made, rest, frames


@pytest.mark.parametrize(
    ("written", "verdict"),
    [
        ('{"name": "f", "arguments": {', "taken"),
        ('{"arguments": {}, "name": "f"', "taken"),
        ('{"name": "f"', "open"),
        ('{"name": "f"}', "plain"),
        ('{"name": "g", "arguments": {}}', "plain"),
        ('{"name": 5, "arguments": {}}', "plain"),
        ("{}", "plain"),
        ("{x", "broken"),
        ('{"a" "b"', "broken"),
        ('{"a', "open"),
        ('{"a": "' + "x" * 99, "plain"),
    ],
)
def test_verdicts(written, verdict):
    """A call needs a known name and arguments, within the limit."""
    assert follow(written)[0].verdict == verdict
    assert follow(*written)[0].verdict == verdict


def test_an_object_that_is_not_taken_is_given_back_whole():
    """With all that came behind it."""
    assert follow('{"a": 1} tail')[1] == '{"a": 1} tail'


def test_what_stands_behind_a_call_is_left():
    """The call is over at its own brace."""
    made, rest, frames = follow('{"name": "f", "arguments": {"x": 1}} tail')
    assert (made.over, rest) == (True, " tail")
    assert "".join(f.arguments for f in frames if isinstance(f, ToolCallDelta)) == '{"x": 1}'


def test_a_sure_key_needs_no_arguments():
    """Where a name is certain to be a tool's, the call begins at once, also for an unknown one."""
    rules = ObjectRules(frozenset(), sure=frozenset({"tool"}))
    made, rest, frames = follow('{"tool": "g"}', rules=rules)
    assert (made.verdict, rest) == ("taken", "")
    assert [frame.kind for frame in frames] == ["tool_call_delta", "tool_call_complete"]
