"""The floor: what anybody would write by hand. httpx, lines, `json.loads`, the delta taken out."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import httpx

__all__ = ["plain_loop"]


async def plain_loop(http: httpx.AsyncClient, url: str, model: str) -> AsyncIterator[str]:
    """The fragments of a reply: of its text, or of its one call's arguments."""
    body = {"model": model, "messages": [{"role": "user", "content": "?"}], "stream": True}
    async with http.stream("POST", f"{url}/chat/completions", json=body) as response:
        async for line in response.aiter_lines():
            if not line.startswith("data: "):
                continue
            data = line[6:]
            if data == "[DONE]":
                return
            delta = json.loads(data)["choices"][0]["delta"]
            if "content" in delta:
                yield delta["content"]
            elif "tool_calls" in delta:
                yield delta["tool_calls"][0]["function"]["arguments"]
