"""Routing, asking again, moving on: only before the first frame, and by status alone."""

import asyncio

import pytest

from nbagent.errors import (
    AuthenticationError,
    ConfigurationError,
    InvalidRequest,
    Overloaded,
    ProviderError,
    RateLimited,
    ServerError,
    StreamTruncated,
    TransportError,
    UnsupportedCapability,
)
from nbagent.executor import Executor, Retry
from nbagent.frames import End, TextDelta
from nbagent.messages import Message, ToolCall, ToolSpec, Usage
from nbagent.models import Model
from nbagent.providers import OpenAIChatClient, OpenAIResponsesClient
from nbagent.providers.openai_chat_dialects import DIALECTS
from nbagent.testing import (
    FakeServer,
    Gate,
    Reply,
    ScriptedClient,
    reply_calls,
    reply_error,
    reply_text,
)

BUSY = Reply(raises=Overloaded("busy", status=503))


class Naps:
    """Sleeps no time, and remembers how long it was asked to."""

    def __init__(self):
        self.seconds = []

    async def __call__(self, seconds):
        self.seconds.append(seconds)


def make(*script, naps=None, **options):
    """An executor with one scripted client, and the client."""
    client = ScriptedClient(script)
    return Executor({"s": client}, sleep=naps or Naps(), **options), client


async def words(executor, model="s:m", **params):
    """The words of one reply."""
    return "".join([text async for text in executor.stream_text("hi", model=model, **params)])


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


async def test_it_waits_as_long_as_it_is_told():
    """The provider's own wish is kept to the letter."""
    naps = Naps()
    limited = Reply(raises=RateLimited("slow down", status=429, retry_after=7.5))
    executor, _ = make(limited, "Hi", naps=naps)
    await words(executor)
    assert naps.seconds == [7.5]


def test_pauses_grow_and_jitter():
    """Between nothing and a bound that doubles, up to the cap."""
    retry, error = Retry(base=1.0, cap=4.0), ServerError("no", status=500)
    pauses = {attempt: [retry.pause(error, attempt) for _ in range(200)] for attempt in (1, 2, 9)}
    assert max(pauses[1]) <= 1.0 < max(pauses[2]) <= 2.0 < max(pauses[9]) <= 4.0
    assert min(pauses[9]) < 1.0
    assert len(set(pauses[1])) > 100


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


@pytest.mark.parametrize(
    ("model", "found"),
    [
        ("nowhere:m", "Unknown provider 'nowhere'"),
        ("openai:m", "OPENAI_API_KEY"),
        ("gpt-5", "provider:name"),
        (":m", "provider:name"),
        (None, "a string or a Model"),
    ],
)
async def test_models_that_lead_nowhere(model, found):
    """The error says what is configured, what to set, or how a model is written."""
    executor, _ = make()
    with pytest.raises(ConfigurationError, match=found):
        await words(executor, model)


async def test_models_of_all_providers():
    """Each is named with its provider."""
    executor = Executor({"b": ScriptedClient(models=["x"]), "a": ScriptedClient(models=["y", "z"])})
    assert await executor.models() == ["a:y", "a:z", "b:x"]
    assert executor.providers == ("a", "b")
    assert repr(executor) == "Executor(a, b)"


async def test_from_the_environment(monkeypatch):
    """A key in the environment is a client; no key is none."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    executor = Executor.from_env()
    assert "openai" in executor.providers
    assert "secret" not in repr(executor)
    monkeypatch.delenv("OPENAI_API_KEY")
    assert "openai" not in Executor.from_env().providers


async def test_providers_of_the_chat_completions_by_name(monkeypatch):
    """Each has its own name with its own key, and the error for a missing one names that."""
    for dialect in DIALECTS.values():
        for name in (*dialect.key_variables, dialect.url_variable):
            monkeypatch.delenv(name, raising=False)
    assert not set(DIALECTS) & set(Executor.from_env().providers)
    with pytest.raises(ConfigurationError, match=r"OPENROUTER_API_KEY.*dialect='openrouter'"):
        await words(Executor.from_env(), "openrouter:openrouter/auto")
    with pytest.raises(ConfigurationError, match="VLLM_BASE_URL"):
        await words(Executor.from_env(), "vllm:m")
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-secret")
    monkeypatch.setenv("VLLM_BASE_URL", "http://localhost:9/v1")
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "sk-secret")
    assert set(DIALECTS) & set(Executor.from_env().providers) == {"openrouter", "vllm"}
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", "https://me.openai.azure.com")
    assert "azure" in Executor.from_env().providers


async def test_a_provider_by_name_over_a_socket(monkeypatch):
    """Its key goes to its address, and its errors have its name."""
    with FakeServer(["Hi", reply_error(401)]) as server:
        monkeypatch.setenv("GROQ_API_KEY", "sk-groq")
        monkeypatch.setenv("GROQ_BASE_URL", server.url)
        executor = Executor.from_env()
        assert await words(executor, "groq:m") == "Hi"
        with pytest.raises(AuthenticationError, match="Groq answered 401"):
            await words(executor, "groq:m")
    assert server.requests[0].headers["authorization"] == "Bearer sk-groq"


def test_models_that_openai_serves_through_its_other_api(monkeypatch):
    """Its newest models take no tools in chat completions; another server is asked as it was."""
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    chat, responses = OpenAIChatClient("k"), OpenAIResponsesClient("k")
    executor = Executor({"openai": chat, "responses": responses})
    assert executor._client(Model.of("openai:gpt-6-sol")) is responses
    assert executor._client(Model.of("openai:gpt-5-mini")) is chat
    assert executor._client(Model.of("openai:unknown")) is chat
    assert Executor({"openai": chat})._client(Model.of("openai:gpt-6-sol")) is chat
    other = OpenAIChatClient("k", "http://localhost:9/v1")
    executor = Executor({"openai": other, "responses": responses})
    assert executor._client(Model.of("openai:gpt-6-sol")) is other


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


async def test_one_more_client():
    """It is added to a copy; retries and fallbacks stay."""
    executor, _ = make("Hi", fallbacks={"t:m": ["s:m"]}, retry=Retry(attempts=1))
    more = executor.with_client("t", ScriptedClient([BUSY]))
    assert executor.providers == ("s",)
    assert await words(more, "t:m") == "Hi"


async def test_closing_closes_the_client():
    """aclose() reaches the client's stream through the retries."""
    executor, client = make(Reply(frames=(TextDelta("a", 0), Gate())))
    frames = executor.stream("hi", model="s:m")
    assert await anext(frames) == TextDelta("a", 0)
    await frames.aclose()
    assert client.closed == 1


