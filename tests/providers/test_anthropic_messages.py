"""Conversations in Anthropic's form, with the official SDK's request types as judges."""

import base64
from itertools import pairwise
from typing import Any

import pydantic
import pytest
from anthropic.types.message_create_params import MessageCreateParamsStreaming
from hypothesis import given, settings
from hypothesis import strategies as st

from nbagent.errors import UnsupportedCapability
from nbagent.messages import (
    FilePart,
    ImagePart,
    Message,
    Prompt,
    ReasoningPart,
    ToolCall,
    ToolResultPart,
)
from nbagent.providers.anthropic_messages import encode_messages, encode_system

JUDGE = pydantic.TypeAdapter(MessageCreateParamsStreaming)
PNG = ImagePart(b"png")
IMAGE = {
    "type": "image",
    "source": {"type": "base64", "media_type": "image/png", "data": "cG5n"},
}


def drained(value: Any) -> Any:
    """A validated value with its lazy iterables read out."""
    if isinstance(value, dict):
        return {name: drained(each) for name, each in value.items()}
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        return value
    return [drained(each) for each in value]


def judged(*messages: Message) -> list[dict]:
    """The encoded messages, after the SDK's types have found nothing wrong or unknown in them."""
    encoded = encode_messages(Prompt(messages))
    body = {"model": "claude", "max_tokens": 1, "stream": True, "messages": encoded}
    assert drained(JUDGE.validate_python(body)) == body
    return encoded


def test_the_system_text_stands_apart():
    """All instructions go to the top level, the messages keep the others."""
    prompt = Prompt.of([Message.system("Be brief."), Message.user("Hi"), Message.system("Be kind")])
    assert encode_system(prompt) == "Be brief.\n\nBe kind"
    assert [message["role"] for message in encode_messages(prompt)] == ["user"]


def test_a_turn_with_tools():
    """Reasoning, words, calls, results with error and image: each is a block in its place."""
    conversation = judged(
        Message.user("Look", PNG),
        Message.assistant(
            ReasoningPart("hm", signature="sig"),
            ReasoningPart(signature="data", id="redacted"),
            "Looking.",
            ToolCall("a", "look", '{"x": 1}'),
            ToolCall("b", "look", "{}"),
        ),
        Message.tool(
            ToolResultPart("a", "look", "seen", (PNG,)),
            ToolResultPart("b", "look", "failed", error=True),
        ),
        Message.user("Well?"),
    )
    assert conversation == [
        {"role": "user", "content": [{"type": "text", "text": "Look"}, IMAGE]},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "hm", "signature": "sig"},
                {"type": "redacted_thinking", "data": "data"},
                {"type": "text", "text": "Looking."},
                {"type": "tool_use", "id": "a", "name": "look", "input": {"x": 1}},
                {"type": "tool_use", "id": "b", "name": "look", "input": {}},
            ],
        },
        {
            "role": "user",
            "content": [
                {
                    "type": "tool_result",
                    "tool_use_id": "a",
                    "content": [{"type": "text", "text": "seen"}, IMAGE],
                },
                {
                    "type": "tool_result",
                    "tool_use_id": "b",
                    "content": "failed",
                    "is_error": True,
                },
                {"type": "text", "text": "Well?"},
            ],
        },
    ]


def test_messages_of_one_role_are_merged_with_results_first():
    """Roles come in turn, and the results stand before the words of their turn."""
    conversation = judged(
        Message.user("one"),
        Message.user("two"),
        Message.assistant(ToolCall("a", "f")),
        Message.assistant(ToolCall("b", "f")),
        Message.user("Quick!"),
        Message.tool(ToolResultPart("a", "f", "1")),
        Message.tool(ToolResultPart("b", "f", "2")),
    )
    assert [message["role"] for message in conversation] == ["user", "assistant", "user"]
    kinds = [block["type"] for block in conversation[2]["content"]]
    assert kinds == ["tool_result", "tool_result", "text"]


def test_nothing_empty_is_sent():
    """Empty and blank words, results without text and empty messages are left out."""
    conversation = judged(
        Message.user("Hi", "", "  \n"),
        Message.assistant(""),
        Message.user("again"),
        Message.assistant(ToolCall("a", "f")),
        Message.tool(ToolResultPart("a", "f", "")),
    )
    assert [len(message["content"]) for message in conversation] == [2, 1, 1]
    assert conversation[2]["content"] == [{"type": "tool_result", "tool_use_id": "a"}]


