"""Recording: a line each, whole after each, and read back as it was."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbagent import (
    Agent,
    End,
    Executor,
    ImagePart,
    Message,
    NodeOutput,
    OpenAIChatClient,
    RateLimited,
    ReasoningComplete,
    ReasoningDelta,
    Recorder,
    Recording,
    RunFailed,
    RunStarted,
    StepFinished,
    StoreError,
    TextDelta,
    TextPart,
    ToolCallComplete,
    ToolCallDelta,
    ToolFinished,
    ToolResult,
    Usage,
)
from nbagent.agent.gone import Gone
from nbagent.testing import FakeServer, reply_calls, reply_error, reply_text
from nbagent.tools.outputs import MimeBundle

from ..agent.agents import add, collected, scripted


def lines(path: Path) -> list[dict[str, Any]]:
    """The lines of a recording without their times."""
    read = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [{key: value for key, value in line.items() if key != "t"} for line in read]


async def test_a_run_is_a_line_each(tmp_path: Path) -> None:
    """A header, then every item of the run in its order, readable as it stands."""
    path = tmp_path / "run.jsonl"
    agent, _ = scripted(reply_calls(("add", {"a": 1, "b": 2})), "Three.", tools=[add])
    with agent.record(path) as recorder:
        assert agent.recording is recorder
        items = await collected(agent)
    header, *rest = lines(path)
    assert header["nbagent_recording"] == 1 and header["model"] == "scripted:any"
    assert [line["kind"] for line in rest] == [item.kind for item in items]
    assert recorder.items == len(items) and agent.recording is None
    assert {"kind": "text_delta", "text": "Three.", "index": 0} in rest
    recording = Recording.load(path)
    times = [each.t for each in recording.items]
    assert times == sorted(times) and times[0] >= 0


async def test_only_from_now_on(tmp_path: Path) -> None:
    """What was said before, and after the end, is not in it."""
    agent, _ = scripted("One.", "Two.", "Three.")
    await agent.ask("1")
    with agent.record(tmp_path / "run.jsonl"):
        await agent.ask("2")
    await agent.ask("3")
    asked = [e.item.text for e in Recording.load(tmp_path / "run.jsonl").items if _starts(e.item)]
    assert asked == ["2"]


async def test_a_file_is_continued_or_begun_anew(tmp_path: Path) -> None:
    """A second recording to the same file comes after the first; ``replace=True`` drops it."""
    path = tmp_path / "run.jsonl"
    agent, _ = scripted("One.", "Two.", "Three.")
    for _ in range(2):
        with agent.record(path):
            await agent.ask("Go.")
    recording = Recording.load(path)
    assert sum(_starts(each.item) for each in recording.items) == 2
    times = [each.t for each in recording.items]
    assert times == sorted(times)
    with agent.record(path, replace=True):
        await agent.ask("Go.")
    assert sum(_starts(each.item) for each in Recording.load(path).items) == 1


async def test_a_line_that_was_cut_off(tmp_path: Path) -> None:
    """A kernel that died in a line loses that line alone, also where the file was continued."""
    path = tmp_path / "run.jsonl"
    agent, _ = scripted("One.", "Two.")
    with agent.record(path):
        await agent.ask("Go.")
    whole = len(Recording.load(path).items)
    os.truncate(path, path.stat().st_size - 9)
    cut = Recording.load(path)
    assert (len(cut.items), cut.broken) == (whole - 1, 1)
    with agent.record(path):
        await agent.ask("Go.")
    again = Recording.load(path)
    assert (len(again.items), again.broken) == (2 * whole - 1, 1)


def test_a_killed_process_leaves_whole_lines(tmp_path: Path) -> None:
    """What had happened before the kill is there."""
    path = tmp_path / "run.jsonl"
    script = (
        "import os, sys; from nbagent import Recorder, TextDelta\n"
        "recorder = Recorder(sys.argv[1])\n"
        "for number in range(50): recorder.put(TextDelta(str(number), 0))\n"
        "os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", script, str(path)], check=False)
    assert [each.item.text for each in Recording.load(path).items] == [str(n) for n in range(50)]


def test_every_value_comes_back(tmp_path: Path) -> None:
    """Errors, images, bundles, objects and odd texts; what is big stands beside, once."""
    path = tmp_path / "run.jsonl"
    big = os.urandom(100_000)
    error = RateLimited("slow", status=429, retry_after=2.0, body={"key": "SECRET"})
    bundle = MimeBundle({"image/png": big, "application/json": {"$": 1, "$schema": "x"}})
    message = Message("user", (TextPart("a"), ImagePart(big)), usage=Usage(1, 2))
    items = [
        TextDelta("half \ud800 \u2028 \x00", 0),
        ReasoningComplete("r", 0, "", "sig"),
        End("stop", Usage(1, 2, 3, 4), "m", "id", {"a": [1, {"b": None}]}),
        StepFinished("r", 1, message),
        ToolFinished("r", "c", "t", "done", ToolResult([1, "a"], "text", bundle), 0.5),
        NodeOutput("r", {"a": object}),
        RunFailed("r", error),
    ]
    with Recorder(path, model="m") as recorder:
        for item in items:
            recorder.put(item)
    back = [each.item for each in Recording.load(path).items]
    assert back[:4] == items[:4]
    result = back[4].result
    assert (result.value, result.text, result.bundle) == ([1, "a"], "text", bundle)
    assert isinstance(back[5].value, Gone) and back[5].value.type_name == "dict"
    failed = back[6].error
    assert type(failed) is RateLimited and str(failed) == "slow" and failed.retry_after == 2.0
    assert "SECRET" not in path.read_text("utf-8")
    assert len(list((tmp_path / "run.jsonl.files").iterdir())) == 1
    assert path.stat().st_size < 10_000


FRAMES = st.one_of(
    st.builds(TextDelta, st.text(), st.integers(0, 9)),
    st.builds(ReasoningDelta, st.text(), st.integers(0, 9), st.booleans()),
    st.builds(ToolCallDelta, st.text(), st.text(), st.text(), st.integers(0, 9)),
    st.builds(ToolCallComplete, st.text(), st.text(), st.text(), st.integers(0, 9)),
)


@given(st.lists(FRAMES, max_size=20))
def test_frames_come_back_as_they_were(tmp_path_factory: Any, frames: list[Any]) -> None:
    """Any frames."""
    path = tmp_path_factory.mktemp("r") / "run.jsonl"
    with Recorder(path) as recorder:
        for frame in frames:
            recorder.put(frame)
    assert [each.item for each in Recording.load(path).items] == frames


async def test_no_key_is_in_it(tmp_path: Path) -> None:
    """Neither the key nor a header, though the provider's error repeats them."""
    secret, path = "sk-very-secret-key", tmp_path / "run.jsonl"
    replies = [reply_text("Hello."), reply_error(401, f"wrong key {secret}")]
    async with FakeServer(replies) as server:
        client = OpenAIChatClient(secret, server.url, headers={"Authorization-2": secret})
        agent = Agent("openai:any", executor=Executor({"openai": client}), params={"seed": 1})
        agent.record(path)
        await collected(agent)
        failed = (await collected(agent))[-1]
        await client.aclose()
    assert isinstance(failed, RunFailed) and secret not in path.read_text("utf-8")
    assert "AuthenticationError" in path.read_text("utf-8")


