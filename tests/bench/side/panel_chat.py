"""Panel's ChatInterface, served by Panel."""

from __future__ import annotations

from tests.bench.side.as_app import AsApp

__all__ = ["CONTESTANT"]

SOURCE = """
import panel as pn
from given import HISTORY, PORT, URL, deltas

pn.extension()

async def answer(contents, user, instance):
    text = ""
    async for delta in deltas(URL, contents):
        text += delta
        yield text

def page():
    earlier = [
        pn.chat.ChatMessage(m["content"], user="User" if m["role"] == "user" else "Assistant")
        for m in HISTORY
    ]
    return pn.chat.ChatInterface(*earlier, callback=answer, callback_user="Assistant", height=800)

pn.serve(page, port=PORT, show=False)
"""

CONTESTANT = AsApp(
    name="panel",
    packages=("panel", "httpx"),
    reply=".message",
    source=SOURCE,
)
