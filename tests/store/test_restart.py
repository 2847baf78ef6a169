"""A conversation goes on in another process, with another provider: they share a file alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nbagent.testing import FakeServer, reply_calls, reply_text
from tests.judges import JUDGES

ROOT = Path(__file__).parents[2]
BEGIN = """
import asyncio, sys
from nbagent import Agent, Executor, Store
from nbagent.providers import *
from tests.store.agents import TOOLS
path, kind, url = sys.argv[1:]
client = globals()[kind]("k", url)
agent = Agent("p:claude-sonnet-5", executor=Executor({"p": client}), tools=TOOLS, approver=bool)
store = Store(path) if path.endswith(".db") else None
if store is not None:
    agent.store = store
    agent.conversation = "cars"
print(asyncio.run(agent.ask("First?")).text)
if store is None:
    agent.save(path)
"""
GO_ON = """
import asyncio, sys
from nbagent import Agent, Executor, Store
from nbagent.providers import *
from tests.store.agents import table
path, kind, url = sys.argv[1:]
options = dict(model="q:gpt-6", executor=Executor({"q": globals()[kind]("k", url)}), tools=[table])
if path.endswith(".db"):
    agent = Agent(store=Store(path), conversation="cars", **options)
else:
    agent = Agent.load(path, **options)
print([(call.name, call.state, call.text) for call in agent.calls])
print(asyncio.run(agent.ask("And now?")).text)
"""
PROVIDERS = {
    "openai_chat": ("OpenAIChatClient", "/v1"),
    "openai_responses": ("OpenAIResponsesClient", "/v1"),
    "anthropic": ("AnthropicClient", ""),
    "gemini": ("GeminiClient", ""),
    "ollama": ("OllamaClient", ""),
}


def run(script: str, path: Path, provider: str, server: FakeServer) -> str:
    """What a process of its own prints."""
    kind, suffix = PROVIDERS[provider]
    url = server.url.removesuffix("/v1") + suffix
    done = subprocess.run(
        [sys.executable, "-c", script, str(path), kind, url],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("file", ["chat.json", "chats.db"])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("anthropic", "openai_chat"),
        ("openai_responses", "anthropic"),
        ("gemini", "openai_responses"),
        ("openai_chat", "gemini"),
        ("gemini", "ollama"),
    ],
)
def test_another_process_and_another_provider(
    tmp_path: Path, file: str, first: str, second: str
) -> None:
    """Calls, results and reasoning go over; the request is one that the second provider takes."""
    calls = (("table", {"rows": 3}), ("number", {}), ("table", {"rows": "x"}))
    replies = (
        reply_calls(*calls, text="So."),
        reply_text("Done.", reasoning="Well."),
        "More.",
    )
    with FakeServer(replies) as server:
        assert run(BEGIN, tmp_path / file, first, server).strip() == "Done."
        shown, answer = run(GO_ON, tmp_path / file, second, server).splitlines()
        body: Any = server.requests[-1].body
    assert answer == "More."
    assert "('number', 'done', '2.5')" in shown
    JUDGES[second](body)
    text = json.dumps(body)
    assert "I called number with" in text
    assert "number gave: 2.5" in text
    assert "First?" in text
    assert "And now?" in text
