"""Gradio's ChatInterface."""

from __future__ import annotations

from tests.bench.side.as_app import AsApp

__all__ = ["CONTESTANT"]

SOURCE = """
import gradio as gr
from given import HISTORY, PORT, URL, deltas

async def answer(message, history):
    text = ""
    async for delta in deltas(URL, message):
        text += delta
        yield text

chat = gr.ChatInterface(answer, chatbot=gr.Chatbot(value=HISTORY, height=700))
chat.launch(server_name="127.0.0.1", server_port=PORT)
"""

CONTESTANT = AsApp(
    name="gradio",
    packages=("gradio", "httpx"),
    reply='.message.bot, [data-testid="bot"]',
    source=SOURCE,
)
