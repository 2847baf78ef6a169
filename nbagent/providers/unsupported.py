"""Recognises a provider's answer that a model cannot do what was asked, and says what to do.

Where a provider names the parameter or gives a code of its own, that decides; its words are read
only where there is nothing else. They never decide whether a request is sent again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from nbagent.errors import ProviderError, UnsupportedCapability
from nbagent.providers.failures import describe

__all__ = ["lacking", "unsupported"]

STATUSES = frozenset({400, 404, 422, 501})
# Codes that say of a parameter that this model does not take it.
CODES = frozenset({"unsupported_parameter", "not_supported_error", "unsupported_feature"})
# Parameters, as the error's "param" names them, and what is lacking without them.
PARAMS: Mapping[str, str] = {
    "tools": "tools",
    "tool calling": "tools",
    "functions": "tools",
    "tool_choice": "a forced call",
    "parallel_tool_calls": "the choice of parallel calls",
    "response_format": "structured output",
    "text.format": "structured output",
    "output_config.format": "structured output",
    "reasoning": "reasoning",
    "reasoning_effort": "reasoning",
    "reasoning.effort": "reasoning",
    "thinking": "reasoning",
}
# What is lacking, and the names that providers have for it.
SUBJECTS: tuple[tuple[str, str], ...] = (
    ("a forced call", r"(the provided )?'?tool_choice'?( value)?|forced tool use"),
    ("tools", r"tools?|tool[ _](use|using|calling|calls?)|function[ _]?(calling|calls?)|functions"),
    ("images", r"images?( inputs?)?|image_url|vision|image input modality|multimodal inputs?"),
    (
        "structured output",
        r"response_?format|structured outputs?|json[ _](mode|schema)|output[ _]format",
    ),
    (
        "reasoning",
        r"reasoning(_?effort)?|(adaptive |extended )?thinking([ _](level|budget|mode|config))?",
    ),
)
CANNOT = r"(do(es)?(n't| not)|cannot|can't) support|no endpoints found that support|not support"
IS_NOT = r"((is|are) )?(not|un)[ -]?(supported|enabled|available|configurable)"
# Words of one server that fit no pattern.
OWN_WORDS: tuple[tuple[str, str], ...] = (
    ("tools", r"tools? param(eter)? requires? --jinja"),
    ("tools", r"requires --enable-auto-tool-choice|tool choice requires .*--tool-call-parser"),
    ("images", r"is not a multimodal model|at most 0 image|unknown variant `image(_url)?`"),
    ("structured output", r"response_format type is unavailable"),
    ("chat", r"does not support chat"),
)
# Between the negation and what is lacking stand words like "parameter" and marks like "`".
PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    *((lack, re.compile(words, re.IGNORECASE)) for lack, words in OWN_WORDS),
    *(
        (
            lack,
            re.compile(
                rf"({CANNOT}) (the )?(parameters?:? |response format )?[`'\"]*({names})\b"
                rf"|(^|[`'\": ])({names})[`'\"]* ({IS_NOT})",
                re.IGNORECASE,
            ),
        )
        for lack, names in SUBJECTS
    ),
)
WITH_TOOLS = re.compile(r"function tools with reasoning_effort", re.IGNORECASE)
ADVICE: Mapping[str, str] = {
    "tools": 'Give tool_calling="schema" (for servers that constrain output) or "prompted" (for '
    "all others), or take another model.",
    "a forced call": 'Leave tool_choice at "auto", or give tool_calling="schema" or "prompted".',
    "the choice of parallel calls": "Leave parallel_tool_calls out.",
    "images": "Take a model that sees images, or describe the image in words.",
    "structured output": "Leave output= out and ask for the form in words, or take another model.",
    "chat": "Take another model.",
    "reasoning": "Leave reasoning_effort out, or take a model that reasons.",
    "tools beside reasoning": "Ask OpenAI's other API, as in 'responses:gpt-…', or give "
    "reasoning_effort='none'.",
}


def lacking(status: int, body: Any) -> str | None:
    """What a provider says that a model cannot do; None for an answer about something else."""
    if status not in STATUSES:
        return None
    code, words = describe(body)
    param = _param(body)
    if WITH_TOOLS.search(words):
        return "tools beside reasoning"
    if code in CODES and (named := PARAMS.get(param)):
        return named
    return next((lack for lack, pattern in PATTERNS if pattern.search(words)), None)


def unsupported(label: str, error: ProviderError) -> UnsupportedCapability | None:
    """The error to raise instead of ``error``, if it says that a model lacks something."""
    lack = lacking(error.status, error.body)
    if lack is None:
        return None
    _, words = describe(error.body)
    text = f"{label} says: {words.rstrip('.')}. {ADVICE[lack]}"
    return UnsupportedCapability(text, lacking=lack)


def _param(body: Any) -> str:
    error = body.get("error", body) if isinstance(body, Mapping) else None
    param = error.get("param") if isinstance(error, Mapping) else None
    return param if isinstance(param, str) else ""
