"""An error status becomes the error that says what it means."""

# ruff: noqa: E501 - one case a line is easier to read and to compare

import email.utils
import json
import time

import pytest

from nbagent.errors import ContextWindowExceeded, InvalidRequest, RateLimited, ServerError
from nbagent.providers.failures import describe, provider_error, retry_after


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9.0),
        ({"retry-after": "Fri, 31 Dec 1999 23:59:59 GMT"}, 0.0),
        ({"retry-after": "tomorrow"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": ""}, None),
    ],
)
def test_how_long_to_wait(headers, seconds):
    """Seconds, milliseconds, dates; nonsense is no wish."""
    assert retry_after(headers) == seconds


@pytest.mark.parametrize("zone", ["GMT", "-0000", ""])
def test_dates_are_in_gmt(zone):
    """Also where they do not say so, whatever this machine's zone is."""
    date = email.utils.formatdate(time.time() + 60, usegmt=True).replace("GMT", zone).strip()
    assert 57 < retry_after({"retry-after": date}) <= 60


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        ({"error": {"message": "m", "code": "c", "type": "t"}}, "c", "m"),
        ({"error": {"message": "m", "code": 400, "type": "t"}}, "t", "m"),
        ({"error": {"message": "m", "status": "NOT_FOUND"}}, "NOT_FOUND", "m"),
        ({"type": "error", "error": {"type": "overloaded_error", "message": "m"}}, "overloaded_error", "m"),
        ({"error": "m"}, None, "m"),
        ({"message": "m"}, None, "m"),
        ({"detail": "m"}, None, "m"),
        ({"detail": [{"loc": ["a"]}]}, None, '[{"loc":["a"]}]'),
        ([{"error": {"message": "m"}}], None, "m"),
        ("plain words", None, "plain words"),
        ("<html><title> Bad\nGateway </title>", None, "an HTML page (Bad\nGateway), so a proxy or another server answered"),
        ("", None, "no reason given"),
        (None, None, "no reason given"),
    ],
)  # fmt: skip
def test_the_shapes_of_errors(body, code, words):
    """Code and words are found in the bodies of many servers."""
    assert describe(body) == (code, words)


@pytest.mark.parametrize(
    "body",
    [
        b'{"error": {"message": "x", "code": "context_length_exceeded"}}',
        b'{"error": {"code": 400, "message": "the request exceeds the available context size", "type": "exceed_context_size_error"}}',
        b'{"error": {"message": "This model\'s maximum context length is 4096 tokens."}}',
        b'{"type": "error", "error": {"type": "invalid_request_error", "message": "prompt is too long: 9 tokens > 8 maximum"}}',
        b'{"error": {"code": 400, "message": "The input token count (9) exceeds the maximum number of tokens allowed (8)."}}',
    ],
)  # fmt: skip
def test_a_context_that_is_too_long(body):
    """Each provider's own way of saying so is understood."""
    assert type(provider_error("P", 400, {}, body)) is ContextWindowExceeded


def test_other_bad_requests_are_not():
    """A bad request is one, and the words never make a server's error or a rate limit another."""
    assert type(provider_error("P", 400, {}, b'{"error": {"message": "no"}}')) is InvalidRequest
    words = b'{"error": {"message": "context length"}}'
    assert type(provider_error("P", 429, {}, words)) is RateLimited
    assert type(provider_error("P", 500, {}, words)) is ServerError


def test_a_body_that_is_no_json():
    """It is kept as text, bytes that are none replaced."""
    error = provider_error("P", 500, {"request-id": "r"}, b"bro\xffken")
    assert error.body == "bro\ufffdken"
    assert error.request_id == "r"


def test_what_the_provider_behind_a_gateway_said():
    """OpenRouter's own words are the same for everything; what happened is in its metadata."""
    raw = '{"object":"error","message":"Unexpected role","code":"3230"}'
    about = {"raw": raw, "provider_name": "Mistral"}
    error = {"message": "Provider returned error", "code": 400, "metadata": about}
    _, words = describe({"error": error})
    assert words == "Provider returned error (Mistral says: Unexpected role)"
    about["raw"] = "plain words"
    assert describe({"error": error})[1].endswith("(Mistral says: plain words)")
    about["raw"] = ""
    assert describe({"error": error})[1] == "Provider returned error"


def test_when_openrouter_takes_requests_again():
    """The moment stands in the body, in milliseconds; a header of the answer goes before it."""
    reset = {"X-RateLimit-Limit": "20", "X-RateLimit-Reset": str(int((time.time() + 30) * 1000))}
    about = {"message": "Rate limit exceeded", "code": 429, "metadata": {"headers": reset}}
    body = json.dumps({"error": about}).encode()
    error = provider_error("OpenRouter", 429, {}, body)
    assert type(error) is RateLimited
    assert 27 < error.retry_after <= 30
    assert provider_error("OpenRouter", 429, {"retry-after": "3"}, body).retry_after == 3
