"""Fakes for tests: a scripted client, and a fake server on a real socket.

Both play `Reply` scripts: `ScriptedClient` yields their frames with no socket at all,
`FakeServer` sends them as an OpenAI-compatible server would, cut, delayed, held at a `Gate` or
broken off wherever the test wants it.
"""

from nbagent.testing.client import Asked, ScriptedClient, recorded
from nbagent.testing.http import Disconnect, Request
from nbagent.testing.recorded import RecordedRun
from nbagent.testing.replies import (
    Gate,
    Reply,
    reply_bytes,
    reply_calls,
    reply_error,
    reply_json,
    reply_text,
)
from nbagent.testing.script import ScriptExhausted
from nbagent.testing.server import FakeServer

__all__ = [
    "Asked",
    "Disconnect",
    "FakeServer",
    "Gate",
    "RecordedRun",
    "Reply",
    "Request",
    "ScriptExhausted",
    "ScriptedClient",
    "recorded",
    "reply_bytes",
    "reply_calls",
    "reply_error",
    "reply_json",
    "reply_text",
]
