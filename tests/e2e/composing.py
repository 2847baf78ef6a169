"""Hands on the composer: files that are picked, pasted and dropped, commands, what was sent."""

import base64
import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import PIL.Image
from playwright.sync_api import Browser, Locator, Page

from tests.e2e.stage import Stage

CSV = b"mpg,weight\n18.0,3504\n"
OFFERS: dict[str, Any] = {
    "commands": [
        {"name": "summarise", "description": "Summarise the frame {}.", "takes": "needed"},
        {"name": "news", "description": "What has changed?", "takes": "none"},
    ],
    "tools": [
        {"name": "summary", "description": "Summary statistics of one column."},
        {"name": "plot_residuals", "description": "Draws what the model does not explain."},
    ],
    "suggestions": ["What is the average mpg?", "Which cars are unusual, and why?"],
    "models": ["anthropic:claude-sonnet-5-5", "openai:gpt-6.1-terra"],
    "images": True,
    "files": True,
}
MODEL = "openai:gpt-6.1-terra"
USER = {"id": "u", "role": "user", "state": "done", "error": None, "created": 1, "usage": None}
ANSWER = {**USER, "id": "a", "role": "assistant", "parts": []}
# A paste and a drop with real files, as the browser makes them.
TRANSFER = """([files, texts]) => {
  const transfer = new DataTransfer();
  for (const [name, type, data] of files) {
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
    transfer.items.add(new File([bytes], name, { type }));
  }
  for (const [type, text] of texts) transfer.items.add(text, type);
  return transfer;
}"""


@contextlib.contextmanager
def composing(browser: Browser) -> Iterator[Stage]:
    """A page with an empty conversation and an agent that offers things."""
    context = browser.new_context(viewport={"width": 900, "height": 700})
    stage = Stage(context)
    stage.show(offers=OFFERS, model=MODEL)
    yield stage
    assert stage.errors == []
    context.close()


def png(width: int = 320, colour: str = "#3b6ea5") -> bytes:
    """A picture."""
    file = io.BytesIO()
    PIL.Image.new("RGB", (width, 200), colour).save(file, "PNG")
    return file.getvalue()


def payload(name: str, kind: str, data: bytes) -> dict[str, Any]:
    """A file as Playwright picks it."""
    return {"name": name, "mimeType": kind, "buffer": data}


def transfer(page: Page, *files: tuple[str, str, bytes], text: dict[str, str] | None = None) -> Any:
    """What the clipboard or the mouse carries."""
    packed = [[name, kind, base64.b64encode(data).decode()] for name, kind, data in files]
    return page.evaluate_handle(TRANSFER, [packed, list((text or {}).items())])


def paste(stage: Stage, *files: tuple[str, str, bytes], text: dict[str, str] | None = None) -> bool:
    """Pastes into the composer; whether the text went its usual way."""
    carried = transfer(stage.page, *files, text=text)
    usual: bool = stage.chat.composer.evaluate(
        "(area, clipboardData) => area.dispatchEvent(new ClipboardEvent('paste',"
        " {clipboardData, bubbles: true, cancelable: true}))",
        carried,
    )
    return usual


def pick(stage: Stage, *files: dict[str, Any]) -> None:
    """Picks files in the browser's dialog."""
    with stage.page.expect_file_chooser() as chooser:
        stage.chat.button("Attach files").click()
    chooser.value.set_files(list(files))


def attached(stage: Stage) -> Locator:
    """The files above the text."""
    return stage.chat.root.locator('[data-nbagent="attached"] li')


def note(stage: Stage) -> Locator:
    """The word about what was asked for."""
    return stage.chat.root.locator('[data-nbagent="note"]')


def options(stage: Stage) -> Locator:
    """The list of commands."""
    return stage.chat.root.get_by_role("option")


def sent(stage: Stage, kind: str) -> list[dict[str, Any]]:
    """The commands of a type."""
    return [command for command in stage.sent if command["type"] == kind]


def looks(stage: Stage, results: Path, name: str) -> None:
    """Saves what the page shows, light and dark, narrow and wide."""
    for scheme in ("light", "dark"):
        stage.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of the words
        for width in (480, 900):
            stage.page.set_viewport_size({"width": width, "height": 700})
            stage.page.screenshot(path=results / f"composer-{name}-{scheme}-{width}.png")
