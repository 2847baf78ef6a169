"""The request of the schema form: the schema of a reply, and the conversation in words."""

# ruff: noqa: E501 - one case a line is easier to read and to compare

import json

import pytest

from nbagent.calling.schema_prompt import encode_prompt, repeats, reply_schema
from nbagent.messages import (
    ImagePart,
    Message,
    Prompt,
    TextPart,
    ToolCall,
    ToolResultPart,
    ToolSpec,
)
from nbagent.output_schema import OutputSchema

PARAMETERS = {
    "type": "object",
    "properties": {"x": {"type": "number", "description": "The x."}},
    "required": ["x"],
}
F = ToolSpec("f", "Does f.", PARAMETERS, examples=(("f of 1?", {"x": 1}), ("f of 2?", {"x": 2})))
G = ToolSpec("g", "Does g.", examples=(("g?", {}),))


def names_in(schema):
    """What the options of a reply's schema are."""
    return [
        option["properties"].get("tool", {}).get("const", "reply") for option in schema["anyOf"]
    ]


def test_the_reply_is_a_call_or_words():
    """Without a choice, every tool and words are possible; a choice leaves the others out."""
    assert names_in(reply_schema([F, G], None, None)) == ["f", "g", "reply"]
    assert names_in(reply_schema([F, G], "auto", None)) == ["f", "g", "reply"]
    assert names_in(reply_schema([F, G], "required", None)) == ["f", "g"]
    assert names_in(reply_schema([F, G], "g", None)) == ["g"]


def test_each_option_is_closed():
    """A call has its tool's own parameters and nothing beside them."""
    option = reply_schema([F], "required", None)["anyOf"][0]
    assert option["properties"]["arguments"] == PARAMETERS
    assert option["required"] == ["tool", "arguments"]
    assert option["additionalProperties"] is False


def test_an_output_takes_the_place_of_words():
    """The form of the answer is what stands under reply."""
    output = OutputSchema("n", {"type": "integer"})
    assert reply_schema([], None, output)["anyOf"][0]["properties"]["reply"] == {"type": "integer"}


def test_definitions_of_one_name_stay_apart():
    """Two tools may define the same name differently; each refers to its own."""

    def spec(name, kind):
        item = {"type": "array", "items": {"$ref": "#/$defs/Item"}}
        return ToolSpec(
            name,
            "",
            {"type": "object", "properties": {"items": item}, "$defs": {"Item": {"type": kind}}},
        )

    schema = reply_schema(
        [spec("a", "string"), spec("b", "number"), spec("c", "string")], "required", None
    )
    kinds = []
    for option in schema["anyOf"]:
        reference = option["properties"]["arguments"]["properties"]["items"]["items"]["$ref"]
        kinds.append(schema["$defs"][reference.removeprefix("#/$defs/")]["type"])
    assert kinds == ["string", "number", "string"]


def test_tools_and_examples_stand_before_the_conversation():
    """The system message describes the tools, the examples come in turn as earlier replies."""
    prompt = Prompt((Message.system("Be brief."), Message.user("hi")))
    system, *rest = encode_prompt(prompt, (F, G)).messages
    assert system.role == "system"
    assert system.text.startswith("Be brief.")
    for word in ("- f: Does f.", "x: The x.; number", "- g: Does g."):
        assert word in system.text
    assert [message.text for message in rest] == [
        "f of 1?", '{"tool": "f", "arguments": {"x":1}}',
        "g?", '{"tool": "g", "arguments": {}}',
        "f of 2?", '{"tool": "f", "arguments": {"x":2}}',
        "hi",
    ]  # fmt: skip


