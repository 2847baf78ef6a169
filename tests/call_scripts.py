"""Scripts of assembled replies, the calls that come of them, and what holds for all frames."""

# ruff: noqa: E501 - one case a line is easier to read and to compare

from nbagent.assembly import FrameAssembler
from nbagent.frames import (
    End,
    ReasoningComplete,
    ReasoningDelta,
    TextComplete,
    TextDelta,
    ToolCallComplete,
    ToolCallDelta,
)

TEXT, THINK, CALL, CLOSE, END = "text", "reasoning", "tool_call", "close_block", "end"


def play(*script):
    """The frames of a script of (method, its arguments)."""
    return play_on(FrameAssembler(), script)


def play_on(assembler, script):
    frames = []
    for method, *arguments in script:
        words = arguments.pop() if arguments and isinstance(arguments[-1], dict) else {}
        frames += getattr(assembler, method)(*arguments, **words)
    return frames


def call(id=None, name=None, arguments=None, index=None):
    """A piece of a call."""
    given = {"id": id, "name": name, "arguments": arguments, "index": index}
    return (CALL, {key: value for key, value in given.items() if value is not None})


def calls_of(frames):
    """The complete calls, and what their deltas come to, in order."""
    check(frames)
    return [
        (f.tool_call_id, f.name, f.arguments) for f in frames if isinstance(f, ToolCallComplete)
    ]


def check(frames):
    """What holds for every stream of frames."""
    joined, completed = {}, set()
    for frame in frames:
        if isinstance(frame, End):
            continue
        assert frame.index not in completed, "nothing comes behind a complete frame"
        if isinstance(frame, TextDelta) or (
            isinstance(frame, ReasoningDelta) and not frame.summary
        ):
            joined[frame.index] = joined.get(frame.index, "") + frame.text
        elif isinstance(frame, ToolCallDelta):
            joined[frame.index] = joined.get(frame.index, "") + frame.arguments
        elif isinstance(frame, ToolCallComplete):
            assert (joined[frame.index] or "{}") == frame.arguments
            completed.add(frame.index)
        elif isinstance(frame, (TextComplete, ReasoningComplete)):
            assert joined.get(frame.index, "") == frame.text
            completed.add(frame.index)
    ids = {}
    for frame in frames:
        if isinstance(frame, (ToolCallDelta, ToolCallComplete)):
            assert ids.setdefault(frame.index, frame.tool_call_id) == frame.tool_call_id
    assert len(set(ids.values())) == len(ids), "no two calls share an id"
    ends = [frame for frame in frames if isinstance(frame, End)]
    assert len(ends) <= 1
    assert not ends or frames[-1] is ends[0]


