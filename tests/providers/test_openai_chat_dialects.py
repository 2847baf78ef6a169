"""Who speaks the chat completions, and what each is sent: address, key, body, messages."""

import re
from dataclasses import replace

import pytest

from nbagent.errors import ConfigurationError
from nbagent.messages import (
    ImagePart,
    Message,
    Prompt,
    ReasoningPart,
    ToolCall,
    ToolResultPart,
    ToolSpec,
)
from nbagent.providers import OpenAIChatClient
from nbagent.providers.openai_chat_dialects import DIALECTS, OPENAI, PLAIN, dialect_of, named
from nbagent.providers.openai_chat_messages import encode_messages
from nbagent.providers.params import Params

STRICT = ToolSpec("f", "Does f.", strict=True)
DETAILS = '[{"type":"reasoning.text","text":"hm","signature":"s","index":0}]'


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    """An environment without keys and addresses."""
    for dialect in (OPENAI, *DIALECTS.values()):
        for name in (*dialect.key_variables, dialect.url_variable):
            monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("OPENAI_API_VERSION", raising=False)


def body(dialect, prompt="hi", tools=(), **params):
    """The body of a request to a provider by its name."""
    client = OpenAIChatClient("key", "http://localhost:1/v1", dialect=dialect)
    return client.encode(Prompt.of(prompt), model="m", tools=tools, params=Params.of(params))


def sent(dialect, *messages):
    """The messages of a request."""
    return encode_messages(Prompt(messages), named(dialect))


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://api.openai.com/v1", "openai"),
        ("https://openrouter.ai/api/v1", "openrouter"),
        ("https://api.deepseek.com/beta", "deepseek"),
        ("https://api.mistral.ai/v1", "mistral"),
        ("https://api.groq.com/openai/v1", "groq"),
        ("https://api.x.ai/v1", "xai"),
        ("https://me.openai.azure.com", "azure"),
        ("https://generativelanguage.googleapis.com/v1beta/openai", "gemini"),
        ("https://europe-west1-aiplatform.googleapis.com/v1", "vertex"),
        ("https://not-groq.com/v1", "openai"),
        ("https://aiplatform.googleapis.com/v1", "vertex"),
        ("http://localhost:8000/v1", "openai"),
        ("https://max.ai/v1", "openai"),
    ],
)
def test_a_dialect_by_its_address(address, name):
    """A host name or its end, and not a name that only looks like it."""
    assert dialect_of(address).name == name


def test_an_unknown_server_is_plain():
    """It takes the old name of the limit, and nothing special."""
    assert dialect_of("http://localhost:8000/v1") is PLAIN
    assert OpenAIChatClient("key", "http://localhost:8000/v1").dialect is PLAIN


@pytest.mark.parametrize("name", [name for name, each in DIALECTS.items() if each.base_url])
def test_a_provider_by_its_name(monkeypatch, name):
    """Its key and address are its own, and its own variable is the one that an error names."""
    dialect = DIALECTS[name]
    (variable,) = dialect.key_variables
    with pytest.raises(ConfigurationError, match=f"{dialect.label}.*{variable}"):
        OpenAIChatClient(dialect=name)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-openai")
    assert not dialect.configured
    monkeypatch.setenv(variable, "sk-own")
    client = OpenAIChatClient(dialect=name)
    assert dialect.configured
    assert client.base_url == dialect.base_url
    assert client._request_headers()["authorization"] == "Bearer sk-own"
    monkeypatch.setenv(dialect.url_variable, "http://proxy/v1")
    assert OpenAIChatClient(dialect=name).base_url == "http://proxy/v1"


@pytest.mark.parametrize("name", ["vllm", "lmstudio", "llamacpp"])
def test_a_server_without_keys(monkeypatch, name):
    """It is there when somebody says where; no key is sent, and the error names the variable."""
    dialect = DIALECTS[name]
    assert not dialect.configured
    with pytest.raises(ConfigurationError, match=dialect.url_variable):
        OpenAIChatClient(dialect=name)
    monkeypatch.setenv(dialect.url_variable, "http://localhost:9/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-openai")
    assert dialect.configured
    assert "authorization" not in OpenAIChatClient(dialect=name)._request_headers()


