"""The tree of errors, and what they carry."""

import inspect

import pytest

from nbagent import errors
from nbagent.messages import Message

PARENTS = {
    "ConfigurationError": "NbagentError",
    "UnsupportedCapability": "NbagentError",
    "TransportError": "NbagentError",
    "ProviderError": "NbagentError",
    "AuthenticationError": "ProviderError",
    "InvalidRequest": "ProviderError",
    "ContextWindowExceeded": "InvalidRequest",
    "RateLimited": "ProviderError",
    "Overloaded": "ProviderError",
    "ServerError": "ProviderError",
    "StreamError": "NbagentError",
    "StreamTruncated": "StreamError",
    "IncompleteToolCall": "StreamError",
    "StreamTimeout": "StreamError",
    "MalformedStream": "StreamError",
    "ProviderStreamError": "StreamError",
    "ToolError": "NbagentError",
}


@pytest.mark.parametrize("name", PARENTS)
def test_the_tree(name):
    """Each error of the contract has its place."""
    assert issubclass(getattr(errors, name), getattr(errors, PARENTS[name]))


def test_every_error_is_exported_and_of_the_tree():
    """Nothing is left out, and all can be caught at once."""
    made = [
        name
        for name, kind in vars(errors).items()
        if inspect.isclass(kind) and issubclass(kind, Exception)
    ]
    assert sorted(made) == errors.__all__
    assert all(issubclass(getattr(errors, name), errors.NbagentError) for name in made)
    assert not issubclass(errors.NbagentError, OSError)


def test_what_a_provider_error_carries():
    """Everything but the text has a default."""
    error = errors.RateLimited(
        "slow", status=429, code="c", request_id="r", retry_after=1.5, body={"a": 1}
    )
    assert (str(error), error.status, error.code, error.request_id) == ("slow", 429, "c", "r")
    assert (error.retry_after, error.body) == (1.5, {"a": 1})
    assert errors.ProviderError("x").retry_after is None


def test_what_a_stream_error_carries():
    """What had come, which may be nothing."""
    assert errors.StreamTruncated("x").partial == Message("assistant")
    error = errors.ProviderStreamError("x", partial=Message.assistant("a"), code="c", body=[1])
    assert (error.partial.text, error.code, error.body) == ("a", "c", [1])
