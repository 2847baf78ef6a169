"""axe-core over every state of the widget, in every theme: nothing may be wrong."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from nbagent.frames import End, ToolCallDelta
from nbagent.testing import FakeServer, Reply
from tests.e2e import scenes
from tests.e2e.axe import violations
from tests.e2e.chat import open_chat
from tests.e2e.hosts import LAB, wear_lab
from tests.e2e.lab import Lab
from tests.e2e.settling import settle
from tests.e2e.stage import Stage

OPEN = """() => {
  for (const header of document.querySelectorAll("#place button[aria-expanded=false]"))
    header.click();
  for (const details of document.querySelectorAll("#place details")) details.open = true;
}"""
# All of it at once: what is scrolled out of sight is not looked at for its contrast.
WHOLE = ".nbagent { max-height: none !important; }"
TALL = {"width": 800, "height": 3600}


@pytest.fixture(params=(*LAB, "plain", "plain-dark"))
def stage(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Stage]:
    """A page in each theme, without motion."""
    name = str(request.param)
    context = browser.new_context(
        viewport=TALL,  # type: ignore[arg-type]  # a mapping, where a TypedDict is wanted
        reduced_motion="reduce",
        color_scheme="dark" if name == "plain-dark" else "light",
    )
    stage = Stage(context)
    if name in LAB:
        wear_lab(stage.page, name)
    stage.page.add_style_tag(content=WHOLE)
    yield stage
    context.close()


def edit_arguments(page: Page) -> None:
    """The call's arguments in their editor, with something wrong in them."""
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_label("Arguments as JSON").fill("{")


def edit_question(page: Page) -> None:
    """The question in its editor."""
    page.get_by_role("button", name="Edit question").click()


def queue(page: Page) -> None:
    """Two questions in the queue, a third being written."""
    for words in ("And without the outliers?", "Write a summary of all of this, in five lines."):
        page.get_by_label("Message", exact=True).fill(words)
        page.keyboard.press("Enter")
    page.get_by_label("Message", exact=True).fill("Then")


def begin_command(page: Page) -> None:
    """The list of slash commands, one of them chosen."""
    page.get_by_label("Message", exact=True).fill("/")
    page.keyboard.press("ArrowDown")


def attach(page: Page) -> None:
    """Two files above the composer."""
    files: list[FilePayload] = [
        {"name": name, "mimeType": kind, "buffer": b"a,b\n1,2\n"}
        for name, kind in (("cars.csv", "text/csv"), ("notes.md", "text/markdown"))
    ]
    page.locator('.nbagent input[type="file"]').first.set_input_files(files)


def send(page: Page) -> None:
    """A question that the kernel has not taken up yet."""
    page.get_by_label("Message", exact=True).fill("Which of them is the heaviest?")
    page.keyboard.press("Enter")


def open_menu(page: Page) -> None:
    """The menu of a card."""
    page.locator(".nbagent-card button[aria-haspopup]").first.click()


DOINGS: list[tuple[str, Callable[[Page], None]]] = [
    ("approval", edit_arguments),
    ("finished", edit_question),
    ("streaming", queue),
    ("suggestions", begin_command),
    ("suggestions", attach),
    ("finished", open_menu),
    ("finished", send),
]


def test_every_scene(stage: Stage):
    """Nothing is wrong with any scene, everything in it unfolded."""
    found: dict[str, list[str]] = {}
    for name, scene in scenes.SCENES.items():
        stage.show(**scene())
        stage.page.evaluate(OPEN)
        settle(stage.page)
        found[name] = violations(stage.page)
    assert not any(found.values()), "\n".join(line for lines in found.values() for line in lines)


@pytest.mark.parametrize(("name", "do"), DOINGS, ids=[do.__name__ for _, do in DOINGS])
def test_what_a_person_opens(stage: Stage, name: str, do: Callable[[Page], None]):
    """Nothing is wrong with the parts that appear when a person does something."""
    stage.show(**scenes.SCENES[name]())
    do(stage.page)
    settle(stage.page)
    assert violations(stage.page) == []


TOOL = '''
@tool(approve=True)
def drop(column: str) -> str:
    """Drop a column.

    Args:
        column: Which one.
    """
    return "gone"
'''


def test_in_jupyterlab(lab: Lab, model: FakeServer):
    """With JupyterLab's own styles around it, light and dark, waiting and finished."""
    chat = open_chat(lab, model, "axe", tools="drop", setup=TOOL)
    call = ToolCallDelta("call-1", "drop", '{"column": "mpg"}', 0)
    model.add(Reply(frames=[call, End("tool_calls")]), "It is **gone**, see `cars`:\n\n1. one")
    assert violations(lab.page) == []
    chat.ask("Drop it.")
    chat.wait("waiting")
    for theme in ("light", "dark"):
        lab.theme(theme)
        settle(lab.page)
        assert violations(lab.page) == []
    chat.button("Approve").click()
    chat.wait("idle")
    expect(chat.words().last).to_contain_text("gone")
    for theme in ("light", "dark"):
        lab.theme(theme)
        settle(lab.page)
        assert violations(lab.page) == []
