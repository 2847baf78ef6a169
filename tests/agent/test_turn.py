"""One at a time, in order, from any loop."""

from __future__ import annotations

import asyncio

import pytest

from nbagent import AgentBusy
from nbagent.agent.turn import Turn


async def test_in_order() -> None:
    """Those who wait get it in the order in which they came."""
    turn, order = Turn(), list[int]()

    async def visit(number: int) -> None:
        await turn.take(wait=True)
        order.append(number)
        await asyncio.sleep(0)
        turn.give()

    await asyncio.gather(*(visit(number) for number in range(5)))
    assert order == [0, 1, 2, 3, 4]
    assert not turn.taken


async def test_from_many_loops() -> None:
    """Loops of several threads never hold it together."""
    turn, inside, worst = Turn(), 0, 0

    async def visits() -> None:
        nonlocal inside, worst
        for _ in range(100):
            await turn.take(wait=True)
            inside += 1
            worst = max(worst, inside)
            await asyncio.sleep(0)
            inside -= 1
            turn.give()

    await asyncio.gather(*(asyncio.to_thread(asyncio.run, visits()) for _ in range(4)))
    assert (worst, turn.taken) == (1, False)


async def test_cancelled_at_any_moment() -> None:
    """A waiter that is cancelled, also right after it was given the turn, blocks nobody."""
    for turns in range(6):
        turn = Turn()
        await turn.take(wait=True)
        waiting = asyncio.ensure_future(turn.take(wait=True))
        await asyncio.sleep(0)
        turn.give()
        for _ in range(turns):
            await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait({waiting})
        if not waiting.cancelled():
            turn.give()
        await asyncio.wait_for(turn.take(wait=True), 60)


async def test_not_waiting() -> None:
    """Without waiting, a taken turn is refused."""
    turn = Turn()
    await turn.take(wait=False)
    with pytest.raises(AgentBusy, match="another question"):
        await turn.take(wait=False)


async def test_who_holds_it_does_not_wait_for_itself() -> None:
    """What the holder started is refused, until the holder has given it back."""
    turn = Turn()
    await turn.take(wait=True)
    turn.mark()
    with pytest.raises(AgentBusy, match="wait for itself"):
        await turn.take(wait=True)
    late = asyncio.get_running_loop().create_future()

    async def outlives() -> str:
        await late
        await turn.take(wait=True)
        return "had it"

    task = asyncio.ensure_future(outlives())
    turn.give()
    await turn.take(wait=True)
    late.set_result(None)
    await asyncio.sleep(0)
    turn.give()
    assert await asyncio.wait_for(task, 60) == "had it"
