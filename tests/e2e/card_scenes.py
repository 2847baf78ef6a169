"""Transcripts with tool cards in all they can look like, for the `Stage`."""

import json
import time
from collections.abc import Iterable
from typing import Any

Scene = dict[str, Any]

CODE = """import pandas as pd

cars = pd.read_csv("cars.csv")
by_origin = cars.groupby("origin")["mpg"].mean()
print(by_origin.round(1))"""
OWN = """Traceback (most recent call last):
  Cell In[3], line 4, in summary(column)
    return df[[column]].describe()
           ~~^^^^^^^^^^
"""
FAR = "".join(
    f'  File "/opt/python/lib/python3.11/site-packages/pandas/core/{place}\n    {code}\n'
    for place, code in (
        ("frame.py", 'indexer = self.columns._get_indexer_strict(key, "columns")[1]'),
        ("indexes/base.py", "self._raise_if_missing(keyarr, indexer, axis_name)"),
        ("indexes/base.py", 'raise KeyError(f"None of [{key}] are in the [{axis_name}]")'),
    )
)
MESSAGE = "\"None of [Index(['milage'], dtype='object')] are in the [columns]\""
ERROR = {
    "type": "KeyError",
    "message": MESSAGE,
    "traceback": f"{OWN}  … 3 frames inside pandas\nKeyError: {MESSAGE}",
    "hint": "",
    "parts": [
        {"text": OWN, "library": "", "frames": 0},
        {"text": FAR, "library": "pandas", "frames": 3},
        {"text": f"KeyError: {MESSAGE}\n", "library": "", "frames": 0},
    ],
}
DRAWN = (
    "<div style='display:flex;gap:12px;align-items:center'><span style='font-size:28px'>☀</span>"
    "<span><b>Berli</b><br><small>5 days, from tomorrow on</small></span></div>"
)
PICTURE = (
    "<svg xmlns='http://www.w3.org/2000/svg' width='1600' height='900'>"
    "<rect width='1600' height='900' fill='#e8f0fe'/><circle cx='800' cy='450' r='300'/></svg>"
)


def table(columns: int = 14, rows: int = 6) -> str:
    """A DataFrame's HTML."""
    head = "".join(f"<th>column_{index}</th>" for index in range(columns))
    body = "".join(
        f"<tr><th>{row}</th>"
        + "".join(f"<td>{(row + 1) * (index + 3) * 1.37:.3f}</td>" for index in range(columns))
        + "</tr>"
        for row in range(rows)
    )
    return (
        f"<table border='1' class='dataframe'><thead><tr><th></th>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )


def call(identity: str, name: str, arguments: Any, state: str, **more: Any) -> Scene:
    """A call; arguments that are no text become JSON."""
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    empty = {"outputs": [], "bundle": None, "text": "", "error": None, "progress": None}
    empty |= {"problem": None, "started": None, "elapsed": None}
    ids = {"tool_call_id": identity, "name": name, "arguments": text, "state": state}
    return {**ids, **empty, **more}


def bundle(mime: str, value: str) -> Scene:
    """A bundle of one type."""
    return {"data": {mime: value, "text/plain": "A figure"}, "metadata": {}}


def scene(question: str, *calls: Scene, before: str = "", after: str = "") -> Scene:
    """A question and an answer with these calls, all of one step."""
    parts: list[Scene] = [_text("before", before)] if before else []
    first = calls[0]["tool_call_id"]
    for each in calls:
        part = {"kind": "call", "part": each["tool_call_id"], "tool_call_id": each["tool_call_id"]}
        parts.append(part if each is calls[0] else part | {"beside": first})
    parts += [_text("after", after)] if after else []
    over = all(each["state"] in ("done", "failed", "denied") for each in calls)
    waits = any(each["state"] == "awaiting-approval" for each in calls)
    return {
        "status": "idle" if over else "waiting" if waits else "running",
        "messages": [
            _message("q", "user", "done", [_text("1", question)]),
            _message("a", "assistant", "done" if over else "streaming", parts),
        ],
        "calls": {each["tool_call_id"]: each for each in calls},
        "offers": _offers(each["name"] for each in calls),
    }


def _offers(names: Iterable[str]) -> Scene:
    tools = [{"name": name, "description": ""} for name in dict.fromkeys(names)]
    nothing: Scene = {"commands": [], "suggestions": [], "models": []}
    return {"tools": tools, "images": True, "files": True, **nothing}


def _text(part: str, text: str) -> Scene:
    return {"kind": "text", "part": part, "text": text, "done": True}


def _message(identity: str, role: str, state: str, parts: list[Scene]) -> Scene:
    end = {"error": None, "created": 1.0, "usage": None}
    return {"id": identity, "role": role, "state": state, "parts": parts, **end}


def scenes() -> dict[str, Scene]:
    """Every look, by name."""
    now = time.time()
    told = [{"kind": "stream", "name": "stdout", "text": "reading cars.csv\n398 rows\n"}]
    going = {"started": now - 4, "outputs": told}
    rows = {"condition": "mpg < 10 and year == 1970", "limit": 200, "columns": ["mpg", "year"]}
    drawn = {"bundle": bundle("text/html", DRAWN), "problem": ""}
    done = {"elapsed": 0.042, "bundle": bundle("text/html", table()), "text": "mean 23.5"}
    half = {"fraction": 0.4, "text": "grouping"}
    return {
        "running": scene(
            "Group them", call("c1", "run", {"code": CODE}, "running", progress=half, **going)
        ),
        "parallel": scene(
            "Compare the three columns",
            call("c1", "summary", {"column": "mpg"}, "done", **done),
            call("c2", "run", {"code": CODE}, "running", **going),
            call("c3", "plot", '{"x": "weight", "y": "mp', "streaming"),
            before="I look at all three at once.",
        ),
        "failed": scene(
            "What is the average milage?",
            call("c1", "summary", {"column": "milage"}, "failed", elapsed=0.01, error=ERROR),
            after="There is no column `milage`. Try this:\n\n```python\ndf.columns\n```\n",
        ),
        "approval": scene("Clean it up", call("c1", "drop_rows", rows, "awaiting-approval")),
        "custom": scene(
            "Will it rain?", call("c1", "weather", '{"city": "Berli', "streaming", drawn=drawn)
        ),
        "picture": scene(
            "Plot it",
            call("c1", "plot", {"x": "mpg"}, "done", bundle=bundle("image/svg+xml", PICTURE)),
        ),
    }
