"""Conversations as people see them, for tests that look at the page: one for each of its states."""

import base64
import json
import time
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from typing import Any, get_args

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from nbagent.widget.views import CallState
from tests.e2e.scene_texts import (
    ANSWER,
    CODE,
    FRAME_HTML,
    HEBREW,
    HEBREW_QUESTION,
    LONG_CODE,
    LONG_TABLE,
    SHORT,
    STREAMING,
    TRACEBACK,
)

Transcript = dict[str, Any]
Json = dict[str, Any]

USAGE = {
    "input_tokens": 1842,
    "output_tokens": 316,
    "cached_input_tokens": 0,
    "reasoning_tokens": 0,
}
MODEL = "anthropic:claude-sonnet-4-5"
ABOUT = {"tools": 4, "tokens": 12480, "cost": 0.031}
STATES: tuple[str, ...] = get_args(CallState)


def text(words: str, part: str = "t0", done: bool = True) -> Json:
    """Words of a message."""
    return {"kind": "text", "part": part, "text": words, "done": done}


def reasoning(words: str, part: str = "r0", done: bool = True) -> Json:
    """What a model thought."""
    return {"kind": "reasoning", "part": part, "text": words, "summary": "", "done": done}


def called(key: str) -> Json:
    """The place of a call among the parts."""
    return {"kind": "call", "part": f"c-{key}", "tool_call_id": key}


def user(words: str, *parts: Json, id: str = "q1") -> Json:
    """A question."""
    return _message(id, "user", "done", [*parts, text(words)])


def agent(*parts: Json, state: str = "done", id: str = "a1", error: Json | None = None) -> Json:
    """An answer."""
    usage = USAGE if state == "done" else None
    return _message(id, "assistant", state, list(parts)) | {"error": error, "usage": usage}


def _message(id: str, role: str, state: str, parts: list[Json]) -> Json:
    head = {"id": id, "role": role, "state": state, "parts": parts}
    return head | {"error": None, "created": 1, "usage": None}


def call(key: str, name: str, arguments: Mapping[str, Any] | str, state: str, **more: Any) -> Json:
    """A call of a tool."""
    words = arguments if isinstance(arguments, str) else json.dumps(arguments)
    empty: Json = {"outputs": [], "bundle": None, "text": "", "error": None, "progress": None}
    # Running for about four seconds, whenever the picture is taken.
    empty |= {"problem": None, "started": time.time() - 4, "elapsed": None}
    return {"tool_call_id": key, "name": name, "arguments": words, "state": state} | empty | more


def error(type: str, message: str, hint: str = "", traceback: str = "") -> Json:
    """What went wrong."""
    return {"type": type, "message": message, "hint": hint, "traceback": traceback}


def scene(*messages: Json, calls: tuple[Json, ...] = (), **more: Any) -> Transcript:
    """A whole transcript."""
    known = {one["tool_call_id"]: one for one in calls}
    return {"model": MODEL, "about": ABOUT, "messages": messages, "calls": known} | more


def html(markup: str) -> Json:
    """A bundle as a DataFrame has it."""
    return {"data": {"text/html": markup, "text/plain": "a table"}, "metadata": {}}


def figure() -> Json:
    """A bundle as a figure has it."""
    return {"data": {"image/png": _png(), "text/plain": "<Figure>"}, "metadata": {}}


@cache
def _png() -> str:
    chance = np.random.default_rng(7)
    with mpl.rc_context({"font.size": 8, "axes.spines.top": False, "axes.spines.right": False}):
        drawn = Figure(figsize=(5.2, 3), dpi=110, layout="constrained")
        axes = drawn.add_subplot()
        for origin, weight, mpg in (("usa", 3362, 20), ("europe", 2423, 28), ("japan", 2221, 30)):
            x = chance.normal(weight, 350, 70)
            axes.scatter(x, mpg - (x - weight) / 180 + chance.normal(0, 2, 70), 9, label=origin)
        axes.set(xlabel="weight", ylabel="mpg")
        axes.legend(frameon=False)
        file = BytesIO()
        drawn.savefig(file)
    return base64.b64encode(file.getvalue()).decode()


