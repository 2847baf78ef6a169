"""The transcript as a notebook: words as Markdown cells, each tool call as a code cell.

A call's cell has the Python call as its source, and what the tool put out and gave as the outputs
that the notebook would have shown. A call inside of a call stands behind it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Any

from nbagent.exporting.markdown import closed
from nbagent.exporting.python_call import python_call
from nbagent.exporting.words import WHO, attached, ended, label, runs_inside, said, undisplayed
from nbagent.widget.views import Bundle, CallView, ErrorView, MessageView, TranscriptView

__all__ = ["as_notebook"]

_LANGUAGE = {"name": "python"}
_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def as_notebook(transcript: TranscriptView) -> str:
    """The text of a notebook file (nbformat 4.5)."""
    cells = [_markdown(f"*{closed(label(transcript))}*")]
    for message in transcript["messages"]:
        cells += _message(message, transcript)
    for number, cell in enumerate(cells):
        cell["id"] = _id(number, cell)
    notebook = {
        "cells": cells,
        "metadata": {"kernelspec": _KERNEL, "language_info": _LANGUAGE},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def _message(message: MessageView, transcript: TranscriptView) -> Iterator[dict[str, Any]]:
    yield from _parts(message, transcript, f"**{WHO[message['role']]}**")
    if message["error"] is not None:
        hint = message["error"]["hint"]
        words = f"**{closed(said(message['error']))}**"
        yield _markdown("\n\n".join(filter(None, [words, closed(hint)])))
    elif how := undisplayed(message):
        yield _markdown(f"*{how}*")


def _parts(message: MessageView, transcript: TranscriptView, who: str) -> Iterator[dict[str, Any]]:
    """Cells of a message; words that follow one another are one cell."""
    words = [who]
    for part in message["parts"]:
        if part["kind"] != "call":
            words.append(_words(part))
            continue
        if words:
            yield _markdown("\n\n".join(words))
        words = []
        yield from _call(transcript["calls"][part["tool_call_id"]], transcript)
    if words:
        yield _markdown("\n\n".join(words))


def _words(part: Any) -> str:
    match part["kind"]:
        case "text":
            return closed(part["text"])
        case "reasoning":
            quoted = closed(part["text"] or part["summary"]).split("\n")
            return "\n".join(["> *Reasoning*", ">", *(f"> {line}".rstrip() for line in quoted)])
        case "attachment":
            return f"*{closed(attached(part))}*"
    return f"*{closed(part['text'])}*"


def _call(call: CallView, transcript: TranscriptView) -> Iterator[dict[str, Any]]:
    source = [] if call["state"] == "done" else [f"# {ended(call)}"]
    source.append(python_call(call["name"], call["arguments"]))
    yield {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {"nbagent": {"tool_call_id": call["tool_call_id"], "state": call["state"]}},
        "outputs": list(_outputs(call)),
        "source": "\n".join(source),
    }
    for run in runs_inside(call, transcript):
        yield from _parts(run, transcript, f"*Inside of {closed(call['name'])}:*")


def _outputs(call: CallView) -> Iterator[dict[str, Any]]:
    if "question" in call:
        asked = call["question"]
        text = f"{asked['question']}\n> {asked.get('answer', '')}\n"
        yield {"output_type": "stream", "name": "stdout", "text": text}
    for output in call["outputs"]:
        if output["kind"] == "stream":
            yield {"output_type": "stream", "name": output["name"], "text": output["text"]}
        else:
            yield _display("display_data", output["bundle"])
    if call["error"] is not None:
        yield _failure(call["error"])
    elif call["bundle"] is not None:
        yield {**_display("execute_result", call["bundle"]), "execution_count": None}


def _display(kind: str, bundle: Bundle) -> dict[str, Any]:
    data = {mime: _content(mime, value) for mime, value in bundle["data"].items()}
    return {"output_type": kind, "data": data, "metadata": dict(bundle["metadata"])}


def _content(mime: str, value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    # nbformat: what is no JSON type is text.
    return value if isinstance(value, str) or mime.endswith("json") else json.dumps(value)


def _failure(error: ErrorView) -> dict[str, Any]:
    trace = error["traceback"] or said(error)
    hint = [error["hint"]] if error["hint"] else []
    return {
        "output_type": "error",
        "ename": error["type"],
        "evalue": error["message"],
        "traceback": [*trace.split("\n"), *hint],
    }


def _markdown(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def _id(number: int, cell: dict[str, Any]) -> str:
    """The same export has the same ids, so that it can be compared with an earlier one."""
    return hashlib.sha256(f"{number}{cell['source']}".encode()).hexdigest()[:12]
