"""Tool cards in a real browser: menus, long arguments, wide and long results, pictures, looks."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.e2e.card_scenes import CODE, call, scene, scenes
from tests.e2e.settling import settle
from tests.e2e.stage import Stage
from tests.e2e.work import Work, WorkingStage

AT_POINT = """(menu) => {
  const { left, top, right, bottom } = menu.getBoundingClientRect();
  const inside = left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
  return inside && menu.contains(document.elementFromPoint(left + 9, bottom - 9));
}"""


@pytest.fixture
def stage(browser: Browser) -> Iterator[Stage]:
    """A page of its own, narrow."""
    context = browser.new_context(viewport={"width": 480, "height": 760})
    stage = Stage(context)
    yield stage
    context.close()
    assert stage.errors == []
    assert stage.requests == []


def focused(stage: Stage) -> Locator:
    """What has the focus."""
    return stage.page.locator(":focus")


def test_the_menu_by_keyboard(stage: Stage):
    """It opens above everything, arrows go round in it, Escape gives the focus back."""
    stage.show(**scenes()["running"])
    more = stage.chat.root.get_by_role("button", name="More for run")
    more.focus()
    stage.page.keyboard.press("Enter")
    menu = stage.page.get_by_role("menu")
    expect(focused(stage)).to_have_text("Copy as Python call")
    assert menu.evaluate(AT_POINT)
    stage.page.keyboard.press("ArrowDown")
    expect(focused(stage)).to_have_text("Copy as JSON")
    stage.page.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    expect(more).to_be_focused()
    more.click()
    stage.chat.composer.click()
    expect(menu).to_have_count(0)
    assert not [sent for sent in stage.sent if sent["type"] == "stop"]


def test_the_call_is_copied_as_python(browser: Browser):
    """What is on the clipboard is the call, its code in lines of its own."""
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    stage = Stage(context)
    stage.show(**scenes()["running"])
    stage.chat.root.get_by_role("button", name="More for run").click()
    stage.page.get_by_role("menuitem", name="Copy as Python call").click()
    # The page has no https here, so there is no clipboard to read: what was copied is pasted.
    stage.chat.composer.click()
    stage.page.keyboard.press("Control+v")
    expect(stage.chat.composer).to_have_value(f'run(\n    code="""{CODE}""",\n)')
    context.close()


def fed(stage: WorkingStage, text: str) -> Work:
    """Feeds a text to the call, each piece drawn before the next; what that took."""
    ops = [
        [{"op": "arguments", "tool_call_id": "c1", "text": text[at : at + 500]}]
        for at in range(0, len(text), 500)
    ]
    return stage.counted(lambda: stage.page.evaluate("messages => work.put(messages)", ops))


def test_long_arguments_stay_quick(browser: Browser):
    """A piece of a 100 KB argument touches at its end about as much as at its beginning."""
    stage = WorkingStage(browser)
    stage.show(**scene("Run it", call("c1", "run", "", "streaming")))
    text = json.dumps({"title": "x", "code": f'{CODE}\nprint("a \\"b\\"")\n' * 650})
    assert len(text) > 100_000
    fed(stage, text[:500])
    box = stage.chat.root.locator('[data-nbagent="arguments"] pre')
    expect(box).to_be_visible()
    box.evaluate("(element) => { window.first = element.firstElementChild; }")
    begin = fed(stage, text[500:15_500])
    fed(stage, text[15_500:-15_002])
    end = fed(stage, text[-15_002:-2])
    assert box.evaluate("(element) => element.firstElementChild === window.first")
    assert box.evaluate(
        "({ scrollTop, scrollHeight, clientHeight }) => "
        "scrollHeight - clientHeight - scrollTop < 20"
    )
    assert end.largest <= 1.5 * begin.largest and end.all <= 1.5 * begin.all
    assert end.largest_layout <= 1.5 * begin.largest_layout
    assert end.largest_restyle <= 1.5 * begin.largest_restyle
    stage.put({"op": "arguments", "tool_call_id": "c1", "text": text[-2:]})
    stage.put(
        {
            "op": "call_state",
            "tool_call_id": "c1",
            "state": "queued",
            "started": None,
            "elapsed": None,
        }
    )
    stage.chat.card("run").wait("queued")
    assert box.text_content() == json.loads(text)["code"]
    assert stage.errors == []
    stage.page.context.close()


def test_wide_and_long_results_stay_in_their_card(stage: Stage):
    """A wide table scrolls in its own box; the page does not get wider for it."""
    stage.show(**scenes()["parallel"])
    box = stage.chat.root.locator(".nbagent-contained").first
    expect(box).to_be_visible()
    assert box.evaluate("({ scrollWidth, clientWidth }) => scrollWidth > clientWidth + 100")
    log = stage.chat.root.locator(".nbagent-log")
    assert log.evaluate("({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth")


def test_a_picture_opens_at_its_full_size(stage: Stage):
    """By keyboard; Escape closes it, stops nothing, and the focus is where it was."""
    stage.show(**(scenes()["picture"] | {"status": "running"}))
    button = stage.chat.root.get_by_role("button", name="A figure: open at full size")
    button.focus()
    stage.page.keyboard.press("Enter")
    dialog = stage.page.get_by_role("dialog", name="A figure")
    expect(dialog).to_be_visible()
    assert dialog.locator("img").evaluate("(image) => image.clientWidth") == 1600
    stage.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(button).to_be_focused()
    assert not [sent for sent in stage.sent if sent["type"] == "stop"]


def test_open_state_is_the_same_in_a_second_view(stage: Stage):
    """A card that was folded is folded in a view that comes later, and after a resync."""
    stage.show(**scenes()["running"])
    header = stage.chat.card("run").root.locator("button[aria-expanded]").first
    header.click()
    expect(header).to_have_attribute("aria-expanded", "false")
    second = stage.add_view().locator('[data-nbagent="tool-card"] button[aria-expanded]').first
    expect(second).to_have_attribute("aria-expanded", "false")
    second.click()
    expect(header).to_have_attribute("aria-expanded", "true")
    stage.put({"op": "snapshot", "transcript": scenes()["running"] | {"model": "", "always": []}})
    expect(header).to_have_attribute("aria-expanded", "true")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_looks(browser: Browser, results: Path, scheme: str):
    """Nothing hangs over at 480 or 900 pixels; what it looks like is saved."""
    for width in (480, 900):
        context = browser.new_context(
            viewport={"width": width, "height": 760},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        stage = Stage(context)
        for name, look in scenes().items():
            stage.show(**look)
            if name == "failed":
                stage.page.locator("summary", has_text="Traceback").click()
            settle(stage.page)
            log = stage.chat.root.locator(".nbagent-log")
            assert log.evaluate("({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth")
            stage.page.screenshot(path=results / f"card-{name}-{scheme}-{width}.png")
        assert stage.errors == []
        context.close()
