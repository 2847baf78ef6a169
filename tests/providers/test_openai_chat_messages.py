"""Messages in the form of OpenAI's chat completions."""

import json

import pytest

from nbagent.messages import (
    FilePart,
    ImagePart,
    Message,
    Prompt,
    ReasoningPart,
    ToolCall,
    ToolResultPart,
)
from nbagent.providers.openai_chat_messages import encode_messages


def encode(*messages):
    """The messages of a request."""
    return encode_messages(Prompt(messages))


def test_words_of_each_role():
    """System, user and assistant; reasoning stays at home."""
    said = Message.assistant(ReasoningPart("hm"), "a", "b")
    assert encode(Message.system("s"), Message.user("u"), said) == [
        {"role": "system", "content": "s"},
        {"role": "user", "content": "u"},
        {"role": "assistant", "content": "ab"},
    ]


def test_images_and_files():
    """Bytes travel as data URLs, addresses as they are."""
    (message,) = encode(
        Message.user(
            "see",
            ImagePart(b"\x00"),
            ImagePart(url="http://x/y.png"),
            FilePart(b"\x00", "text/plain", "a.txt"),
        )
    )
    assert message["content"] == [
        {"type": "text", "text": "see"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}},
        {"type": "image_url", "image_url": {"url": "http://x/y.png"}},
        {"type": "file", "file": {"filename": "a.txt", "file_data": "data:text/plain;base64,AA=="}},
    ]


def test_calls_and_results():
    """A call and its result have one id, and the provider's own where it came late."""
    calls = (ToolCall("1", "f", '{"x": 1}'), ToolCall("ours", "g", "{}", "theirs"))
    results = (ToolResultPart("1", "f", "one"), ToolResultPart("ours", "g", "two"))
    said, one, two = encode(Message.assistant(*calls), Message.tool(*results))
    assert said["content"] is None
    assert [call["id"] for call in said["tool_calls"]] == ["1", "theirs"]
    assert said["tool_calls"][0] == {
        "id": "1",
        "type": "function",
        "function": {"name": "f", "arguments": '{"x": 1}'},
    }
    assert one == {"role": "tool", "tool_call_id": "1", "content": "one"}
    assert two == {"role": "tool", "tool_call_id": "theirs", "content": "two"}


def test_pictures_of_results_follow_as_the_users():
    """A tool message carries text alone, and all of them stand together."""
    images = (ImagePart(b"\x00"),)
    results = (ToolResultPart("1", "f", "one", images), ToolResultPart("2", "f", "two"))
    calls = (ToolCall("1", "f"), ToolCall("2", "f"))
    assert [m["role"] for m in encode(Message.assistant(*calls), Message.tool(*results))] == [
        "assistant",
        "tool",
        "tool",
        "user",
    ]


@pytest.mark.parametrize("arguments", ["{oops", "5", "", "[1]"])
def test_arguments_that_are_no_object_are_packed(arguments):
    """Servers parse earlier calls; what the model wrote stays readable in valid JSON."""
    (said,) = encode(Message.assistant(ToolCall("1", "f", arguments)))
    assert json.loads(said["tool_calls"][0]["function"]["arguments"]) == {"not_json": arguments}


def test_a_turn_that_says_nothing_is_left_out():
    """Servers refuse it empty."""
    assert encode(
        Message.user("u"), Message("assistant"), Message.assistant(ReasoningPart("hm"))
    ) == [{"role": "user", "content": "u"}]
