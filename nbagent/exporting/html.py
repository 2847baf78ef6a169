"""The transcript as HTML that needs no script, and that reads well without its style."""

from __future__ import annotations

from html import escape
from typing import Any

from nbagent.exporting.bundles import Room, bundle_html
from nbagent.exporting.cards import card_html, error_html
from nbagent.exporting.prose import plain_prose, prose
from nbagent.exporting.style import STYLE
from nbagent.exporting.words import (
    WHO,
    attached,
    earlier_words,
    label,
    last_of,
    runs_inside,
    tokens,
    undisplayed,
)
from nbagent.widget.views import AttachmentPartView, MessageView, TranscriptView

__all__ = ["as_html"]


def as_html(
    transcript: TranscriptView,
    *,
    key: str = "",
    whole: TranscriptView | None = None,
    style: str = "",
    images: int | None = None,
    left_out: int = 0,
) -> str:
    """The transcript as a ``<div>``.

    Args:
        transcript: What is shown.
        key: The name of the live widget that it stands in for; its page hides it by that.
        whole: The transcript that this is a part of.
        style: More style than its own.
        images: The bytes of pictures that there may be; None for all. The last have precedence.
        left_out: How many messages of the whole are not in this part.
    """
    writer = _Writer(transcript, Room(images))
    messages = [writer.message(message) for message in reversed(transcript["messages"])]
    body = "".join(reversed(messages)) or f"<p>{escape(label(transcript))}</p>"
    before = f'<p class="nba-quiet"><em>{escape(earlier_words(left_out))}</em></p>'
    marks = {"of": key, "at": last_of(whole or transcript)} if key else {}
    of = "".join(f' data-nbagent-{n}="{escape(v, quote=True)}"' for n, v in marks.items())
    # Hosts that typeset formulas leave "$5 and $10" alone: only what is marked is one.
    return (
        f'<div class="nbagent-transcript tex2jax_ignore mathjax_ignore" '
        f'data-nbagent="transcript"{of}><style>{STYLE}{style}</style>'
        f"{before if left_out else ''}{body}</div>"
    )


class _Writer:
    """Writes the messages of one transcript."""

    def __init__(self, transcript: TranscriptView, room: Room) -> None:
        self._transcript = transcript
        self._room = room

    def message(self, message: MessageView) -> str:
        """One message with who said it."""
        how = undisplayed(message)
        end = f'<p class="nba-quiet"><em>{how}</em></p>' if how else ""
        used = tokens(message["usage"])
        usage = f'<p class="nba-quiet"><small>{used}</small></p>' if used else ""
        return (
            f'<div class="nba-message nba-{message["role"]}">'
            f'<p class="nba-who"><strong>{WHO[message["role"]]}</strong></p>'
            f"{self._parts(message)}{error_html(message['error'])}{end}{usage}</div>"
        )

    def _parts(self, message: MessageView) -> str:
        return "".join(self._part(part, message["role"]) for part in message["parts"])

    def _part(self, part: Any, role: str) -> str:
        match part["kind"]:
            case "text":
                # A person's words are shown as they were typed, as the page does.
                words = prose(part["text"]) if role == "assistant" else plain_prose(part["text"])
                return f'<div class="nba-prose">{words}</div>'
            case "reasoning":
                words = prose(part["text"] or part["summary"])
                return (
                    '<details class="nba-reasoning"><summary>Reasoning</summary>'
                    f'<div class="nba-prose">{words}</div></details>'
                )
            case "call":
                call = self._transcript["calls"][part["tool_call_id"]]
                inside = list(runs_inside(call, self._transcript))
                return card_html(call, inside, self._parts, self._room)
            case "attachment":
                return self._attachment(part)
        return f'<p class="nba-quiet"><em>{escape(part["text"])}</em></p>'

    def _attachment(self, part: AttachmentPartView) -> str:
        image = bundle_html(part["bundle"], self._room) if part["bundle"] is not None else ""
        return f'<div class="nba-attachment">{image}<p>{escape(attached(part))}</p></div>'
