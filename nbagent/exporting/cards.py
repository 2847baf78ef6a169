"""A tool call as ``<details>``: folded a line that says it all, unfolded everything there is."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from typing import Any

from nbagent.exporting.bundles import Room, bundle_html, code
from nbagent.exporting.words import brief_arguments, ended, image_in, neutral, said
from nbagent.widget.sgr import plain
from nbagent.widget.views import CallView, ErrorView, MessageView, Output, QuestionView

__all__ = ["card_html", "error_html"]

_SHORT = 200


def card_html(
    call: CallView, inside: list[MessageView], parts: Callable[[MessageView], str], room: Room
) -> str:
    """A call's card.

    Args:
        call: The call.
        inside: The runs that went on inside of it.
        parts: Gives what such a run said and did.
        room: For pictures.
    """
    body = [_drawn(call, room), _part("Arguments", _arguments(call["arguments"]))]
    body += [f"<blockquote>{parts(run)}{error_html(run['error'])}</blockquote>" for run in inside]
    if "question" in call:
        body.append(_question(call["question"]))
    body.append(_part("Output", "".join(_output(each, room) for each in call["outputs"])))
    if call["bundle"] is not None:
        body.append(_part("Result", bundle_html(call["bundle"], room)))
    elif call["error"] is None and call["text"] and "question" not in call:
        body.append(_part("Result", code(call["text"])))
    body.append(error_html(call["error"]))
    # A figure is what was asked for: the reader need not unfold it.
    shown = " open" if _has_picture(call) else ""
    return (
        f'<details class="nba-card nba-{call["state"]}"{shown}>'
        f"<summary>{_summary(call)}</summary>{''.join(body)}</details>"
    )


def error_html(error: ErrorView | None) -> str:
    """An error with what to do, and where it came from."""
    if error is None:
        return ""
    hint = f"<p>{escape(error['hint'])}</p>" if error["hint"] else ""
    trace = error["traceback"]
    folded = f"<details><summary>Traceback</summary>{code(trace)}</details>" if trace else ""
    return (
        f'<div class="nba-error"><p><strong>{escape(plain(said(error)))}</strong></p>'
        f"{hint}{folded}</div>"
    )


def _summary(call: CallView) -> str:
    brief = escape(brief_arguments(call))
    given = f" <code>{brief}</code>" if brief else ""
    problem = f": {escape(neutral(plain(call['error']['type'])))}" if call["error"] else ""
    state = f'<span class="nba-state">{escape(ended(call))}{problem}</span>'
    return f"<strong>{escape(neutral(call['name']))}</strong>{given} \u2014 {state}"


def _part(title: str, content: str) -> str:
    if not content:
        return ""
    return f'<p class="nba-title">{title}</p>{content}'


def _drawn(call: CallView, room: Room) -> str:
    """The arguments as the tool's own card drew them, without its style."""
    bundle = call["drawn"]["bundle"] if "drawn" in call else None
    return bundle_html(bundle, room) if bundle is not None else ""


def _arguments(text: str) -> str:
    try:
        given = json.loads(text)
    except ValueError:
        return code(text) if text.strip() else ""
    if not isinstance(given, dict):
        return code(text)
    rows = "".join(
        f'<tr><th scope="row">{escape(key)}</th><td>{_value(value)}</td></tr>'
        for key, value in given.items()
    )
    return f'<table class="nba-arguments"><tbody>{rows}</tbody></table>' if rows else ""


def _value(value: Any) -> str:
    if isinstance(value, str) and ("\n" in value or len(value) > _SHORT):
        return code(value)
    text = json.dumps(value, ensure_ascii=False)
    if len(text) > _SHORT:
        return code(json.dumps(value, ensure_ascii=False, indent=2))
    return f"<code>{escape(text)}</code>"


def _output(output: Output, room: Room) -> str:
    if output["kind"] == "display":
        return bundle_html(output["bundle"], room)
    hidden = output.get("hidden")
    gone = f"<p><em>({hidden:,} earlier lines)</em></p>" if hidden else ""
    return gone + code(output["text"])


def _question(question: QuestionView) -> str:
    choices = "".join(f"<li>{escape(choice)}</li>" for choice in question["choices"])
    listed = f"<ul>{choices}</ul>" if choices else ""
    answer = question.get("answer")
    said_then = escape(answer) if answer is not None else "<em>not answered</em>"
    asked = f"<p>{escape(question['question'])}</p>{listed}"
    return _part("Question", asked) + _part("Answer", f"<p>{said_then}</p>")


def _has_picture(call: CallView) -> bool:
    bundles = [output["bundle"] for output in call["outputs"] if output["kind"] == "display"]
    bundles += [call["bundle"]] if call["bundle"] is not None else []
    return any(image_in(bundle) is not None for bundle in bundles)
