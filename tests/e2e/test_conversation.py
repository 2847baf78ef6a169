"""What a conversation is made of besides words: questions, runs in runs, edits, attachments."""

import re

from playwright.sync_api import expect

from nbagent.frames import End, TextDelta
from nbagent.testing import FakeServer, Gate, Reply, reply_calls
from tests.e2e.chat import Chat, open_chat
from tests.e2e.lab import Lab
from tests.e2e.settling import settle

ASKING = "from nbagent import ask_user"
NESTED = '''
@tool(approve=True)
def delete(rows: int) -> str:
    """Deletes rows."""
    print("deleting")
    return f"{{rows}} rows are gone"

@tool
def mean(column: str) -> float:
    """The mean of a column."""
    return 23.5

inner = Executor({{"openai": OpenAIChatClient(api_key="test", base_url="{url}")}})
cars = Agent("openai:scripted", tools=[delete, mean], executor=inner, name="cars")
'''
SHOWING = """
import io, pathlib, PIL.Image
from PIL import ImageDraw
picture = PIL.Image.new("RGB", (320, 200), "#3b6ea5")
ImageDraw.Draw(picture).ellipse((90, 30, 230, 170), fill="#f2c14e")
pathlib.Path("cars.csv").write_text("mpg,weight\\n" * 400)
df = {"mpg": [18.0, 15.0], "weight": [3504, 3693]}
"""
ASKED = """
agent.show(df)
reply = await agent.ask(["What is this?", picture, pathlib.Path("cars.csv")])
"""


def in_both_themes(lab: Lab, name: str) -> None:
    """Save what the page shows, light and dark."""
    for theme in ("dark", "light"):
        lab.theme(theme)
        settle(lab.page)
        lab.screenshot(f"{name}-{theme}")


def test_the_model_asks_and_the_person_answers_by_keyboard(lab: Lab, model: FakeServer):
    """The field has the focus, Enter answers, the composer has the focus again."""
    chat = open_chat(lab, model, "asks", tools="ask_user", setup=ASKING)
    asked = {"question": "Which column is meant, `mpg` or `weight`?", "choices": ["mpg", "weight"]}
    again = {"question": "Per year, too?"}
    model.add(reply_calls(("ask_user", asked)), reply_calls(("ask_user", again)), "It is 23.5.")
    chat.ask("What is the average?")
    chat.wait("waiting")
    card = chat.card("ask_user")
    field = card.root.get_by_role("textbox", name="Answer")
    expect(field).to_be_focused()
    in_both_themes(lab, "question")
    card.root.get_by_role("button", name="mpg", exact=True).press("Enter")
    expect(card.root).to_contain_text("You answered")
    second = chat.card("ask_user", 1).root.get_by_role("textbox", name="Answer")
    expect(second).to_be_focused()
    lab.page.keyboard.type("yes, dd")
    lab.page.keyboard.press("Enter")
    chat.wait("idle")
    expect(chat.composer).to_be_focused()
    expect(chat.words()).to_have_text("It is 23.5.")
    expect(chat.root.get_by_role("textbox", name="Answer")).to_have_count(0)
    told = [m["content"] for m in model.requests[-1].body["messages"] if m["role"] == "tool"]
    assert told == ["mpg", "yes, dd"]
    in_both_themes(lab, "question-answered")


