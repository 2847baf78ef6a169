"""The kernel's own copy of the transcript: the mutable counterpart of the reducer in the page.

Texts that grow are kept as fragments and joined only when someone looks, so a reply costs as much
as it is long, however many pieces it came in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from nbagent.widget.views import TranscriptView
from nbagent.widget.wire import Op

__all__ = ["Transcript"]


class _Text:
    """A text that grows: fragments, joined when read."""

    __slots__ = ("_fragments",)

    def __init__(self, text: str = "") -> None:
        self._fragments = [text] if text else []

    def append(self, text: str) -> None:
        self._fragments.append(text)

    def rewrite(self, first: int, last: int, text: str) -> None:
        """Takes away lines at the end, appends, takes away lines at the beginning."""
        while last > 0 and self._fragments:
            fragment = self._fragments.pop()
            count = fragment.count("\n")
            if count >= last:
                self._fragments.append(_without_last(fragment, last))
            last -= count
        self.append(text)
        if first:
            self._fragments = [_without_first(str(self), first)]

    def __str__(self) -> str:
        if len(self._fragments) > 1:
            self._fragments[:] = ["".join(self._fragments)]
        return self._fragments[0] if self._fragments else ""


class Transcript:
    """What a page shows, as far as ops have been applied.

    Ops about a message, part or call that is not there are ignored, as the page does.
    """

    def __init__(self, model: str = "") -> None:
        self._status = "idle"
        self._model = model
        self._always: list[str] = []
        self._messages: dict[str, dict[str, Any]] = {}
        self._parts: dict[str, dict[str, dict[str, Any]]] = {}
        self._calls: dict[str, dict[str, Any]] = {}
        self._nested: dict[str, dict[str, Any]] = {}
        # What is only in a view where there is something to it.
        self._more: dict[str, Any] = {}
        self._reducers: dict[str, Callable[[Any], None]] = {
            "status": self._apply_status,
            "message_start": self._message_start,
            "attachment": self._attachment,
            "text": self._text,
            "reasoning": self._reasoning,
            "part_done": self._part_done,
            "call": self._call,
            "arguments": self._arguments,
            "arguments_set": self._arguments_set,
            "call_state": self._call_state,
            "output": self._output,
            "rewrite": self._rewrite,
            "update": self._update,
            "clear": self._clear,
            "progress": self._progress,
            "drawn": self._drawn,
            "result": self._result,
            "problem": self._problem,
            "question": self._question,
            "answered": self._answered,
            "always": self._apply_always,
            "notice": self._notice,
            "message_end": self._message_end,
            "shown": self._shown,
            "about": self._about,
            "offers": self._offers,
            "cut": self._cut,
            "versions": self._versions,
            "reset": self._reset,
            "snapshot": self._snapshot,
        }

    def apply(self, op: Op) -> None:
        """Takes in one op.

        Raises:
            KeyError: There is no such op.
        """
        self._reducers[op["op"]](op)

    def snapshot(self) -> TranscriptView:
        """The whole state as plain values, which later ops do not change."""
        view = {
            "status": self._status,
            "model": self._model,
            "always": self._always,
            "messages": [self._whole(message) for message in self._messages.values()],
            "calls": self._calls,
            **self._more,
        }
        if self._nested:
            view["nested"] = {key: self._whole(each) for key, each in self._nested.items()}
        return cast(TranscriptView, _plain(view))

    def printed(self, tool_call_id: str) -> str:
        """What a call printed, as far as it is shown."""
        outputs = self._calls.get(tool_call_id, {}).get("outputs", [])
        return "".join(str(output["text"]) for output in outputs if output["kind"] == "stream")

    def _whole(self, message: dict[str, Any]) -> dict[str, Any]:
        return {**message, "parts": list(self._parts[message["id"]].values())}

    def _apply_status(self, op: Any) -> None:
        self._status, self._model = op["status"], op["model"]

    def _message_start(self, op: Any) -> None:
        identity, parent = op["id"], op.get("parent")
        if parent is None:
            self._messages.setdefault(identity, _new_message(op))
        elif parent in self._calls:
            self._nested.setdefault(identity, _new_message(op))
            self._calls[parent].setdefault("runs", []).append(identity)
        else:
            return
        self._parts.setdefault(identity, {})

    def _attachment(self, op: Any) -> None:
        if op["message"] in self._parts:
            fields = {key: op[key] for key in ("part", "name", "media_type", "size", "bundle")}
            self._parts[op["message"]][op["part"]] = {"kind": "attachment", **fields}

    def _text(self, op: Any) -> None:
        new = {"kind": "text", "part": op["part"], "text": _Text(), "done": False}
        self._append(op, new, "text")

    def _reasoning(self, op: Any) -> None:
        new = {
            "kind": "reasoning",
            "part": op["part"],
            "text": _Text(),
            "summary": _Text(),
            "done": False,
        }
        self._append(op, new, "summary" if op["summary"] else "text")

    def _append(self, op: Any, new: dict[str, Any], field: str) -> None:
        parts = self._parts.get(op["message"])
        if parts is None:
            return
        part = parts.setdefault(op["part"], new)
        if part["kind"] == new["kind"]:
            part[field].append(op["text"])

    def _part_done(self, op: Any) -> None:
        part = self._parts.get(op["message"], {}).get(op["part"])
        if part is not None and "done" in part:
            part["done"] = True

    def _call(self, op: Any) -> None:
        identity = op["tool_call_id"]
        if identity in self._calls:
            self._calls[identity]["name"] = op["name"]
        elif op["message"] in self._parts:
            place = {"kind": "call", "part": op["part"], "tool_call_id": identity}
            if op.get("beside"):
                place["beside"] = op["beside"]
            self._parts[op["message"]][op["part"]] = place
            self._calls[identity] = _new_call(identity, op["name"])

    def _arguments(self, op: Any) -> None:
        if call := self._calls.get(op["tool_call_id"]):
            call["arguments"].append(op["text"])

    def _arguments_set(self, op: Any) -> None:
        if call := self._calls.get(op["tool_call_id"]):
            call["arguments"] = _Text(op["text"])

    def _call_state(self, op: Any) -> None:
        if call := self._calls.get(op["tool_call_id"]):
            call.update(state=op["state"], started=op["started"], elapsed=op["elapsed"])
            call["problem"] = None
            if op["state"] != "running" and "answer" not in call.get("question", ()):
                call.pop("question", None)

    def _question(self, op: Any) -> None:
        if call := self._calls.get(op["tool_call_id"]):
            call["question"] = {"question": op["question"], "choices": list(op["choices"])}

    def _answered(self, op: Any) -> None:
        call = self._calls.get(op["tool_call_id"], {})
        if "question" in call:
            call["question"]["answer"] = op["text"]

    def _output(self, op: Any) -> None:
        call, output = self._calls.get(op["tool_call_id"]), op["output"]
        if call is None:
            return
        last = call["outputs"][-1] if call["outputs"] else {}
        if output["kind"] != "stream":
            call["outputs"].append(output)
        elif last.get("name") == output["name"]:
            last["text"].append(output["text"])
        else:
            call["outputs"].append({**output, "text": _Text(output["text"])})

    def _rewrite(self, op: Any) -> None:
        call = self._calls.get(op["tool_call_id"])
        last = call["outputs"][-1] if call and call["outputs"] else {}
        if last.get("kind") == "stream":
            last["text"].rewrite(op["first"], op["last"], op["text"])
            last["hidden"] = op["hidden"]

    def _update(self, op: Any) -> None:
        if call := self._calls.get(op["tool_call_id"]):
            call["outputs"] = [
                {**output, "bundle": op["bundle"]}
                if output.get("display_id") == op["display_id"]
                else output
                for output in call["outputs"]
            ]

    def _clear(self, op: Any) -> None:
        if call := self._calls.get(op["tool_call_id"]):
            call["outputs"] = []

    def _progress(self, op: Any) -> None:
        if call := self._calls.get(op["tool_call_id"]):
            call["progress"] = {"fraction": op["fraction"], "text": op["text"]}

    def _drawn(self, op: Any) -> None:
        if call := self._calls.get(op["tool_call_id"]):
            call["drawn"] = {"bundle": op["bundle"], "problem": op["problem"]}

    def _result(self, op: Any) -> None:
        if call := self._calls.get(op["tool_call_id"]):
            call.update(bundle=op["bundle"], text=op["text"], error=op["error"])

    def _problem(self, op: Any) -> None:
        if call := self._calls.get(op["tool_call_id"]):
            call["problem"] = op["text"]

    def _apply_always(self, op: Any) -> None:
        self._always = op["names"]

    def _notice(self, op: Any) -> None:
        if op["message"] in self._parts:
            part = {"kind": "notice", "part": op["part"], "text": op["text"]}
            self._parts[op["message"]][op["part"]] = part

    def _message_end(self, op: Any) -> None:
        identity = op["id"]
        if message := self._messages.get(identity) or self._nested.get(identity):
            message.update(state=op["state"], usage=op["usage"], error=op["error"])

    def _shown(self, op: Any) -> None:
        self._more["shown"] = op["chips"]

    def _about(self, op: Any) -> None:
        self._more["about"] = {key: op[key] for key in ("tools", "tokens", "cost")}

    def _offers(self, op: Any) -> None:
        self._more["offers"] = {key: value for key, value in op.items() if key != "op"}

    def _versions(self, op: Any) -> None:
        if message := self._messages.get(op["id"]):
            message["versions"] = {"index": op["index"], "count": op["count"]}

    def _cut(self, op: Any) -> None:
        known = list(self._messages)
        gone = known[known.index(op["id"]) :] if op["id"] in known else []
        for identity in gone:
            del self._messages[identity]
            self._forget(identity)

    def _forget(self, message: str) -> None:
        """Takes away a message's parts, its calls and what went on inside of these."""
        for part in self._parts.pop(message).values():
            call = self._calls.pop(part["tool_call_id"], {}) if part["kind"] == "call" else {}
            for inner in call.get("runs", ()):
                del self._nested[inner]
                self._forget(inner)

    def _reset(self, op: Any) -> None:
        self._messages, self._parts, self._calls, self._nested = {}, {}, {}, {}

    def _snapshot(self, op: Any) -> None:
        view = _growing(op["transcript"])
        self._status, self._model, self._calls = view["status"], view["model"], view["calls"]
        self._always = view["always"]
        self._messages = {message["id"]: message for message in view["messages"]}
        self._nested = view.get("nested", {})
        self._more = {key: view[key] for key in ("shown", "about", "offers") if key in view}
        self._parts = {
            message["id"]: {part["part"]: part for part in message["parts"]}
            for message in (*view["messages"], *self._nested.values())
        }


