"""Files from the page to the model, through Jupyter's server and a real kernel."""

import base64
import io

import numpy
import PIL.Image
import pytest
from playwright.sync_api import Locator, expect

from nbagent.testing import FakeServer
from tests.e2e.chat import open_chat
from tests.e2e.composing import png
from tests.e2e.lab import Lab
from tests.e2e.settling import settle

SETUP = """
from nbagent import tool

@tool(examples=[("How heavy are the cars?", {"frame": "cars"})])
def total(frame: str) -> float:
    \"\"\"The sum of the weights in a table.

    Args:
        frame: The table's name.
    \"\"\"
    return float(get_ipython().user_ns[frame]["weight"].sum())
"""
SEVERAL = {
    "several-1.csv": "b'mpg\\n18\\n'",
    "several-2: 100% #1 ü.txt": "b'a note'",
    "several-3.png": repr(png()),
    "several-4.bin": "bytes(11_000_000)",
}
COMMANDS = """
agent.commands["short"] = "Say this in one word: {}"
"""


def photo() -> bytes:
    """A picture of some 8 MB, as a camera makes them: nothing in it can be packed."""
    noise = numpy.random.default_rng(1).integers(0, 255, (1500, 1800, 3), dtype=numpy.uint8)
    file = io.BytesIO()
    PIL.Image.fromarray(noise).save(file, "PNG")
    return file.getvalue()


def test_a_picture_and_a_table(lab: Lab, model: FakeServer):
    """Both reach the model; the table is a variable; editing keeps them; a command asks.

    Together they are more than the 10 MiB that Jupyter's server lets through in a message, and the
    picture alone more than it lets out in three seconds.
    """
    picture = photo()
    rows = "".join(f"car {n},{n % 40}.5,{3000 + n % 7}\n" for n in range(260_000))
    table = f"name,mpg,weight\n{rows}".encode()
    assert len(picture) > 8_000_000 and len(table) > 4_000_000
    assert len(picture) + len(table) > 12_000_000
    chat = open_chat(lab, model, "attaching", COMMANDS, tools="total", setup=SETUP)
    lab.run(1)
    expect(chat.button("How heavy are the cars?")).to_be_visible()
    model.add("Noise.", "Still noise.", "Noise!")
    with lab.page.expect_file_chooser() as chooser:
        chat.button("Attach files").click()
    chooser.value.set_files(
        [
            {"name": "noise.png", "mimeType": "image/png", "buffer": picture},
            {"name": "cars.csv", "mimeType": "text/csv", "buffer": table},
        ]
    )
    expect(chat.root.locator('[data-nbagent="attached"] li')).to_have_count(2)
    lab.screenshot("attaching-before")
    chat.composer.fill("What is this?")
    chat.composer.press("Enter")
    expect(chat.words()).to_have_text("Noise.")
    chat.wait("idle")
    words, image, text = model.requests[0].body["messages"][-1]["content"]
    assert words == {"type": "text", "text": "What is this?"}
    kind, _, data = image["image_url"]["url"].partition(";base64,")
    assert (kind, base64.b64decode(data) == picture) == ("data:image/png", True)
    assert "all of it is the DataFrame `cars`" in text["text"]
    assert "260000 rows x 3 columns" in text["text"]
    question = chat.messages("user")
    expect(question.locator("img")).to_be_visible()
    expect(question).to_contain_text("noise.png")
    expect(question).to_contain_text("cars.csv (its beginning)")
    expect(chat.root.locator('[data-nbagent="shown"]')).to_contain_text("cars")
    assert lab.kernel("[len(cars), float(cars.mpg.max())]") == [260_000, 39.5]
    assert lab.kernel("len(agent.history[0].parts[1].data)") == len(picture)
    for theme in ("dark", "light"):
        lab.theme(theme)
        settle(lab.page)
        lab.screenshot(f"attaching-{theme}")
    question.get_by_role("button", name="Edit question").press("Enter")
    lab.page.keyboard.type(" Look closely.")
    lab.page.keyboard.press("Enter")
    expect(chat.words()).to_have_text("Still noise.")
    chat.wait("idle")
    again = model.requests[1].body["messages"][-1]["content"]
    assert again[0]["text"] == "What is this? Look closely."
    assert again[1:] == [image, text]
    expect(chat.messages("user").locator("img")).to_be_visible()
    chat.composer.fill("/short noise")
    chat.composer.press("Enter")
    expect(chat.words()).to_have_text("Noise!")
    assert model.requests[2].body["messages"][-1]["content"] == "Say this in one word: noise"