QUESTION = user("Which origin has the best fuel economy, and is the difference more than weight?")
GROUPED = call(
    "g",
    "group_by",
    {"column": "mpg", "by": "origin", "statistics": ["count", "mean", "std"]},
    "done",
    bundle=html(FRAME_HTML),
    text="origin,count,mean\neurope,70,27.9\njapan,79,30.5\nusa,249,20.1",
    elapsed=0.042,
)


def empty() -> Transcript:
    """Nothing was said yet."""
    return scene(about={"tools": 4, "tokens": 0, "cost": None})


def streaming() -> Transcript:
    """A reply in the middle of a word, after a call."""
    reply = agent(
        reasoning("The weight is the obvious confounder."),
        called("g"),
        text(STREAMING, done=False),
        state="streaming",
    )
    return scene(QUESTION, reply, calls=(GROUPED,), status="running")


def thinking() -> Transcript:
    """Nothing but reasoning so far."""
    reply = agent(reasoning("First the groups, then", done=False), state="streaming")
    return scene(QUESTION, reply, status="running")


def finished() -> Transcript:
    """An answer with reasoning, calls, a table, a figure and prose."""
    plot = call(
        "p",
        "plot",
        {"x": "weight", "y": "mpg", "hue": "origin"},
        "done",
        bundle=figure(),
        text="A scatter plot of mpg against weight",
        outputs=[{"kind": "stream", "name": "stdout", "text": "398 points, 6 without mpg\n"}],
        elapsed=0.61,
    )
    reply = agent(
        reasoning("The weight is the obvious confounder, so look at both."),
        called("g"),
        called("p"),
        text(ANSWER),
    )
    return scene(QUESTION, reply, calls=(GROUPED, plot))


def approval() -> Transcript:
    """A call that waits for the person."""
    ask = call(
        "d",
        "drop_rows",
        {"where": "mpg.isna() or horsepower.isna()", "frame": "cars", "in_place": True},
        "awaiting-approval",
    )
    reply = agent(text(SHORT), called("d"), state="streaming")
    question = user("Remove the rows that have gaps.")
    return scene(question, reply, calls=(ask,), status="waiting", always=["group_by"])


def question() -> Transcript:
    """The model asks the person."""
    asked = {
        "question": "Which **currency** are the prices in?",
        "choices": ["US dollars", "Euros", "Yen"],
    }
    ask = call("ask", "ask_user", {"question": "Which currency?"}, "running", question=asked)
    question = user("Add the prices, please.")
    return scene(question, agent(called("ask"), state="streaming"), calls=(ask,), status="waiting")


def failed() -> Transcript:
    """A tool that failed, and then the whole run."""
    broken = call(
        "s",
        "summary",
        {"column": "horse_power"},
        "failed",
        error=error("KeyError", "'horse_power'", traceback=TRACEBACK),
        text="KeyError: 'horse_power'",
        elapsed=0.004,
    )
    why = error(
        "RateLimited",
        "anthropic: too many requests (429), tried 4 times in 31 s.",
        "Wait a minute, or give Executor(fallbacks={…}) another model to go on with.",
    )
    reply = agent(called("s"), text(SHORT), state="failed", error=why)
    return scene(user("Describe the column horse_power."), reply, calls=(broken,))


def long_table() -> Transcript:
    """A table with more columns and rows than fit."""
    return scene(user("List them all."), agent(text(LONG_TABLE)))


def long_code() -> Transcript:
    """Code with long lines, and of many languages."""
    return scene(user("Show me how you would do it by hand."), agent(text(LONG_CODE)))


def cards() -> Transcript:
    """A card in every state."""
    whole = {"column": "horsepower", "by": "origin"}
    made = [call(key, "statistic", whole, key) | _detail(key) for key in STATES]
    reply = agent(*(called(state) for state in STATES), state="streaming")
    offers = OFFERS | {"tools": [{"name": "statistic", "description": "One number."}]}
    asked = user("Everything at once.")
    return scene(asked, reply, calls=tuple(made), status="waiting", offers=offers)


def _detail(state: str) -> Json:
    if state == "streaming":
        return {"arguments": '{"column": "horsepower", "by": "ori', "started": None}
    if state == "running":
        progress = {"fraction": 0.4, "text": "2 of 5 groups"}
        printed = {"kind": "stream", "name": "stderr", "text": "\x1b[33mWarning:\x1b[0m 6 gaps\n"}
        return {"progress": progress, "outputs": [printed]}
    if state == "done":
        return {"text": "104.47", "elapsed": 0.01}
    if state == "failed":
        return {"error": error("ValueError", "no such group"), "text": "ValueError: no such group"}
    return {"text": "The person said no.", "started": None} if state == "denied" else {}


