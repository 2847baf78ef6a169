"""Files in the composer: attached in each way, refused, sent, given back; without a kernel."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.composing import (
    CSV,
    MODEL,
    OFFERS,
    attached,
    composing,
    looks,
    note,
    paste,
    payload,
    pick,
    png,
    sent,
    transfer,
)
from tests.e2e.stage import Stage


@pytest.fixture
def stage(browser: Browser) -> Iterator[Stage]:
    """A page with an empty conversation and an agent that offers things."""
    with composing(browser) as stage:
        yield stage


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
    remove = chat.button("Remove pasted-image.png")
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
    *pieces, last = stage.buffers
    assert len(pieces) == 3
    assert b"".join(pieces) == b"\x89PNG" + data
    assert last == CSV
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
