"""Any conversation at all, for properties: what stops, failures, edits and other servers leave."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from nbagent import (
    FilePart,
    ImagePart,
    Message,
    ReasoningPart,
    TextPart,
    ToolCall,
    ToolResultPart,
    ToolSpec,
)

SPECS = (ToolSpec("add", "Adds."), ToolSpec("plot", "Plots."))
TEXTS = st.sampled_from(["", " ", "\n", "Hello.", "So:\n", "Grüße 😀"])
IDS = st.sampled_from(
    ["", "a", "a.b", "a_b", "call_0", "functions.add:0", "ü", "x" * 80, "call_" + "0" * 24]
)
NAMES = st.sampled_from(["add", "plot", "gone", "functions.add", "", "ü b", "n" * 90])
ARGUMENTS = st.sampled_from(["{}", '{"a": 1}', '{"a": 1', "[1]", "", "null"])
SIGNATURES = st.sampled_from(
    [
        None,
        "c2lnbmVk",
        '{"id": "rs_1", "encrypted_content": "gAAA"}',
        '[{"type": "reasoning.text", "text": "Hm."}]',
    ]
)
PICTURE = ImagePart(b"\x89PNG", "image/png")
CALLS = st.builds(
    ToolCall,
    IDS,
    NAMES,
    ARGUMENTS,
    st.sampled_from([None, "call_0", "late.id", "y" * 70]),
    st.sampled_from([None, "c2lnbmVk"]),
)
REASONING = st.builds(
    ReasoningPart,
    TEXTS,
    st.sampled_from(["", "In short."]),
    SIGNATURES,
    st.sampled_from([None, "rs_1", "redacted"]),
)
RESULTS = st.builds(
    ToolResultPart,
    IDS,
    NAMES,
    st.sampled_from(["", " ", "3", "[called]"]),
    st.sampled_from([(), (PICTURE,)]),
    st.booleans(),
)
WORDS = TEXTS.map(TextPart)


def _parts(*kinds: Any, most: int = 3) -> Any:
    return st.lists(st.one_of(*kinds), max_size=most).map(tuple)


MODELS = st.sampled_from([None, "gpt-6", "claude-sonnet-5", "gemini-3-pro", "magistral", "own"])
ENDS = st.sampled_from([None, "stop", "tool_calls", "length"])
ASSISTANT = st.builds(
    lambda parts, end, model: Message("assistant", parts, end, model=model),
    _parts(WORDS, REASONING, CALLS, most=5),
    ENDS,
    MODELS,
)
USER = _parts(WORDS, st.just(PICTURE)).map(lambda parts: Message("user", parts))
FILES = st.just(Message.user(FilePart(b"a,b", "text/csv", "t.csv"), "Read it."))
SYSTEM = _parts(WORDS).map(lambda parts: Message("system", parts))
TOOL = _parts(RESULTS).map(lambda parts: Message("tool", parts))
MESSAGES = st.one_of(USER, ASSISTANT, TOOL, ASSISTANT, TOOL, SYSTEM)
CONVERSATIONS = st.lists(MESSAGES, max_size=9)
