"""Themes: the host's variables, or its marks where it has none; switched live; forced colours."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from nbagent.exporting.page import as_page
from tests.e2e import scenes
from tests.e2e.axe import load_axe, violations
from tests.e2e.hosts import wear_lab
from tests.e2e.scene_texts import CODE
from tests.e2e.scenes import call
from tests.e2e.settling import settle
from tests.e2e.stage import Stage

LIGHTNESS = """() => {
  const chat = [...document.querySelectorAll("*")].flatMap((e) => [e, ...(e.shadowRoot
    ?.querySelectorAll("*") ?? [])]).find((e) => e.matches("[data-nbagent=chat]"));
  const canvas = new OffscreenCanvas(1, 1).getContext("2d");
  const of = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
    return (red + green + blue) / 765;
  };
  const { backgroundColor, color } = getComputedStyle(chat);
  return [of(backgroundColor), of(color)];
}"""
MARKS = [
    "document.documentElement.dataset.theme = 'dark'",
    "document.documentElement.className = 'dark'",
    "document.body.className = 'dark-theme'",
    "document.body.className = 'vscode-dark'",
    "document.body.dataset.vscodeThemeKind = 'vscode-dark'",
    "document.body.dataset.vscodeThemeKind = 'vscode-high-contrast'",
    "document.body.dataset.jpThemeLight = 'false'",
    "document.documentElement.dataset.bsTheme = 'dark'",
    "document.documentElement.setAttribute('theme', 'dark')",
    "document.body.dataset.mdColorScheme = 'slate'",
    "document.body.style.background = '#181c1a'",
]
UNMARK = """for (const e of [document.documentElement, document.body])
  for (const { name } of [...e.attributes]) e.removeAttribute(name)"""
# As marimo does it: the element in a shadow root, with the styles in there.
SHADOW = """() => {
  const place = document.getElementById("place");
  const root = place.attachShadow({ mode: "open" });
  root.append(document.querySelector("link").cloneNode());
  const inner = document.createElement("div");
  root.append(inner);
  place.append = (...nodes) => inner.append(...nodes);
}"""


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser profile."""
    context = browser.new_context(viewport={"width": 800, "height": 900})
    yield context
    context.close()


def is_dark(page: Page) -> bool:
    """Whether the widget is light on dark; it must be one or the other, clearly."""
    ground, words = page.evaluate(LIGHTNESS)
    assert abs(ground - words) > 0.6
    return bool(ground < words)


@pytest.mark.parametrize("mark", MARKS)
def test_a_host_without_variables_is_followed_by_its_mark(context: BrowserContext, mark: str):
    """Each of the usual marks makes it dark, live; taken away, it is light again."""
    stage = Stage(context)
    stage.show(**scenes.finished())
    assert not is_dark(stage.page)
    stage.page.evaluate(mark)
    settle(stage.page)
    assert is_dark(stage.page)
    stage.page.evaluate(UNMARK)
    settle(stage.page)
    assert not is_dark(stage.page)


def test_without_any_mark_the_system_decides(context: BrowserContext):
    """As the person's system has it, also when that changes; a marked page is not asked."""
    stage = Stage(context)
    stage.show(**scenes.finished())
    stage.page.emulate_media(color_scheme="dark")
    settle(stage.page)
    assert is_dark(stage.page)
    stage.page.evaluate("document.documentElement.dataset.theme = 'light'")
    settle(stage.page)
    assert not is_dark(stage.page)


def test_in_a_shadow_root(context: BrowserContext):
    """The marks of the page are seen from within a shadow root, and so is its change."""
    stage = Stage(context)
    stage.page.evaluate(SHADOW)
    stage.show(**scenes.finished())
    settle(stage.page)
    assert not is_dark(stage.page)
    stage.page.evaluate("document.body.className = 'dark'")
    settle(stage.page)
    assert is_dark(stage.page)


def test_variables_of_vs_code(context: BrowserContext):
    """Its own colours count, though it defines JupyterLab's variables too, as light ones."""
    stage = Stage(context)
    stage.page.add_style_tag(
        content=":root { --jp-layout-color1: white; --jp-content-font-color1: #222;"
        " --vscode-editor-background: rgb(30, 30, 40); --vscode-editor-foreground: #d4d4d4; }"
    )
    stage.page.evaluate("document.body.className = 'vscode-dark'")
    stage.show(**scenes.finished())
    assert is_dark(stage.page)
    ground = "getComputedStyle(document.querySelector('.nbagent')).backgroundColor"
    assert stage.page.evaluate(ground) == "rgb(30, 30, 40)"


