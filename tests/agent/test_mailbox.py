"""Events from one thread to another's loop."""

from __future__ import annotations

import asyncio
import threading

import pytest

from nbagent.agent.mailbox import Mailbox


async def test_all_come_in_order_and_in_batches() -> None:
    """20,000 items of another thread come whole, in order, in far fewer batches."""
    box: Mailbox[int] = Mailbox()
    thread = threading.Thread(target=lambda: [box.put(number) for number in range(20_000)])
    thread.start()
    got: list[int] = []
    batches = 0
    while len(got) < 20_000:
        got += await asyncio.wait_for(box.take(), 60)
        batches += 1
    thread.join()
    assert got == list(range(20_000))
    assert batches < 10_000


async def test_a_cancelled_take_loses_nothing() -> None:
    """Items that come after a reader gave up wait for the next."""
    box: Mailbox[int] = Mailbox()
    for number in range(50):
        taking = asyncio.ensure_future(box.take())
        await asyncio.sleep(0)
        if number % 2:
            taking.cancel()
        box.put(number)
        taking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await taking
        assert await asyncio.wait_for(box.take(), 60) == [number]


def test_the_readers_loop_was_closed() -> None:
    """Putting is then without effect, keeps nothing, and does not fail who puts."""

    async def make() -> Mailbox[int]:
        return Mailbox()

    box = asyncio.run(make())
    for number in range(3):
        box.put(number)
    assert not box._items
