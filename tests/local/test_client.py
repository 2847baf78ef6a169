"""The embedded model as a client, with a server and a model that are small scripts."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from nbagent.errors import ConfigurationError, StreamTruncated
from nbagent.frames import End, StreamFrame, TextDelta
from nbagent.local.client import DEFAULT_MODEL, LocalClient
from nbagent.local.progress import silent
from nbagent.local.server import LocalServer
from nbagent.local.verify import Progress
from nbagent.models import Model
from tests.local.parents import FAKE

CHAT = (FAKE[0], str(Path(__file__).parent / "fakes" / "chat.py"))


def found(path: object, *, progress: Progress) -> Path:
    return Path(str(path or "embedded.gguf"))


@pytest.fixture
async def client() -> AsyncIterator[LocalClient]:
    """A client whose servers are `fakes/chat.py`."""
    servers: dict[str | None, LocalServer] = {}

    def server(path: str | None) -> LocalServer:
        if path not in servers:
            servers[path] = LocalServer(path, command=CHAT, find_model=found, progress=silent)
        return servers[path]

    client = LocalClient(server)
    yield client
    await client.aclose()
    for one in servers.values():
        one.close()


def text(frames: list[StreamFrame]) -> str:
    return "".join(frame.text for frame in frames if isinstance(frame, TextDelta))


async def test_first_question_starts_the_server(client: LocalClient) -> None:
    """Frames come as from any client, and each request has a connection of its own."""
    frames = [frame async for frame in client.stream("hello", model=DEFAULT_MODEL)]
    request = json.loads(text(frames))
    assert request["messages"][-1] == {"role": "user", "content": "hello"}
    assert request["connection"] == "close"
    assert isinstance(frames[-1], End)


@pytest.mark.parametrize(
    "model", ["/m/big.gguf", "local:/m/big.gguf", Model("local", "/m/big.gguf")]
)
async def test_path_gives_that_file(client: LocalClient, model: str | Model) -> None:
    """A model can be the path of a GGUF file, bare, with its provider, or as a Model."""
    frames = [frame async for frame in client.stream("hello", model=model)]
    assert json.loads(text(frames))["served"] == "/m/big.gguf"


async def test_unknown_name_says_what_there_is(client: LocalClient) -> None:
    """A name that is neither is refused with the two that are."""
    with pytest.raises(ConfigurationError, match=DEFAULT_MODEL):
        await anext(client.stream("hello", model="gpt-5"))


async def test_death_in_mid_stream_is_told(client: LocalClient) -> None:
    """The error says that the process died, keeps the partial text, and the next question works."""
    frames = client.stream("die in the middle", model=DEFAULT_MODEL)
    got: list[StreamFrame] = []
    with pytest.raises(StreamTruncated, match="was killed by signal 9") as caught:
        async for frame in frames:
            got.append(frame)  # noqa: PERF401 - what came before the error counts
    assert text(got) == "half a "
    assert caught.value.partial.text == "half a "
    again = [frame async for frame in client.stream("hello", model=DEFAULT_MODEL)]
    assert isinstance(again[-1], End)


async def test_death_between_questions_is_not_noticed(client: LocalClient) -> None:
    """A server that dies as the request comes is started again without a word."""
    frames = [frame async for frame in client.stream("die once", model=DEFAULT_MODEL)]
    assert isinstance(frames[-1], End)


async def test_models_starts_nothing() -> None:
    """The list of models costs no process."""

    def never(path: str | None) -> LocalServer:
        raise AssertionError("asked for a server")

    assert await LocalClient(never).models() == [DEFAULT_MODEL]
