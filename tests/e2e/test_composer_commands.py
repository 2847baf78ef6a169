"""Slash commands, the built-in and the person's own, in Chromium, without a kernel."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.composing import ANSWER, MODEL, OFFERS, USER, composing, looks, note, options, sent
from tests.e2e.stage import Stage


@pytest.fixture
def stage(browser: Browser) -> Iterator[Stage]:
    """A page with an empty conversation and an agent that offers things."""
    with composing(browser) as stage:
        yield stage


def test_commands_are_chosen_by_keyboard(stage: Stage, results: Path) -> None:
    """A slash opens the list; arrows, Tab, Enter and Escape do what they do in such lists."""
    composer, page = stage.chat.composer, stage.page
    composer.press("/")
    expect(options(stage)).to_have_text(
        [
            "/summariseSummarise the frame {}.yours",
            "/newsWhat has changed?yours",
            "/modelShow the model, or switch to another",
            "/toolsList the tools that the agent has",
            "/helpList the commands and keys",
        ]
    )
    looks(stage, results, "slash")
    active = composer.get_attribute("aria-activedescendant")
    expect(page.locator(f"[id='{active}']")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    expect(options(stage).last).to_have_attribute("aria-selected", "true")
    page.keyboard.type("to")
    expect(options(stage)).to_have_count(1)
    page.keyboard.press("Tab")
    expect(composer).to_have_value("/tools")
    expect(composer).to_be_focused()
    page.keyboard.press("Escape")
    expect(options(stage)).to_have_count(0)
    page.keyboard.press("Enter")
    panel = stage.chat.root.get_by_role("region", name="2 tools")
    expect(panel).to_contain_text("plot_residuals")
    expect(composer).to_have_value("")
    looks(stage, results, "tools")
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect(composer).to_be_focused()


def test_escape_closes_the_list_and_not_the_run(stage: Stage) -> None:
    """Only the second Escape stops what is going on; /stop does it too."""
    stage.put({"op": "status", "status": "running", "model": MODEL})
    composer = stage.chat.composer
    composer.press("/")
    expect(options(stage).filter(has_text="/stop")).to_have_count(1)
    composer.press("Escape")
    assert sent(stage, "stop") == []
    composer.press("Escape")
    assert len(sent(stage, "stop")) == 1
    composer.fill("/stop")
    composer.press("Enter")
    assert len(sent(stage, "stop")) == 2


def test_the_persons_own_commands(stage: Stage) -> None:
    """One that needs words asks for them; its words go to the kernel under its name."""
    composer = stage.chat.composer
    composer.fill("/summ")
    composer.press("Enter")
    expect(composer).to_have_value("/summarise ")
    composer.press("Enter")
    expect(note(stage)).to_contain_text("needs words")
    composer.press_sequentially("df")
    composer.press("Enter")
    expect(stage.chat.root.locator('[data-nbagent="pending"]')).to_have_text("/summarise df")
    stage.page.wait_for_function("sent.some(({type}) => type === 'use')")
    [use] = sent(stage, "use")
    assert (use["name"], use["text"], use["files"]) == ("summarise", "df", [])
    stage.say(answer=use["id"], ok=True, asked=False, text="")
    expect(stage.chat.root.locator('[data-nbagent="pending"]')).to_have_count(0)
    composer.fill("/ne")
    options(stage).first.click()
    stage.page.wait_for_function("sent.filter(({type}) => type === 'use').length === 2")
    assert sent(stage, "use")[1]["name"] == "news"


def test_an_unknown_command_is_not_sent_unasked(stage: Stage, results: Path) -> None:
    """It can go as text, or be mended; a path is no command."""
    composer = stage.chat.composer
    composer.fill("/sumarise df")
    composer.press("Enter")
    panel = stage.chat.root.get_by_role("region", name="There is no command /sumarise")
    expect(stage.chat.button("Send as text")).to_be_focused()
    looks(stage, results, "unknown")
    stage.chat.button("Go on writing").click()
    expect(composer).to_have_value("/sumarise df")
    expect(composer).to_be_focused()
    composer.press("Enter")
    stage.page.keyboard.press("Enter")
    expect(panel).to_have_count(0)
    assert sent(stage, "ask") == [{"type": "ask", "text": "/sumarise df"}]
    composer.fill("/home/me/cars.csv: what is it?")
    composer.press("Enter")
    assert sent(stage, "ask")[1]["text"] == "/home/me/cars.csv: what is it?"


def test_clearing_asks_first(stage: Stage, results: Path) -> None:
    """The conversation goes only after a second yes."""
    stage.chat.composer.fill("/clear")
    stage.chat.composer.press("Enter")
    expect(note(stage)).to_contain_text("The conversation is empty.")
    stage.show(offers=OFFERS, messages=[{**USER, "parts": []}, ANSWER], model=MODEL)
    stage.chat.composer.fill("/clear")
    stage.chat.composer.press("Enter")
    expect(stage.chat.button("Keep it")).to_be_focused()
    looks(stage, results, "clear")
    stage.page.keyboard.press("Enter")
    assert sent(stage, "clear") == []
    stage.chat.composer.fill("/clear")
    stage.chat.composer.press("Enter")
    stage.chat.button("Clear conversation").click()
    [clear] = sent(stage, "clear")
    stage.say(answer=clear["id"], ok=False, asked=False, text="A run is going on.")
    expect(note(stage)).to_contain_text("A run is going on.")


def test_models_are_switched(stage: Stage, results: Path) -> None:
    """`/model` lists them and says which is in use; what was chosen is sent and confirmed."""
    composer = stage.chat.composer
    composer.fill("/model")
    composer.press("Enter")
    expect(options(stage)).to_have_text(
        ["openai:gpt-6.1-terrain use", "anthropic:claude-sonnet-5-5"]
    )
    looks(stage, results, "models")
    composer.press_sequentially("claude")
    composer.press("Enter")
    [switch] = sent(stage, "switch")
    assert switch["model"] == "anthropic:claude-sonnet-5-5"
    stage.say(answer=switch["id"], ok=True, asked=False, text="From now on it answers.")
    expect(note(stage)).to_have_attribute("data-good", "true")
    composer.fill("/model ollama:new")
    composer.press("Enter")
    assert sent(stage, "switch")[1]["model"] == "ollama:new"


def test_exporting_asks_for_a_name(stage: Stage) -> None:
    """The name is asked for, or given behind the command."""
    stage.show(offers=OFFERS, messages=[{**USER, "parts": []}, ANSWER], model=MODEL)
    composer = stage.chat.composer
    composer.fill("/export")
    composer.press("Enter")
    field = stage.chat.root.get_by_role("textbox", name="File name")
    expect(field).to_be_focused()
    field.fill("chat.html")
    field.press("Enter")
    expect(composer).to_be_focused()
    composer.fill("/export chat.md")
    composer.press("Enter")
    assert [command["path"] for command in sent(stage, "export")] == ["chat.html", "chat.md"]


def test_help_lists_commands_and_keys(stage: Stage, results: Path) -> None:
    """All that can be done here, the person's own commands first."""
    stage.chat.composer.fill("/help")
    stage.chat.composer.press("Enter")
    panel = stage.chat.root.get_by_role("region", name="Commands and keys")
    expect(panel.locator("dt").first).to_have_text("/summarise")
    expect(panel).to_contain_text("Shift+Enter")
    looks(stage, results, "help")