def test_thoughts_that_cannot_go_back_stay_here():
    """Unsigned reasoning, another provider's, and one that nothing follows are not sent."""
    other = Message("assistant", (ReasoningPart("hm", signature="g"), *Message.user("a").parts))
    conversation = judged(
        Message.user("Hi"),
        Message.assistant(ReasoningPart("hm"), "A"),
        Message.user("?"),
        Message("assistant", other.parts, "stop", model="gemini-3-pro"),
        Message.user("?"),
        Message.assistant(ReasoningPart("{}", signature='{"encrypted_content": "x"}'), "B"),
        Message.user("?"),
        Message.assistant("C", ReasoningPart("cut short", signature="s")),
        Message.user("?"),
        Message.assistant(ReasoningPart(signature="of a reply without an End"), "D"),
    )
    kinds = {block["type"] for message in conversation for block in message["content"]}
    assert kinds == {"text"}
    own = Message("assistant", other.parts, "stop", model="claude-sonnet-4-5")
    assert judged(own)[0]["content"][0]["type"] == "thinking"


def test_ids_are_the_same_on_both_sides():
    """A provider's late id, and characters that Anthropic refuses, change call and result alike."""
    conversation = judged(
        Message.assistant(ToolCall("ours", "f", provider_id="functions.f:0")),
        Message.tool(ToolResultPart("ours", "f", "1")),
    )
    assert conversation[0]["content"][0]["id"] == "functions_f_0"
    assert conversation[1]["content"][0]["tool_use_id"] == "functions_f_0"


def test_arguments_that_are_no_object_still_reach_the_model():
    """Broken JSON of an earlier call goes back inside an object, as the API wants one."""
    [message] = judged(Message.assistant(ToolCall("a", "f", '{"x": ')))
    assert message["content"][0]["input"] == {"not_json": '{"x": '}


def test_files_and_images_in_their_forms():
    """PDF and text are documents, images by bytes, data URL or URL have their own sources."""
    url = "data:image/gif;base64,R0lG"
    [message] = judged(
        Message.user(
            FilePart(b"%PDF", "application/pdf", "a.pdf"),
            FilePart("é,1".encode(), "text/csv", "a.csv"),
            FilePart(b"png", "image/png", "a.png"),
            ImagePart(url=url),
            ImagePart(url="https://example.org/a.png"),
        )
    )
    pdf = base64.b64encode(b"%PDF").decode()
    assert [block["source"] for block in message["content"]] == [
        {"type": "base64", "media_type": "application/pdf", "data": pdf},
        {"type": "text", "media_type": "text/plain", "data": "é,1"},
        IMAGE["source"],
        {"type": "base64", "media_type": "image/gif", "data": "R0lG"},
        {"type": "url", "url": "https://example.org/a.png"},
    ]


def test_a_file_that_cannot_be_read_is_refused_before_any_request():
    """A binary file of another kind is named, with what to do."""
    with pytest.raises(UnsupportedCapability, match=r"'a\.zip'"):
        judged(Message.user(FilePart(b"\xff\xfe\x00", "application/zip", "a.zip")))


TEXT = st.text(max_size=6)
SIGNED = st.none() | st.just("sig")
PARTS = st.one_of(
    TEXT.map(lambda text: Message.user(text).parts[0]),
    st.builds(ReasoningPart, TEXT, signature=SIGNED, id=st.none() | st.just("redacted")),
    st.builds(ToolCall, TEXT, TEXT, st.sampled_from(["{}", "", "[1]", '{"x":1}', "{"])),
    st.builds(ToolResultPart, TEXT, TEXT, TEXT, st.sampled_from([(), (PNG,)]), st.booleans()),
    st.just(PNG),
)
ROLES = st.sampled_from(["user", "assistant", "tool", "system"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.builds(Message, ROLES, st.lists(PARTS, max_size=4).map(tuple)), max_size=5))
def test_any_conversation_has_the_sdks_form(messages):
    """Whatever the messages carry, the SDK's types find nothing wrong, and roles come in turn."""
    encoded = judged(*messages)
    roles = [message["role"] for message in encoded]
    assert all(left != right for left, right in pairwise(roles))
    assert all(message["content"] for message in encoded)
