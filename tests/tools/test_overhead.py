"""What a call costs beyond the function itself."""

from nbagent.messages import ToolCall
from nbagent.tools import ToolContext, tool
from tests.counting import counted_calls
from tests.tools.listening import Heard

CALLS = 300


@tool
def trivial(a: int, b: str = "x") -> int:
    """Trivial."""
    return a


async def test_a_trivial_call_is_cheap() -> None:
    """Validate, run and both sides are some hundred calls of functions, the last as the first."""
    cost = []
    for _ in range(CALLS):
        context = ToolContext(ToolCall("id", "trivial"), listener=Heard())
        with counted_calls() as calls:
            await trivial.invoke('{"a": 1}', context)
        cost.append(calls.count)
    assert cost[-1] <= cost[1] < 1000