def test_a_run_inside_of_a_call_is_shown_in_its_card_as_it_goes(lab: Lab, model: FakeServer):
    """Words and cards of the agent that was asked, live; its approval is given in its card."""
    setup = "from nbagent import Agent, Executor, OpenAIChatClient, tool" + NESTED.format(
        url=model.url
    )
    chat = open_chat(lab, model, "nested", tools="cars", setup=setup)
    gate = Gate()
    model.add(
        reply_calls(("cars", {"request": "Clean up the cars."})),
        reply_calls(("mean", {"column": "mpg"}), ("delete", {"rows": 4})),
        Reply(
            frames=[
                TextDelta("The four rows **without**", 0),
                gate,
                TextDelta(" mpg", 0),
                End("stop"),
            ]
        ),
        "All is clean.",
    )
    chat.ask("Clean up.")
    chat.wait("waiting")
    outer, run = chat.card("cars"), chat.root.locator('[data-nbagent="nested-run"]')
    expect(outer.root.locator('[data-nbagent="tool-card"]')).to_have_count(2)
    expect(chat.card("mean").root).to_have_attribute("data-state", "done")
    in_both_themes(lab, "nested-approval")
    chat.button("Approve").click()
    gate.wait_reached(60)
    words = run.locator('[data-nbagent="nested-text"]')
    expect(words).to_have_text("The four rows without")
    expect(outer.root).to_have_attribute("data-state", "running")
    in_both_themes(lab, "nested-running")
    gate.open()
    chat.wait("idle")
    expect(words).to_have_text("The four rows without mpg")
    expect(chat.words()).to_have_text("All is clean.")
    chat.card("delete").open()
    in_both_themes(lab, "nested-done")


def test_a_question_is_edited_in_its_place_and_asked_again(lab: Lab, model: FakeServer):
    """What came after it goes, for the model too, and is kept as a version; so with Ask again."""
    chat = open_chat(lab, model, "edits")
    model.add("One.", "Two.", "Three.", "Four.", "Five.")
    chat.ask("first")
    expect(chat.words()).to_have_text("One.")
    chat.wait("idle")
    chat.ask("second")
    chat.wait("idle")
    chat.button("Ask again").last.click()
    expect(chat.words()).to_have_text("Three.")
    chat.wait("idle")
    expect(chat.messages()).to_have_count(2)
    pencil = chat.messages("user").first.get_by_role("button", name="Edit question")
    pencil.press("Enter")
    editor = chat.root.get_by_role("textbox", name="Question")
    expect(editor).to_be_focused()
    in_both_themes(lab, "editing")
    lab.page.keyboard.press("Escape")
    expect(pencil).to_be_focused()
    pencil.press("Enter")
    lab.page.keyboard.type(", in other words")
    lab.page.keyboard.press("Enter")
    expect(chat.words()).to_have_text("Four.")
    chat.wait("idle")
    question = chat.messages("user")
    expect(question).to_have_count(1)
    expect(question.locator('[data-nbagent="text"]')).to_have_text("first, in other words")
    expect(question.locator('[data-nbagent="branches"]')).to_have_text("2 / 2")
    expect(chat.composer).to_be_focused()
    last = model.requests[-1].body["messages"]
    assert [m["content"] for m in last] == ["first, in other words"]
    assert lab.kernel("[m.text for m in agent.history]") == ["first, in other words", "Four."]


def test_attachments_shown_variables_and_the_queue(lab: Lab, model: FakeServer):
    """A thumbnail, a chip with name and size; what is shown; a question that waits its turn."""
    chat = open_chat(lab, model, "attached", ASKED, setup=SHOWING)
    gate = Gate()
    model.add("A disc.", Reply(frames=[TextDelta("Wait", 0), gate, End("stop")]), "Later.")
    lab.run(1)
    assert not lab.errors_of(1)
    expect(chat.messages("user").locator("img")).to_be_visible()
    expect(chat.messages("user")).to_contain_text(re.compile(r"cars\.csv\s*4 KB"))
    expect(chat.root.locator('[data-nbagent="shown"]')).to_contain_text("df")
    expect(chat.root.locator('[data-nbagent="status"]')).to_contain_text("tokens")
    chat.ask("Wait.")
    gate.wait_reached(60)
    queue_two(chat)
    in_both_themes(lab, "attachments-queue")
    chat.button("Take back: and never").click()
    gate.open()
    expect(chat.words()).to_have_text("Later.")
    chat.wait("idle")
    expect(chat.messages("user").last).to_have_text("And then?")
    chat.button("Hide df").click()
    expect(chat.root.locator('[data-nbagent="shown"]')).to_have_count(0)
    assert lab.kernel("agent.shown") == {}


def queue_two(chat: Chat) -> None:
    """Two questions while a run goes on."""
    for text in ("And then?", "and never"):
        chat.composer.fill(text)
        chat.composer.press("Enter")
    expect(chat.root.locator('[data-nbagent="queue"]')).to_contain_text("And then?")