async def test_a_disk_that_is_full_does_not_break_the_run(tmp_path: Path) -> None:
    """The recorder has the error; the run goes on."""
    agent, _ = scripted("One.")
    recorder = agent.record(tmp_path / "run.jsonl")
    recorder._file.close()
    assert (await agent.ask("Go.")).text == "One."
    assert recorder.error is not None


@pytest.mark.parametrize("text", ["", "hello\n", '{"kind": "end"}\n', "[1]\n"])
def test_what_is_no_recording_is_refused(tmp_path: Path, text: str) -> None:
    """The error names the file."""
    path = tmp_path / "other.jsonl"
    path.write_text(text)
    with pytest.raises(StoreError, match=r"other\.jsonl"):
        Recording.load(path)


def test_another_format_is_refused(tmp_path: Path) -> None:
    """A newer format says what to do."""
    path = tmp_path / "new.jsonl"
    path.write_text('{"nbagent_recording": 2, "version": "9.0"}\n')
    with pytest.raises(StoreError, match="Update nbagent"):
        Recording.load(path)
    with pytest.raises(StoreError, match="cannot be read"):
        Recording.load(tmp_path / "nothing.jsonl")
    with pytest.raises(StoreError, match="cannot be written"):
        Recorder(tmp_path / "no" / "folder.jsonl")


def _starts(item: Any) -> bool:
    return isinstance(item, RunStarted)
