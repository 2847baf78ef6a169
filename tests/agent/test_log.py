"""The log ``nbagent``: one line for each run, step and call, and never what was said."""

import logging
from collections.abc import Iterator

import pytest

from nbagent import Agent, Executor, NbagentError, OpenAIChatClient
from nbagent.testing import FakeServer, reply_calls, reply_error, reply_text

from .agents import scripted

SECRET = "sk-very-secret"


def whisper(word: str) -> str:
    """Says it back."""
    return f"CONTENT {word}"


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """The log, from INFO on."""
    with caplog.at_level(logging.INFO, "nbagent"):
        yield caplog


async def test_one_line_each(log: pytest.LogCaptureFixture) -> None:
    """Two steps, a call and the run: four lines, with names, durations and tokens."""
    call = reply_calls(("whisper", {"word": "CONTENT"}), text="CONTENT")
    agent, _ = scripted(call, "CONTENT", tools=[whisper])
    reply = await agent.ask("CONTENT?")
    lines = [record.getMessage() for record in log.records]
    assert len(lines) == 4
    assert all(reply.run_id in line for line in lines)
    assert "step 1 tool_calls after" in lines[0] and "10 input and 1 output tokens" in lines[0]
    assert "tool whisper (call_1) done after" in lines[1]
    assert "finished after" in lines[3] and "20 input" in lines[3]
    assert "CONTENT" not in log.text


async def test_nothing_is_done_when_it_is_off(caplog: pytest.LogCaptureFixture) -> None:
    """Without a level there is no record, and no handler of ours but the null one."""
    agent, _ = scripted("Hello.")
    with caplog.at_level(logging.WARNING, "nbagent"):
        await agent.ask("Go.")
    assert caplog.records == []
    handlers = logging.getLogger("nbagent").handlers
    assert any(isinstance(handler, logging.NullHandler) for handler in handlers)


@pytest.mark.parametrize("fails", [False, True])
async def test_no_key_is_in_it(log: pytest.LogCaptureFixture, fails: bool) -> None:
    """At DEBUG too: neither the key, nor one in the address, nor one in a header."""
    log.set_level(logging.DEBUG, "nbagent")
    replies = [reply_error(500, f"no {SECRET}")] * 4 if fails else [reply_text("CONTENT")]
    async with FakeServer(replies) as server:
        address = f"{server.url}?key={SECRET}" if fails else server.url
        client = OpenAIChatClient(SECRET, address, headers={"X-Key": SECRET})

        async def now(seconds: float) -> None:
            return None

        agent = Agent("openai:any", executor=Executor({"openai": client}, sleep=now))
        try:
            await agent.ask("CONTENT")
        except NbagentError:
            assert fails
        await client.aclose()
    text = "\n".join(r.getMessage() for r in log.records if r.name.startswith("nbagent"))
    assert SECRET not in text and "CONTENT" not in text
    assert ("failed after" in text) is fails
