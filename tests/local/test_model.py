"""The real thing: the real weights, the real llama.cpp, the real child."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from nbagent.errors import ContextWindowExceeded, StreamTruncated
from nbagent.frames import End, TextDelta, ToolCallComplete, ToolCallDelta
from nbagent.local import DEFAULT_MODEL, LocalClient, LocalServer, PortInUse, ServerStartError, pull
from nbagent.local.artefact import EMBEDDED
from nbagent.local.process import CHILD
from nbagent.local.verify import sha256_of
from nbagent.messages import ToolSpec
from tests.local.parents import gone, parent

pytestmark = pytest.mark.model
LONG = "Tell me a very long story about a car."
SUMMARY = ToolSpec(
    "summary",
    "Summary statistics of one column of the table.",
    {
        "type": "object",
        "properties": {"column": {"type": "string", "enum": ["mpg", "weight"]}},
        "required": ["column"],
        "additionalProperties": False,
    },
)


@pytest.fixture(scope="module")
def weights() -> Path:
    """The embedded model's file, downloaded if this machine has it not."""
    return pull()


@pytest.fixture(scope="module")
def server(weights: Path) -> Iterator[LocalServer]:
    """A server of it, with a small context."""
    with_small_context = LocalServer(context=1024)
    yield with_small_context
    with_small_context.close()


@pytest.fixture
async def client(server: LocalServer) -> AsyncIterator[LocalClient]:
    """A client of that server."""
    client = LocalClient(lambda path: server)
    yield client
    await client.aclose()


def test_pull_gives_the_right_bytes(weights: Path) -> None:
    """Whatever the source was, the file has the size and the hash that we know."""
    assert weights.stat().st_size == EMBEDDED.size
    assert sha256_of(weights, lambda done, total, text: None) == EMBEDDED.sha256


async def test_reply_streams_token_by_token(client: LocalClient) -> None:
    """A question is answered in many deltas, with usage, and the path is not given away."""
    frames = [frame async for frame in client.stream("Count from 1 to 10.", model=DEFAULT_MODEL)]
    assert sum(isinstance(frame, TextDelta) for frame in frames) > 8
    end = frames[-1]
    assert isinstance(end, End)
    assert end.finish_reason == "stop"
    assert end.usage.input_tokens > 0
    assert end.usage.output_tokens > 8
    assert "/" not in (end.model or "")


async def test_tool_call_streams_as_constrained_json(client: LocalClient) -> None:
    """A tool in the request comes out as a call whose arguments fit its schema."""
    stream = client.stream(
        "Call the tool: summary statistics of the column mpg.",
        model=DEFAULT_MODEL,
        tools=[SUMMARY],
        tool_choice="required",
        temperature=0,
    )
    frames = [frame async for frame in stream]
    call = next(frame for frame in frames if isinstance(frame, ToolCallComplete))
    assert call.name == "summary"
    assert re.fullmatch(r'\{\s*"column":\s*"(mpg|weight)"\s*\}', call.arguments)
    assert sum(isinstance(frame, ToolCallDelta) for frame in frames) > 1


async def test_too_long_a_prompt_is_told_at_once(client: LocalClient) -> None:
    """A prompt above the context is refused before anything is computed."""
    with pytest.raises(ContextWindowExceeded, match="1024"):
        await anext(client.stream("word " * 2000, model=DEFAULT_MODEL))


async def test_kill_in_mid_stream_then_the_next_question(
    client: LocalClient, server: LocalServer
) -> None:
    """kill -9 of the child: a typed error with the partial text, and the next question works."""
    stream = client.stream(LONG, model=DEFAULT_MODEL)
    got = 0
    with pytest.raises(StreamTruncated, match="killed by signal 9") as caught:
        async for _ in stream:
            got += 1
            if got == 5:
                assert server.pid is not None
                os.kill(server.pid, signal.SIGKILL)
    assert caught.value.partial.text
    again = [frame async for frame in client.stream("Hi", model=DEFAULT_MODEL, max_tokens=5)]
    assert isinstance(again[-1], End)


