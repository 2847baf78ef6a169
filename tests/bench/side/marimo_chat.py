"""marimo's `mo.ui.chat`, in an application that marimo serves."""

from __future__ import annotations

from tests.bench.side.as_app import AsApp

__all__ = ["CONTESTANT"]

SOURCE = """
import marimo

app = marimo.App()

@app.cell
def _():
    import marimo as mo
    from given import URL, deltas

    async def answer(messages):
        async for delta in deltas(URL, messages[-1].content):
            yield delta

    mo.ui.chat(answer, max_height=700)
    return

if __name__ == "__main__":
    app.run()
"""

CONTESTANT = AsApp(
    name="marimo",
    packages=("marimo", "httpx"),
    reply='[class*="max-w-[80%]"]',
    source=SOURCE,
    command=("-m", "marimo", "run", "{script}", "--port", "{port}", "--headless", "--no-token"),
    asked=True,
)
