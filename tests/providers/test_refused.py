"""What a service cannot be told is an error, and everything else is sent."""

import dataclasses

import pytest

from nbagent.errors import UnsupportedCapability
from nbagent.messages import Prompt, ToolSpec
from nbagent.providers import (
    AnthropicClient,
    GeminiClient,
    OllamaClient,
    OpenAIChatClient,
    OpenAIResponsesClient,
)
from nbagent.providers.params import Params
from nbagent.providers.refused import OF_CALLS, REFUSED, check

TOOL = ToolSpec("f")
CLIENTS = {
    "anthropic": AnthropicClient,
    "gemini": GeminiClient,
    "ollama": OllamaClient,
    "openai": OpenAIChatClient,
    "responses": OpenAIResponsesClient,
}
GIVEN = [
    {"seed": 1},
    {"stop": ["x"]},
    {"parallel_tool_calls": True},
    {"parallel_tool_calls": False},
    {"tool_choice": "auto"},
    {"tool_choice": "none"},
    {"tool_choice": "required"},
    {"tool_choice": "f"},
    {"temperature": 0.5},
    {"max_tokens": 10},
    {"reasoning_effort": "low"},
    {"output": {"type": "object"}},
]
NOT_TAKEN = {
    "anthropic": [{"seed": 1}],
    "responses": [{"seed": 1}, {"stop": ["x"]}],
    "gemini": [{"parallel_tool_calls": False}],
    "ollama": [{"parallel_tool_calls": False}, {"tool_choice": "required"}, {"tool_choice": "f"}],
    "openai": [],
}


@pytest.fixture(autouse=True)
def own_addresses(monkeypatch):
    """The services themselves, whatever the environment says."""
    for client in CLIENTS.values():
        monkeypatch.delenv(client.url_variable, raising=False)


def encoded(service, params, tools=(TOOL,)):
    """The body of a request to the service itself."""
    client = CLIENTS[service]("key")
    return client.encode(Prompt.of("hi"), model="m", tools=tools, params=Params.of(params))


@pytest.mark.parametrize("service", CLIENTS)
@pytest.mark.parametrize("params", GIVEN, ids=str)
def test_all_parameters_of_all_services(service, params):
    """Each is sent or refused as the table says, and a refusal names it and says what to do."""
    if params not in NOT_TAKEN[service]:
        encoded(service, params)
        return
    (name, value) = next(iter(params.items()))
    with pytest.raises(UnsupportedCapability, match=f"has no {name}=") as caught:
        encoded(service, params)
    assert str(value) in str(caught.value)
    assert "eave it out" in str(caught.value)


@pytest.mark.parametrize("service", CLIENTS)
def test_parameters_of_calls_mean_nothing_without_tools(service):
    """A request that can call nothing is not refused for how it may call."""
    encoded(service, {"parallel_tool_calls": False, "tool_choice": "required"}, tools=())


def test_a_named_provider_of_the_chat_completions():
    """Moonshot takes a choice, but not "required"."""
    check("moonshot", "Moonshot", Params(tool_choice="auto"), tools=True)
    with pytest.raises(UnsupportedCapability, match="Moonshot has no tool_choice='required'"):
        check("moonshot", "Moonshot", Params(tool_choice="required"), tools=True)


def test_the_table_names_parameters_that_exist():
    """So that a parameter that is renamed is renamed here too."""
    known = {field.name for field in dataclasses.fields(Params)}
    assert known >= OF_CALLS
    assert all(row.keys() <= known for row in REFUSED.values())
