"""Ids and names of earlier calls, in a form that the provider which is asked next accepts. Pure.

A conversation may come from another provider, whose ids are longer or have other characters, and
models write names of tools that never could be one.
"""

from __future__ import annotations

import hashlib
import re

from nbagent.messages import Prompt

__all__ = ["fitting_name", "wire_ids"]

PLAIN = re.compile(r"[a-zA-Z0-9_-]{1,64}")
LONGEST_NAME = 64


def wire_ids(prompt: Prompt, *, limit: int, refused: str = "") -> dict[str, str]:
    """The id on the wire of each call, by our id: the provider's own where it will do.

    Args:
        prompt: The conversation.
        limit: The most characters that an id may have.
        refused: The pattern of a character that the provider refuses; it becomes ``_``.
    """
    ids: dict[str, str] = {}
    taken: set[str] = set()
    for message in prompt.messages:
        for call in message.tool_calls:
            ours = call.tool_call_id
            if ours in ids:
                continue
            made = _fitting(call.provider_id or ours, limit, refused)
            if made in taken:  # some servers name the first call of every reply alike
                made = _fitting(ours, limit, refused)
            ids[ours] = made if made not in taken else _hashed(ours)
            taken.add(ids[ours])
    return ids


def fitting_name(name: str) -> str:
    """A tool's name with nothing in it that a provider refuses."""
    if PLAIN.fullmatch(name):
        return name
    return re.sub(r"[^a-zA-Z0-9_-]", "_", name)[:LONGEST_NAME] or "unnamed"


def _fitting(identity: str, limit: int, refused: str) -> str:
    made = re.sub(refused, "_", identity) if refused else identity
    return made if 0 < len(made) <= limit else _hashed(identity)


def _hashed(identity: str) -> str:
    return f"call_{hashlib.sha256(identity.encode('utf-8', 'replace')).hexdigest()[:24]}"