def crowded() -> Transcript:
    """Attachments in the question, chips of what the agent sees, tools that need no asking."""
    image = {"kind": "attachment", "part": "f1", "name": "plot.png", "media_type": "image/png"}
    file = {"kind": "attachment", "part": "f2", "name": "cars-1970-to-1982-by-origin.csv"}
    files = (
        image | {"size": 84_120, "bundle": figure()},
        file | {"media_type": "text/csv", "size": 1_430_000, "bundle": None},
    )
    chips = [{"name": "cars", "summary": "DataFrame, 398 x 9"}, {"name": "fit", "summary": "OLS"}]
    asked = user("What is wrong with this plot?", *files)
    return scene(asked, agent(text(SHORT)), shown=chips, always=["group_by", "plot"])


OFFERS = {
    "commands": [{"name": "weekly", "description": "The week in five lines.", "takes": "maybe"}],
    "tools": [
        {"name": "group_by", "description": "Statistics of one column, a row for each group."},
        {"name": "plot", "description": "A scatter plot of two columns."},
    ],
    "suggestions": [
        "Which origin has the best fuel economy?",
        "Plot mpg against weight",
        "Are there gaps in the data?",
    ],
    "models": [MODEL, "openai:gpt-5"],
    "images": True,
    "files": True,
}


def suggestions() -> Transcript:
    """Nothing was said yet, and there is something to begin with."""
    return empty() | {"offers": OFFERS}


def together() -> Transcript:
    """Calls of one step, with long arguments, outputs and results; a question asked three times."""
    lines = "\n".join(f"step {number:>3}: loss {1 / number:.4f}" for number in range(1, 160))
    long = {"code": LONG_CODE, "rows": [{"name": f"car {n}", "mpg": n} for n in range(30)]}
    parts = [
        {"text": "Traceback (most recent call last):\n", "library": "", "frames": 0},
        {"text": "  File core.py, line 12, in get\n", "library": "pandas", "frames": 3},
        {"text": "KeyError: 'horse_power'", "library": "", "frames": 0},
    ]
    broken = error("KeyError", "'horse_power'", traceback=TRACEBACK) | {"parts": parts}
    calls = (
        call("1", "run_code", long, "running", outputs=[stream(lines)]),
        call("2", "group_by", {"column": "mpg"}, "done", text="mpg 23.5", elapsed=1, beside="1"),
        call("3", "summary", {"column": "horse_power"}, "failed", error=broken, beside="1"),
    )
    reply = agent(*(called(one["tool_call_id"]) for one in calls), state="streaming")
    question = user("All three, please.") | {"versions": {"index": 1, "count": 3}}
    return scene(question, reply, calls=calls, status="running", offers=OFFERS)


def stream(printed: str) -> Json:
    """What a tool printed."""
    return {"kind": "stream", "name": "stdout", "text": printed}


def delegated() -> Transcript:
    """A run inside of a call, and a question asked in two ways."""
    inner = agent(text("I looked it up: *30.5*."), called("g"), id="n1")
    outer = call("s", "researcher", {"question": "mpg of Japan?"}, "done", elapsed=4.2)
    outer |= {"runs": ["n1"], "text": "30.5"}
    asked = user("Ask the researcher.") | {"versions": {"index": 0, "count": 2}}
    reply = agent(called("s"), text(SHORT))
    return scene(asked, reply, calls=(outer, GROUPED), nested={"n1": inner})


def code() -> Transcript:
    """Every colour of code."""
    return scene(user("Every colour."), agent(text(CODE)))


def right_to_left() -> Transcript:
    """A conversation in Hebrew and Arabic."""
    note = {"kind": "notice", "part": "n", "text": "Tried again after 2 s."}
    reply = agent(called("g"), text(HEBREW), note)
    return scene(user(HEBREW_QUESTION), reply, calls=(GROUPED,))


SCENES = {
    scene.__name__: scene
    for scene in (
        empty,
        streaming,
        thinking,
        finished,
        approval,
        question,
        failed,
        long_table,
        long_code,
        cards,
        crowded,
        code,
        right_to_left,
        suggestions,
        together,
        delegated,
    )
}
