"""What a card shows in the place of the usual: `Card`, the long form of ``@tool(render=…)``."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from nbagent.tools.for_person import bundle_of, for_person
from nbagent.tools.outputs import MimeBundle

__all__ = ["Card", "Render", "card_of", "drawn"]

# A string that begins with a tag or a comment was meant to be HTML.
MARKUP = re.compile(r"\s*<(?:[A-Za-z]|!--)")


@dataclass(frozen=True, slots=True)
class Card:
    """What the cards of a tool's calls show instead of the usual::

        def draw(arguments):
            return f"<b>{html.escape(arguments.get('city', '…'))}</b>"

        @tool(render=Card(arguments=draw, result=plot))
        def weather(city: str, days: int = 3) -> pd.DataFrame: ...

    Both give anything that a notebook can show; None shows what is usual, and so does one that
    raises, with a word about it in the card. A string that begins with a tag is HTML. HTML is
    cleaned of scripts, as all that a tool shows.

    Attributes:
        arguments: Draws a call's arguments. It gets them as a dict, again and again while they
            stream (at most about ten times a second): what has come by then, the last string
            perhaps cut; and in the end once whole. They are what the model wrote, not yet checked.
            Called on the kernel's main thread, so it should be quick.
        result: Draws the value that the function returned.
    """

    arguments: Callable[[dict[str, Any]], Any] | None = None
    result: Callable[[Any], Any] | None = None


Render: TypeAlias = Callable[[Any], Any] | Card


def card_of(render: Render | None) -> Card:
    """``render=`` in its long form: a function alone draws the result."""
    return render if isinstance(render, Card) else Card(result=render)


def drawn(value: Any) -> MimeBundle:
    """What a render function gave, as the page shows it."""
    if isinstance(value, str) and MARKUP.match(value):
        return bundle_of({"text/html": value, "text/plain": value}, {})
    return for_person(value)
