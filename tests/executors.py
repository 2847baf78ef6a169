"""An executor on a scripted client, and sleeps that take no time."""

from nbagent.errors import (
    Overloaded,
    RateLimited,
)
from nbagent.executor import Executor
from nbagent.testing import (
    Reply,
    ScriptedClient,
)

BUSY = Reply(raises=Overloaded("busy", status=503))


class Naps:
    """Sleeps no time, and remembers how long it was asked to."""

    def __init__(self):
        self.seconds = []

    async def __call__(self, seconds):
        self.seconds.append(seconds)


def make(*script, naps=None, **options):
    """An executor with one scripted client, and the client."""
    client = ScriptedClient(script)
    return Executor({"s": client}, sleep=naps or Naps(), **options), client


async def words(executor, model="s:m", **params):
    """The words of one reply."""
    return "".join([text async for text in executor.stream_text("hi", model=model, **params)])


def limited(seconds):
    """A provider that wants a pause."""
    return Reply(raises=RateLimited("slow down.", status=429, retry_after=seconds))
