"""Pauses that a provider asks for: how long, whom they hold up, what the listener is told."""

import asyncio

import pytest

from nbagent.errors import (
    Overloaded,
    RateLimited,
    ServerError,
)
from nbagent.executor import Executor, Retry
from nbagent.testing import (
    Reply,
    ScriptedClient,
)
from tests.executors import Naps, limited, make, words


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


async def test_cancelling_while_it_waits_to_ask_again():
    """A pause can be cancelled, and then nothing more is asked."""
    client = ScriptedClient([Reply(raises=Overloaded("busy", status=503, retry_after=60)), "Hi"])
    task = asyncio.create_task(words(Executor({"s": client})))
    while not client.asked:
        await asyncio.sleep(0)
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(client.asked) == 1


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
    while not clock.sleepers:
        await asyncio.sleep(0)
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
