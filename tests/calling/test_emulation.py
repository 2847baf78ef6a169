"""Which form of tool calling is chosen, and what of it reaches the client's own encode."""

import pytest

from nbagent.calling import Emulation
from nbagent.calling.prompted_decoder import PromptedDecoder
from nbagent.calling.schema_decoder import SchemaDecoder
from nbagent.errors import ConfigurationError, UnsupportedCapability
from nbagent.messages import Message, Prompt, ToolCall, ToolResultPart, ToolSpec
from nbagent.models import Capability, Model
from nbagent.providers.openai_chat import OpenAIChatDecoder

F = ToolSpec("f", "Does f.")
PROMPT = Prompt.of("hi")


def test_native_changes_nothing():
    """The provider's own form leaves prompt, tools, parameters and decoder as they are."""
    emulation = Emulation.of("m", (F,), None)
    inner = OpenAIChatDecoder()
    assert emulation.encode(PROMPT, {"tool_choice": "f"}) == (PROMPT, (F,), {"tool_choice": "f"})
    assert emulation.decoder(inner) is inner


def test_the_model_or_the_caller_chooses():
    """The model's own form is the default, and the caller overrides it."""
    model = Model("p", "m", tool_calling="schema")
    assert Emulation.of(model, (F,), None).mode == "schema"
    assert Emulation.of(model, (F,), "prompted").mode == "prompted"


def test_none_refuses_tools_and_nothing_else():
    """A model that cannot call tools is fine as long as there are none."""
    with pytest.raises(UnsupportedCapability, match="cannot call tools"):
        Emulation.of("m", (F,), "none")
    assert Emulation.of("m", (), "none").mode == "none"


def test_a_model_without_tools_of_its_own_is_refused():
    """A model known to have no tools gets none by accident, but may be asked all the same."""
    model = Model("p", "m", frozenset({Capability.STRUCTURED_OUTPUT}))
    with pytest.raises(UnsupportedCapability, match="prompted"):
        Emulation.of(model, (F,), None)
    assert Emulation.of(model, (), None).mode == "native"
    assert Emulation.of(model, (F,), "native").mode == "native"
    assert Emulation.of(model, (F,), "prompted").mode == "prompted"


def test_an_unknown_form_is_refused():
    """The error lists the forms."""
    with pytest.raises(ConfigurationError, match="native, schema, prompted, none"):
        Emulation.of("m", (), "magic")


def test_schema_constrains_the_reply():
    """Tools go into the schema of the reply and into words; none reach the client's encode."""
    emulation = Emulation.of("m", (F,), "schema")
    params = {
        "tool_choice": "required",
        "parallel_tool_calls": True,
        "seed": 1,
        "output": {"type": "integer"},
    }
    prompt, specs, values = emulation.encode(PROMPT, params)
    assert specs == ()
    assert sorted(values) == ["output", "seed"]
    assert len(values["output"].schema["anyOf"]) == 1
    assert "Does f." in prompt.messages[0].text
    assert isinstance(emulation.decoder(OpenAIChatDecoder()), SchemaDecoder)


def test_a_model_that_goes_in_circles_is_left_words():
    """After the same calls twice, the schema allows words alone."""
    call = Message.assistant(ToolCall("1", "f", "{}"))
    result = Message.tool(ToolResultPart("1", "f", "42"))
    prompt = Prompt((Message.user("q"), call, result, call, result))
    _, _, values = Emulation.of("m", (F,), "schema").encode(prompt, {})
    assert [list(option["properties"]) for option in values["output"].schema["anyOf"]] == [
        ["reply"]
    ]


def test_prompted_constrains_nothing():
    """Tools and the form of the answer are told in words; a constrained reply could not call."""
    emulation = Emulation.of("m", (F,), "prompted")
    prompt, specs, values = emulation.encode(PROMPT, {"output": {"title": "N"}, "tool_choice": "f"})
    assert (specs, values) == ((), {})
    assert '{"title":"N"}' in prompt.messages[0].text
    assert isinstance(emulation.decoder(OpenAIChatDecoder()), PromptedDecoder)


@pytest.mark.parametrize("mode", ["schema", "prompted"])
def test_without_tools_only_history_is_rewritten(mode):
    """No tools: the reply is the client's own, and the form of the answer its own too."""
    emulation = Emulation.of("m", (), mode)
    inner = OpenAIChatDecoder()
    prompt, _, values = emulation.encode(
        Prompt.of([Message.assistant("Hello")]), {"output": {"type": "integer"}}
    )
    assert prompt == Prompt((Message.assistant("Hello"),))
    assert values["output"] is not None
    assert emulation.decoder(inner) is inner


@pytest.mark.parametrize("mode", ["schema", "prompted"])
def test_a_choice_of_no_tool_is_refused(mode):
    """A misspelt tool_choice is told before anything is sent."""
    with pytest.raises(ConfigurationError, match="names no tool"):
        Emulation.of("m", (F,), mode).encode(PROMPT, {"tool_choice": "h"})
