"""What an ask gives."""

from __future__ import annotations

from nbagent import Reply, Usage


def test_words() -> None:
    """It is its words as text and as Markdown; its repr is short."""
    reply = Reply("**Hi**", (), Usage(), ())
    assert (str(reply), reply._repr_markdown_()) == ("**Hi**", "**Hi**")
    assert repr(reply) == "Reply('**Hi**')"
    assert len(repr(Reply("x" * 1000, (), Usage(), ()))) < 220
