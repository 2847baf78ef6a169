"""Which family of models wrote a message. Pure.

Reasoning is proven by signatures that only the provider which gave them accepts; another one
refuses the whole request for them. A conversation that moves from one provider to another (by
hand, or through the executor's fallbacks) leaves them behind.
"""

from __future__ import annotations

import re

from nbagent.messages import Message, ReasoningPart

__all__ = ["family_of", "own_reasoning"]

# How the names of the families' models are told apart, also behind a gateway's prefix.
FAMILIES = re.compile(
    r"claude|gemini|gemma|gpt|\bo[1-9]\b|codex|deepseek|qwen|llama"
    r"|mistral|magistral|ministral|devstral|grok|kimi|glm"
)


def own_reasoning(message: Message, part: ReasoningPart, family: str) -> bool:
    """Whether ``part`` can go back to a provider whose models are of ``family``.

    A message that does not say its model, or one of no known family, is taken as the provider's
    own. Signatures that are JSON are those of OpenAI's items, or a gateway's list of details.
    """
    if not part.signature or part.signature.startswith(("{", "[")):
        return False
    return family_of(message) in (None, family)


def family_of(message: Message) -> str | None:
    """The family of the model that wrote ``message``; None where that is not known."""
    found = FAMILIES.search((message.model or "").lower())
    return found.group() if found else None
