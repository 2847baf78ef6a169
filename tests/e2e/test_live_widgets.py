"""Widgets of the kernel inside a card: alive, as in a cell's output."""

import pytest
from playwright.sync_api import expect

from nbagent.testing import FakeServer
from tests.e2e.chat import Chat
from tests.e2e.kernels import KERNELS
from tests.e2e.lab import Lab, wait_for
from tests.e2e.showing import called, opened, pictures


@pytest.mark.parametrize("tool", ["live", "live_from_a_thread"])
@pytest.mark.parametrize("kernel_version", KERNELS, indirect=True)
def test_a_returned_slider_moves_and_python_sees_it(
    lab: Lab, model: FakeServer, kernel_version: str, tool: str
):
    """An ipywidget in a card is alive: the keyboard moves it, ``observe`` fires in the kernel."""
    name = f"slider-{tool}-{kernel_version}"
    chat = opened(lab, model, name, kernel=kernel_version)
    card = called(chat, model, tool)
    handle = card.locator('[data-nbagent="result"] .noUi-handle')
    expect(handle).to_be_visible()
    handle.focus()
    for _ in range(4):
        lab.page.keyboard.press("ArrowRight")
    wait_for(lambda: lab.kernel("moves[-1:]") == [7], what="the last move in the kernel")
    lab.kernel("0", setup="slider.value = 90")
    expect(card.locator(".widget-readout")).to_have_text("90")
    if (tool, kernel_version) == ("live", "ipykernel"):
        pictures(lab, "slider", card)


def test_an_anywidget_is_alive_and_ends_with_its_card(lab: Lab, model: FakeServer):
    """A widget of the notebook's own works in the card, and is told when the card is folded."""
    chat = opened(lab, model, "anywidget")
    card = called(chat, model, "own_widget")
    card.get_by_role("button", name="count is 0").click()
    wait_for(lambda: lab.kernel("counter.value") == 1, what="the click in the kernel")
    lab.kernel("0", setup="counter.value = 7")
    expect(card.get_by_role("button", name="count is 7")).to_be_visible()
    card.locator("button[aria-expanded]").first.click()
    wait_for(lambda: lab.page.evaluate("window.counterEnded"), what="the end of its view")


@pytest.mark.usefixtures("new_page")
def test_a_slider_is_alive_after_a_reload(lab: Lab, model: FakeServer):
    """A reloaded page finds the widget in the kernel again."""
    chat = opened(lab, model, "slider-reload")
    called(chat, model, "live")
    lab.save()
    lab.reload()
    chat = Chat(lab.page)
    chat.wait("idle")
    chat.card("live").root.locator(".noUi-handle").focus()
    lab.page.keyboard.press("ArrowRight")
    wait_for(lambda: lab.kernel("moves[-1:]") == [4], what="a move in the kernel")


def test_a_slider_is_still_alive_after_its_card_was_closed_and_opened(lab: Lab, model: FakeServer):
    """Folding a card takes its view away; unfolding makes a new one of the same widget."""
    chat = opened(lab, model, "slider-again")
    card = called(chat, model, "live")
    handle = card.locator(".noUi-handle")
    expect(handle).to_be_visible()
    card.locator("button[aria-expanded]").first.click()
    expect(handle).to_have_count(0)
    card.locator("button[aria-expanded]").first.click()
    handle.focus()
    lab.page.keyboard.press("ArrowRight")
    wait_for(lambda: lab.kernel("moves") == [4], what="a move in the kernel")


def test_interactive_controls_show_what_they_make(lab: Lab, model: FakeServer):
    """``interactive`` prints into its own output, at first and after each move."""
    chat = opened(lab, model, "interactive")
    card = called(chat, model, "interactive")
    expect(card.locator(".widget-output")).to_contain_text("square of 4 is 16")
    expect(card.locator('[data-nbagent="output"]')).to_have_count(0)
    card.locator(".noUi-handle").focus()
    lab.page.keyboard.press("ArrowRight")
    expect(card.locator(".widget-output")).to_contain_text("square of 5 is 25")
