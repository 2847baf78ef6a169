"""Whose reasoning goes back to whom."""

import pytest

from nbagent.messages import Message, Prompt, ReasoningPart
from nbagent.providers.anthropic_messages import encode_messages
from nbagent.providers.gemini_messages import encode_contents
from nbagent.providers.origin import family_of, own_reasoning


def said(signature, model=None):
    """A message with signed reasoning, of a model."""
    return Message("assistant", (ReasoningPart("hm", signature=signature),), model=model)


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("claude-sonnet-5-5", "claude"),
        ("anthropic/claude-sonnet-4.5", "claude"),
        ("models/gemini-3-flash", "gemini"),
        ("magistral-medium-latest", "magistral"),
        ("Qwen/Qwen3-8B", "qwen"),
        ("something", None),
        (None, None),
    ],
)
def test_families(model, family):
    """They are known by their names, behind a gateway's prefix too."""
    assert family_of(said("s", model)) == family


@pytest.mark.parametrize(
    ("signature", "model", "own"),
    [
        ("EqQB", "claude-sonnet-5-5", True),
        ("EqQB", None, True),
        ("EqQB", "gemini-3-flash", False),
        ('{"encrypted_content": "x"}', None, False),
        ('[{"type": "reasoning.text"}]', "anthropic/claude-sonnet-4.5", False),
        (None, "claude-sonnet-5-5", False),
    ],
)
def test_what_is_a_providers_own(signature, model, own):
    """A signature of its own family; none of OpenAI's items, and no gateway's details."""
    message = said(signature, model)
    assert own_reasoning(message, message.parts[0], "claude") is own


def test_a_gateways_details_stay_with_the_gateway():
    """A conversation that moves on to another provider leaves them behind."""
    message = Message.assistant(ReasoningPart("hm", signature='[{"type": "x"}]'), "Hi")
    (turn,) = encode_messages(Prompt((message,)))
    assert [block["type"] for block in turn["content"]] == ["text"]
    (content,) = encode_contents(Prompt((message,)), newer=True)
    assert content["parts"] == [{"text": "Hi"}]