def test_the_key_of_a_known_address(monkeypatch):
    """A provider that is reached by its address is given its own key before OpenAI's."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-openai")
    address = "https://openrouter.ai/api/v1"
    assert OpenAIChatClient(base_url=address)._key == "sk-of-openai"
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-own")
    client = OpenAIChatClient(base_url=address)
    assert (client._key, client.label, client.dialect.name) == (
        "sk-own",
        "OpenRouter",
        "openrouter",
    )


def test_an_unknown_name():
    """The error lists the names that there are."""
    with pytest.raises(ConfigurationError, match="openrouter, deepseek, mistral"):
        OpenAIChatClient("key", dialect="opnerouter")


@pytest.mark.parametrize(
    ("endpoint", "version", "base", "path"),
    [
        ("https://me.openai.azure.com/", "", "/openai/v1", "/chat/completions"),
        ("me.openai.azure.com", "", "/openai/v1", "/chat/completions"),
        ("https://me.openai.azure.com/openai/v1/", "2024-10-21", "/openai/v1", "/chat/completions"),
        (
            "https://me.openai.azure.com",
            "2024-10-21",
            "/openai",
            "/deployments/my%20gpt/chat/completions?api-version=2024-10-21",
        ),
        (
            "https://me.openai.azure.com/openai?api-version=2025-01-01-preview",
            "",
            "/openai",
            "/deployments/my%20gpt/chat/completions?api-version=2025-01-01-preview",
        ),
        (
            "https://me.openai.azure.com/openai/deployments/x/chat/completions?api-version=1",
            "",
            "/openai",
            "/deployments/x/chat/completions?api-version=1",
        ),
    ],
)
def test_azure(monkeypatch, endpoint, version, base, path):
    """Its older API has the deployment in the path; its newer one has OpenAI's paths."""
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", endpoint)
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "sk-azure")
    if version:
        monkeypatch.setenv("OPENAI_API_VERSION", version)
    client = OpenAIChatClient(dialect="azure")
    assert client.base_url == f"https://me.openai.azure.com{base}"
    assert client.path("my gpt") == path
    headers = client._request_headers()
    assert headers["api-key"] == "sk-azure"
    assert "authorization" not in headers
    assert body("azure", max_tokens=5)["max_completion_tokens"] == 5


@pytest.mark.parametrize(
    ("dialect", "params", "part"),
    [
        ("mistral", {"seed": 1, "max_tokens": 5}, {"random_seed": 1, "max_tokens": 5}),
        ("groq", {"max_tokens": 5}, {"max_completion_tokens": 5}),
        ("openrouter", {"reasoning_effort": "high"}, {"reasoning": {"effort": "high"}}),
        (
            "deepseek",
            {"reasoning_effort": "high"},
            {"thinking": {"type": "enabled"}, "reasoning_effort": "high"},
        ),
        ("deepseek", {"reasoning_effort": "none"}, {"thinking": {"type": "disabled"}}),
        ("groq", {"reasoning_effort": "low"}, {"reasoning_effort": "low"}),
    ],
)
def test_parameters_in_each_ones_words(dialect, params, part):
    """The same parameter has another name or form here and there."""
    made = body(dialect, **params)
    assert part.items() <= made.items()
    assert not params.keys() & made.keys() - part.keys()


def test_fields_that_are_refused_are_left_out():
    """Mistral knows no stream options, xAI and Fireworks no strict tools."""
    assert "stream_options" not in body("mistral")
    assert "stream_options" in body("openrouter")
    for dialect, strict in (("xai", False), ("fireworks", False), ("openrouter", True)):
        (tool,) = body(dialect, tools=[STRICT])["tools"]
        assert ("strict" in tool["function"]) is strict