def test_the_ground_of_an_unknown_host_is_the_widgets_too(context: BrowserContext):
    """It does not stand out as a box of another white."""
    stage = Stage(context)
    stage.page.evaluate("document.body.style.background = 'rgb(250, 248, 240)'")
    stage.show(**scenes.finished())
    ground = "getComputedStyle(document.querySelector('.nbagent')).backgroundColor"
    assert stage.page.evaluate(ground) == "rgb(250, 248, 240)"


def test_jupyterlabs_high_contrast(context: BrowserContext):
    """Lines as clear as the text, words in the text's own colour."""
    stage = Stage(context)
    wear_lab(stage.page, "dark-high-contrast")
    stage.show(**scenes.cards())
    assert is_dark(stage.page)
    assert stage.page.locator(".nbagent-root").get_attribute("data-contrast") == "more"


def test_the_wish_for_more_contrast(context: BrowserContext):
    """Quiet words are as clear as the others, live."""
    stage = Stage(context)
    stage.show(**scenes.finished())
    colours = """() => [".nbagent-status", ".nbagent"].map(
      (name) => getComputedStyle(document.querySelector(name)).color)"""
    quiet, words = stage.page.evaluate(colours)
    assert quiet != words
    stage.page.emulate_media(contrast="more")
    settle(stage.page)
    quiet, words = stage.page.evaluate(colours)
    assert quiet == words


STATES = """() => [...document.querySelectorAll("[data-nbagent=tool-card]")].map((card) => {
  const { borderTopColor, borderTopWidth } = getComputedStyle(card);
  return [card.querySelector(".nbagent-card-state").textContent, borderTopColor, borderTopWidth];
})"""


CONTRAST = """async (where) => (await axe.run(where, { runOnly: ["color-contrast"] }))
  .violations.flatMap(({ nodes }) => nodes.map((it) => `${it.target}: ${it.any[0].message}`))"""
# Every colour that a terminal has, on the page's ground and on one of its own.
TERMINAL = "".join(
    f"\x1b[{code}mwords\x1b[0m \x1b[38;5;{number}mmore\x1b[0m \x1b[{code + 10}mground\x1b[0m\n"
    for code, number in zip((*range(30, 38), *range(90, 98)), range(0, 256, 16), strict=True)
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_of_code_can_be_read_everywhere(context: BrowserContext, scheme: Any):
    """In the static form, on the screen and on paper; and in the live one on paper."""
    printed = {"kind": "stream", "name": "stdout", "text": TERMINAL}
    told = call("a", "run", {"code": "x"}, "done", outputs=[printed], bundle=None)
    said = scenes.scene(scenes.agent(scenes.called("a"), scenes.text(CODE)), calls=(told,))
    static = as_page(cast(Any, said))
    stage = Stage(context)
    load_axe(stage.page)
    wear_lab(stage.page, scheme)
    stage.show(**scenes.code())
    settle(stage.page)
    stage.page.emulate_media(media="print")
    assert stage.page.evaluate(CONTRAST, ".nbagent-root") == []
    page = context.new_page()
    for media in ("screen", "print"):
        page.emulate_media(media=cast(Any, media), color_scheme=scheme)
        page.set_content(static.replace("<meta http-equiv", "<meta data-no"))
        page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        load_axe(page)
        assert page.evaluate(CONTRAST, "main") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forced_colours(context: BrowserContext, scheme: Any, results: Any):
    """Borders, the focus and every state can be seen in the system's few colours."""
    stage = Stage(context)
    stage.page.emulate_media(forced_colors="active", color_scheme=scheme)
    stage.show(**scenes.cards())
    states = stage.page.evaluate(STATES)
    assert len({words for words, _, _ in states}) == len(scenes.STATES)
    ground = stage.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert all(colour != ground and width != "0px" for _, colour, width in states)
    stage.chat.composer.focus()
    focus = "getComputedStyle(document.querySelector('.nbagent-composer')).outlineStyle"
    assert stage.page.evaluate(focus) == "solid"
    assert violations(stage.page) == []
    stage.page.screenshot(path=results / f"forced-{scheme}.png")


def test_no_state_is_said_by_colour_alone(context: BrowserContext):
    """Each state of a card has words and a drawing of its own; so has the status."""
    stage = Stage(context)
    stage.show(**scenes.cards())
    drawings = "(e) => e.map((one) => one.innerHTML)"
    icons = stage.page.locator(".nbagent-card-icon").evaluate_all(drawings)
    words = stage.page.locator(".nbagent-card-state").all_inner_texts()
    assert len(set(words)) == len(scenes.STATES)
    assert len(set(icons)) >= len(scenes.STATES) - 1  # denied and cancelled look alike
    assert "Waiting for you" in stage.page.locator("[data-nbagent=status]").inner_text()
