"""One call while it arrives; which call a piece belongs to is proved in test_assembly."""

from itertools import count

from nbagent.call_assembly import CallAssembly, CallBlock
from nbagent.frames import ToolCallComplete, ToolCallDelta


def test_nothing_is_given_before_the_name():
    """Fragments are held until it is known whose they are, then come at once."""
    block = CallBlock("id", 0, 3)
    block.add('{"x"')
    assert block.deltas() == []
    block.take_name("f")
    block.add(": 1")
    assert block.deltas() == [ToolCallDelta("id", "f", '{"x": 1', 3)]
    assert block.deltas() == []


def test_the_complete_frame_is_its_deltas_joined():
    """Also when no arguments came: then it says so in JSON."""
    block = CallBlock("id", 0, 0)
    block.take_name("f")
    assert block.deltas() == [ToolCallDelta("id", "f", "", 0)]
    assert block.complete() == [ToolCallComplete("id", "f", "{}", 0)]
    assert block.part.arguments == "{}"


def test_what_stands_behind_the_object_is_given_back():
    """Another object is another call's; anything else is the model's own fault, and stays."""
    block = CallBlock("id", 0, 0)
    assert block.add('{"x": 1} {"y"') == '{"y"'
    assert block.whole
    other = CallBlock("id", 0, 0)
    assert other.add("{}}") == ""
    assert other.arguments == "{}}"


def test_an_id_is_taken_until_one_was_given_out():
    """The first id is the call's own; after a delta it is only kept for the provider."""
    early, late = CallBlock("made", 0, 0), CallBlock("made", 0, 0)
    early.identify("a", unique=True)
    late.take_name("f")
    late.deltas()
    late.identify("a", unique=True)
    assert (early.tool_call_id, early.late) == ("a", False)
    assert (late.tool_call_id, late.provider_id, late.late) == ("made", "a", True)


def test_blocks_are_opened_as_they_are_needed():
    """One for each call, asked for with the provider's index."""
    numbers, keys = count(), []

    def new_block(key):
        keys.append(key)
        return CallBlock(f"made{next(numbers)}", key, len(keys))

    calls = CallAssembly(new_block)
    calls.feed(None, "f", "{}{}", 0)
    calls.feed("b", "g", "{", 4)
    assert keys == [0, 0, 4]
    assert [block.name for block in calls.take_whole()] == ["f"]
    assert calls.take_whole() == []
