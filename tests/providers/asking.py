"""A client of a fake server, and what came of a reply."""

from nbagent.frames import TextDelta
from nbagent.providers import OpenAIChatClient

KEY = "sk-secret-0123456789"


def client_of(server, **options):
    """A client of the fake server."""
    return OpenAIChatClient(KEY, server.url, **options)


async def frames_of(client, prompt="hi", **params):
    """All frames of one reply."""
    return [frame async for frame in client.stream(prompt, model="m", **params)]


def text_of(frames):
    """The words of the deltas."""
    return "".join(frame.text for frame in frames if isinstance(frame, TextDelta))
