"""Conversations in Gemini's form, with the official SDK's types as judges."""

from typing import Any

from google.genai import types
from hypothesis import given, settings
from hypothesis import strategies as st

from nbagent.messages import (
    FilePart,
    ImagePart,
    Message,
    Prompt,
    ReasoningPart,
    ToolCall,
    ToolResultPart,
)
from nbagent.providers.gemini_messages import encode_contents, encode_system, has_levels

PNG = ImagePart(b"png")
INLINE = {"inlineData": {"mimeType": "image/png", "data": "cG5n"}}


def judged(*messages: Message, newer: bool = False) -> list[dict]:
    """The encoded contents, after the SDK's types have found nothing wrong or unknown in them."""
    contents = encode_contents(Prompt(messages), newer=newer)
    for content in contents:
        types.Content.model_validate(content)
    return contents


def parts_of(*messages: Message, **options: Any) -> list[dict]:
    """The parts of the one content of these messages."""
    [content] = judged(*messages, **options)
    return list(content["parts"])


def test_the_system_text_stands_apart():
    """All instructions are one systemInstruction, without a role."""
    prompt = Prompt.of([Message.system("Be brief."), Message.user("Hi"), Message.system("Be kind")])
    system = encode_system(prompt)
    assert system == {"parts": [{"text": "Be brief."}, {"text": "Be kind"}]}
    types.Content.model_validate(system)
    assert encode_system(Prompt.of("Hi")) is None
    assert [content["role"] for content in encode_contents(prompt, newer=True)] == ["user"]


def test_a_turn_with_tools():
    """Words, images, calls as objects and their results stand in contents of user and model."""
    conversation = judged(
        Message.user("Look", PNG),
        Message.assistant("Looking.", ToolCall("a", "look", '{"x": 1}')),
        Message.tool(ToolResultPart("a", "look", "seen")),
        Message.user("Well?"),
    )
    assert conversation == [
        {"role": "user", "parts": [{"text": "Look"}, INLINE]},
        {
            "role": "model",
            "parts": [
                {"text": "Looking."},
                {"functionCall": {"id": "a", "name": "look", "args": {"x": 1}}},
            ],
        },
        {
            "role": "user",
            "parts": [
                {
                    "functionResponse": {
                        "id": "a",
                        "name": "look",
                        "response": {"output": "seen"},
                    }
                }
            ],
        },
        {"role": "user", "parts": [{"text": "Well?"}]},
    ]


def test_ids_that_were_made_up_are_not_sent():
    """A call that Gemini did not name goes back without a name, and so does its result."""
    made_up = "call_" + "0a" * 12
    call, result = judged(
        Message.assistant(ToolCall(made_up, "f")), Message.tool(ToolResultPart(made_up, "f", "1"))
    )
    assert call["parts"] == [{"functionCall": {"name": "f", "args": {}}}]
    assert "id" not in result["parts"][0]["functionResponse"]


def test_a_late_id_is_the_one_that_goes_back():
    """The provider's own id of the call stands on both sides."""
    call, result = judged(
        Message.assistant(ToolCall("ours", "f", provider_id="theirs")),
        Message.tool(ToolResultPart("ours", "f", "1")),
    )
    assert call["parts"][0]["functionCall"]["id"] == "theirs"
    assert result["parts"][0]["functionResponse"]["id"] == "theirs"


def test_results_come_together_and_in_the_order_of_the_calls():
    """One content for all of them: without ids their place alone says whose they are."""
    calls = Message.assistant(ToolCall("a", "f"), ToolCall("b", "f"))
    results = [ToolResultPart("b", "f", "2", error=True), ToolResultPart("a", "f", "1")]
    _, content = judged(calls, *(Message.tool(result) for result in results))
    assert [part["functionResponse"]["response"] for part in content["parts"]] == [
        {"output": "1"},
        {"error": "2"},
    ]


def test_images_of_results():
    """Gemini 3 takes them inside the result, the models before it beside."""
    messages = (
        Message.assistant(ToolCall("a", "f")),
        Message.tool(ToolResultPart("a", "f", "see", (PNG,))),
    )
    newer = judged(*messages, newer=True)[1]["parts"]
    assert newer[0]["functionResponse"]["parts"] == [INLINE] and len(newer) == 1
    older = judged(*messages)[1]["parts"]
    assert "parts" not in older[0]["functionResponse"] and older[1] == INLINE


