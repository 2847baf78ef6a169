"""shinychat in a Shiny for Python application."""

from __future__ import annotations

from tests.bench.side.as_app import AsApp

__all__ = ["CONTESTANT"]

SOURCE = """
from given import HISTORY, PORT, URL, deltas
from shiny import App, ui
from shinychat import Chat, chat_ui

page = ui.page_fillable(chat_ui("chat", messages=HISTORY, height="900px"))

def server(input, output, session):
    chat = Chat("chat", history=False)

    @chat.on_user_submit
    async def answer(question: str):
        await chat.append_message_stream(deltas(URL, question))

app = App(page, server)

if __name__ == "__main__":
    app.run(port=PORT)
"""

CONTESTANT = AsApp(
    name="shinychat",
    packages=("shinychat", "shiny", "httpx"),
    reply=".shiny-chat-message",
    source=SOURCE,
)
