"""What a cell saves beside its live widget: the transcript in the forms that need no page.

They are sent anew after each run, and Jupyter's server drops what is over 3 MB in three seconds:
of a very long conversation the last part is saved, with a word about the rest.
"""

from __future__ import annotations

from typing import Any

from nbagent.exporting.html import as_html
from nbagent.exporting.markdown import as_markdown
from nbagent.exporting.style import beside
from nbagent.exporting.text import as_text
from nbagent.exporting.words import earlier_words, runs_inside
from nbagent.widget.views import MessageView, TranscriptView

__all__ = ["MOST_IMAGES", "MOST_TEXT", "saved_forms"]

# Bytes of pictures, which take a third more as text.
MOST_IMAGES = 1_000_000
# Characters of everything else, about; there are three forms of them.
MOST_TEXT = 800_000
_MARKUP = 300  # of a part


def saved_forms(transcript: TranscriptView, key: str) -> dict[str, str]:
    """The forms by MIME type.

    Args:
        transcript: What is shown.
        key: The name of the live widget that they stand in for.
    """
    left_out = _left_out(transcript)
    view: TranscriptView = {**transcript, "messages": transcript["messages"][left_out:]}
    html = as_html(
        view, key=key, whole=transcript, style=beside(key), images=MOST_IMAGES, left_out=left_out
    )
    words = earlier_words(left_out) if left_out else ""
    return {
        "text/html": html,
        "text/markdown": (f"*{words}*\n\n" if words else "") + as_markdown(view),
        "text/plain": (f"[{words}]\n\n" if words else "") + as_text(view),
    }


def _left_out(transcript: TranscriptView) -> int:
    """How many messages at the beginning there is no room for."""
    messages, room = transcript["messages"], MOST_TEXT
    for index in range(len(messages) - 1, -1, -1):
        room -= _weight(messages[index], transcript)
        if room < 0:
            return min(index + 1, len(messages) - 1)
    return 0


def _weight(message: MessageView, transcript: TranscriptView) -> int:
    return _MARKUP + sum(_part_weight(part, transcript) for part in message["parts"])


def _part_weight(part: Any, transcript: TranscriptView) -> int:
    if part["kind"] != "call":
        return _MARKUP + len(part.get("text", "")) + len(part.get("summary", ""))
    call = transcript["calls"][part["tool_call_id"]]
    bundles = [output["bundle"] for output in call["outputs"] if output["kind"] == "display"]
    bundles += [call["bundle"]] if call["bundle"] is not None else []
    drawn = call["drawn"]["bundle"] if "drawn" in call else None
    bundles += [drawn] if drawn is not None else []
    data = (value for bundle in bundles for value in bundle["data"].values())
    shown = sum(len(value) for value in data if isinstance(value, str))
    printed = sum(len(o["text"]) for o in call["outputs"] if o["kind"] == "stream")
    inside = sum(_weight(run, transcript) for run in runs_inside(call, transcript))
    return _MARKUP * 3 + len(call["arguments"]) * 2 + len(call["text"]) + shown + printed + inside
