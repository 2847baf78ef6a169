"""Conversations that are handed over to another agent."""

from __future__ import annotations

from nbagent import (
    Notice,
    RunFinished,
    StepStarted,
    handoff,
)
from nbagent.testing import reply_calls
from tests.agent.agents import (
    add,
    assert_valid,
    assert_well_formed,
    collected,
    scripted,
)


async def test_handed_over() -> None:
    """The other agent goes on in the same run, with its own model, instructions and tools."""
    billing, second = scripted(
        reply_calls(("add", {"a": 1, "b": 2})),
        "You owe 3.",
        tools=[add],
        name="billing",
        instructions="You bill.",
        description="For money.",
    )
    front, first = scripted(
        reply_calls(("hand_over_to_billing", {"reason": "money"})),
        tools=[handoff(billing)],
        instructions="You greet.",
    )
    items = await collected(front, "What do I owe?")
    assert_well_formed(items)
    assert isinstance(items[-1], RunFinished)
    assert items[-1].reply.text == "You owe 3."
    assert "For money." in first.asked[0].tools[0].spec.description
    messages = second.prompts[0].messages
    assert messages[0].text == "You bill."
    assert any("What do I owe?" in m.text for m in messages)
    assert [t.name for t in second.asked[0].tools] == ["add"]
    notices = [item.text for item in items if isinstance(item, Notice)]
    assert notices == ["The conversation goes on with billing (scripted:any)."]
    assert [item.step for item in items if isinstance(item, StepStarted)] == [1, 2, 3]
    assert_valid(front.history)
    # The next question begins with the agent that it is put to.
    first.add("Hello again.")
    assert (await front.ask("Hello?")).text == "Hello again."


async def test_handed_back_again() -> None:
    """There and back, in one run."""
    billing, _ = scripted(reply_calls(("hand_over_to_front", {})), name="billing")
    front, client = scripted(
        reply_calls(("hand_over_to_billing", {})),
        "Here I am.",
        name="front",
        tools=[handoff(billing)],
    )
    billing.tools.append(handoff(front))
    reply = await front.ask("Go.")
    assert reply.text == "Here I am."
    assert len(client.asked) == 2


async def test_handed_over_twice_at_once() -> None:
    """The first has it; the second call says so."""
    one, _ = scripted("One has it.", name="one")
    two, _ = scripted(name="two")
    both = reply_calls(("hand_over_to_one", {}), ("hand_over_to_two", {}))
    front, _ = scripted(both, tools=[handoff(one), handoff(two)])
    assert (await front.ask("Go.")).text == "One has it."
    assert [call.state for call in front.calls] == ["done", "failed"]
    assert "handed over to one already" in front.calls[1].text


async def test_nothing_to_hand_over() -> None:
    """Called outside of any conversation it is an error that says so."""
    result = await handoff(scripted()[0]).invoke({})
    assert "no run" in str(result.error)
