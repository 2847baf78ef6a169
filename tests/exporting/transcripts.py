"""Transcripts to export, written as the widget's reducer gives them."""

from __future__ import annotations

import io
import json
from typing import Any

import pandas as pd
from PIL import Image, ImageDraw

from nbagent.agent.events import StreamItem
from nbagent.tools.for_person import for_person
from nbagent.widget.transcript import Transcript
from nbagent.widget.translate import Translator
from nbagent.widget.values import bundle_view
from nbagent.widget.views import TranscriptView

CARS = pd.DataFrame({"mpg": [18.0, 15.5, 24.0], "origin": ["usa", "usa", "japan"]})
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30"><text y="20">svg</text></svg>'
ANSWER = """Cars get **23.5 mpg** on average, and *heavier* ones get less:

| origin | cars | mean mpg |
|:-------|-----:|---------:|
| usa    |  135 |     20.1 |
| japan  |  128 |     27.9 |

### How it was computed

1. The mean of the column, $\\bar{x} = \\frac{1}{n}\\sum_i x_i$.
2. A plot, which costs $0 and tells more than $5 would.

```python
df.groupby("origin").mpg.mean().round(1)
```

> Six rows had no value, see [the docs](https://pandas.pydata.org).

- [x] outliers looked at
- [ ] tested on other data
"""


def picture() -> bytes:
    """A small PNG."""
    image = Image.new("RGB", (320, 180), "#3b6ea5")
    ImageDraw.Draw(image).ellipse((90, 20, 230, 160), fill="#f2c14e")
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def bundle(value: Any) -> dict[str, Any]:
    """What a notebook would have shown of a value."""
    made = for_person(value)
    return dict(bundle_view(made.data, made.metadata))


def call(identity: str, name: str, arguments: Any, state: str = "done", **more: Any) -> Any:
    """A call as its card shows it; ``arguments`` is text, or made JSON."""
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    plain: dict[str, Any] = dict.fromkeys(["bundle", "error", "progress", "problem"])
    plain |= {"outputs": [], "text": "", "started": 1.0, "elapsed": 0.31}
    return (
        {"tool_call_id": identity, "name": name, "arguments": text, "state": state} | plain | more
    )


def text(words: str, part: str = "1") -> Any:
    """A block of words."""
    return {"kind": "text", "part": part, "text": words, "done": True}


def place(identity: str, part: str = "2") -> Any:
    """Where a card stands."""
    return {"kind": "call", "part": part, "tool_call_id": identity}


def message(identity: str, role: str, *parts: Any, **more: Any) -> Any:
    """A message that is over."""
    plain = {"state": "done", "error": None, "created": 1763800000.0, "usage": None}
    return {"id": identity, "role": role, "parts": list(parts)} | plain | more


def transcript(*messages: Any, calls: Any = (), **more: Any) -> TranscriptView:
    """A whole transcript."""
    cards = {each["tool_call_id"]: each for each in calls}
    made: Any = {"status": "idle", "model": "openai:gpt-5", "always": [], "calls": cards}
    made |= {"messages": list(messages), **more}
    shape: TranscriptView = made
    return shape


def shown(*events: StreamItem) -> TranscriptView:
    """What a widget shows after these events."""
    translator, kept = Translator("m", now=lambda: 5.0), Transcript("m")
    for event in events:
        for op in translator.translate(event):
            kept.apply(op)
    return kept.snapshot()


def conversation() -> TranscriptView:
    """Everything that a conversation may hold, once."""
    image = {"image/png": picture(), "text/plain": "<Figure size 320x180>"}
    figure = {"data": image, "metadata": {"image/png": {"width": 320}}}
    failure = {
        "type": "KeyError",
        "message": "'mgp'",
        "traceback": "Traceback\n  File \"<cell 3>\", line 2\n    df['mgp']\nKeyError: 'mgp'",
        "hint": "The columns are mpg and origin.",
    }
    broken = {"type": "StreamTruncated", "message": "The reply broke off.", "traceback": ""}
    asked = {"question": "Which column?", "choices": ["mpg", "weight"], "answer": "mpg"}
    markdown = {"data": {"text/markdown": "**Four** rows.", "text/plain": "x"}, "metadata": {}}
    printed = {"kind": "stream", "name": "stdout", "text": "drawing \x1b[31m392\x1b[0m points\n"}
    drawn = {"kind": "display", "bundle": {"data": {"image/svg+xml": SVG}, "metadata": {}}}
    code = "for name, rows in df.groupby('origin'):\n    print(name, rows.mgp.mean())"
    calls = [
        call("a", "summary", {"column": "mpg", "by": None}, bundle=bundle(CARS.describe())),
        call("b", "plot", {"x": "weight"}, elapsed=75.0, outputs=[printed, drawn], bundle=figure),
        call("c", "run_code", {"code": code}, "failed", error=failure),
        call("d", "ask_user", {"question": "Which column?"}, question=asked),
        call("e", "analyst", {"request": "Look."}, runs=["n"], bundle=markdown),
        call("e/f", "head", {"n": 3}, bundle=bundle(CARS)),
    ]
    attachment = {"kind": "attachment", "part": "2", "name": "cars.csv", "media_type": "text/csv"}
    reasoning = {"kind": "reasoning", "part": "0", "text": "A *mean*.", "summary": "", "done": True}
    notice = {"kind": "notice", "part": "8", "text": "Asked again after 2 s."}
    usage = {"input_tokens": 1834, "output_tokens": 412}
    usage |= {"cached_input_tokens": 0, "reasoning_tokens": 0}
    inside = message("n", "assistant", text("I look at the *frame*."), place("e/f"))
    question = text("What is the average mpg?\nThe table is in `df`.")
    cards = [place(identity, identity) for identity in "abc"]
    return transcript(
        message("m1", "user", question, attachment | {"size": 4200, "bundle": None}),
        message(
            "m2", "assistant", reasoning, text("I look."), *cards, text(ANSWER, "5"), usage=usage
        ),
        message("m3", "user", text("And the outliers?")),
        message(
            "m4",
            "assistant",
            place("d", "1"),
            place("e", "2"),
            notice,
            text("Four rows", "9"),
            state="failed",
            error=broken | {"hint": "Ask again."},
        ),
        calls=calls,
        nested={"n": inside},
    )
