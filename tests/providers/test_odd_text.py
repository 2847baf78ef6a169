"""Text that no UTF-8 can carry, in a conversation: as in names of files from `os.listdir`."""

import json

import pytest

from nbagent import Agent, Executor
from nbagent.json_text import to_json
from nbagent.messages import Message, Prompt, TextPart, ToolCall, ToolResultPart, ToolSpec
from nbagent.providers import (
    AnthropicClient,
    GeminiClient,
    OllamaClient,
    OpenAIChatClient,
    OpenAIResponsesClient,
)
from nbagent.providers.params import Params
from nbagent.testing import FakeServer, reply_calls, reply_text
from tests.providers.asking import client_of, frames_of, text_of

HALF = "caf\udce9"
MESSAGES = [
    Message.user(HALF),
    Message("assistant", (ToolCall("c", "f", '{"path": "\\ud83d"}'),), "tool_calls"),
    Message.tool(ToolResultPart("c", "f", HALF)),
    Message("assistant", (TextPart(HALF),), "stop"),
    Message.user("And?"),
]


@pytest.mark.parametrize("form", ["native", "schema", "prompted"])
async def test_it_is_sent_with_a_mark_in_its_place(form):
    """The provider gets the rest of it, whatever way tools are called in."""
    with FakeServer([reply_text('{"reply": "See."}' if form == "schema" else "See.")]) as server:
        client, tools = client_of(server), [ToolSpec("f")]
        frames = await frames_of(client, MESSAGES, tools=tools, tool_calling=form)
        (request,) = server.requests
    assert text_of(frames) == "See."
    assert "caf\ufffd" in json.dumps(request.body, ensure_ascii=False)


@pytest.mark.parametrize(
    "kind",
    [OpenAIChatClient, OpenAIResponsesClient, AnthropicClient, GeminiClient, OllamaClient],
)
def test_every_protocol_takes_it(kind):
    """What each client makes of such a conversation can be written."""
    body = kind("k").encode(
        Prompt.of(MESSAGES), model="m", tools=[ToolSpec("f")], params=Params.of({})
    )
    assert "caf\ufffd" in to_json(body).decode()


async def test_a_tool_that_lists_such_names_does_not_end_the_run():
    """The model gets the names, and the conversation can go on."""

    def files() -> str:
        """Lists a folder."""
        return f"a.csv, {HALF}"

    with FakeServer([reply_calls(("files", {})), reply_text("Two."), reply_text("On.")]) as server:
        executor = Executor({"openai": client_of(server)})
        agent = Agent("openai:m", tools=[files], executor=executor)
        assert (await agent.ask("Which files?")).text == "Two."
        assert (await agent.ask("And?")).text == "On."
        assert server.requests[1].body["messages"][-1]["content"] == "a.csv, caf\ufffd"