def test_short_ids():
    """Mistral takes nine letters and digits: others are made so, the same for call and result."""
    calls = (ToolCall("call_0123456789abcdef", "f"), ToolCall("AbC123xyZ", "g"))
    results = (
        ToolResultPart("call_0123456789abcdef", "f", "1"),
        ToolResultPart("AbC123xyZ", "g", "2"),
    )
    said, one, two = sent("mistral", Message.assistant(*calls), Message.tool(*results))
    ids = [call["id"] for call in said["tool_calls"]]
    assert ids == [one["tool_call_id"], two["tool_call_id"]]
    assert ids[1] == "AbC123xyZ"
    assert re.fullmatch(r"[A-Za-z0-9]{9}", ids[0])


def test_an_assistant_between_results_and_the_user():
    """Mistral refuses a user's message right behind results, as after a run that was stopped."""
    image = ToolResultPart("AbC123xyZ", "f", "1", (ImagePart(b"\x00"),))
    call = Message.assistant(ToolCall("AbC123xyZ", "f"))
    roles = [m["role"] for m in sent("mistral", call, Message.tool(image), Message.user("go on"))]
    assert roles == ["assistant", "tool", "assistant", "user", "user"]
    roles = [m["role"] for m in sent("groq", call, Message.tool(image))]
    assert roles == ["assistant", "tool", "user"]


def said(*parts, model=None):
    """An assistant's message of a model."""
    return replace(Message.assistant(*parts), finish_reason="stop", model=model)


def test_reasoning_back_to_deepseek():
    """All of its reasoning goes back; a call of another model, which has none, gets a blank."""
    call = ToolCall("1", "f")
    signed = said(ReasoningPart("Claude's", signature="sig"), call)
    own, other = sent("deepseek", said(ReasoningPart("hm"), call), signed)
    assert own["reasoning_content"] == "hm"
    assert other["reasoning_content"] == " "
    assert "reasoning_content" not in sent("deepseek", Message.assistant("Hi"))[0]
    assert "reasoning_content" not in sent("openai", said(ReasoningPart("hm"), call))[0]


def test_reasoning_back_to_openrouter():
    """The details go back as they came, in order; another provider's signature does not."""
    parts = (ReasoningPart("hm", signature=DETAILS), ReasoningPart("x", signature="of-claude"))
    more = ReasoningPart(signature='[{"type":"reasoning.encrypted","data":"e"}]')
    (message,) = sent("openrouter", said(*parts, "Hi", ToolCall("1", "f"), more))
    assert message["reasoning_details"] == [
        {"type": "reasoning.text", "text": "hm", "signature": "s", "index": 0},
        {"type": "reasoning.encrypted", "data": "e"},
    ]
    assert "reasoning_details" not in sent("deepseek", said(*parts, "Hi"))[0]


def test_reasoning_back_to_mistral():
    """Its own models' thoughts are a chunk of the content; those of others are left out."""
    parts = (ReasoningPart("hm"), "Hi")
    (own,) = sent("mistral", said(*parts, model="magistral-medium-latest"))
    assert own["content"] == [
        {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
        {"type": "text", "text": "Hi"},
    ]
    (other,) = sent("mistral", Message.assistant(*parts))
    assert other["content"] == "Hi"


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("https://generativelanguage.googleapis.com/v1beta/openai", "google"),
        ("https://aiplatform.googleapis.com/v1", "vertex"),
    ],
)
def test_signatures_back_to_gemini(address, key):
    """A call's signature goes back where it was; an unsigned turn gets Google's word for that."""
    signed = Message.assistant(ToolCall("1", "f", "{}", signature="sig"), ToolCall("2", "g"))
    unsigned = Message.assistant(ToolCall("3", "f"))
    dialect = dialect_of(address)
    first, second = encode_messages(Prompt((signed, unsigned)), dialect)
    assert first["tool_calls"][0]["extra_content"] == {key: {"thought_signature": "sig"}}
    assert "extra_content" not in first["tool_calls"][1]
    signature = second["tool_calls"][0]["extra_content"][key]["thought_signature"]
    assert signature == "skip_thought_signature_validator"
    assert "extra_content" not in encode_messages(Prompt((signed,)))[0]["tool_calls"][0]
