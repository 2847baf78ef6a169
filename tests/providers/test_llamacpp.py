"""The real llama.cpp server: its endpoints, streamed by our clients side by side."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from nbagent.frames import End, TextComplete, TextDelta, ToolCallComplete
from nbagent.messages import Message, ReasoningPart, ToolCall, ToolResultPart, ToolSpec
from nbagent.providers import OpenAIChatClient, OpenAIResponsesClient
from nbagent.providers.anthropic import AnthropicClient

pytestmark = pytest.mark.model
KEY = "a-key-for-this-test"
# llama.cpp breaks connections that are kept alive behind a stream.
HEADERS = {"connection": "close"}
QUESTION = [
    Message.system("Answer in one short sentence."),
    Message.user("Name three colours of the rainbow."),
]
CONVERSATION = [
    Message.user("What is the weather in Oslo?"),
    Message.assistant(
        ReasoningPart("I have to look."), "I look.", ToolCall("call_1", "weather", "{}")
    ),
    Message.tool(ToolResultPart("call_1", "weather", "Snow.")),
    Message.user("Say it in one word."),
]
WEATHER = ToolSpec(
    "weather",
    "The weather of a city.",
    {
        "type": "object",
        "properties": {"city": {"type": "string", "enum": ["Oslo", "Rome"]}},
        "required": ["city"],
        "additionalProperties": False,
    },
)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The base URL, with its version, of a server that runs for this module."""
    process = subprocess.Popen(
        [sys.executable, "-m", "nbagent.local", "serve"],
        env={**os.environ, "NBAGENT_LOCAL_API_KEY": KEY},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        found = re.search(r"http://\S+/v1", process.stdout.readline())
        assert found is not None
        yield found.group()
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def clients(address: str) -> list:
    """A client of each of the server's protocols."""
    return [
        OpenAIChatClient(KEY, address, headers=HEADERS),
        OpenAIResponsesClient(KEY, address, headers=HEADERS),
        AnthropicClient(KEY, address.removesuffix("/v1"), headers=HEADERS),
    ]


async def said(client, prompt, **params) -> str:
    """The words of a reply that ended well."""
    frames = [frame async for frame in client.stream(prompt, model="m", **params)]
    assert isinstance(frames[-1], End)
    assert frames[-1].usage.output_tokens > 0
    text = "".join(frame.text for frame in frames if isinstance(frame, TextDelta))
    assert text == "".join(frame.text for frame in frames if isinstance(frame, TextComplete))
    return text


async def test_the_same_text(address):
    """One prompt gives one text, whichever of the three protocols carries it."""
    params = {"seed": 11, "temperature": 0.0, "max_tokens": 24}
    texts = [await said(client, QUESTION, **params) for client in clients(address)]
    assert texts[0]
    assert texts == texts[:1] * 3


async def test_the_same_sample_for_the_same_seed(address):
    """The seed goes through both of OpenAI's APIs; the server's /v1/messages ignores it."""
    params = {"seed": 11, "temperature": 0.9, "max_tokens": 24}
    texts = [await said(client, QUESTION, **params) for client in clients(address)[:2]]
    assert texts[0] == texts[1] != ""


async def test_a_conversation_with_a_call_is_accepted(address):
    """Reasoning, calls and results go back to the server in each protocol."""
    for client in clients(address):
        assert await said(client, CONVERSATION, tools=[WEATHER], max_tokens=8, temperature=0)


async def test_constrained_calls_through_the_responses_api(address):
    """The schema form works there: the reply is constrained and read as a call."""
    client = clients(address)[1]
    stream = client.stream(
        "What is the weather in Oslo? Use the tool.",
        model="m",
        tools=[WEATHER],
        tool_calling="schema",
        tool_choice="weather",
        temperature=0,
        max_tokens=60,
    )
    calls = [frame async for frame in stream if isinstance(frame, ToolCallComplete)]
    assert [call.name for call in calls] == ["weather"]
