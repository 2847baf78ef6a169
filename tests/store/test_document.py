"""One conversation in a file: what it was is what it is again."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

from nbagent import (
    Agent,
    End,
    Executor,
    FilePart,
    Gone,
    ImagePart,
    Limits,
    Store,
    StoreError,
    Summary,
    TextDelta,
    TextPart,
    ToolDenied,
    ToolExecutionError,
    Usage,
)
from nbagent.agent.history import History
from nbagent.agent.repair import INTERRUPTED
from nbagent.store import format as saved
from nbagent.store.blobs import Sidecar
from nbagent.store.pack import Packer
from nbagent.store.unpack import Unpacker
from nbagent.testing import Gate, ScriptedClient, reply_calls, reply_text
from tests.agent.agents import assert_valid, until, words
from tests.agent.conversations import CONVERSATIONS
from tests.agent.test_compaction import SMALL
from tests.agent.test_recount import picture
from tests.store.agents import PNG, TOOLS, agent_on, full_agent

SCHEMA = Path(saved.__file__).with_name("schema.json")


async def test_what_it_was_is_what_it_is_again(tmp_path: Path) -> None:
    """Messages with all their parts, settings, calls and usage come back from the file."""
    agent = await full_agent()
    agent._engine.approvals.allow(["risky"])
    path = agent.save(tmp_path / "chat.json")
    other = Agent.load(path, tools=TOOLS, executor=Executor({}))
    assert other.history == agent.history
    assert (other.model, other.usage) == (agent.model, agent.usage)
    assert (other.instructions, other.params) == ("Be good.", {"temperature": 0.5, "stop": ["x"]})
    assert (other.tool_calling, other.always_approved) == ("native", ("risky",))
    assert other._engine.runs.max_steps == 7
    for old, new in zip(agent.calls, other.calls, strict=True):
        assert (old.name, old.arguments, old.state) == (new.name, new.arguments, new.state)
        assert (old.text, old.outputs, old.elapsed) == (new.text, new.outputs, new.elapsed)
        assert dict(old.outcome.bundle.data) == dict(new.outcome.bundle.data)
        assert type(old.error) is type(new.error)
        assert str(old.error) == str(new.error)


async def test_results_after_a_restart(tmp_path: Path) -> None:
    """A number is a number again; of an object stays what it looked like, and a word about it."""
    agent = await full_agent()
    path = agent.save(tmp_path / "chat.json")
    table, number, fails, *_ = Agent.load(path, executor=Executor({})).calls
    assert isinstance(table.result, Gone)
    assert "Frame of an earlier kernel" in repr(table.result)
    assert table.outcome.bundle.data["image/png"] == PNG
    assert number.result == 2.5
    assert isinstance(fails.error, ToolExecutionError)
    assert type(fails.error.__cause__).__name__ == "ZeroDivisionError"
    assert "by nothing" in getattr(fails.error, "traceback", "")


async def test_the_widget_shows_what_was_shown(tmp_path: Path) -> None:
    """The transcript of a loaded agent is the one that was saved, cards and outputs included."""
    agent = await full_agent()
    before: list[Any] = []
    agent._engine.listen(before.append)
    other = Agent.load(agent.save(tmp_path / "chat.json"), executor=Executor({}))
    after: list[Any] = []
    other._engine.listen(after.append)
    one, two = picture(before), picture(after)
    notices = [p for m in two["messages"] for p in m["parts"] if p["kind"] == "notice"]
    assert [n["text"] for n in notices if "live no more" in n["text"]]
    assert two["calls"] == one["calls"]
    assert two["calls"][agent.calls[0].tool_call_id]["outputs"][0]["text"] == "rows: 3\n"


async def test_attachments_keep_their_names(tmp_path: Path) -> None:
    """An image's name is there after the file, in the message and for the display."""
    question = ["Look:", ImagePart(PNG, name="Grüße 1.png"), FilePart(b"a", "text/csv", "t.csv")]
    agent, _ = agent_on("Seen.")
    await agent.ask(question)
    other = Agent.load(agent.save(tmp_path / "chat.json"), executor=Executor({}))
    assert other.history == agent.history
    names = [part.name for part in other.history[0].parts if not isinstance(part, TextPart)]
    assert names == ["Grüße 1.png", "t.csv"]
    heard: list[Any] = []
    other._engine.listen(heard.append)
    parts = picture(heard)["messages"][0]["parts"]
    assert [part["name"] for part in parts if part["kind"] == "attachment"] == names


