"""Public collections of attacks (brs-kb's and DOMPurify's own), through the built widget.

No kernel and no JupyterLab: a stand-in model hands the widget its transcript, so that thousands of
attacks take seconds. Hooks stand where a script would show itself, and every request is seen.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from brs_kb import get_all_payloads
from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e.stage import ORIGIN, Stage

MODULES = Path(__file__).parents[2] / "js" / "node_modules"
HOOKS = """window.ran = [];
for (const name of ["alert", "confirm", "prompt", "print", "open"])
  window[name] = (...values) => { window.ran.push([name, ...values.map(String)]); };
"""
# What must not be in the page whatever was said: looked for in all open shadow roots too.
LOOK = r"""() => {
  const found = [];
  const look = (root) => {
    for (const element of root.querySelectorAll("*")) {
      const tag = element.localName;
      if (/^(?:script|object|embed|base|meta|link|form|portal|applet|frame|frameset)$/.test(tag))
        found.push(tag);
      if (tag === "iframe" && !element.hasAttribute("sandbox")) found.push("iframe");
      for (const { name, value } of element.attributes) {
        if (/^on/.test(name)) found.push(`${tag} ${name}`);
        if (/^(?:href|src|action|formaction|xlink:href)$/.test(name) &&
            /^[\s\x00-\x20]*(?:javascript|vbscript|data:text|file):/i.test(value))
          found.push(`${tag} ${name}=${value}`);
      }
      if (element.shadowRoot) look(element.shadowRoot);
    }
  };
  look(document.getElementById("place"));
  return found;
}"""
OPEN = """() => {
  for (const header of document.querySelectorAll("#place button[aria-expanded=false]"))
    header.click();
}"""


def attacks() -> list[str]:
    """The collection's texts, in a fixed order."""
    return sorted({str(entry["payload"]) for entry in get_all_payloads().values()})


def of_dompurify(page: Page) -> list[str]:
    """What DOMPurify is tested with; its early releases brought their tests along."""
    source = (MODULES / "dompurify-corpus/test/fixtures/expect.js").read_text(encoding="utf-8")
    entries: list[dict[str, str]] = page.evaluate(
        "source => { const module = {}; new Function('module', source)(module); "
        "return module.exports; }",
        source,
    )
    return [entry["payload"] for entry in entries]


def batches(everything: list[str], size: int) -> Iterator[list[str]]:
    """The attacks, so many at a time."""
    return (everything[at : at + size] for at in range(0, len(everything), size))


class Watched:
    """A page in which nothing may happen."""

    def __init__(self, context: BrowserContext) -> None:
        self._stage = Stage(context, hooks=HOOKS)

    @property
    def page(self) -> Page:
        """The browser's page."""
        return self._stage.page

    def show(
        self, parts: list[dict[str, Any]], calls: dict[str, Any], *, role: str = "assistant"
    ) -> None:
        """Shows a message, opens all that opens, and looks."""
        message: dict[str, Any] = {"id": "m", "role": role, "state": "done", "error": None}
        message |= {"parts": parts, "created": 1, "usage": None}
        self._stage.show(messages=[message], calls=calls)
        page = self.page
        page.evaluate(OPEN)
        page.wait_for_timeout(150)
        context = json.dumps(parts)[:200]
        assert page.evaluate("window.ran") == [], context
        assert page.evaluate(LOOK) == [], context
        assert self._stage.requests == [], context
        assert page.url.rstrip("/") == ORIGIN, context


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    """A fresh page."""
    context = browser.new_context()
    yield Watched(context)
    context.close()


def everything(watched: Watched) -> list[str]:
    """Both collections."""
    found = [*attacks(), *of_dompurify(watched.page)]
    assert len(found) > 3150
    return found


@pytest.mark.parametrize("kind", ["text", "reasoning"])
def test_words_of_the_model(watched: Watched, kind: str):
    """As the model's words, each attack is shown and none of them runs or loads anything."""
    for batch in batches(everything(watched), 300):
        parts = [
            {"kind": kind, "part": str(index), "text": attack, "summary": "", "done": True}
            for index, attack in enumerate(batch)
        ]
        watched.show(parts, {})


def test_calls(watched: Watched):
    """As a tool's name, arguments, output, result and error, no attack runs or loads anything."""
    for batch in batches(everything(watched), 150):
        calls = {str(index): call(str(index), attack) for index, attack in enumerate(batch)}
        parts = [{"kind": "call", "part": key, "tool_call_id": key} for key in calls]
        watched.show(parts, calls)


@pytest.mark.parametrize("mime", ["text/html", "image/svg+xml"])
def test_results_of_tools(watched: Watched, mime: str):
    """As a tool's HTML or SVG, no attack runs beside its sandbox, loads anything or gets out."""
    # Each is a document of its own, which takes its time: the whole of one collection, and of the
    # other, whose attacks are variants of each other, every eighth.
    for batch in batches([*of_dompurify(watched.page), *attacks()[::8]], 150):
        bundles = [{"data": {mime: attack, "text/plain": "plain"}} for attack in batch]
        calls = {
            str(index): {**call(str(index), "x"), "bundle": {**bundle, "metadata": {}}}
            for index, bundle in enumerate(bundles)
        }
        parts = [{"kind": "call", "part": key, "tool_call_id": key} for key in calls]
        watched.show(parts, calls)


def test_files_of_the_person(watched: Watched):
    """As a file's name, type or picture, no attack runs or loads anything."""
    for batch in batches(everything(watched), 300):
        parts = [
            {
                "kind": "attachment",
                "part": str(index),
                "name": attack,
                "media_type": attack,
                "size": 1,
                "bundle": {"data": {"image/svg+xml": attack}, "metadata": {}},
            }
            for index, attack in enumerate(batch)
        ]
        watched.show(parts, {}, role="user")


def call(key: str, attack: str) -> dict[str, Any]:
    """A failed call in which everything is the attack."""
    arguments = json.dumps({attack: attack})
    error = {"type": attack, "message": attack, "traceback": attack, "hint": attack}
    markdown = {"data": {"text/markdown": attack, "text/plain": attack}, "metadata": {}}
    outputs = [
        {"kind": "stream", "name": "stdout", "text": attack},
        {"kind": "display", "bundle": markdown},
    ]
    return {
        "tool_call_id": key,
        "name": attack,
        "arguments": arguments,
        "state": "failed",
        "outputs": outputs,
        "bundle": markdown,
        "text": attack,
        "error": error,
        "progress": None,
        "problem": None,
        "started": 1,
        "elapsed": 1,
    }
