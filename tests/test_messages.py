"""What is said: prompts, messages and their parts, as values."""

# ruff: noqa: E501 - one case a line is easier to read and to compare

import dataclasses

import pytest

from nbagent.messages import (
    FilePart,
    ImagePart,
    Message,
    Prompt,
    ReasoningPart,
    TextPart,
    ToolCall,
    ToolResultPart,
    ToolSpec,
    Usage,
)


def test_usage_adds_up():
    """Each count on its own."""
    assert Usage(1, 2, 3, 4) + Usage(10, 20, 30, 40) == Usage(11, 22, 33, 44)


@pytest.mark.parametrize(
    ("given", "want"),
    [
        ("hi", (Message.user("hi"),)),
        ("", (Message.user(""),)),
        (Message.user("hi"), (Message.user("hi"),)),
        ([], ()),
        ([Message.system("s"), {"role": "user", "content": "u"}], (Message.system("s"), Message.user("u"))),
        (({"role": "user", "content": "u"},), (Message.user("u"),)),
        (Prompt((Message.user("hi"),)), (Message.user("hi"),)),
    ],
)  # fmt: skip
def test_prompts_of_every_kind(given, want):
    """A string, one message, a list, mappings, a prompt."""
    assert Prompt.of(given).messages == want


@pytest.mark.parametrize("given", [5, None, b"bytes", {"role": "user", "content": "one"}])
def test_what_is_no_prompt(given):
    """The error says what is."""
    with pytest.raises(TypeError, match="string, a list of messages or a Prompt"):
        Prompt.of(given)


@pytest.mark.parametrize(
    ("mapping", "want"),
    [
        ({"role": "developer", "content": "s"}, Message.system("s")),
        ({"role": "user", "content": None}, Message("user")),
        ({"role": "user", "content": ["a", {"type": "text", "text": "b"}]}, Message.user("a", "b")),
        ({"role": "user", "content": [{"type": "input_text", "text": "b"}]}, Message.user("b")),
        ({"role": "user", "content": [{"type": "image_url", "image_url": {"url": "u"}}]}, Message.user(ImagePart(url="u"))),
        ({"role": "user", "content": [{"type": "image_url", "image_url": "u"}]}, Message.user(ImagePart(url="u"))),
        ({"role": "user", "content": [FilePart(b"x")]}, Message.user(FilePart(b"x"))),
        (
            {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": "{}"}}]},
            Message.assistant(ToolCall("1", "f", "{}")),
        ),
        ({"role": "assistant", "tool_calls": [{"tool_call_id": "1", "name": "f"}]}, Message.assistant(ToolCall("1", "f", "{}"))),
        ({"role": "tool", "tool_call_id": "1", "name": "f", "content": "r"}, Message.tool(ToolResultPart("1", "f", "r"))),
    ],
)  # fmt: skip
def test_mappings_as_chat_apis_write_them(mapping, want):
    """Roles, parts, calls and results are read."""
    assert Message.of(mapping) == want


@pytest.mark.parametrize(
    "mapping",
    [{}, {"role": "robot", "content": "x"}, {"role": "user", "content": 5}, {"role": "user", "content": [5]},
     {"role": "user", "content": [{"type": "audio"}]}],
)  # fmt: skip
def test_mappings_that_cannot_be_read(mapping):
    """They are refused, not guessed at."""
    with pytest.raises(ValueError, match=r"role|content"):
        Message.of(mapping)


def test_what_a_message_says():
    """Words, reasoning, calls and results, each of all parts."""
    message = Message.assistant(
        ReasoningPart("a"), ReasoningPart("", "b"), "c", ToolCall("1", "f"), "d"
    )
    assert (message.reasoning, message.text) == ("ab", "cd")
    assert message.tool_calls == (ToolCall("1", "f"),)
    result = ToolResultPart("1", "f", "r")
    assert Message.tool(result).tool_results == (result,)
    assert message.finish_reason is None


@pytest.mark.parametrize(
    "kind",
    [
        Message,
        Prompt,
        TextPart,
        ReasoningPart,
        ImagePart,
        FilePart,
        ToolCall,
        ToolResultPart,
        ToolSpec,
        Usage,
    ],
)
def test_they_are_frozen_and_slotted(kind):
    """Pure values: nothing can be changed or added."""
    assert dataclasses.is_dataclass(kind)
    assert kind.__dataclass_params__.frozen
    assert "__slots__" in vars(kind)


def test_a_tool_without_parameters():
    """Its schema is an object without properties."""
    assert ToolSpec("f").parameters == {"type": "object", "properties": {}}
