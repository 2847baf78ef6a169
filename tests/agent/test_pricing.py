"""What requests cost, and whose price it is."""

from __future__ import annotations

import pytest

from nbagent import (
    Agent,
    Executor,
    Message,
    Model,
    Overloaded,
    Retry,
    TextPart,
    Usage,
    price_of,
)
from nbagent.agent.pricing import Spent
from nbagent.testing import Reply, ScriptedClient, reply_text

HAIKU = "claude-haiku-4-5"


def said(model: str | None = None, usage: Usage = Usage(1_000_000, 0)) -> Message:  # noqa: B008 - frozen
    """A reply."""
    return Message("assistant", (TextPart("Hi."),), "stop", usage, model)


def test_by_the_models_own_name_or_the_one_it_answered_under() -> None:
    """An alias that the table does not have is priced as what the provider says it was."""
    known = price_of(f"anthropic:{HAIKU}")
    assert known is not None
    for model, answered in ((f"anthropic:{HAIKU}", None), ("anthropic:my-alias", HAIKU)):
        spent = Spent()
        spent.add(Model.of(model), said(answered))
        assert spent.cost == pytest.approx(known.input)


def test_one_unknown_price_makes_the_sum_unknown() -> None:
    """A sum that leaves something out would be a wrong one; tokens are counted all the same."""
    spent = Spent()
    spent.add(Model.of(f"anthropic:{HAIKU}"), said())
    spent.add(Model.of("elsewhere:any"), said())
    assert spent.cost is None
    assert spent.usage == Usage(2_000_000, 0)


def test_cleared_it_begins_anew() -> None:
    """As after a reset of the conversation."""
    spent = Spent()
    spent.add(Model.of("elsewhere:any"), said())
    spent.clear()
    assert (spent.cost, spent.usage) == (0, Usage())


def test_a_reply_without_usage_costs_nothing_that_is_known() -> None:
    """What was stopped reports no tokens; they are estimated for limits alone."""
    spent = Spent()
    spent.add(Model.of("elsewhere:any"), said(usage=Usage()), [Message.user("x" * 400)])
    assert (spent.cost, spent.usage) == (0, Usage())
    assert spent.counted == Usage(104, 4)


def test_an_earlier_conversation_by_the_names_in_it() -> None:
    """Its replies may be of other providers than the one that is asked now."""
    known = price_of(f"anthropic:{HAIKU}")
    assert known is not None
    spent = Spent()
    spent.add_earlier(Model.of("openai:gpt-4o"), [Message.user("Hi."), said(f"{HAIKU}-20251001")])
    assert spent.cost == pytest.approx(known.input)


def test_what_is_added_is_added_on_to_the_others() -> None:
    """A run's costs are its agent's, and those of the run that it was called in."""
    around, agent = Spent(), Spent()
    run = Spent(agent, around)
    run.add(Model.of("local:qwen"), said())
    assert around.usage == agent.usage == run.usage == Usage(1_000_000, 0)
    assert around.cost == 0


async def test_a_fallback_costs_what_it_costs() -> None:
    """The price is that of the model that answered, not of the one that could not be had."""
    known = price_of(f"anthropic:{HAIKU}")
    assert known is not None
    usage = Usage(1_000_000, 0)
    clients = {
        "openai": ScriptedClient(always=Reply(raises=Overloaded("full", status=503))),
        "anthropic": ScriptedClient([reply_text("Hi.", usage=usage)]),
    }
    executor = Executor(
        clients,
        retry=Retry(attempts=1),
        fallbacks={"openai:gpt-4o": [f"anthropic:{HAIKU}"]},
    )
    agent = Agent("openai:gpt-4o", executor=executor)
    reply = await agent.ask("Go.")
    assert reply.cost == pytest.approx(known.input)
    assert price_of("openai:gpt-4o") != known
