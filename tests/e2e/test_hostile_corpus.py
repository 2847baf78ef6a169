"""A public collection of attacks (brs-kb), through the built widget in a page of its own.

No kernel and no JupyterLab: a stand-in model hands the widget its transcript, so that thousands of
attacks take seconds. Hooks stand where a script would show itself, and every request is seen.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from brs_kb import get_all_payloads
from playwright.sync_api import Browser, BrowserContext

from tests.e2e.stage import ORIGIN, Stage

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


def batches(size: int) -> Iterator[list[str]]:
    """The attacks, so many at a time."""
    everything = attacks()
    assert len(everything) > 3000
    return (everything[at : at + size] for at in range(0, len(everything), size))


class Watched:
    """A page in which nothing may happen."""

    def __init__(self, context: BrowserContext) -> None:
        self._stage = Stage(context, hooks=HOOKS)

    def show(self, parts: list[dict[str, Any]], calls: dict[str, Any]) -> None:
        """Shows an answer, opens all that opens, and looks."""
        message: dict[str, Any] = {"id": "m", "role": "assistant", "state": "done", "error": None}
        message |= {"parts": parts, "created": 1, "usage": None}
        self._stage.show(messages=[message], calls=calls)
        page = self._stage.page
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


@pytest.mark.parametrize("kind", ["text", "reasoning"])
def test_words_of_the_model(watched: Watched, kind: str):
    """As the model's words, each attack is shown and none of them runs or loads anything."""
    for batch in batches(300):
        parts = [
            {"kind": kind, "part": str(index), "text": attack, "summary": "", "done": True}
            for index, attack in enumerate(batch)
        ]
        watched.show(parts, {})


def test_calls(watched: Watched):
    """As a tool's name, arguments, output, result and error, no attack runs or loads anything."""
    for batch in batches(150):
        calls = {str(index): call(str(index), attack) for index, attack in enumerate(batch)}
        parts = [{"kind": "call", "part": key, "tool_call_id": key} for key in calls]
        watched.show(parts, calls)


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
