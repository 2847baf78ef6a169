"""The transcript without a page: clean HTML, Markdown and text for where no widget runs.

All that a model, a tool or a person wrote is escaped; of a tool's result the plain text and PNG or
JPEG images are shown, since its HTML may hold anything.
"""

from __future__ import annotations

import base64
import re
from html import escape
from typing import Any

from nbagent.widget.sgr import html
from nbagent.widget.views import (
    AttachmentPartView,
    Bundle,
    CallView,
    ErrorView,
    MessageView,
    TranscriptView,
)

__all__ = ["as_html", "as_markdown", "as_text"]

_WHO = {"user": "You", "assistant": "Agent"}
_PRE = '<pre style="white-space: pre-wrap; font-family: inherit; margin: 0.4em 0">{}</pre>'
_CODE = '<pre style="white-space: pre-wrap">{}</pre>'
_IMAGES = ("image/png", "image/jpeg")


def as_html(transcript: TranscriptView) -> str:
    """The transcript as HTML that needs no script and no style from outside."""
    messages = "".join(_message_html(message, transcript) for message in transcript["messages"])
    return f'<div class="nbagent-transcript">{messages or _PRE.format(_empty(transcript))}</div>'


def as_markdown(transcript: TranscriptView) -> str:
    """The transcript as Markdown; a model's words are Markdown already."""
    messages = [_message_markdown(message, transcript) for message in transcript["messages"]]
    return "\n\n".join(messages) or _empty(transcript)


def as_text(transcript: TranscriptView) -> str:
    """The transcript as plain text: who said what, and which tools ran."""
    messages = [_message_text(message, transcript) for message in transcript["messages"]]
    return "\n\n".join(messages) or _empty(transcript)


def _empty(transcript: TranscriptView) -> str:
    return f"Agent ({transcript['model']})" if transcript["model"] else "Agent"


def _message_html(message: MessageView, transcript: TranscriptView) -> str:
    body = "".join(_part_html(part, transcript) for part in message["parts"])
    return (
        f'<section data-role="{message["role"]}"><p><strong>{_WHO[message["role"]]}</strong></p>'
        f"{body}{_error_html(message['error'])}</section>"
    )


def _part_html(part: Any, transcript: TranscriptView) -> str:
    match part["kind"]:
        case "text":
            return _PRE.format(escape(part["text"]))
        case "reasoning":
            words = escape(part["text"] or part["summary"])
            return f"<details><summary>Reasoning</summary>{_PRE.format(words)}</details>"
        case "call":
            return _card_html(transcript["calls"][part["tool_call_id"]], transcript)
        case "attachment":
            return _attachment_html(part)
    return f"<p><em>{escape(part['text'])}</em></p>"


def _attachment_html(part: AttachmentPartView) -> str:
    image = _bundle_html(part["bundle"]) if part["bundle"] is not None else ""
    return f"{image}<p>{escape(_attached(part))}</p>"


def _attached(part: AttachmentPartView) -> str:
    return f"Attached: {part['name']} ({part['media_type']})"


def _inside(call: CallView, transcript: TranscriptView) -> list[MessageView]:
    """What went on inside of a call."""
    nested = transcript.get("nested", {})
    return [nested[run] for run in call.get("runs", ())]


def _card_html(call: CallView, transcript: TranscriptView) -> str:
    inside = [_CODE.format(escape(call["arguments"]))]
    for run in _inside(call, transcript):
        parts = "".join(_part_html(part, transcript) for part in run["parts"])
        inside.append(f"<blockquote>{parts}</blockquote>")
    for output in call["outputs"]:
        if output["kind"] == "stream":
            if output.get("hidden"):
                inside.append(f"<p><em>({output['hidden']:,} earlier lines)</em></p>")
            inside.append(_CODE.format(html(output["text"])))
        else:
            inside.append(_bundle_html(output["bundle"]))
    if call["bundle"] is not None:
        inside.append(_bundle_html(call["bundle"]))
    title = f"{escape(call['name'])} ({call['state']})"
    body = "".join(inside) + _error_html(call["error"])
    return f"<details><summary>{title}</summary>{body}</details>"


def _bundle_html(bundle: Bundle) -> str:
    data = bundle["data"]
    for mime in _IMAGES:
        if isinstance(data.get(mime), bytes):
            image = base64.b64encode(data[mime]).decode("ascii")
            words = escape(str(data.get("text/plain", "")), quote=True)
            return f'<img src="data:{mime};base64,{image}" alt="{words}">'
    return _CODE.format(html(str(data.get("text/plain", ", ".join(data)))))


def _error_html(error: ErrorView | None) -> str:
    if error is None:
        return ""
    hint = f"<p>{escape(error['hint'])}</p>" if error["hint"] else ""
    said = f"{escape(error['type'])}: {escape(error['message'])}"
    return f"<p><strong>{said}</strong></p>{hint}"


def _message_markdown(message: MessageView, transcript: TranscriptView) -> str:
    parts = [f"**{_WHO[message['role']]}**"]
    for part in message["parts"]:
        if part["kind"] == "call":
            call = transcript["calls"][part["tool_call_id"]]
            parts += [_card_markdown(call), *_names_inside(call, transcript)]
        elif part["kind"] == "attachment":
            parts.append(f"*{_attached(part)}*")
        elif part["kind"] == "notice":
            parts.append(f"*{part['text']}*")
        elif part["kind"] == "text":
            parts.append(part["text"])
    if message["error"] is not None:
        parts.append(f"**{message['error']['type']}**: {message['error']['message']}")
    return "\n\n".join(parts)


def _names_inside(call: CallView, transcript: TranscriptView) -> list[str]:
    """The calls that were made inside of a call, in a line each."""
    ids = [
        part["tool_call_id"]
        for run in _inside(call, transcript)
        for part in run["parts"]
        if part["kind"] == "call"
    ]
    calls = [transcript["calls"][identity] for identity in ids]
    return [f"In `{call['name']}`: `{each['name']}` ({each['state']})" for each in calls]


def _card_markdown(call: CallView) -> str:
    return f"Tool `{call['name']}` ({call['state']})\n\n{_fenced(_card_text(call))}"


def _fenced(text: str) -> str:
    """A code block whose fence is longer than any in the text."""
    longest = max((len(ticks) for ticks in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"


def _message_text(message: MessageView, transcript: TranscriptView) -> str:
    lines = [f"{_WHO[message['role']]}:"]
    for part in message["parts"]:
        if part["kind"] == "call":
            call = transcript["calls"][part["tool_call_id"]]
            lines.append(f"[{call['name']}: {call['state']}]\n{_card_text(call)}")
        elif part["kind"] == "attachment":
            lines.append(f"[{_attached(part)}]")
        elif part["kind"] != "reasoning":
            lines.append(part["text"])
    if message["error"] is not None:
        lines.append(f"{message['error']['type']}: {message['error']['message']}")
    return "\n".join(lines)


def _card_text(call: CallView) -> str:
    result = (
        f"{call['error']['type']}: {call['error']['message']}" if call["error"] else call["text"]
    )
    return "\n".join(filter(None, [call["arguments"], result]))