async def test_no_secret_is_saved(tmp_path: Path) -> None:
    """``extra`` may carry a key, so it is left out, and the file says that it was."""
    agent = await full_agent()
    path = agent.save(tmp_path / "chat.json")
    assert "sk-secret" not in path.read_text()
    assert json.loads(path.read_text())["settings"]["left_out"] == ["extra"]


async def test_the_published_schema_is_the_form(tmp_path: Path) -> None:
    """The schema in the package is the one of the code, and a saved file is valid by it."""
    published = json.loads(SCHEMA.read_text())
    assert published == saved.schema()
    agent = await full_agent()
    jsonschema.Draft202012Validator.check_schema(published)
    jsonschema.validate(json.loads(agent.save(tmp_path / "c.json").read_text()), published)


async def test_big_content_stands_beside(tmp_path: Path) -> None:
    """What is big is in the folder, once each; what a later save does not use goes."""
    agent = await full_agent()
    path = agent.save(tmp_path / "chat.json")
    folder = tmp_path / "chat.json.files"
    assert path.stat().st_size < 20_000
    assert sorted(len(f.read_bytes()) for f in folder.iterdir()) == sorted([len(PNG), 40_000])
    agent.reset()
    agent.save(path)
    assert not folder.exists()


async def test_a_save_that_fails_leaves_the_old_one(tmp_path: Path) -> None:
    """The old file stays whole where the new one cannot be written."""
    agent = await full_agent()
    path = agent.save(tmp_path / "chat.json")
    before = path.read_bytes()
    (tmp_path / "taken").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        agent.save(tmp_path / "taken" / "chat.json")
    assert path.read_bytes() == before


KILLED = """
import asyncio, sys
from tests.store.agents import full_agent
agent = asyncio.run(full_agent())
print("go", flush=True)
while True:
    agent.save(sys.argv[1])
    agent.history = [*agent.history, {"role": "user", "content": "x" * 100_000}][-9:]
"""


def test_killed_in_mid_save(tmp_path: Path) -> None:
    """Killed at any moment of a save, a whole conversation stands in the file."""
    path = tmp_path / "chat.json"
    for number in range(4):
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(path)],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"go\n"
        time.sleep(0.05 + 0.013 * number)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        if path.exists():
            assert_valid(Agent.load(path, executor=Executor({})).history)
    assert path.exists()


async def test_saved_while_a_call_runs(tmp_path: Path) -> None:
    """A call that was running has the state interrupted, and the conversation goes on."""
    begun, free = asyncio.Event(), asyncio.Event()

    async def wait() -> str:
        begun.set()
        await free.wait()
        return "late"

    agent, _ = agent_on(reply_calls(("wait", {})), "Fine.", tools=[wait])
    asking = asyncio.ensure_future(agent.ask("Go."))
    await begun.wait()
    path = agent.save(tmp_path / "chat.json")
    free.set()
    await asking
    client = ScriptedClient(["On."])
    other = Agent.load(path, executor=Executor({"scripted": client}), tools=[wait])
    assert [call.state for call in other.calls] == ["interrupted"]
    assert other.history[-1].tool_results[0].text == INTERRUPTED
    assert (await other.ask("And?")).text == "On."
    assert_valid(client.prompts[0].messages)


async def test_saved_while_a_reply_streams(tmp_path: Path) -> None:
    """What streams is not in the file; the question is."""
    gate = Gate()
    agent, client = agent_on(words(TextDelta("Half", 0), gate, End("stop")))
    asking = asyncio.ensure_future(agent.ask("Go."))
    await until(lambda: client.asked)
    path = agent.save(tmp_path / "chat.json")
    gate.open()
    await asking
    assert [m.text for m in Agent.load(path, executor=Executor({})).history] == ["Go."]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda d: d.update(nbagent=2), "newer version .*format 2.*Update nbagent"),
        (lambda d: d["messages"][1]["parts"][0].pop("text"), r"at messages\.1\.parts\.0\.text"),
        (lambda d: d["messages"][0].update(role="boss"), r"messages\.0\.role"),
        (lambda d: d["messages"][2]["parts"][1].update(type="odd"), r"messages\.2\.parts\.1"),
        (lambda d: d["settings"].pop("model"), r"settings\.model"),
        (lambda d: d["calls"][0].update(state="odd"), r"calls\.0\.state"),
        (lambda d: d.pop("nbagent"), "is not a conversation saved by nbagent"),
        (lambda d: d["calls"][0]["bundle"]["data"]["image/png"].update(file="../x"), "calls.0.b"),
    ],
)
async def test_a_damaged_file(tmp_path: Path, change: Any, named: str) -> None:
    """What cannot be read is named with its place, and a newer version is called one."""
    path = (await full_agent()).save(tmp_path / "chat.json")
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    with pytest.raises(StoreError, match=named):
        Agent.load(path, executor=Executor({}))