# Pieces of calls, and the calls that come of them: (id, name, arguments); None is a made-up id.
SCRIPTS = {
    "one call in pieces": (
        [call("a", "f", "", 0), call(arguments='{"x"', index=0), call(arguments=": 1}", index=0)],
        [("a", "f", '{"x": 1}')],
    ),
    "whole in one piece": ([call("a", "f", '{"x": 1}', 0)], [("a", "f", '{"x": 1}')]),
    "no arguments": ([call("a", "f", index=0)], [("a", "f", "{}")]),
    "arguments null": ([call("a", "f", None, 0)], [("a", "f", "{}")]),
    "arguments empty": ([call("a", "f", "", 0), call(arguments="", index=0)], [("a", "f", "{}")]),
    "arguments of white space": ([call("a", "f", " ", 0)], [("a", "f", " {}")]),
    "arguments as an object": ([call("a", "f", {"x": [1]}, 0)], [("a", "f", '{"x":[1]}')]),
    "arguments as an empty object": ([call("a", "f", {}, 0)], [("a", "f", "{}")]),
    "id missing": ([call(None, "f", "{}", 0)], [(None, "f", "{}")]),
    "id empty": ([call("", "f", "{}", 0)], [(None, "f", "{}")]),
    "id the word null": ([call("null", "f", "{}", 0)], [(None, "f", "{}")]),
    "id a number": ([call(7, "f", "{}", 0), call(7, None, "", 0)], [("7", "f", "{}")]),
    "id on each piece": (
        [call("a", "f", "{", 0), call("a", None, '"x": 1', 0), call("a", None, "}", 0)],
        [("a", "f", '{"x": 1}')],
    ),
    "id and name on each piece": (
        [call("a", "f", "{", 0), call("a", "f", '"x": 1', 0), call("a", "f", "}", 0)],
        [("a", "f", '{"x": 1}')],
    ),
    "id late, before anything was given": (
        [call(None, None, "", 0), call("a", "f", "{}", 0)],
        [("a", "f", "{}")],
    ),
    "id late, after the first delta": (
        [call(None, "f", "{", 0), call("a", None, "}", 0)],
        [(None, "f", "{}")],
    ),
    "name late": (
        [call("a", None, '{"x"', 0), call(None, "f", ": 1}", 0)],
        [("a", "f", '{"x": 1}')],
    ),
    "name behind the arguments": (
        [call("a", None, '{"x": 1}', 0), call(None, "f", None, 0)],
        [("a", "f", '{"x": 1}')],
    ),
    "name in pieces": (
        [call("a", "get_", "", 0), call(None, "weather", "", 0), call(None, None, "{}", 0)],
        [("a", "get_weather", "{}")],
    ),
    "name growing": (
        [call("a", "get", "", 0), call(None, "get_weather", "{}", 0)],
        [("a", "get_weather", "{}")],
    ),
    "name repeated": (
        [call("a", "f", "", 0), call(None, "f", "{", 0), call(None, "f", "}", 0)],
        [("a", "f", "{}")],
    ),
    "interleaved by index": (
        [
            call("a", "f", "", 0), call("b", "g", "", 1), call(None, None, '{"x"', 0),
            call(None, None, '{"y"', 1), call(None, None, ":1}", 0), call(None, None, ":2}", 1),
        ],
        [("a", "f", '{"x":1}'), ("b", "g", '{"y":2}')],
    ),
    "interleaved by id": (
        [
            call("a", "f", '{"x"'), call("b", "g", '{"y"'), call("a", None, ":1}"),
            call("b", None, ":2}"),
        ],
        [("a", "f", '{"x":1}'), ("b", "g", '{"y":2}')],
    ),
    "interleaved by both": (
        [
            call("a", "f", '{"x"', 0), call("b", "g", '{"y"', 1), call("a", None, ":1}", 0),
            call("b", None, ":2}", 1),
        ],
        [("a", "f", '{"x":1}'), ("b", "g", '{"y":2}')],
    ),
    "all at index 0, by id": (
        [call("a", "f", '{"x":1}', 0), call("b", "g", '{"y"', 0), call("b", None, ":2}", 0)],
        [("a", "f", '{"x":1}'), ("b", "g", '{"y":2}')],
    ),
    "all at index 0, interleaved by id": (
        [
            call("a", "f", '{"x"', 0), call("b", "g", '{"y"', 0), call("a", None, ":1}", 0),
            call("b", None, ":2}", 0),
        ],
        [("a", "f", '{"x":1}'), ("b", "g", '{"y":2}')],
    ),
    "all at index 0, no ids, new name": (
        [call(None, "f", '{"x":1}', 0), call(None, "g", '{"y":2}', 0)],
        [(None, "f", '{"x":1}'), (None, "g", '{"y":2}')],
    ),
    "all at index 0, no ids, same name": (
        [call(None, "f", '{"x":1}', 0), call(None, "f", '{"x":2}', 0)],
        [(None, "f", '{"x":1}'), (None, "f", '{"x":2}')],
    ),
    "all at index 0, no ids, same name, arguments later": (
        [call(None, "f", '{"x":1}', 0), call(None, "f", "", 0), call(None, None, '{"x":2}', 0)],
        [(None, "f", '{"x":1}'), (None, "f", '{"x":2}')],
    ),
    "no id and no index, two calls": (
        [call(None, "f", '{"x":1}'), call(None, "g", '{"y":2}')],
        [(None, "f", '{"x":1}'), (None, "g", '{"y":2}')],
    ),
    "no id and no index, the same call twice": (
        [call(None, "f", '{"x":1}'), call(None, "f", '{"x":1}')],
        [(None, "f", '{"x":1}'), (None, "f", '{"x":1}')],
    ),
    "no id and no index, in pieces": (
        [call(None, "f", '{"x"'), call(arguments=":1}"), call(None, "g"), call(arguments="{}")],
        [(None, "f", '{"x":1}'), (None, "g", "{}")],
    ),
    "ids without index": (
        [call("a", "f", '{"x":1}'), call("b", "f", '{"x":2}')],
        [("a", "f", '{"x":1}'), ("b", "f", '{"x":2}')],
    ),
    "the same id for two calls at two indexes": (
        [call("a", "f", '{"x":1}', 0), call("a", "g", '{"y":2}', 1)],
        [("a", "f", '{"x":1}'), (None, "g", '{"y":2}')],
    ),
    "the same id and name at two indexes, interleaved": (
        [call("a", "f", '{"x"', 0), call("a", "f", '{"y"', 1), call(arguments=":1}", index=0), call(arguments=":2}", index=1)],
        [("a", "f", '{"x":1}'), (None, "f", '{"y":2}')],
    ),
    "the same id and name at two indexes, whole": (
        [call("a", "f", '{"x":1}', 0), call("a", "f", '{"x":2}', 1)],
        [("a", "f", '{"x":1}'), (None, "f", '{"x":2}')],
    ),
    "the same id and name, the index wanders": (
        [call("a", "f", '{"x"', 0), call("a", "f", ":1}", 1)],
        [("a", "f", '{"x":1}')],
    ),
    "id late with the name again, no index": (
        [call(None, "f", '{"x"'), call("a", "f", ":1}")],
        [(None, "f", '{"x":1}')],
    ),
    "id late, no index": (
        [call(None, "f", ""), call("a", None, '{"x"'), call("a", None, ":1}")],
        [(None, "f", '{"x":1}')],
    ),
    "no id and no index, no arguments": (
        [call(None, "f"), call(None, "g")],
        [(None, "f", "{}"), (None, "g", "{}")],
    ),
    "name in pieces, no index": (
        [call("a", "get_", ""), call(None, "weather", ""), call(None, None, "{}")],
        [("a", "get_weather", "{}")],
    ),
    "name in pieces, id again": (
        [call("a", "get_", "", 0), call("a", "wea", "", 0), call("a", "ther", "{}", 0)],
        [("a", "get_weather", "{}")],
    ),
    "name on each piece, also behind the whole": (
        [call("a", "f", "", 0), call("a", "f", '{"x":1}', 0), call("a", "f", "", 0), call("a", "f", None, 0)],
        [("a", "f", '{"x":1}')],
    ),
    "id null on each piece": (
        [call("null", "f", "{", 0), call("null", None, '"x":1', 0), call("null", None, "}", 0)],
        [(None, "f", '{"x":1}')],
    ),
    "ids that are empty, calls one after the other": (
        [call("", "f", '{"x":1}', 0), call("", "f", '{"x":2}', 1), call("", "g", "", 2)],
        [(None, "f", '{"x":1}'), (None, "f", '{"x":2}'), (None, "g", "{}")],
    ),
    "three calls whose ids come late, interleaved": (
        [call(None, "f", "{", 0), call(None, "g", "{", 1), call("a", None, '"x":1', 0), call("b", None, '"y":2', 1), call("a", None, "}", 0), call("b", None, "}", 1)],
        [(None, "f", '{"x":1}'), (None, "g", '{"y":2}')],
    ),
    "the index on the first piece alone": (
        [call("a", "f", "", 0), call(arguments='{"x"'), call(arguments=":1}")],
        [("a", "f", '{"x":1}')],
    ),
    "by id and then by index": (
        [call("a", "f", '{"x"', 0), call("b", "g", '{"y"', 1), call("a", None, ":1"), call(None, None, "}", 0), call("b", None, ":2}")],
        [("a", "f", '{"x":1}'), ("b", "g", '{"y":2}')],
    ),
    "a new id at the same index behind no arguments": (
        [call("a", "f", "", 0), call("b", "f", "", 0)],
        [("a", "f", "{}"), ("b", "f", "{}")],
    ),
    "objects, and then text": (
        [call("a", "f", {"x": 1}, 0), call("b", "f", {"x": 2}, 0), call(None, "g", {}, 0), call(None, "g", {}, 0)],
        [("a", "f", '{"x":1}'), ("b", "f", '{"x":2}'), (None, "g", "{}"), (None, "g", "{}")],
    ),
    "null as text": ([call("a", "f", "null", 0)], [("a", "f", "null")]),
    "escapes cut in two": (
        [call("a", "f", '{"x":"\\', 0), call(arguments='"}', index=0), call(arguments='{\\', index=0), call(arguments='\\"}', index=0)],
        [("a", "f", '{"x":"\\"}{\\\\"}')],
    ),
    "glued objects": (
        [call("a", "f", '{"x":1}{"x":2}', 0)],
        [("a", "f", '{"x":1}'), (None, "f", '{"x":2}')],
    ),
    "three objects glued and cut": (
        [call("a", "f", '{"x":1}{"x"', 0), call(arguments=':2}\n{"x":3', index=0), call(arguments="}", index=0)],
        [("a", "f", '{"x":1}'), (None, "f", '{"x":2}\n'), (None, "f", '{"x":3}')],
    ),
    "glued braces in a string": (
        [call("a", "f", '{"x":"}{"}', 0)],
        [("a", "f", '{"x":"}{"}')],
    ),
    "indexes with gaps, out of order": (
        [call("b", "g", "{}", 5), call("a", "f", "{}", 2)],
        [("b", "g", "{}"), ("a", "f", "{}")],
    ),
    "index only from the second piece on": (
        [call("a", "f", '{"x"'), call(None, None, ":1}", 0)],
        [("a", "f", '{"x":1}')],
    ),
    "a repetition behind the whole": (
        [call("a", "f", "{}", 0), call("a", "f", "", 0), call("a", None, None, 0)],
        [("a", "f", "{}")],
    ),
    "broken but declared finished": (
        [call("a", "f", '{"x": oops', 0)],
        [("a", "f", '{"x": oops')],
    ),
    "a list as arguments": ([call("a", "f", "[1]", 0)], [("a", "f", "[1]")]),
}  # fmt: skip