@pytest.mark.parametrize("kernel_version", ["ipykernel-6.31"], indirect=True)
def test_files_on_an_older_kernel(lab: Lab, model: FakeServer, kernel_version: str):
    """Where messages are taken out of the kernel's queue, their buffers come along."""
    model.add("A table.")
    chat = open_chat(lab, model, "attaching-old", kernel=kernel_version)
    with lab.page.expect_file_chooser() as chooser:
        chat.button("Attach files").click()
    table = {"name": "cars.csv", "mimeType": "text/csv", "buffer": b"mpg\n18\n"}
    chooser.value.set_files([table])
    chat.composer.fill("What is this?")
    expect(chat.root.locator('[data-nbagent="attached"] li')).to_have_count(1)
    chat.composer.press("Enter")
    expect(chat.words()).to_have_text("A table.")
    assert "mpg\n18" in model.requests[0].body["messages"][-1]["content"]


def drag(lab: Lab, name: str, onto: Locator) -> Locator:
    """Takes the file of this name, and what is selected with it, out of the list at the side."""
    item = lab.page.locator(".jp-DirListing-item", has_text=name)
    expect(item).to_be_visible()
    where, to = item.bounding_box(), onto.bounding_box()
    assert where is not None and to is not None
    mouse = lab.page.mouse
    mouse.move(where["x"] + 40, where["y"] + where["height"] / 2)
    mouse.down()
    mouse.move(where["x"] + 80, where["y"] + 60, steps=4)
    mouse.move(to["x"] + to["width"] / 2, to["y"] + to["height"] / 2, steps=8)
    return item


def list_files(lab: Lab) -> None:
    """Shows JupyterLab's file browser with what the folder has now."""
    if not lab.page.locator(".jp-DirListing-content").is_visible():
        lab.page.get_by_role("tab", name="File Browser").first.click()
    lab.page.get_by_role("button", name="Refresh the file browser").first.click()


@pytest.mark.usefixtures("new_page")
def test_a_file_out_of_jupyterlabs_own_browser(lab: Lab, model: FakeServer):
    """Dragged from the list at the side onto the widget it is attached, and reaches the model."""
    model.add("Two columns.")
    chat = open_chat(lab, model, "attaching-drag")
    lab.kernel("open('dragged.csv', 'w').write('mpg,weight\\n18,3504\\n') and None")
    list_files(lab)
    item = drag(lab, "dragged.csv", chat.composer)
    expect(chat.root.locator('[data-nbagent="drop"]')).to_be_visible()
    lab.screenshot("attaching-dragged")
    lab.page.mouse.up()
    listed = chat.root.locator('[data-nbagent="attached"] li')
    expect(listed).to_contain_text("dragged.csv")
    expect(chat.root.locator('[data-nbagent="drop"]')).to_have_count(0)
    expect(item).to_be_visible()  # it was copied, not moved
    chat.composer.fill("What is in it?")
    chat.composer.press("Enter")
    expect(chat.words()).to_have_text("Two columns.")
    assert "18,3504" in str(model.requests[0].body["messages"][-1]["content"])


@pytest.mark.usefixtures("new_page")
def test_several_files_out_of_jupyterlabs_own_browser(lab: Lab, model: FakeServer):
    """All that is selected is attached, whatever the names; what cannot be is named."""
    model.add("A table, a note, a picture.")
    chat = open_chat(lab, model, "attaching-several")
    for name, content in SEVERAL.items():
        lab.kernel(f"__import__('pathlib').Path({name!r}).write_bytes({content}) and None")
    lab.kernel("__import__('os').makedirs('several-0', exist_ok=True)")
    list_files(lab)
    items = lab.page.locator(".jp-DirListing-item")
    items.filter(has_text="several-1.csv").click()
    items.filter(has_text="several-4.bin").click(modifiers=["Shift"])
    items.filter(has_text="several-0").click(modifiers=["Control"])
    drag(lab, "several-2", chat.composer)
    expect(chat.root.locator('[data-nbagent="drop"]')).to_be_visible()
    lab.page.mouse.up()
    names = chat.root.locator('[data-nbagent="attached"] .nbagent-file-name')
    expect(names).to_have_text(["several-1.csv", "several-2: 100% #1 ü.txt", "several-3.png"])
    note = chat.root.locator('[data-nbagent="note"]')
    expect(note).to_contain_text("“several-0” cannot be read; folders cannot be attached.")
    expect(note).to_contain_text("“several-4.bin” has 11 MB; a file may have 10 MB.")
    lab.screenshot("attaching-several")
    chat.composer.fill("What are these?")
    chat.composer.press("Enter")
    expect(chat.words()).to_have_text("A table, a note, a picture.")
    content = str(model.requests[0].body["messages"][-1]["content"])
    assert "mpg\\n18" in content and "a note" in content
    assert base64.b64encode(png()).decode() in content
