"""What the page is given: transcripts and replies of the sizes that it must bear."""

import json
from typing import Any

__all__ = ["WORDS", "answer", "conversation", "long_reply", "paragraph"]

WORDS = (
    "The mean of the second group lies above that of the first, by about a third of its spread, "
    "so the difference is **clear** but not large; `describe()` shows the same, see "
    "[the notes](https://example.org/notes). "
)
CODE = """```python
def means(frame, by):
    \"\"\"The mean of each group.\"\"\"
    groups = frame.groupby(by)  # one a level
    return {name: group["mpg"].mean() for name, group in groups}
```

"""
TABLE = "| group | mean | n |\n|---|--:|--:|\n" + "| first | 20.1 | 32 |\n" * 6 + "\n"
LIST = "- one thing\n- another *thing*\n  - and what belongs to it\n- the last\n\n"


def paragraph(size: int) -> str:
    """One unbroken paragraph of about so many characters."""
    return WORDS * (size // len(WORDS))


def long_reply(size: int) -> str:
    """A reply of about so many characters, with everything that Markdown has."""
    section = f"## What it shows\n\n{WORDS * 4}\n\n{LIST}{WORDS * 3}\n\n{CODE}{TABLE}"
    return section * (size // len(section))


def answer(number: int, text: str, call: str | None = None) -> dict[str, Any]:
    """A finished message of the assistant; with the card of ``call`` behind its text."""
    parts: list[dict[str, Any]] = [{"kind": "text", "part": "0", "text": text, "done": True}]
    if call is not None:
        parts.append({"kind": "call", "part": "1", "tool_call_id": call})
    message: dict[str, Any] = {"id": f"m{number}", "role": "assistant", "state": "done"}
    usage = {"input_tokens": 900, "output_tokens": 80, "cached_input_tokens": 0}
    message |= {"error": None, "parts": parts, "created": number}
    return message | {"usage": usage | {"reasoning_tokens": 0}}


def question(number: int) -> dict[str, Any]:
    """A message of the person."""
    return answer(number, f"And what of column {number}?") | {"role": "user", "usage": None}


def conversation(count: int) -> dict[str, Any]:
    """A transcript of so many messages: questions, words, code, tables, lists and cards."""
    messages, calls = [], {}
    bodies = (WORDS, CODE + WORDS, TABLE + WORDS, LIST + WORDS, WORDS * 3)
    for number in range(count):
        if number % 2 == 0:
            messages.append(question(number))
            continue
        call = f"c{number}" if number % 6 == 1 else None
        messages.append(answer(number, bodies[number // 2 % len(bodies)], call))
        if call is not None:
            calls[call] = card(call)
    return {"messages": messages, "calls": calls}


def card(key: str) -> dict[str, Any]:
    """A finished call with arguments, output and a table as its result."""
    rows = "".join(f"<tr><td>{row}</td><td>{row * 1.5}</td></tr>" for row in range(5))
    bundle = {"data": {"text/html": f"<table>{rows}</table>", "text/plain": "…"}, "metadata": {}}
    call: dict[str, Any] = {"tool_call_id": key, "name": "summary", "state": "done"}
    call |= {"arguments": json.dumps({"column": "mpg", "by": ["cyl", "gear"], "limit": 5})}
    call |= {"outputs": [{"kind": "stream", "name": "stdout", "text": "5 rows\n"}]}
    call |= {"bundle": bundle, "text": "5 rows", "error": None, "progress": None}
    return call | {"problem": None, "started": 1, "elapsed": 0.2}
