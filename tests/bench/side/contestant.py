"""What a contestant is, and where one is put: a page, a model, a load."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

from playwright.sync_api import Page

from tests.bench.side.loads import Load
from tests.bench.side.model import Model
from tests.e2e.server import LabServer

__all__ = ["READER", "Ask", "Contestant", "Setting"]

Ask: TypeAlias = Callable[[], None]

#: How contestants that bring no client of their own read the model: the least there is, so that
#: what is measured is theirs. Part of the code that they run.
READER = '''
import json
import httpx

async def deltas(url, question):
    """The fragments of the reply."""
    messages = [{"role": "user", "content": question}]
    body = {"model": "scripted", "messages": messages, "stream": True}
    async with httpx.AsyncClient(timeout=120) as http:
        async with http.stream("POST", f"{url}/chat/completions", json=body) as response:
            async for line in response.aiter_lines():
                if not line.startswith("data: ") or line == "data: [DONE]":
                    continue
                choices = json.loads(line[6:]).get("choices")
                if choices and (text := (choices[0].get("delta") or {}).get("content")):
                    yield text
'''


@dataclass(frozen=True)
class Setting:
    """What a contestant is given.

    Attributes:
        page: An empty page with the probe in it.
        model: Where the reply comes from.
        load: The reply, and what stands above it.
        folder: For the contestant's own files, empty at first.
        lab: Starts JupyterLab, or gives the one that runs.
    """

    page: Page
    model: Model
    load: Load
    folder: Path
    lab: Callable[[], LabServer]


class Contestant(Protocol):
    """Shows replies in a page."""

    @property
    def name(self) -> str:
        """For the table and the command line."""

    @property
    def packages(self) -> Sequence[str]:
        """Whose versions are said in the results."""

    @property
    def reply(self) -> str:
        """Selects the replies in the page, a CSS selector; the last one is looked at."""

    def versions(self) -> dict[str, str]:
        """Of its packages, installed here on first use."""

    def opened(self, setting: Setting) -> AbstractContextManager[Ask]:
        """Puts it into the page, with the earlier messages; gives what asks for the load."""
