"""The transcript as a page of its own."""

from __future__ import annotations

from datetime import datetime
from html import escape

from nbagent.exporting.html import as_html
from nbagent.exporting.style import PAGE
from nbagent.exporting.words import label, neutral
from nbagent.widget.views import TranscriptView

__all__ = ["as_page", "title_of"]

_LONGEST_TITLE = 80
# Nothing runs and nothing is fetched, whatever would get into the page.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'"


def as_page(transcript: TranscriptView) -> str:
    """A whole page: nothing in it is fetched, and it can be printed."""
    title, when = escape(title_of(transcript)), _when(transcript)
    about = " \u00b7 ".join(filter(None, [escape(label(transcript)), when]))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{PAGE}</style>\n</head>\n<body>\n"
        f"<header>\n<h1>{title}</h1>\n<p>{about}</p>\n</header>\n"
        f"<main>\n{as_html(transcript)}\n</main>\n</body>\n</html>\n"
    )


def title_of(transcript: TranscriptView) -> str:
    """The first question on one line, cut short; else the agent."""
    for message in transcript["messages"]:
        for part in message["parts"]:
            if message["role"] == "user" and part["kind"] == "text" and part["text"].strip():
                words = neutral(part["text"])
                long = len(words) > _LONGEST_TITLE
                return f"{words[: _LONGEST_TITLE - 1].rstrip()}…" if long else words
    return label(transcript)


def _when(transcript: TranscriptView) -> str:
    """The day of the first message."""
    created = [message["created"] for message in transcript["messages"] if message["created"] > 0]
    return f"{datetime.fromtimestamp(min(created)):%Y-%m-%d}" if created else ""
