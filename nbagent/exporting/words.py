"""What every form says in the same words: who speaks, states, times, attachments, tokens."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape

from nbagent.widget.sgr import plain
from nbagent.widget.views import (
    AttachmentPartView,
    Bundle,
    CallView,
    ErrorView,
    MessageView,
    TranscriptView,
    UsageView,
)

__all__ = [
    "IMAGES",
    "STATES",
    "WHO",
    "attached",
    "brief_arguments",
    "earlier_words",
    "elapsed",
    "ended",
    "image_in",
    "label",
    "last_of",
    "neutral",
    "own_markup",
    "plain_of",
    "runs_inside",
    "said",
    "size",
    "tokens",
    "undisplayed",
]

WHO = {"user": "You", "assistant": "Agent"}
STATES = {"streaming": "not finished", "awaiting-approval": "waiting for approval"}
# A message that did not end as it should says so.
_ENDED = {"cancelled": "Stopped.", "streaming": "Not finished yet.", "failed": "Failed."}
IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml")
_BRIEF = 60
# What is no words of HTML.
_TAG = re.compile(r"<(style|script)\b.*?(?:</\1\s*>|\Z)|<[^>]*>", re.DOTALL | re.IGNORECASE)
# Left-to-right and right-to-left overrides: a file's name could read backwards with them.
_INVISIBLE = re.compile("[\u202a-\u202e\u2066-\u2069]")


def label(transcript: TranscriptView) -> str:
    """The agent in a few words."""
    return f"Agent ({transcript['model']})" if transcript["model"] else "Agent"


def last_of(transcript: TranscriptView) -> str:
    """The end of a transcript; a page tells by it whether what is saved is the last (keep.ts)."""
    messages = transcript["messages"]
    return f"{len(messages)}-{messages[-1]['id']}-{messages[-1]['state']}" if messages else "0"


def earlier_words(count: int) -> str:
    """What a short form says of the messages that it leaves out."""
    what = "message is" if count == 1 else "messages are"
    return f'{count:,} earlier {what} left out here; agent.export("chat.html") writes all.'


def neutral(text: str) -> str:
    """A name on one line, without marks that turn what follows it around."""
    return " ".join(_INVISIBLE.sub("", text).split())


def elapsed(call: CallView) -> str:
    """How long a call took, in the words of the page; empty where that is not known."""
    seconds = call["elapsed"]
    if seconds is None:
        return ""
    if seconds < 0.0995:
        return f"{max(1, round(seconds * 1000))} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def ended(call: CallView) -> str:
    """The state of a call in words, with the time that it took."""
    state = STATES.get(call["state"], call["state"])
    took = elapsed(call)
    return f"{state}, {took}" if took else state


def undisplayed(message: MessageView) -> str:
    """How a message ended, where that was not as it should and no error says it."""
    return "" if message["error"] is not None else _ENDED.get(message["state"], "")


def brief_arguments(call: CallView) -> str:
    """The arguments on one line, cut short."""
    try:
        given = json.loads(call["arguments"])
    except ValueError:
        given = call["arguments"]
    if isinstance(given, dict):
        words = ", ".join(f"{neutral(key)}={_brief(value)}" for key, value in given.items())
    else:
        words = _brief(given)
    return words if len(words) <= _BRIEF else f"{words[: _BRIEF - 1]}…"


def _brief(value: object) -> str:
    return neutral(json.dumps(value, ensure_ascii=False))


def attached(part: AttachmentPartView) -> str:
    """What was attached."""
    about = ", ".join(filter(None, [part["media_type"], size(part["size"])]))
    return f"Attached: {neutral(part['name'])}" + (f" ({about})" if about else "")


def size(count: int) -> str:
    """A number of bytes."""
    if count < 1000:
        return f"{count} bytes" if count else ""
    return f"{count / 1e3:,.0f} KB" if count < 1e6 else f"{count / 1e6:,.1f} MB"


def tokens(usage: UsageView | None) -> str:
    """What a message used."""
    if usage is None:
        return ""
    return f"{usage['input_tokens']:,} tokens in, {usage['output_tokens']:,} out"


def said(error: ErrorView) -> str:
    """An error's type and message."""
    return f"{error['type']}: {error['message']}"


def runs_inside(call: CallView, transcript: TranscriptView) -> Iterator[MessageView]:
    """What went on inside of a call."""
    nested = transcript.get("nested", {})
    return (nested[run] for run in call.get("runs", ()) if run in nested)


def image_in(bundle: Bundle) -> tuple[str, bytes] | None:
    """The picture of a bundle: its type and bytes."""
    for mime in IMAGES:
        value = bundle["data"].get(mime)
        if isinstance(value, bytes):
            return mime, value
        if mime == "image/svg+xml" and isinstance(value, str):
            return mime, value.encode()
    return None


def own_markup(bundle: Bundle) -> str:
    """The HTML of a tool's own card, which has no words besides; empty where it is none."""
    html = bundle["data"].get("text/html")
    return html if isinstance(html, str) and html == bundle["data"].get("text/plain") else ""


def plain_of(bundle: Bundle) -> str:
    """What a bundle shows, as text."""
    data = bundle["data"]
    if markup := own_markup(bundle):
        return " ".join(unescape(_TAG.sub(" ", markup)).split())
    return plain(str(data.get("text/plain", ", ".join(data))))
