"""Reasoning on its way back to the servers that want it, each in its own form. Pure.

OpenRouter sends ``reasoning_details``: pieces of text, summaries, signatures and encrypted data of
whichever provider is behind it, in fragments. Joined and as JSON they are the signature of a
`ReasoningPart`, and go back as they came.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pydantic_core

from nbagent.messages import Message, ReasoningPart
from nbagent.providers.fields import text
from nbagent.providers.openai_chat_dialects import Dialect
from nbagent.providers.origin import family_of

__all__ = ["Details", "returned_reasoning"]

# Of a detail, what comes in fragments.
FRAGMENTED = ("text", "summary")
# DeepSeek's and Moonshot's least reasoning: they refuse a call that has none.
NOTHING = " "
MISTRAL = frozenset({"mistral", "magistral", "ministral", "devstral"})


class Details:
    """The ``reasoning_details`` of a reply while they arrive."""

    def __init__(self) -> None:
        self._details: list[dict[str, Any]] = []
        self._fragments: list[dict[str, list[str]]] = []

    def add(self, details: Iterable[Mapping[str, Any]]) -> tuple[str, str]:
        """Takes the details of a chunk; gives the text and the summary in them."""
        words, summary = [], []
        for detail in details:
            self._take(detail)
            words.append(text(detail.get("text")))
            summary.append(text(detail.get("summary")))
        return "".join(words), "".join(summary)

    def take(self) -> str | None:
        """All that came since the last time, as a signature; None if that is nothing to keep."""
        details = [
            {**detail, **{name: "".join(pieces) for name, pieces in fragments.items()}}
            for detail, fragments in zip(self._details, self._fragments, strict=True)
        ]
        self._details, self._fragments = [], []
        return pydantic_core.to_json(details).decode() if details else None

    def _take(self, detail: Mapping[str, Any]) -> None:
        pieces = {name: text(detail[name]) for name in FRAGMENTED if detail.get(name) is not None}
        rest = {
            name: value
            for name, value in detail.items()
            if name not in FRAGMENTED and value is not None
        }
        if not (self._details and _continues(self._details[-1], rest)):
            self._details.append({})
            self._fragments.append({})
        self._details[-1].update(rest)
        for name, piece in pieces.items():
            self._fragments[-1].setdefault(name, []).append(piece)


def returned_reasoning(message: Message, dialect: Dialect) -> dict[str, Any]:
    """The fields of an assistant's message that carry its reasoning back."""
    parts = [part for part in message.parts if isinstance(part, ReasoningPart)]
    if dialect.returned == "reasoning_details":
        details = [detail for part in parts for detail in _details(part)]
        return {"reasoning_details": details} if details else {}
    if dialect.returned == "reasoning_content":
        # Reasoning that is signed is another provider's, and means nothing here.
        thought = "".join(part.text for part in parts if not part.signature)
        if not thought and dialect.reasoning_required and message.tool_calls:
            thought = NOTHING
        return {"reasoning_content": thought} if thought else {}
    if dialect.returned == "thinking" and family_of(message) in MISTRAL:
        thought = "".join(part.text for part in parts if not part.signature)
        chunk = {"type": "thinking", "thinking": [{"type": "text", "text": thought}]}
        words = [{"type": "text", "text": message.text}] if message.text else []
        return {"content": [chunk, *words]} if thought else {}
    return {}


def _continues(before: Mapping[str, Any], detail: Mapping[str, Any]) -> bool:
    """Whether a detail is more of the one before it. Encrypted ones come whole."""
    same = all(
        name not in detail or before.get(name, detail[name]) == detail[name]
        for name in ("type", "index", "id")
    )
    return same and "data" not in detail and "data" not in before


def _details(part: ReasoningPart) -> list[Any]:
    if not (part.signature or "").startswith("["):
        return []
    try:
        value = pydantic_core.from_json(part.signature or "")
    except ValueError:
        return []
    return value if isinstance(value, list) else []