def _new_message(op: Any) -> dict[str, Any]:
    return {
        "id": op["id"],
        "role": op["role"],
        "state": "done" if op["role"] == "user" else "streaming",
        "parts": [],
        "error": None,
        "created": op["created"],
        "usage": None,
    }


def _new_call(tool_call_id: str, name: str) -> dict[str, Any]:
    return {
        "tool_call_id": tool_call_id,
        "name": name,
        "arguments": _Text(),
        "state": "streaming",
        "outputs": [],
        "bundle": None,
        "text": "",
        "error": None,
        "progress": None,
        "problem": None,
        "started": None,
        "elapsed": None,
    }


def _without_last(text: str, lines: int) -> str:
    end = len(text)
    for _ in range(lines):
        end = text.rfind("\n", 0, end)
    return text[: end + 1]


def _without_first(text: str, lines: int) -> str:
    start = 0
    for _ in range(lines):
        start = text.find("\n", start) + 1
        if start == 0:
            return ""
    return text[start:]


def _plain(value: Any) -> Any:
    if isinstance(value, _Text):
        return str(value)
    if isinstance(value, dict):
        # A bundle is never changed once it is here, and may be large.
        return {key: item if key == "bundle" else _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def _growing(view: TranscriptView) -> Any:
    """A copy of a view in which the texts that ops append to can grow."""
    state = _plain(view)
    for message in (*state["messages"], *state.get("nested", {}).values()):
        for part in message["parts"]:
            for field in {"text", "summary"} & part.keys() if "done" in part else ():
                part[field] = _Text(part[field])
    for call in state["calls"].values():
        call["arguments"] = _Text(call["arguments"])
        for output in call["outputs"]:
            if output["kind"] == "stream":
                output["text"] = _Text(output["text"])
    return state
