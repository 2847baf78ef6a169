"""Every error that nbagent raises, in one tree::

    NbagentError
    ├── ConfigurationError          no key, unknown provider, missing extra
    ├── UnsupportedCapability       the model cannot do what was asked; raised before any request
    ├── TransportError              connect, DNS, TLS, timeouts before a reply
    ├── ProviderError               the provider answered with an error
    │   ├── AuthenticationError     401, 403
    │   ├── InvalidRequest          400, 404, 413, 422
    │   │   └── ContextWindowExceeded
    │   ├── RateLimited             429
    │   ├── Overloaded              503, 529
    │   └── ServerError             other 5xx
    ├── StreamError                 a reply that began and did not end well; has ``partial``
    │   ├── StreamTruncated         the bytes stopped before the end marker
    │   ├── IncompleteToolCall      a call's arguments were cut off
    │   ├── StreamTimeout           nothing came for too long
    │   ├── MalformedStream         the bytes are not what the protocol says
    │   └── ProviderStreamError     the provider reported an error inside the stream
    ├── ToolError                   a tool could not be described, called or finished
    │   ├── ToolSchemaError         at decoration: a parameter cannot be described to a model
    │   ├── UnknownTool             the model named a tool that is not there
    │   ├── ToolArgumentsError      the arguments do not fit the parameters
    │   ├── ToolExecutionError      the function raised
    │   ├── ToolTimeout             it took longer than it may
    │   └── ToolDenied              a person said no
    ├── OutputInvalid               the answer does not have the form that was asked for
    ├── GraphError                  a strategy that cannot run as it is drawn
    ├── AgentBusy                   a second run while one is going
    ├── StoreError                  what was saved cannot be read, or written
    └── RunLimitReached             the run used up its steps, tokens, time ...

A cancelled task is `asyncio.CancelledError`, as everywhere in asyncio; it is never turned into
one of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nbagent.messages import Message

__all__ = [
    "AgentBusy",
    "AuthenticationError",
    "ConfigurationError",
    "ContextWindowExceeded",
    "GraphError",
    "IncompleteToolCall",
    "InvalidRequest",
    "MalformedStream",
    "NbagentError",
    "OutputInvalid",
    "Overloaded",
    "ProviderError",
    "ProviderStreamError",
    "RateLimited",
    "RunLimitReached",
    "ServerError",
    "StoreError",
    "StreamError",
    "StreamTimeout",
    "StreamTruncated",
    "ToolArgumentsError",
    "ToolDenied",
    "ToolError",
    "ToolExecutionError",
    "ToolSchemaError",
    "ToolTimeout",
    "TransportError",
    "UnknownTool",
    "UnsupportedCapability",
]


class NbagentError(Exception):
    """Base of all. The text says what happened, where, and what to do."""


class ConfigurationError(NbagentError):
    """Something has to be set up first: a key, a provider, an extra."""


class UnsupportedCapability(NbagentError):
    """The model or its client cannot do what was asked.

    ``lacking`` names it where the provider said it: ``"tools"``, ``"images"``, …
    """

    def __init__(self, message: str = "", *, lacking: str = "") -> None:
        super().__init__(message)
        self.lacking = lacking


class TransportError(NbagentError):
    """No reply: the connection could not be made, or broke before the reply began."""


class ProviderError(NbagentError):
    """The provider answered with an error.

    Attributes:
        status: HTTP status code.
        code: The provider's own name of the error, if it gave one.
        request_id: What to quote to the provider's support, if it gave one.
        retry_after: Seconds that the provider asks to wait, if it said so.
        body: The answer's body, decoded from JSON where it is JSON.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        code: str | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        body: Any = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.request_id = request_id
        self.retry_after = retry_after
        self.body = body


class AuthenticationError(ProviderError):
    """The key is missing, wrong, or not allowed to do this."""


class InvalidRequest(ProviderError):
    """The provider does not accept the request as it is; sending it again will not help."""


class ContextWindowExceeded(InvalidRequest):
    """The prompt is longer than the model can read."""


class RateLimited(ProviderError):
    """Too many requests or tokens; ``retry_after`` says how long to wait where it is known."""


class Overloaded(ProviderError):
    """The provider has no capacity at the moment."""


class ServerError(ProviderError):
    """The provider failed on its side."""


class StreamError(NbagentError):
    """A reply began and did not end well. ``partial`` is what had come by then."""

    def __init__(self, message: str, *, partial: Message | None = None) -> None:
        super().__init__(message)
        self.partial = partial if partial is not None else Message("assistant")


class StreamTruncated(StreamError):
    """The bytes stopped before the provider's own end marker."""


class IncompleteToolCall(StreamError):
    """The arguments of a call were cut off. Such a call is never run."""


class StreamTimeout(StreamError):
    """Nothing came for longer than the timeout allows."""


class MalformedStream(StreamError):
    """The bytes are not what the protocol says."""


class ProviderStreamError(StreamError):
    """The provider reported an error inside a stream that began well.

    ``code`` and ``body`` are the provider's own.
    """

    def __init__(
        self,
        message: str,
        *,
        partial: Message | None = None,
        code: str | None = None,
        body: Any = None,
    ) -> None:
        super().__init__(message, partial=partial)
        self.code = code
        self.body = body


class ToolError(NbagentError):
    """A tool could not be described, called or finished."""


class ToolSchemaError(ToolError, TypeError):
    """A parameter cannot be described to a model. Raised where the tool is decorated."""


class UnknownTool(ToolError):
    """The model named a tool that is not there."""


class ToolArgumentsError(ToolError, ValueError):
    """The arguments do not fit the parameters; the text names each field and what it wants."""


class ToolExecutionError(ToolError):
    """The function raised; the exception is the ``__cause__``."""


class ToolTimeout(ToolError):
    """The function took longer than its ``timeout``."""


class ToolDenied(ToolError):
    """A person did not allow the call."""


class OutputInvalid(NbagentError):
    """The answer does not have the form that ``output=`` asks for.

    Attributes:
        text: The answer as the model wrote it.
        errors: What is wrong with it, one a line; empty where it was cut off or refused.
        final: Asking again would not help: it was refused, or cut off.
    """

    def __init__(
        self, message: str, *, text: str = "", errors: Sequence[str] = (), final: bool = False
    ) -> None:
        super().__init__(message)
        self.text = text
        self.errors = tuple(errors)
        self.final = final

    @classmethod
    def of(cls, name: str, text: str, errors: Sequence[str]) -> OutputInvalid:
        """The error for an answer of the form ``name``, by what is wrong with it."""
        said = "\n".join(f"- {error}" for error in errors)
        return cls(
            f"The answer is no valid {name}:\n{said}\nWhat the model wrote is in .text.",
            text=text,
            errors=errors,
        )


class AgentBusy(NbagentError):
    """The agent already has a run; one at a time."""


class GraphError(NbagentError):
    """A graph with a node that leads nowhere, is never reached, or has no open edge."""


class StoreError(NbagentError):
    """A saved conversation or a store cannot be read or written; the text names the place."""


class RunLimitReached(NbagentError):
    """The run used up its ``max_steps``, or one of its `Limits`.

    Attributes:
        limit: Which: ``"steps"``, ``"tokens"``, ``"cost"``, ``"seconds"`` and so on.
        used: How much was used, or would be.
        allowed: How much was allowed.
    """

    def __init__(
        self, message: str, *, limit: str = "steps", used: float = 0, allowed: float = 0
    ) -> None:
        super().__init__(message)
        self.limit = limit
        self.used = used
        self.allowed = allowed
