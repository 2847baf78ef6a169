"""The transcript as Markdown. A model's words are Markdown already; HTML in them is made words."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from nbagent.exporting.bundles import image_of
from nbagent.exporting.text import shown_text
from nbagent.exporting.words import (
    WHO,
    attached,
    brief_arguments,
    ended,
    image_in,
    label,
    neutral,
    runs_inside,
    said,
    tokens,
    undisplayed,
)
from nbagent.widget.sgr import plain
from nbagent.widget.views import Bundle, CallView, ErrorView, MessageView, TranscriptView

__all__ = ["as_markdown", "closed", "fenced"]

_FENCE = re.compile(r" {0,3}(?P<marks>`{3,}|~{3,})(?P<rest>.*)")
_SPAN = re.compile(r"(?P<ticks>(?<!`)`+(?!`))(?P<code>.+?)(?<!`)(?P=ticks)(?!`)")


def as_markdown(transcript: TranscriptView, *, images: bool = False) -> str:
    """The transcript as Markdown.

    Args:
        transcript: What is shown.
        images: Whether pictures stand in it, as ``data:`` addresses; else they are named.
    """
    writer = _Writer(transcript, images)
    return "\n\n".join(map(writer.message, transcript["messages"])) or label(transcript)


def fenced(text: str, language: str = "") -> str:
    """A code block whose fence is longer than any in the text."""
    longest = max((len(ticks) for ticks in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def closed(text: str) -> str:
    """Markdown in which HTML is words, and no code block of which runs on after it."""
    lines, fence = [], ""
    for line in text.split("\n"):
        found = _FENCE.fullmatch(line)
        if fence:
            ends = found and found["marks"].startswith(fence) and not found["rest"].strip()
            lines.append(line)
            fence = "" if ends else fence
        elif found and not ("`" in found["marks"] and "`" in found["rest"]):
            fence = found["marks"]
            lines.append(line)
        else:
            lines.append(_without_html(line))
    return "\n".join([*lines, fence] if fence else lines)


def _without_html(line: str) -> str:
    pieces, at = [], 0
    for span in _SPAN.finditer(line):
        pieces += [_escaped(line[at : span.start()]), span[0]]
        at = span.end()
    return "".join([*pieces, _escaped(line[at:])])


def _escaped(text: str) -> str:
    """``<`` stays where it is a sign, and the address in ``<https://…>`` a link."""
    return re.sub(r"<(?=[a-zA-Z/!?])(?!https?://[^\s<>]*>)", "&lt;", text)


def _inline(text: str) -> str:
    """Words of others as words."""
    return re.sub(r"([\\`*_{}\[\]<>#|~$])", r"\\\1", neutral(text))


class _Writer:
    """Writes the messages of one transcript."""

    def __init__(self, transcript: TranscriptView, images: bool) -> None:
        self._transcript = transcript
        self._images = images

    def message(self, message: MessageView) -> str:
        """One message with who said it."""
        parts = [f"**{WHO[message['role']]}**", *self._parts(message)]
        parts += _error(message["error"])
        parts += [f"*{text}*" for text in (undisplayed(message), tokens(message["usage"])) if text]
        return "\n\n".join(parts)

    def _parts(self, message: MessageView) -> list[str]:
        return [piece for part in message["parts"] for piece in self._part(part, message["role"])]

    def _part(self, part: Any, role: str) -> list[str]:
        match part["kind"]:
            case "text":
                return [closed(part["text"])]
            case "reasoning":
                words = closed(part["text"] or part["summary"])
                return ["<details><summary>Reasoning</summary>", words, "</details>"]
            case "call":
                return self._card(self._transcript["calls"][part["tool_call_id"]])
            case "attachment":
                image = [self._image(part["bundle"])] if part["bundle"] is not None else []
                return [*filter(None, image), f"*{_inline(attached(part))}*"]
        return [f"*{_inline(part['text'])}*"]

    def _card(self, call: CallView) -> list[str]:
        name, brief = escape(neutral(call["name"])), escape(brief_arguments(call))
        given = f" <code>{brief}</code>" if brief else ""
        title = f"<strong>{name}</strong>{given} \u2014 {escape(ended(call))}"
        parts = [f"<details><summary>{title}</summary>"]
        if call["arguments"].strip():
            parts.append(fenced(call["arguments"], "json"))
        if "question" in call:
            asked = call["question"]
            parts += [_inline(asked["question"]), f"> {_inline(asked.get('answer', ''))}"]
        for run in runs_inside(call, self._transcript):
            inside = "\n\n".join([*self._parts(run), *_error(run["error"])])
            parts.append("\n".join(f"> {line}".rstrip() for line in inside.split("\n")))
        text = shown_text(call)
        parts += [fenced(text)] if text else []
        parts += filter(None, (self._image(bundle) for bundle in _bundles(call)))
        return [*parts, "</details>"]

    def _image(self, bundle: Bundle) -> str:
        found = image_in(bundle) if self._images else None
        if found is None:
            return ""
        words = _inline(plain(str(bundle["data"].get("text/plain", "image"))))
        return f"![{words}]({image_of(*found)})"


def _bundles(call: CallView) -> list[Bundle]:
    shown = [output["bundle"] for output in call["outputs"] if output["kind"] == "display"]
    return [*shown, call["bundle"]] if call["bundle"] is not None else shown


def _error(error: ErrorView | None) -> list[str]:
    if error is None:
        return []
    hint = [_inline(error["hint"])] if error["hint"] else []
    return [f"**{_inline(plain(said(error)))}**", *hint]
