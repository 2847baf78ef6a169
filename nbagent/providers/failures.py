"""An error status becomes the error that says what it means, in one place for all providers."""

from __future__ import annotations

import email.utils
import math
import re
import time
from collections.abc import Mapping
from datetime import timezone
from typing import Any

import pydantic_core

from nbagent.errors import (
    AuthenticationError,
    ContextWindowExceeded,
    InvalidRequest,
    Overloaded,
    ProviderError,
    RateLimited,
    ServerError,
)

__all__ = ["describe", "provider_error"]

CONTEXT_CODES = {"context_length_exceeded", "exceed_context_size_error", "string_above_max_length"}
# Providers without a code for it say it in words; the words only name the error, they never decide
# whether a request is sent again.
CONTEXT_WORDS = re.compile(
    r"context (length|window|size|limit)|prompt is too long|too many tokens"
    r"|maximum (context|prompt|input)|input token count|exceeds? the (available|maximum) ",
    re.IGNORECASE,
)
HINTS: Mapping[int, str] = {
    401: "Check the API key.",
    403: "Check that the API key may use this model.",
    404: "Check the model's name and the base_url.",
    413: "Send less at once.",
    429: "Wait a little, or lower the rate of requests.",
}
# OpenRouter's, in the headers that its body repeats.
RESET = "openrouter-reset-ms"
REQUEST_ID_HEADERS = ("x-request-id", "request-id", "x-amzn-requestid", "cf-ray")


def provider_error(
    provider: str, status: int, headers: Mapping[str, str], content: bytes
) -> ProviderError:
    """The error for an answer with status 400 or above."""
    body = _decoded(content)
    code, words = describe(body)
    kind = _kind(status, code, words)
    hint = HINTS.get(status, "")
    if kind is ContextWindowExceeded:
        hint = "Shorten the conversation, or use a model with a larger context window."
    message = " ".join(filter(None, (f"{provider} answered {status}: {words}", hint)))
    return kind(
        message,
        status=status,
        code=code,
        request_id=next((headers[name] for name in REQUEST_ID_HEADERS if name in headers), None),
        retry_after=retry_after(_all_headers(headers, body)),
        body=body,
    )


def describe(body: Any) -> tuple[str | None, str]:
    """The provider's code and words for an error, out of the shapes that providers use."""
    if isinstance(body, list) and body:
        body = body[0]
    if not isinstance(body, Mapping):
        text = str(body or "").strip()
        return None, _page_title(text) if text.startswith("<") else text[:500] or "no reason given"
    error = body.get("error", body)
    if not isinstance(error, Mapping):
        error = {"message": error, "code": body.get("code")}
    words = error.get("message") or error.get("detail") or body.get("message") or body.get("detail")
    code = error.get("code") if isinstance(error.get("code"), str) else None
    code = code or error.get("type") or error.get("status")
    text = words if isinstance(words, str) else pydantic_core.to_json(words or error).decode()
    text = " ".join(filter(None, (text, _upstream(error))))
    return (code if isinstance(code, str) else None), text[:2000]


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the provider asks to wait, from ``retry-after-ms`` or ``Retry-After``.

    Source: RFC 9110, 10.2.3: ``Retry-After`` is a number of seconds or an HTTP date. OpenRouter
    names the moment in its body instead, in milliseconds since 1970; see `_all_headers`.
    """
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    asked = headers.get("retry-after", "")
    seconds = _number(asked)
    if seconds is None and (reset := _number(headers.get(RESET, ""))) is not None:
        seconds = max(reset / 1000 - time.time(), 0.0)
    return seconds if seconds is not None else _until(asked)


def _upstream(error: Mapping[str, Any]) -> str:
    """What the provider behind a gateway said: OpenRouter's own words are the same for all."""
    about = error.get("metadata")
    raw = about.get("raw") if isinstance(about, Mapping) else None
    if not isinstance(about, Mapping) or not isinstance(raw, str) or not raw.strip():
        return ""
    _, words = describe(_decoded(raw.encode()))
    return f"({about.get('provider_name') or 'Its provider'} says: {words})"


def _all_headers(headers: Mapping[str, str], body: Any) -> Mapping[str, str]:
    """The headers, with the moment of the next request that OpenRouter writes into its body."""
    error = body.get("error") if isinstance(body, Mapping) else None
    about = error.get("metadata") if isinstance(error, Mapping) else None
    told = about.get("headers") if isinstance(about, Mapping) else None
    reset = told.get("X-RateLimit-Reset") if isinstance(told, Mapping) else None
    return headers if reset is None else {**headers, RESET: str(reset)}


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return max(value, 0.0) if math.isfinite(value) else None


def _until(date: str) -> float | None:
    try:
        moment = email.utils.parsedate_to_datetime(date)
    except (TypeError, ValueError):
        return None
    # HTTP dates are in GMT, also where they do not say so.
    moment = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return max(moment.timestamp() - time.time(), 0.0)


def _kind(status: int, code: str | None, words: str) -> type[ProviderError]:
    if status in (401, 403):
        return AuthenticationError
    if status == 429:
        return RateLimited
    if status in (503, 529):
        return Overloaded
    too_long = code in CONTEXT_CODES or bool(CONTEXT_WORDS.search(words))
    if status < 500 or code in CONTEXT_CODES:
        return ContextWindowExceeded if too_long else InvalidRequest
    return ServerError


def _decoded(content: bytes) -> Any:
    try:
        return pydantic_core.from_json(content)
    except ValueError:
        return content.decode("utf-8", "replace")


def _page_title(page: str) -> str:
    match = re.search(r"<title[^>]*>(.*?)</title>", page, re.IGNORECASE | re.DOTALL)
    title = match.group(1).strip() if match else "no title"
    return f"an HTML page ({title[:200]}), so a proxy or another server answered"
