"""What a call costs beyond the function itself."""

import time

from nbagent.messages import ToolCall
from nbagent.tools import ToolContext, tool
from tests.tools.listening import Heard

CALLS = 300


@tool
def trivial(a: int, b: str = "x") -> int:
    """Trivial."""
    return a


async def test_a_trivial_call_is_cheap() -> None:
    """Validate, run and both sides take well under a millisecond of CPU."""
    await trivial.invoke('{"a": 1}')
    best = float("inf")
    for _ in range(5):
        begun = time.process_time()
        for _ in range(CALLS):
            context = ToolContext(ToolCall("id", "trivial"), listener=Heard())
            await trivial.invoke('{"a": 1}', context)
        best = min(best, (time.process_time() - begun) / CALLS)
    assert best < 0.0003, f"{best * 1e6:.0f} microseconds of CPU a call"