async def test_cancelling_while_it_waits_to_ask_again():
    """A pause can be cancelled, and then nothing more is asked."""
    client = ScriptedClient([Reply(raises=Overloaded("busy", status=503, retry_after=60)), "Hi"])
    task = asyncio.create_task(words(Executor({"s": client})))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(client.asked) == 1


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


class Clock:
    """Time that passes while somebody sleeps, and at no other moment."""

    def __init__(self):
        self.now = 100.0
        self.sleepers = []

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        """Waits until `run` has come to the moment."""
        woken = asyncio.get_running_loop().create_future()
        self.sleepers.append((self.now + seconds, woken))
        await woken

    async def run(self, task):
        """Lets time pass until a task is done."""
        while not task.done():
            for _ in range(20):
                await asyncio.sleep(0)
            self.sleepers = [each for each in self.sleepers if not each[1].done()]
            if self.sleepers and not task.done():
                self.now, woken = min(self.sleepers, key=lambda each: each[0])
                woken.set_result(None)
        return task.result()


def limited(seconds):
    """A provider that wants a pause."""
    return Reply(raises=RateLimited("slow down.", status=429, retry_after=seconds))


async def test_a_wait_that_is_too_long_is_an_error():
    """It says how long it would be and what to do; nothing is slept through."""
    naps = Naps()
    executor, client = make(limited(300), "Hi", naps=naps)
    with pytest.raises(RateLimited, match=r"slow down. It asks to wait 5 min.*max_wait") as caught:
        await words(executor)
    assert caught.value.retry_after == 300
    assert (naps.seconds, len(client.asked)) == ([], 1)


@pytest.mark.parametrize("limit", [300.0, None])
async def test_the_longest_wait_can_be_set(limit):
    """Whoever has the time waits, also when one more client came along."""
    naps = Naps()
    executor, _ = make(limited(300), "Hi", naps=naps, max_wait=limit)
    assert await words(executor.with_client("t", ScriptedClient())) == "Hi"
    assert naps.seconds == [300]


async def test_a_wait_that_is_too_long_leads_to_another_model():
    """It is one of the terms on which the next model is asked."""
    executor, client = make(limited(300), "Hi", fallbacks={"s:m": ["s:n"]})
    assert await words(executor) == "Hi"
    assert [asked.model for asked in client.asked] == ["s:m", "s:n"]


async def test_what_the_listener_is_told():
    """Why, and when it goes on, in words for people."""
    told = []
    executor, _ = make(limited(4), "Hi")
    await words(executor, notify=told.append)
    assert told == ["slow down. Retrying in 4 s."]


async def test_all_requests_share_a_wait():
    """While a provider wants a pause nobody else asks it for that model; another model goes on."""
    clock, told = Clock(), []
    moments = []

    class Timed(ScriptedClient):
        def stream(self, prompt, *, model, **params):
            moments.append((str(model), clock.now))
            return super().stream(prompt, model=model, **params)

    client = Timed([limited(20), *["Hi"] * 9])
    executor = Executor({"s": client}, sleep=clock.sleep, clock=clock)

    async def ask_all():
        first = asyncio.create_task(words(executor))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        late = [asyncio.create_task(words(executor, notify=told.append)) for _ in range(5)]
        other = asyncio.create_task(words(executor, "s:other"))
        return await asyncio.gather(first, *late, other)

    assert await clock.run(asyncio.create_task(ask_all())) == ["Hi"] * 7
    assert moments[0] == ("s:m", 100.0)
    assert moments[1] == ("s:other", 100.0)
    later = [moment for model, moment in moments[2:] if model == "s:m"]
    assert len(later) == 6
    assert min(later) == 120.0
    assert max(later) <= 121.0
    assert told[0] == "s:m asked for a pause. Retrying in 20 s."


async def test_a_shared_wait_that_is_too_long():
    """Who comes while a long pause lasts is told at once; when it is over, it is asked again."""
    clock = Clock()
    client = ScriptedClient([limited(50), "Hi", "Hi"])
    patient = Executor({"s": client}, sleep=clock.sleep, clock=clock, max_wait=60)
    task = asyncio.create_task(words(patient))
    await asyncio.sleep(0.01)
    patient._max_wait = 10
    with pytest.raises(RateLimited, match="takes no requests for another 50 s") as caught:
        await words(patient)
    assert caught.value.retry_after == 50
    assert len(client.asked) == 1
    assert await clock.run(task) == "Hi"
    assert await words(patient) == "Hi"


async def test_an_answer_ends_the_wait():
    """Once a request was answered after it, nobody waits for the rest of a pause."""
    naps = Naps()
    executor, client = make(limited(50), "Hi", "Hi", naps=naps)
    assert await words(executor) == "Hi"
    assert await words(executor) == "Hi"
    assert naps.seconds == [50]
    assert len(client.asked) == 3
