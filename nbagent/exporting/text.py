"""The transcript as plain text: who said what, which tools ran and what came of them."""

from __future__ import annotations

from nbagent.exporting.words import (
    WHO,
    attached,
    ended,
    label,
    plain_of,
    runs_inside,
    said,
    undisplayed,
)
from nbagent.widget.sgr import plain
from nbagent.widget.views import CallView, MessageView, TranscriptView

__all__ = ["as_text", "shown_text"]


def as_text(transcript: TranscriptView) -> str:
    """The transcript as plain text."""
    messages = [_message(message, transcript) for message in transcript["messages"]]
    return "\n\n".join(messages) or label(transcript)


def shown_text(call: CallView) -> str:
    """What a call put out, gave or failed with, as text."""
    printed = [
        plain(output["text"]) if output["kind"] == "stream" else plain_of(output["bundle"])
        for output in call["outputs"]
    ]
    if call["error"] is not None:
        result = plain(said(call["error"]))
    else:
        result = plain_of(call["bundle"]) if call["bundle"] is not None else call["text"]
    return "\n".join(text.rstrip("\n") for text in (*printed, result) if text.strip())


def _message(message: MessageView, transcript: TranscriptView) -> str:
    lines = [f"{WHO[message['role']]}:", *_parts(message, transcript)]
    if message["error"] is not None:
        lines.append(said(message["error"]))
    elif how := undisplayed(message):
        lines.append(f"[{how}]")
    return "\n".join(lines)


def _parts(message: MessageView, transcript: TranscriptView) -> list[str]:
    lines: list[str] = []
    for part in message["parts"]:
        if part["kind"] == "call":
            lines += _call(transcript["calls"][part["tool_call_id"]], transcript)
        elif part["kind"] == "attachment":
            lines.append(f"[{attached(part)}]")
        elif part["kind"] != "reasoning":
            lines.append(part["text"])
    return lines


def _call(call: CallView, transcript: TranscriptView) -> list[str]:
    lines = [f"[{call['name']}: {ended(call)}]", call["arguments"]]
    if "question" in call:
        lines += [call["question"]["question"], f"> {call['question'].get('answer', '')}"]
    for run in runs_inside(call, transcript):
        lines += [f"  {line}" for text in _parts(run, transcript) for line in text.split("\n")]
    return [line for line in (*lines, shown_text(call)) if line]
