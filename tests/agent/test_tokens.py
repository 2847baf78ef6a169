"""How many tokens a conversation is, by a rule of thumb."""

from __future__ import annotations

import pytest

from nbagent import FilePart, ImagePart, Message, ReasoningPart, TextPart, ToolCall, ToolResultPart
from nbagent.agent.tokens import ENVELOPE, IMAGE, estimated


@pytest.mark.parametrize(
    ("part", "tokens"),
    [
        (TextPart("x" * 400), 100),
        (ReasoningPart("x" * 40), 10),
        (ToolCall("c", "add!", "x" * 36), 10),
        (ToolResultPart("c", "add", "x" * 40, (ImagePart(b"x"),)), 10 + IMAGE),
        (ImagePart(b"x" * 10**6), IMAGE),
        (FilePart(b"x" * 400, "text/csv"), 100),
        (FilePart(b"x" * 10**6, "image/png"), IMAGE),
        (FilePart(b"x" * 100_000, "application/pdf"), 6000),
    ],
)
def test_each_kind_of_part(part: TextPart, tokens: int) -> None:
    """Words by their length, pictures all alike, documents by their pages."""
    assert estimated([Message("user", (part,))]) == tokens + ENVELOPE
