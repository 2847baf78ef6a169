"""The request of the prompted form: tools, calls and results in words."""

# ruff: noqa: E501 - one case a line is easier to read and to compare

from nbagent.calling.prompted_prompt import encode_prompted
from nbagent.messages import ImagePart, Message, Prompt, ToolCall, ToolResultPart, ToolSpec
from nbagent.output_schema import OutputSchema

F = ToolSpec(
    "f", "Does f.", {"type": "object", "properties": {"x": {}}}, examples=(("f?", {"x": 1}),)
)


def test_the_system_message_describes_tools_and_form():
    """It keeps what was said, then names each tool, the markup, and the examples."""
    prompt = Prompt((Message.system("Be brief."), Message.user("hi")))
    system, user = encode_prompted(prompt, (F,)).messages
    assert system.text.startswith("Be brief.")
    assert '{"type":"function","function":{"name":"f","description":"Does f."' in system.text
    assert '<tool_call>\n{"name": "f", "arguments": {"x":1}}\n</tool_call>' in system.text
    assert user == Message.user("hi")


def test_history_is_rewritten():
    """Calls are written as the model writes them, and results come from the user."""
    image = ImagePart(b"png")
    prompt = Prompt((
        Message.assistant("See.", ToolCall("1", "f", '{"x": 1}'), ToolCall("2", "f")),
        Message.tool(ToolResultPart("1", "f", "42", (image,)), ToolResultPart("2", "f", "no", error=True)),
    ))  # fmt: skip
    call, result = encode_prompted(prompt, ()).messages
    assert call.tool_calls == ()
    assert call.text == (
        'See.\n<tool_call>\n{"name": "f", "arguments": {"x": 1}}\n</tool_call>\n'
        '<tool_call>\n{"name": "f", "arguments": {}}\n</tool_call>'
    )
    assert result.role == "user"
    assert "<tool_response>\nf: 42\n</tool_response>" in result.text
    assert "f failed: no" in result.text
    assert image in result.parts


def test_choices_are_told_in_words():
    """A choice, one call at a time and the form of the answer each add a sentence."""

    def told(**choices):
        return encode_prompted(Prompt.of("hi"), (F,), **choices).messages[0].text

    assert "Call 'f' now" in told(choice="f")
    assert "Call a tool now" in told(choice="required")
    assert "at most one tool" in told(parallel=False)
    assert '{"type":"integer"}' in told(output=OutputSchema("n", {"type": "integer"}))
    assert encode_prompted(Prompt.of("hi"), (F,), choice="none") == Prompt.of("hi")
