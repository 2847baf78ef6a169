"""The pause that requests share; how long things last in words. See also test_executor_waits."""

import pytest

from nbagent.errors import Overloaded, RateLimited
from nbagent.waiting import SPREAD, Pause, Retry, Sleeper, lasting


class Time:
    """A clock whose sleepers push it on."""

    def __init__(self):
        self.now = 0.0
        self.naps = []

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        """Takes no time but on this clock."""
        self.naps.append(seconds)
        self.now += seconds


def sleeper(pause, time, limit=60.0, told=None):
    """How one request waits."""
    tell = (told if told is not None else []).append
    return Sleeper(pause, "p:m", limit, time.sleep, time, tell)


async def test_a_pause_is_kept_by_others():
    """Whoever comes while it lasts waits for the rest of it, once."""
    time, told = Time(), []
    pause = Pause(time)
    pause.ask(20)
    time.now = 15.0
    await sleeper(pause, time, told=told).start()
    assert time.naps == [5.0]
    assert told == ["p:m asked for a pause. Retrying in 5 s."]
    await sleeper(pause, time).start()
    assert time.naps == [5.0]


async def test_the_longest_of_several_pauses_counts():
    """A shorter wish does not shorten a longer one, and who waited for less waits on."""
    time = Time()
    pause = Pause(time)
    one = sleeper(pause, time)
    pause.ask(30)
    await one.again(RateLimited("no", status=429, retry_after=10), 10)
    assert pause.until == 30
    await one.start()
    assert time.naps == [10, 20]


async def test_only_what_the_provider_asks_for_is_shared():
    """A pause of our own, after a failure, holds up nobody else."""
    time = Time()
    pause = Pause(time)
    await sleeper(pause, time).again(Overloaded("busy", status=503), 3)
    assert time.naps == [3]
    assert pause.left(0.0) <= 0


async def test_an_answer_to_an_older_request_does_not_end_a_pause():
    """It says nothing about what the provider wants since."""
    time = Time()
    pause = Pause(time)
    old = sleeper(pause, time)
    await old.start()
    time.now = 1.0
    pause.ask(20)
    old.answered()
    assert pause.until == 21
    time.now = 21.0
    new = sleeper(pause, time)
    await new.start()
    new.answered()
    assert pause.left(0.0) <= 0


async def test_those_who_wait_for_the_same_moment_spread():
    """The first comes to the moment, the others a little behind, never before it."""
    time = Time()
    pause = Pause(time)
    for _ in range(20):
        pause.waiting = 1
        time.now = 0.0
        pause.ask(5)
        await sleeper(pause, time).start()
    assert all(5 <= nap <= 5 + SPREAD for nap in time.naps)
    assert len(set(time.naps)) > 10


async def test_the_error_keeps_its_kind_when_the_wait_is_too_long():
    """Its text says how long it would be; what else it has stays."""
    error = Overloaded("Busy.", status=503, retry_after=90)
    with pytest.raises(
        Overloaded, match=r"Busy\. It asks to wait 90 s\. .*60 s.*fallbacks"
    ) as caught:
        await sleeper(Pause(Time()), Time()).again(error, Retry().pause(error, 1))
    assert caught.value is error
    assert error.retry_after == 90


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.04, "0.0 s"), (0.34, "0.3 s"), (1.9, "1.9 s"), (4, "4 s"), (60, "60 s"), (300, "5 min")],
)
def test_lengths_of_time_in_words(seconds, words):
    """As exact as they are of use."""
    assert lasting(seconds) == words