async def test_a_torn_file_and_none(tmp_path: Path) -> None:
    """Half a file, no file, and a file without what stood beside it."""
    path = (await full_agent()).save(tmp_path / "chat.json")
    whole = path.read_bytes()
    path.write_bytes(whole[:500])
    with pytest.raises(StoreError, match="damaged: it is not JSON"):
        Agent.load(path)
    with pytest.raises(StoreError, match="No such file"):
        Agent.load(tmp_path / "none.json")
    path.write_bytes(whole)
    blob = next((tmp_path / "chat.json.files").iterdir())
    blob.write_bytes(b"other")
    with pytest.raises(StoreError, match="damaged"):
        Agent.load(path)
    blob.unlink()
    with pytest.raises(StoreError, match="move and copy both"):
        Agent.load(path)


async def test_another_models_options(tmp_path: Path) -> None:
    """What is given goes before what was saved."""
    path = (await full_agent()).save(tmp_path / "chat.json")
    options = {"instructions": "Else.", "params": {}, "max_steps": 2}
    other = Agent.load(path, model="openai:gpt-5", executor=Executor({}), **options)
    assert (str(other.model), other.instructions) == ("openai:gpt-5", "Else.")
    assert other._engine.runs.max_steps == 2


async def test_a_denied_call_and_a_saved_one_again(tmp_path: Path) -> None:
    """Saved, loaded and saved again, it is the same."""
    agent, _ = agent_on(
        reply_calls(("risky", {})), "No.", tools=TOOLS, approver=lambda request: "not today"
    )
    await agent.ask("Go.")
    one = Agent.load(agent.save(tmp_path / "a.json"), executor=Executor({}))
    two = Agent.load(one.save(tmp_path / "b.json"), executor=Executor({}))
    assert two.history == agent.history
    assert isinstance(two.calls[0].error, ToolDenied)
    assert two.calls[0].state == "denied"


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(messages=CONVERSATIONS)
def test_any_conversation_comes_back(messages: Any, tmp_path: Path) -> None:
    """Every message that there can be is itself after a way through the saved form."""
    beside = Sidecar(tmp_path)
    for message in History(messages).messages:
        packed = Packer(beside, inline=3).message(message)
        text = packed.model_dump_json(exclude_defaults=True)
        again = saved.SavedMessage.model_validate(json.loads(text))
        assert Unpacker(beside).message(again) == message


async def test_a_variable_that_is_shown(tmp_path: Path) -> None:
    """A shown variable is shown again by its name, also before the new kernel has defined it."""
    agent, _ = agent_on("Fine.")
    globals()["prices"] = [1, 2]
    agent.show("prices")
    path = agent.save(tmp_path / "chat.json")
    del globals()["prices"]
    other = Agent.load(path, executor=Executor({}))
    assert other.shown == {"prices": "not defined any more"}
    globals()["prices"] = [3]
    assert "list" in other.shown["prices"]


async def test_a_conversation_that_was_made_short(tmp_path: Path) -> None:
    """What the model was given in place of the beginning is given by the loaded agent too."""
    options = {"model": SMALL, "compaction": Summary(keep=2)}
    replies = [reply_text("One.", usage=Usage(300, 10)), reply_text("Two.", usage=Usage(850, 10))]
    client = ScriptedClient([*replies, "The person counts.", "Three."], always="On.")
    agent = Agent(
        executor=Executor({"scripted": client}),
        limits=Limits(tokens=10_000_000),
        store=Store(tmp_path / "chats.db"),
        conversation="a",
        **options,
    )
    for question in ("1?", "2?", "3?"):
        await agent.ask(question)
    assert agent.store is not None
    agent.store.flush()
    executor = Executor({"scripted": client})
    loaded = Agent.load(agent.save(tmp_path / "chat.json"), executor=executor)
    assert loaded._engine.runs.limits == Limits(tokens=10_000_000)
    for other in (loaded, Agent(store=agent.store, conversation="a", executor=executor)):
        assert other.history == agent.history
        await other.ask("4?")
        texts = [message.text for message in client.prompts[-1].messages]
        assert "The person counts." in texts[0]
        assert texts[-1] == "4?"
        assert "1?" not in texts


def test_permissions_stay(tmp_path: Path) -> None:
    """A file that others may not read is not made readable by a save."""
    agent, _ = agent_on()
    path = agent.save(tmp_path / "chat.json")
    os.chmod(path, 0o600)
    agent.save(path)
    assert path.stat().st_mode & 0o777 == 0o600
