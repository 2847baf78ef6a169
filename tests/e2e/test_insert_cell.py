"""What only a notebook can prove of a card: new cells, tracebacks of cells, live drawings."""

from playwright.sync_api import expect

from nbagent.frames import End, ToolCallDelta
from nbagent.testing import FakeServer, Gate, Reply, reply_calls
from tests.e2e.chat import open_chat
from tests.e2e.lab import Lab, wait_for

SETUP = '''
import json
from nbagent import Card

@tool
def summary(column: str) -> str:
    """Summary of a column."""
    return f"the summary of {column}"

@tool
def load(text: str) -> dict:
    """Reads JSON."""
    return json.loads(text)

drawn = []

def draw(arguments):
    drawn.append(dict(arguments))
    if "days" in arguments:
        raise ValueError("no days")
    return f"<p id='city'>Weather in <b>{arguments.get('city', '…')}</b></p>"

@tool(render=Card(arguments=draw, result=lambda value: f"<em>{value} degrees</em>"))
def weather(city: str, days: int = 1) -> int:
    """The weather."""
    return 21
'''
ANSWER = "Try this:\n\n```python\nsummary('year')\n```\n\n```sql\nselect 1\n```\n"


def test_code_becomes_a_cell_below_and_is_not_run(lab: Lab, model: FakeServer):
    """From an answer and from a card; a view that belongs to no cell inserts at the end."""
    chat = open_chat(lab, model, "inserts", "'the last cell'", tools="summary", setup=SETUP)
    model.add(reply_calls(("summary", {"column": "mpg"})), ANSWER)
    chat.ask("Summarise")
    chat.wait("idle")
    insert = chat.root.get_by_role("button", name="Insert as a new cell")
    expect(insert).to_have_count(1)
    insert.click()
    wait_for(lambda: len(lab.sources()) == 3, what="the code as a cell")
    chat.root.get_by_role("button", name="More for summary").click()
    lab.screenshot("card-menu-in-lab")
    lab.page.get_by_role("menuitem", name="Insert as cell").click()
    wait_for(lambda: len(lab.sources()) == 4, what="the call as a cell")
    inserted = ['summary(column="mpg")', "summary('year')"]
    assert lab.sources()[1:] == [*inserted, "'the last cell'"]
    assert [lab.prompt(index) for index in (1, 2)] == ["[ ]:", "[ ]:"]
    lab.run(1)
    assert lab.text(1) == "'the summary of mpg'"
    lab.page.evaluate("() => window.jupyterapp.commands.execute('notebook:undo-cell-action')")
    wait_for(lambda: len(lab.sources()) < 4, what="the insertion undone")
    view = lab.new_view(0)
    view.get_by_role("button", name="Insert as a new cell").click()
    wait_for(lambda: lab.sources()[-1] == "summary('year')", what="a cell at the end")


def test_a_failed_call_is_shown_to_the_model(lab: Lab, model: FakeServer):
    """The traceback names the notebook's cell, hides the library, and is sent as a question."""
    chat = open_chat(lab, model, "fails", tools="load", setup=SETUP)
    model.add(reply_calls(("load", {"text": "{"})), "It is no JSON.", "A brace is missing.")
    chat.ask("Load it")
    chat.wait("idle")
    card = chat.card("load")
    card.wait("failed")
    trace = card.root.locator("details", has_text="Traceback").first
    trace.locator("summary").first.click()
    expect(trace).to_contain_text("Cell In[1], line")
    expect(trace).to_contain_text("3 frames of json hidden")
    expect(trace).not_to_contain_text("decoder.py")
    trace.get_by_text("3 frames of json hidden").click()
    expect(trace).to_contain_text("decoder.py")
    lab.screenshot("card-traceback-in-lab")
    card.root.get_by_role("button", name="Show to the model").click()
    expect(chat.messages("user")).to_have_count(2)
    chat.wait("idle")
    asked = model.requests[-1].body["messages"][-1]["content"]
    assert 'load(text="{")' in str(asked) and "JSONDecodeError" in str(asked)
    expect(chat.words()).to_have_text("A brace is missing.")


def test_a_card_of_its_own_is_drawn_while_the_arguments_stream(lab: Lab, model: FakeServer):
    """With what has come by then; where it raises, the usual arguments stand there with a word."""
    chat = open_chat(lab, model, "draws", tools="weather", setup=SETUP)
    gates = [Gate(), Gate()]
    model.add(
        Reply(
            frames=[
                ToolCallDelta("w", "weather", '{"city": "Ber', 0),
                gates[0],
                ToolCallDelta("w", "weather", 'lin"', 0),
                gates[1],
                ToolCallDelta("w", "weather", ', "days": 3}', 0),
                End(finish_reason="tool_calls"),
            ]
        ),
        "21 degrees.",
    )
    chat.ask("Weather?")
    card = chat.card("weather")
    drawn = card.root.locator('[data-nbagent="drawn"]')
    expect(drawn.locator("p")).to_have_text("Weather in Ber")
    lab.screenshot("card-drawn-in-lab")
    gates[0].open()
    expect(drawn.locator("p")).to_have_text("Weather in Berlin")
    assert card.root.get_attribute("data-state") == "streaming"
    gates[1].open()
    chat.wait("idle")
    expect(drawn).to_have_count(0)
    expect(card.root).to_contain_text("Shown as usual: its render= failed with ValueError: no days")
    expect(card.part("arguments")).to_contain_text("Berlin")
    expect(card.part("result").locator("em")).to_have_text("21 degrees")
    assert lab.kernel("drawn")[-1] == {"city": "Berlin", "days": 3}