def test_history_is_written_in_the_form_of_the_reply():
    """Earlier words, calls and results are what the model would have written and read."""
    image = ImagePart(b"png")
    prompt = Prompt((
        Message.user("q"),
        Message.assistant('Say "hi"'),
        Message.user("q2"),
        Message.assistant(ToolCall("1", "f", '{"x": 1}')),
        Message.tool(ToolResultPart("1", "f", "42", (image,)), ToolResultPart("2", "g", "no", error=True)),
    ))  # fmt: skip
    _, *messages = encode_prompt(prompt, (ToolSpec("f"), ToolSpec("g"))).messages
    assert json.loads(messages[1].text) == {"reply": 'Say "hi"'}
    assert json.loads(messages[3].text) == {"tool": "f", "arguments": {"x": 1}}
    results = messages[4]
    assert results.role == "user"
    assert "Result of f: 42" in results.text
    assert "The tool g failed: no" in results.text
    assert results.text.endswith(": q2")
    assert image in results.parts


def test_without_tools_words_stay_words():
    """A reply that is not constrained is not to mimic the form."""
    prompt = Prompt((
        Message.assistant("Hello"),
        Message.assistant(ToolCall("1", "f", "{}")),
        Message.tool(ToolResultPart("1", "f", "42")),
    ))  # fmt: skip
    plain, call, result = encode_prompt(prompt, ()).messages
    assert plain.parts == (TextPart("Hello"),)
    assert "f" in call.text
    assert call.tool_calls == ()
    assert (result.role, result.text) == ("user", "Result of f: 42\n")


def test_going_in_circles_is_noticed():
    """The very same calls twice in a row since the last question are a circle."""
    call = Message.assistant(ToolCall("1", "f", "{}"))
    result = Message.tool(ToolResultPart("1", "f", "42"))
    assert repeats(Prompt((Message.user("q"), call, result, call, result)))
    assert not repeats(Prompt((Message.user("q"), call, result)))
    assert not repeats(Prompt((call, result, Message.user("q"), call, result)))
    other = Message.assistant(ToolCall("2", "f", '{"x": 1}'))
    assert not repeats(Prompt((Message.user("q"), call, result, other, result)))


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "enum": ["cars", "trips"]},
        {"anyOf": [{"type": "string", "enum": ["cars", "trips"]}, {"type": "null"}]},
        {"type": "array", "items": {"type": "string", "enum": ["cars", "trips"]}},
    ],
)
def test_the_choices_are_told_wherever_they_stand(schema):
    """Also those of an optional parameter and of a list's items."""
    spec = ToolSpec("look", parameters={"type": "object", "properties": {"frame": schema}})
    told = encode_prompt(Prompt.of("Go."), (spec,)).messages[0].text
    assert "frame: one of cars, trips" in told


ROW = OutputSchema("row", {"type": "object", "properties": {"x": {"type": "number"}}})


def test_the_form_of_an_answer_is_told():
    """Its fields stand where the words of an answer were described."""
    told = encode_prompt(Prompt.of("How much?"), (G,), ROW).messages[0].text
    assert '{"reply": {…}}' in told and "- x: number" in told
    assert "in words" not in told and '"<your answer>"' not in told


def test_behind_a_result_the_answer_is_asked_for_in_its_form():
    """Not as a sentence."""
    result = Message.tool(ToolResultPart("1", "g", "3"))
    said = [Message.user("How much?"), Message.assistant(ToolCall("1", "g")), result]
    last = encode_prompt(Prompt.of(said), (G,), ROW).messages[-1].text
    assert '{"reply": {…}}' in last and "sentence" not in last and last.endswith("How much?")


@pytest.mark.parametrize(
    ("text", "shown"),
    [('{"x": 1}', {"reply": {"x": 1}}), ("[1]", {"reply": "[1]"}), ("No.", {"reply": "No."})],
)
def test_an_earlier_answer_stands_as_the_model_would_write_it(text, shown):
    """An object is the reply itself, words are words."""
    said = [Message.user("a"), Message.assistant(text), Message.user("b")]
    messages = encode_prompt(Prompt.of(said), (G,), ROW).messages
    assert [json.loads(m.text) for m in messages if m.role == "assistant"][-1] == shown