def test_signatures_go_back_on_the_part_they_came_on():
    """On a thought, on words, on a call, or alone where nothing is before them."""
    said = (
        ReasoningPart("hm", signature="czE="),
        ReasoningPart(signature="czI="),
        *Message.user("So.").parts,
        ReasoningPart(signature="czM="),
        ToolCall("a", "f", signature="czQ="),
        ToolCall("b", "f"),
    )
    parts = parts_of(Message("assistant", said), newer=True)
    assert [(part.get("text"), part.get("thoughtSignature")) for part in parts] == [
        ("hm", "czE="),
        ("", "czI="),
        ("So.", "czM="),
        (None, "czQ="),
        (None, None),
    ]
    assert [part.get("thought") for part in parts] == [True, None, None, None, None]


def test_calls_of_another_model_say_that_they_have_no_signature():
    """Gemini 3 refuses unsigned calls; Google's word for them stands on the first of a reply."""
    calls = Message.assistant(ToolCall("a", "f"), ToolCall("b", "f"))
    newer = parts_of(calls, newer=True)
    assert [part.get("thoughtSignature") for part in newer] == [
        "skip_thought_signature_validator",
        None,
    ]
    assert not any("thoughtSignature" in part for part in parts_of(calls))


def test_thoughts_that_mean_nothing_here_stay_here():
    """Unsigned reasoning and what another provider signed are not sent."""
    claude = (ReasoningPart("hm", signature="c2ln"), *Message.user("A").parts)
    conversation = judged(
        Message.assistant(ReasoningPart("hm"), "A"),
        Message("assistant", claude, "stop", model="claude-sonnet-4-5"),
        Message.assistant(ReasoningPart("hm", signature='{"encrypted_content": "x"}'), "A"),
    )
    assert [content["parts"] for content in conversation] == [[{"text": "A"}]] * 3
    [own] = judged(Message("assistant", claude, "stop", model="gemini-3-pro"))
    assert own["parts"][0]["thought"] is True


def test_files_and_images_in_their_forms():
    """Bytes and data URLs are inline, other addresses are file data."""
    url = "data:image/gif;base64,R0lG"
    parts = parts_of(
        Message.user(
            FilePart(b"%PDF", "application/pdf"),
            ImagePart(url=url),
            ImagePart(url="https://example.org/a.png"),
        )
    )
    assert parts == [
        {"inlineData": {"mimeType": "application/pdf", "data": "JVBERg=="}},
        {"inlineData": {"mimeType": "image/gif", "data": "R0lG"}},
        {"fileData": {"mimeType": "image/png", "fileUri": "https://example.org/a.png"}},
    ]


def test_the_generations_of_models():
    """Gemini 2.5 and before, and Gemma, have budgets; what is not known is taken as new."""
    older = ("gemini-2.5-pro", "gemini-2.0-flash", "gemini-1.5-pro", "models/gemini-2.5-flash")
    assert not any(has_levels(name) for name in (*older, "gemma-3-27b-it"))
    assert all(has_levels(name) for name in ("gemini-3-pro-preview", "gemini-flash-latest"))


TEXT = st.text(max_size=6)
SIGNED = st.none() | st.just("c2ln")
PARTS = st.one_of(
    TEXT.map(lambda text: Message.user(text).parts[0]),
    st.builds(ReasoningPart, TEXT, signature=SIGNED),
    st.builds(ToolCall, TEXT, TEXT, st.sampled_from(["{}", "[1]", "{"]), signature=SIGNED),
    st.builds(ToolResultPart, TEXT, TEXT, TEXT, st.sampled_from([(), (PNG,)]), st.booleans()),
    st.just(PNG),
)
ROLES = st.sampled_from(["user", "assistant", "tool", "system"])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.builds(Message, ROLES, st.lists(PARTS, max_size=4).map(tuple)), max_size=5),
    st.booleans(),
)
def test_any_conversation_has_the_sdks_form(messages, newer):
    """Whatever the messages carry, the SDK's types find nothing wrong, and nothing is empty."""
    assert all(content["parts"] for content in judged(*messages, newer=newer))
