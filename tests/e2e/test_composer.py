"""What goes in: files, slash commands, suggestions, drafts; in Chromium, without a kernel."""

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import PIL.Image
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

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


@pytest.fixture
def stage(browser: Browser) -> Iterator[Stage]:
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


def test_files_are_picked_pasted_and_dropped(stage: Stage, results: Path) -> None:
    """Each way attaches; thumbnails, names and sizes show; each is removed by keyboard."""
    chat = stage.chat
    pick(stage, payload("cars.csv", "text/csv", CSV), payload("plot.png", "image/png", png()))
    expect(attached(stage)).to_have_count(2)
    expect(attached(stage).first).to_contain_text("cars.csv")
    expect(attached(stage).first).to_contain_text("21 B")
    expect(attached(stage).nth(1).locator("img")).to_be_visible()
    expect(chat.composer).to_be_focused()
    assert not paste(stage, ("image.png", "image/png", png(200, "#f2c14e")))
    expect(attached(stage)).to_have_count(3)
    carried = transfer(stage.page, ("report.pdf", "application/pdf", b"%PDF-1.7 x"))
    log = chat.root.get_by_role("log")
    log.dispatch_event("dragenter", {"dataTransfer": carried})
    expect(chat.root.locator('[data-nbagent="drop"]')).to_be_visible()
    looks(stage, results, "drop")
    log.dispatch_event("drop", {"dataTransfer": carried})
    expect(chat.root.locator('[data-nbagent="drop"]')).to_have_count(0)
    expect(attached(stage)).to_have_count(4)
    chat.composer.fill("What do these have in common?")
    looks(stage, results, "attached")
    remove = chat.button("Remove image.png")
    remove.focus()
    stage.page.keyboard.press("Delete")
    expect(attached(stage)).to_have_count(3)
    expect(chat.button("Remove report.pdf")).to_be_focused()
    for name in ("report.pdf", "plot.png", "cars.csv"):
        chat.button(f"Remove {name}").press("Enter")
    expect(attached(stage)).to_have_count(0)
    expect(chat.composer).to_be_focused()


def test_what_is_pasted_as_words_stays_words(stage: Stage) -> None:
    """A table of a spreadsheet comes with a picture of itself, which nobody meant."""
    html = {"text/html": "<table></table>", "text/plain": "1\t2"}
    assert paste(stage, ("image.png", "image/png", png()), text=html)
    assert paste(stage, text={"text/plain": "words"})
    expect(attached(stage)).to_have_count(0)


def test_files_travel_in_pieces_before_their_question(stage: Stage) -> None:
    """What arrives is what was picked, in pieces that the server takes; the question names them."""
    data = bytes(range(256)) * 20_000
    pick(stage, payload("big.png", "image/png", b"\x89PNG" + data), payload("a.csv", "", CSV))
    expect(attached(stage)).to_have_count(2)
    stage.chat.composer.fill("What is this?")
    stage.chat.composer.press("Enter")
    pending = stage.chat.root.locator('[data-nbagent="pending"]')
    expect(pending).to_contain_text("big.png")
    expect(attached(stage)).to_have_count(0)
    stage.page.wait_for_function("sent.some(({type}) => type === 'ask')")
    [ask] = sent(stage, "ask")
    uploads = sent(stage, "upload")
    first, second = ask["files"]
    assert [(u["file"], u["offset"]) for u in uploads] == [
        (first, 0),
        (first, 2_000_000),
        (first, 4_000_000),
        (second, 0),
    ]
    assert stage.sent.index(ask) > stage.sent.index(uploads[-1])
    assert b"".join(stage.buffers[:3]) == b"\x89PNG" + data
    assert stage.buffers[3] == CSV
    assert (uploads[3]["name"], uploads[3]["size"], ask["text"]) == ("a.csv", 21, "What is this?")


def test_what_cannot_be_attached_says_why(stage: Stage, results: Path) -> None:
    """Too big, not of a kind, empty, too many together: by name, with the limit."""
    pick(stage, payload("film.mp4", "video/mp4", b"\x00\x00\x00 ftyp"), payload("e.txt", "", b""))
    expect(note(stage)).to_contain_text("“film.mp4” cannot be attached: it is neither an image")
    expect(note(stage)).to_contain_text("“e.txt” is empty")
    looks(stage, results, "refused")
    stage.chat.button("Close").click()
    expect(note(stage)).to_have_count(0)
    pick(stage, payload("huge.csv", "text/csv", b"a" * 10_000_001))
    expect(note(stage)).to_contain_text("a file may have 10 MB")
    pick(stage, payload("long.txt", "text/plain", b"a" * 1_000_001))
    expect(note(stage)).to_contain_text("at most 1 MB can be read")
    for name in ("one.csv", "two.csv", "three.csv"):
        pick(stage, payload(name, "text/csv", b"a" * 9_000_000))
    expect(note(stage)).to_contain_text("a question may have 20 MB")
    expect(attached(stage)).to_have_count(2)


def test_a_model_without_eyes_is_named_before_anything_is_sent(stage: Stage) -> None:
    """The reason stands there, Send waits, and goes when the image goes."""
    stage.show(offers={**OFFERS, "images": False}, model="openai:gpt-3.5-turbo")
    pick(stage, payload("plot.png", "image/png", png()))
    expect(note(stage)).to_contain_text("openai:gpt-3.5-turbo cannot see images")
    expect(stage.chat.button("Send")).to_be_disabled()
    stage.chat.composer.fill("Look")
    stage.chat.composer.press("Enter")
    stage.chat.button("Remove plot.png").click()
    expect(note(stage)).to_have_count(0)
    stage.chat.composer.press("Enter")
    assert sent(stage, "ask") == [{"type": "ask", "text": "Look"}]


