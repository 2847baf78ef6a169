"""What a tool shows, in JupyterLab: each kind as in a cell."""

import pytest
from playwright.sync_api import expect

from nbagent.testing import FakeServer, reply_calls
from tests.e2e.lab import Lab
from tests.e2e.showing import called, opened, pictures
from tests.e2e.traffic import peak_rate


def test_progress_bars(lab: Lab, model: FakeServer):
    """tqdm's bars of widgets are alive; its bars of text fold to their last look, cheaply."""
    chat = opened(lab, model, "bars")
    card = called(chat, model, "notebook_bar")
    expect(card.locator(".widget-hprogress, .progress-bar").first).to_be_visible()
    expect(card).to_contain_text("fitting: 100%")
    lab.traffic.clear()
    card = called(chat, model, "bars")
    output = card.locator('[data-nbagent="output"]')
    expect(output).to_contain_text("outer: 100%")
    expect(output.locator(".nbagent-ansi-green")).to_have_text("bars done")
    shown = output.inner_text()
    assert shown.count("outer") == 1 and len(shown.splitlines()) < 8, shown
    # A slow machine takes longer and tells it more often: but never much, and never fast.
    sent = lab.traffic.custom_messages()
    assert max(message.frame_size for message in sent) < 4000
    assert peak_rate(sent) <= 40
    pictures(lab, "bars", card)


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("plotly_figure", ".js-plotly-plot .main-svg"),
        ("plotly_shown", ".js-plotly-plot .main-svg"),
        ("altair_chart", ".vega-embed canvas, .vega-embed svg, .vega-embedding canvas"),
    ],
)
def test_charts_look_as_in_a_cell(lab: Lab, model: FakeServer, name: str, what: str):
    """plotly's and altair's charts are drawn by JupyterLab's own renderers, without a network."""
    chat = opened(lab, model, name)
    card = called(chat, model, name)
    expect(card.locator(what).first).to_be_visible()
    pictures(lab, name, card)


def test_a_styler_keeps_its_colours(lab: Lab, model: FakeServer):
    """The colours of a pandas Styler are those of its style sheet."""
    chat = opened(lab, model, "styler")
    card = called(chat, model, "styled")
    cell = card.locator('[data-nbagent="result"] td').first
    colour = cell.evaluate("cell => getComputedStyle(cell).backgroundColor")
    assert colour not in ("rgba(0, 0, 0, 0)", "rgb(255, 255, 255)"), colour
    pictures(lab, "styler", card)


def test_two_tools_at_once_keep_their_outputs_apart(lab: Lab, model: FakeServer):
    """Two calls that print, plot and sleep together have exactly their own in their cards."""
    chat = opened(lab, model, "two")
    model.add(reply_calls(("first", {}), ("second", {})), "Done.")
    chat.ask("Both")
    chat.wait("idle")
    for name, other in (("first", "second"), ("second", "first")):
        card = chat.card(name)
        card.wait("done")
        output = card.part("output")
        expect(output).to_have_text(f"{name} step 0\n{name} step 1\n{name} step 2\n{name} ends\n")
        expect(output.locator("img")).to_have_count(1)
        expect(card.part("result")).to_have_text(f"'{name}{name}'")
        expect(output).not_to_contain_text(other)
    lab.screenshot("outputs-two")


def test_displays_are_replaced_and_outputs_cleared(lab: Lab, model: FakeServer):
    """A display handle updates in place; what ``clear_output`` takes away is gone."""
    chat = opened(lab, model, "updating")
    card = called(chat, model, "updating")
    output = card.locator('[data-nbagent="output"]')
    expect(output.locator("b")).to_have_text("two")
    expect(output).not_to_contain_text("to be cleared")


def test_long_output_is_folded(lab: Lab, model: FakeServer):
    """Of 12,000 lines the end is shown; a button shows all."""
    chat = opened(lab, model, "long")
    card = called(chat, model, "many_lines")
    output = card.locator('[data-nbagent="output"]')
    expect(output).to_contain_text("line 11999")
    expect(output).not_to_contain_text("line 42\n")
    lab.screenshot("outputs-long")
    output.get_by_role("button", name="Show all 12,000 lines").click()
    expect(output).to_contain_text("line 42\n")
    printed = "agent.widget.printed(agent.calls[-1].tool_call_id).splitlines()"
    assert lab.kernel(f"len({printed})") == 12_000


def test_a_hundred_megabytes_stay_in_the_kernel(lab: Lab, model: FakeServer):
    """A big table's card opens at once with a head; the kernel has the object itself."""
    chat = opened(lab, model, "big")
    lab.traffic.clear()
    card = called(chat, model, "hundred_megabytes")
    expect(card.locator('[data-nbagent="result"] table')).to_contain_text("1299999")
    assert sum(message.frame_size for message in lab.traffic.custom_messages()) < 100_000
    assert lab.kernel("agent.calls[-1].result.shape") == [1_300_000, 10]


@pytest.mark.parametrize(
    ("name", "what"),
    [("formula", "mjx-container"), ("tree", ".nbagent-json"), ("histogram", "img")],
)
def test_other_kinds(lab: Lab, model: FakeServer, name: str, what: str):
    """Formulas are set by the host, JSON is a tree, figures are pictures."""
    chat = opened(lab, model, name)
    card = called(chat, model, name)
    expect(card.locator(what).first).to_be_visible()
    pictures(lab, name, card)


def test_approval_is_shown_refused_and_taken_back(lab: Lab, model: FakeServer):
    """Arguments that do not fit leave the card waiting, with the reason; "always" is revocable."""
    chat = opened(lab, model, "approval")
    model.add(reply_calls(("deletes", {"count": 3})), "Done.")
    chat.ask("Delete")
    card = chat.card("deletes")
    card.wait("awaiting-approval")
    card.root.get_by_role("button", name="Edit").click()
    editor = card.root.get_by_role("textbox", name="Arguments as JSON")
    editor.fill('{"count": "many"}')
    chat.button("Approve").click()
    expect(card.root.get_by_role("alert")).to_contain_text("count")
    card.wait("awaiting-approval")
    lab.screenshot("outputs-approval-refused")
    editor.fill('{"count": 5}')
    chat.button("Always approve").click()
    card.wait("done")
    chip = chat.button("Ask again before deletes")
    expect(chip).to_be_visible()
    lab.screenshot("outputs-approval-always")
    chip.click()
    expect(chip).to_have_count(0)
    assert lab.kernel("list(agent.always_approved)") == []
