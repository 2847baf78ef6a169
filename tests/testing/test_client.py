"""The scripted client: it plays replies as a provider's client would."""

import pytest

from nbagent.errors import ConfigurationError, Overloaded, StreamTruncated, UnsupportedCapability
from nbagent.frames import End, StreamFrame, TextComplete, TextDelta, ToolCallComplete
from nbagent.messages import ToolSpec, Usage
from nbagent.models import Model
from nbagent.testing import Gate, Reply, ScriptedClient, ScriptExhausted, reply_calls, reply_text


async def frames_of(client: ScriptedClient, prompt: str = "hi", **params) -> list[StreamFrame]:
    """Every frame of one reply."""
    return [frame async for frame in client.stream(prompt, **params)]


async def test_deltas_are_completed_and_ended():
    """Complete frames are made from the deltas; the end comes once, last."""
    frames = await frames_of(ScriptedClient([reply_text("Hello", pieces=2)]))
    assert frames == [
        TextDelta("Hel", 0),
        TextDelta("lo", 0),
        TextComplete("Hello", 0),
        End("stop", Usage(10, 2)),
    ]


async def test_calls_come_out_whole():
    """Each scripted call gives one complete call with its id and arguments."""
    reply = reply_calls(("f", {"x": 1}), ("g", {}), pieces=4, ids=["one", "two"])
    frames = await frames_of(ScriptedClient([reply]))
    calls = [frame for frame in frames if isinstance(frame, ToolCallComplete)]
    assert [(c.tool_call_id, c.name, c.arguments) for c in calls] == [
        ("one", "f", '{"x": 1}'),
        ("two", "g", "{}"),
    ]


async def test_what_was_asked_is_recorded():
    """Prompt, model, tools and parameters of each request can be read afterwards."""
    client = ScriptedClient(always=lambda asked: asked.prompt.messages[-1].text.upper())
    frames = await frames_of(client, "hey", model="m", temperature=0)
    assert frames[0] == TextDelta("HEY", 0)
    assert client.prompts[0].messages[-1].text == "hey"
    assert (client.asked[0].model, client.asked[0].params) == ("m", {"temperature": 0})


async def test_a_reply_without_end_raises():
    """A script that breaks off never looks finished, and keeps what came before."""
    with pytest.raises(StreamTruncated) as caught:
        await frames_of(ScriptedClient([Reply(frames=[TextDelta("half", 0)])]))
    assert caught.value.partial.text == "half"


async def test_a_scripted_failure_is_raised_after_the_frames():
    """raises= gives the error of the script's choice."""
    with pytest.raises(Overloaded):
        await frames_of(ScriptedClient([Reply(raises=Overloaded("busy", status=529))]))


async def test_an_empty_script_says_what_to_do():
    """Asking once too often fails the test with a sentence that helps."""
    with pytest.raises(ScriptExhausted, match="always="):
        await frames_of(ScriptedClient())


async def test_tools_for_a_model_that_has_none_are_refused():
    """A model that cannot call tools is refused as a provider's client would refuse it."""
    blind = Model("scripted", "blind", tool_calling="none")
    client = ScriptedClient(["never said"])
    with pytest.raises(UnsupportedCapability, match="blind"):
        async for _ in client.stream("hi", model=blind, tools=[ToolSpec("look", "", {})]):
            pass


def test_a_call_without_deltas_is_refused():
    """Such a call would never be sent: the script says so where it is written."""
    with pytest.raises(ConfigurationError, match="reply_calls"):
        Reply(frames=[ToolCallComplete("1", "look", "{}", 0), End("tool_calls")])


async def test_closing_in_mid_stream_is_counted():
    """A stream closed at a gate (Stop) is told apart from one that ended."""
    client = ScriptedClient([Reply(frames=[TextDelta("a", 0), Gate(), End("stop")])])
    stream = client.stream("hi")
    assert await anext(stream) == TextDelta("a", 0)
    await stream.aclose()
    assert client.closed == 1


async def test_models_are_those_given():
    """models() lists the names of the constructor."""
    assert await ScriptedClient(models=["a"]).models() == ["a"]