def test_what_could_not_be_asked_comes_back(stage: Stage) -> None:
    """Words and files are in the composer again, with the kernel's reason; nothing is lost."""
    pick(stage, payload("odd.csv", "text/csv", CSV))
    expect(attached(stage)).to_have_count(1)
    stage.chat.composer.fill("What is this?")
    stage.chat.composer.press("Enter")
    stage.page.wait_for_function("sent.some(({type}) => type === 'ask')")
    stage.chat.composer.fill("Meanwhile.")
    identity = sent(stage, "ask")[0]["id"]
    stage.say(answer=identity, ok=False, asked=False, text="'odd.csv' cannot be shown.")
    expect(note(stage)).to_contain_text("'odd.csv' cannot be shown.")
    expect(stage.chat.composer).to_have_value("What is this?\nMeanwhile.")
    expect(attached(stage)).to_have_count(1)
    expect(stage.chat.root.locator('[data-nbagent="pending"]')).to_have_count(0)


def test_a_queued_question_keeps_its_files(stage: Stage) -> None:
    """They wait with it, are sent with it, and come back with it."""
    stage.put({"op": "status", "status": "running", "model": MODEL})
    for name in ("one.csv", "two.csv"):
        pick(stage, payload(name, "text/csv", CSV))
        expect(attached(stage)).to_have_count(1)
        stage.chat.composer.fill(f"About {name}")
        stage.chat.composer.press("Enter")
        expect(attached(stage)).to_have_count(0)
    queue = stage.chat.root.locator('[data-nbagent="queue"]')
    expect(queue.get_by_role("img", name="1 file")).to_have_count(2)
    stage.chat.button("Take back: About two.csv").click()
    expect(stage.chat.composer).to_have_value("About two.csv")
    expect(attached(stage)).to_contain_text("two.csv")
    expect(stage.chat.composer).to_be_focused()
    stage.put(
        {"op": "message_start", "id": "a", "role": "assistant", "created": 1},
        {"op": "message_end", "id": "a", "state": "done", "usage": None, "error": None},
        {"op": "status", "status": "idle", "model": MODEL},
    )
    stage.page.wait_for_function("sent.some(({type}) => type === 'ask')")
    assert sent(stage, "ask")[0]["text"] == "About one.csv"
    assert sent(stage, "upload")[0]["name"] == "one.csv"


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


def test_suggestions_are_asked_with_a_click(stage: Stage, results: Path) -> None:
    """They stand in the empty conversation alone."""
    looks(stage, results, "suggestions")
    stage.chat.button("What is the average mpg?").press("Enter")
    assert sent(stage, "ask") == [{"type": "ask", "text": "What is the average mpg?"}]
    expect(stage.chat.composer).to_be_focused()
    expect(stage.chat.root.locator('[data-nbagent="suggestions"]')).to_have_count(0)


def test_help_lists_commands_and_keys(stage: Stage, results: Path) -> None:
    """All that can be done here, the person's own commands first."""
    stage.chat.composer.fill("/help")
    stage.chat.composer.press("Enter")
    panel = stage.chat.root.get_by_role("region", name="Commands and keys")
    expect(panel.locator("dt").first).to_have_text("/summarise")
    expect(panel).to_contain_text("Shift+Enter")
    looks(stage, results, "help")


def test_earlier_questions_come_back_with_the_arrows(stage: Stage) -> None:
    """Only in an empty field, or one that holds nothing but such a question."""
    texts = ["First?", "Second,\nin two lines?"]
    messages = [
        {
            **USER,
            "id": text,
            "parts": [{"kind": "text", "part": "1", "text": text, "done": True}],
        }
        for text in texts
    ]
    stage.show(offers=OFFERS, messages=messages, model=MODEL)
    composer, page = stage.chat.composer, stage.page
    composer.press("ArrowUp")
    expect(composer).to_have_value(texts[1])
    page.keyboard.press("ArrowUp")
    expect(composer).to_have_value(texts[0])
    page.keyboard.press("ArrowUp")
    expect(composer).to_have_value(texts[0])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(composer).to_have_value("")
    composer.fill("own words")
    page.keyboard.press("ArrowUp")
    expect(composer).to_have_value("own words")


def test_a_draft_outlives_its_view(stage: Stage) -> None:
    """Words and files are there when the view is made anew; another view is left alone."""
    stage.chat.composer.fill("half a ques")
    pick(stage, payload("cars.csv", "text/csv", CSV))
    expect(attached(stage)).to_have_count(1)
    stage.page.evaluate("() => { unview(); view(); }")
    expect(stage.chat.composer).to_have_value("half a ques")
    expect(attached(stage)).to_have_count(1)
    other = stage.add_view()
    expect(other.locator('textarea[aria-label="Message"]')).to_have_value("")


def test_it_grows_to_ten_lines(stage: Stage) -> None:
    """More than ten lines scroll inside."""
    composer = stage.chat.composer
    heights = []
    for lines in (1, 10, 40):
        composer.fill("\n".join(map(str, range(lines))))
        heights.append(composer.evaluate("area => area.clientHeight"))
    assert heights[0] < 50
    assert 205 < heights[1] <= heights[2] <= 226
