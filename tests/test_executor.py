"""Routing, asking again, moving on: only before the first frame, and by status alone."""

import pytest

from nbagent.errors import (
    AuthenticationError,
    ConfigurationError,
    InvalidRequest,
    Overloaded,
    ProviderError,
    StreamTruncated,
    TransportError,
    UnsupportedCapability,
)
from nbagent.executor import Executor, Retry
from nbagent.frames import End, TextDelta
from nbagent.messages import Message, ToolCall, ToolSpec, Usage
from nbagent.models import Model
from nbagent.providers import OpenAIChatClient
from nbagent.testing import (
    FakeServer,
    Gate,
    Reply,
    ScriptedClient,
    reply_calls,
    reply_error,
    reply_text,
)
from tests.executors import BUSY, Naps, make, words


async def test_frames_pass_through():
    """What the client gives, with what it was asked."""
    executor, client = make(reply_text("Hello", pieces=2))
    tool = ToolSpec("f")
    frames = [f async for f in executor.stream("hi", model="s:m", tools=[tool], seed=1)]
    assert [f.kind for f in frames] == ["text_delta", "text_delta", "text_complete", "end"]
    (asked,) = client.asked
    assert (asked.model, asked.tools, asked.params) == ("s:m", (tool,), {"seed": 1})


async def test_words_alone():
    """stream_text leaves out everything but the text deltas."""
    executor, _ = make(reply_text("Hello", reasoning="hm", pieces=3))
    assert [text async for text in executor.stream_text("hi", model="s:m")] == ["He", "ll", "o"]


async def test_the_whole_message():
    """execute gives words, calls, reasoning, usage and reason."""
    executor, _ = make(reply_calls(("f", {"x": 1}), text="See.", ids=["1"], usage=Usage(3, 4)))
    message = await executor.execute("hi", model="s:m")
    assert message.text == "See."
    assert message.tool_calls == (ToolCall("1", "f", '{"x": 1}'),)
    assert (message.usage, message.finish_reason) == (Usage(3, 4), "tool_calls")


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
async def test_it_asks_again(status):
    """Each status that may pass is asked again, and the listener is told."""
    naps, told = Naps(), []
    executor, client = make(Reply(raises=ProviderError("no", status=status)), "Hi", naps=naps)
    assert await words(executor, notify=told.append) == "Hi"
    assert len(client.asked) == 2
    assert len(naps.seconds) == 1
    assert "Retrying in" in told[0]


@pytest.mark.parametrize(
    "error",
    [
        InvalidRequest("overloaded, try again", status=400),
        AuthenticationError("no", status=401),
        ProviderError("no", status=501),
        StreamTruncated("cut"),
        ConfigurationError("no"),
    ],
)
async def test_it_does_not_ask_again(error):
    """What would only fail again is told at once, whatever its words."""
    executor, client = make(Reply(raises=error), "Hi")
    with pytest.raises(type(error)):
        await words(executor)
    assert len(client.asked) == 1


async def test_connect_errors_are_tried_again():
    """So is a connection that could not be made."""
    executor, _ = make(Reply(raises=TransportError("refused")), "Hi")
    assert await words(executor) == "Hi"


async def test_never_after_a_frame():
    """Once a frame was seen, the reply is not begun anew."""
    executor, client = make(
        Reply(frames=(TextDelta("a", 0),), raises=Overloaded("busy", status=503)),
        "Hi",
        fallbacks={"s:m": ["s:n"]},
    )
    with pytest.raises(Overloaded):
        await words(executor)
    assert len(client.asked) == 1


async def test_it_gives_up():
    """After the attempts are used up, the last error stands."""
    naps = Naps()
    executor, client = make(*[BUSY] * 9, naps=naps, retry=Retry(attempts=3, base=1.0, cap=1.5))
    with pytest.raises(Overloaded):
        await words(executor)
    assert len(client.asked) == 3
    assert [
        0 <= seconds <= most for seconds, most in zip(naps.seconds, (1.0, 1.5), strict=True)
    ] == [True, True]


async def test_other_models_are_asked():
    """A model that cannot be had is followed by the next, as given, and the listener is told."""
    told = []
    first, second = ScriptedClient([BUSY, BUSY]), ScriptedClient(["Hi"])
    executor = Executor(
        {"a": first, "b": second}, retry=Retry(attempts=2), sleep=Naps(),
        fallbacks={Model("a", "m"): ["b:n"]},
    )  # fmt: skip
    assert await words(executor, "a:m", notify=told.append) == "Hi"
    assert second.asked[0].model == "b:n"
    assert "going on with b:n" in told[-1]


async def test_other_models_are_not_asked_in_vain():
    """A request that is wrong is wrong for all."""
    executor, client = make(
        Reply(raises=InvalidRequest("no", status=400)), "Hi", fallbacks={"s:m": ["s:n"]}
    )
    with pytest.raises(InvalidRequest):
        await words(executor)
    assert len(client.asked) == 1


async def test_a_fallback_that_cannot_is_passed_over():
    """That the model which was asked for cannot be had is the error, not what another lacks."""
    told = []
    lacks = Reply(raises=UnsupportedCapability("no tools"))
    clients = {"a": ScriptedClient([BUSY, BUSY]), "b": ScriptedClient([lacks, lacks])}
    clients["c"] = ScriptedClient(["Hi"])
    for others, want in ((["b:n", "c:o"], "Hi"), (["b:n"], None)):
        executor = Executor(
            clients, retry=Retry(attempts=1), sleep=Naps(), fallbacks={"a:m": others}
        )
        if want:
            assert await words(executor, "a:m", notify=told.append) == want
        else:
            with pytest.raises(Overloaded):
                await words(executor, "a:m")
    assert "b:n cannot do what was asked." in told


async def test_closing_closes_the_client():
    """aclose() reaches the client's stream through the retries."""
    executor, client = make(Reply(frames=(TextDelta("a", 0), Gate())))
    frames = executor.stream("hi", model="s:m")
    assert await anext(frames) == TextDelta("a", 0)
    await frames.aclose()
    assert client.closed == 1


async def test_over_a_socket():
    """A server that is busy twice is asked a third time, after the milliseconds it wished for."""
    naps = Naps()
    headers = {"retry-after-ms": "40"}
    with FakeServer([reply_error(503, headers=headers), reply_error(429), "Hi"]) as server:
        executor = Executor({"openai": OpenAIChatClient("k", server.url)}, sleep=naps)
        message = await executor.execute([Message.user("hi")], model="openai:m")
    assert message.text == "Hi"
    assert naps.seconds[0] == 0.04
    assert len(server.requests) == 3


async def test_prompts_of_every_kind():
    """A string, mappings, messages: the client gets what it was."""
    executor, client = make("1", "2", "3")
    for prompt in ("hi", [{"role": "user", "content": "hi"}], [Message.user("hi")]):
        await executor.execute(prompt, model="s:m")
    assert [p.messages for p in client.prompts] == [(Message.user("hi"),)] * 3


def test_end_is_in_the_vocabulary():
    """A stream that finished says so with one frame of its own kind."""
    assert End("stop").kind == "end"