async def test_stop_frees_the_server(client: LocalClient) -> None:
    """After aclose() in mid-stream the next question does not wait for the rest of the last."""
    stream = client.stream(LONG, model=DEFAULT_MODEL)
    await anext(stream)
    await stream.aclose()
    next_one = client.stream("Hi", model=DEFAULT_MODEL, max_tokens=5)
    assert await asyncio.wait_for(anext(next_one), 60)
    await next_one.aclose()


async def test_streams_right_after_one_another(client: LocalClient) -> None:
    """Twenty questions without a pause: no connection is lost in between."""
    for _ in range(20):
        stream = client.stream("Hi", model=DEFAULT_MODEL, max_tokens=2)
        assert isinstance([frame async for frame in stream][-1], End)


async def test_requests_need_the_key(server: LocalServer) -> None:
    """Other users of the machine cannot use the model."""
    url = (await server.ensure()).base_url + "/chat/completions"
    request = urllib.request.Request(url, data=b'{"messages": []}')
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(request)


async def test_damaged_file_is_a_typed_error(tmp_path: Path, weights: Path) -> None:
    """A GGUF file that was cut ends the child, not the kernel, and llama.cpp's reason is shown."""
    cut = tmp_path / "cut.gguf"
    with weights.open("rb") as file:
        cut.write_bytes(file.read(20_000_000))
    with pytest.raises(ServerStartError, match="corrupted or incomplete"):
        await LocalServer(cut).ensure()


async def test_taken_port_is_a_typed_error(server: LocalServer) -> None:
    """A port that is taken is named."""
    port = int((await server.ensure()).base_url.rpartition(":")[2].partition("/")[0])
    with pytest.raises(PortInUse, match=str(port)):
        await LocalServer(port=port).ensure()


def test_killed_kernel_takes_the_model_along(weights: Path) -> None:
    """After kill -9 of its parent the real child is gone within two seconds."""
    process, child = parent(weights, CHILD)
    with process:
        process.kill()
        assert gone(child)


def test_killed_kernel_with_a_fork_takes_the_model_along(weights: Path) -> None:
    """Also when a forked worker lives on and keeps the child's stdin open."""
    process, child = parent(weights, CHILD, FORK="1")
    with process:
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
        assert gone(child)
        os.killpg(process.pid, signal.SIGKILL)


def test_interrupt_leaves_the_model(weights: Path) -> None:
    """SIGINT to the parent's group and to the child itself does not end the child."""
    process, child = parent(weights, CHILD)
    with process:
        os.kill(child, signal.SIGINT)
        os.killpg(process.pid, signal.SIGINT)
        assert process.stdout is not None
        assert process.stdout.readline() == "interrupted True\n"
        process.kill()
    assert gone(child)


def test_serve_prints_its_address_and_ends_with_ctrl_c(weights: Path) -> None:
    """``serve`` answers with the key that was chosen, does not print it, and ends cleanly."""
    process = subprocess.Popen(
        [sys.executable, "-m", "nbagent.local", "serve"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "NBAGENT_LOCAL_API_KEY": "chosen-key"},
    )
    with process:
        assert process.stdout is not None
        lines: list[str] = []
        while not (lines and lines[-1].startswith("Ctrl-C")):
            lines.append(process.stdout.readline())
        said = "".join(lines)
        url = re.search(r"http://127\.0\.0\.1:\d+/v1", said)
        assert url is not None
        assert "chosen-key" not in said
        request = urllib.request.Request(
            url[0] + "/models", headers={"Authorization": "Bearer chosen-key"}
        )
        with urllib.request.urlopen(request) as reply:
            assert reply.status == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0


def test_memory_of_the_parent_stays_small(weights: Path) -> None:
    """Joining and checking the weights reads them in pieces: importing costs more than that."""
    code = (
        "import resource, nbagent.local as local\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "from nbagent.local.verify import sha256_of\n"
        "sha256_of(local.pull(), lambda *state: None)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 20_000
