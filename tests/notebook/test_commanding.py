"""What a page asks of an agent besides words: files, slash commands, switches; the answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from nbagent import Agent, Executor, ImagePart, Model
from nbagent.messages import FilePart
from nbagent.testing import ScriptedClient, reply_calls, reply_text
from nbagent.widget.commands import Ask, CallAgain, Clear, Command, Export, Switch, Upload, Use
from tests.agent.agents import until
from tests.widget.scripts import PNG

CSV = b"mpg,weight\n18.0,3504\n15.0,3693\n"


class Room:
    """An agent on a scripted client, and the answers that its page would get."""

    def __init__(self, **options: Any) -> None:
        self.client = ScriptedClient(always=reply_text("Fine."))
        model = options.pop("model", "openai:scripted")
        self.agent = Agent(model, executor=Executor({"openai": self.client}), **options)
        self.answers: list[dict[str, Any]] = []
        widget = self.agent.widget
        widget.send = lambda content, buffers=None: (  # what the comm would carry
            self.answers.append(content) if "answer" in content else None
        )

    def obey(self, command: Command) -> None:
        """Sends a command as ipykernel 7.3 does: from another thread."""
        thread = threading.Thread(target=self.agent._obey, args=(command,))
        thread.start()
        thread.join()

    def upload(self, file: str, name: str, data: bytes) -> None:
        """Sends a file in pieces of ten bytes."""
        for offset in range(0, len(data), 10):
            piece = Upload(file, name, len(data), offset)
            self.agent.widget._incoming.put(piece, [memoryview(data[offset : offset + 10])])

    async def answer(self) -> dict[str, Any]:
        """The next answer to the page."""
        await until(lambda: self.answers)
        return self.answers.pop(0)

    async def idle(self, messages: int) -> list[Any]:
        """The conversation once it is so long and no run goes on."""
        await until(lambda: len(self.agent.history) == messages and not self.agent.running)
        return list(self.agent.history)

    def offers(self) -> dict[str, Any]:
        """What the page was told last."""
        return dict(self.agent.widget.snapshot_now()[1]["offers"])


@pytest.fixture
def room() -> Iterator[Room]:
    """An agent with a widget."""
    room = Room()
    yield room
    room.agent.widget.close()


async def test_a_call_is_made_again_or_the_page_hears_why_not(room: Room) -> None:
    """The answer goes on from its new result; a call that is not there, or a run, is said."""
    has: dict[str, int] = {}

    def look(key: str) -> int:
        """Looks something up."""
        return has[key]

    room.client.add(reply_calls(("look", {"key": "x"})), "No.", "It is 5.")
    room.agent.tools.append(look)
    room.obey(Ask("What is x?"))
    await room.idle(4)
    (failed,) = room.agent.calls
    has["x"] = 5
    room.obey(CallAgain(failed.tool_call_id, "c1"))
    answer = await room.answer()
    assert (answer["answer"], answer["ok"], answer["asked"]) == ("c1", True, True)
    await until(lambda: not room.agent._engine._launched)
    assert [call.result for call in room.agent.calls] == [5]
    assert room.agent.history[-1].text == "It is 5."
    room.obey(CallAgain(failed.tool_call_id, "c2"))
    answer = await room.answer()
    assert not answer["ok"]
    assert "has no call" in answer["text"]


async def test_files_reach_the_model_as_parts(room: Room) -> None:
    """An image and a text come with the words, in their order, under their names."""
    room.upload("a", "plot.png", PNG)
    room.upload("b", "notes.md", b"# Notes")
    room.obey(Ask("What is this?", ("a", "b"), "q1"))
    assert await room.answer() == {
        "v": 1,
        "answer": "q1",
        "ok": True,
        "text": "",
        "asked": True,
    }
    question, _ = await room.idle(2)
    assert question.text == "What is this?"
    assert question.parts[1] == ImagePart(PNG, "image/png")
    assert question.parts[2] == FilePart(b"# Notes", "text/markdown", "notes.md")


async def test_a_file_alone_is_a_question(room: Room) -> None:
    """No words are needed where there is a file."""
    room.upload("a", "plot.png", PNG)
    room.obey(Ask("  ", ("a",), "q1"))
    question, _ = await room.idle(2)
    assert [type(part) for part in question.parts] == [ImagePart]


async def test_a_table_is_a_variable_too(room: Room) -> None:
    """A CSV file is text for the model, and a DataFrame that the agent is shown."""
    room.upload("a", "Cars 2024.csv", CSV)
    room.obey(Ask("Means?", ("a",), "q1"))
    question, _ = await room.idle(2)
    assert question.parts[1] == FilePart(CSV, "text/csv", "Cars 2024.csv")
    assert room.agent.shown == {"cars_2024": "DataFrame, shape: 2 rows x 2 columns"}


async def test_what_the_model_cannot_see_is_given_back() -> None:
    """An image for a model without eyes is refused before anything is said or bound."""
    room = Room(model=Model("openai", "blind", capabilities=frozenset()))
    room.upload("a", "plot.png", PNG)
    room.upload("b", "cars.csv", CSV)
    room.obey(Ask("What is this?", ("a", "b"), "q1"))
    answer = await room.answer()
    assert (answer["ok"], answer["asked"]) == (False, False)
    assert "cannot see images" in answer["text"]
    assert (room.agent.history, room.agent.shown) == ((), {})
    assert (room.offers()["images"], room.offers()["files"]) == (False, False)


@pytest.mark.parametrize(
    ("files", "data", "reason"),
    [
        (("a", "missing"), b"text", "did not arrive whole"),
        (("a",), b"PK\x03\x04\x00zip", "ZIP archive"),
        (("a",), b"\xff\xfe\x00", "neither an image"),
    ],
)
async def test_files_that_will_not_do(
    room: Room, files: tuple[str, ...], data: bytes, reason: str
) -> None:
    """What is wrong with a file is said to the page, and nothing is asked."""
    room.upload("a", "thing", data)
    room.obey(Ask("What is this?", files, "q1"))
    answer = await room.answer()
    assert not answer["ok"] and reason in answer["text"]
    assert room.agent.history == ()


async def test_commands_of_the_person() -> None:
    """A template and functions, sync and async, give the question; None asks nothing."""
    said: list[str] = []
    room = Room(commands={"summarise": "Summarise {}.", "plain": "What is new?"})

    @room.agent.command
    def look_at(text: str) -> list[Any]:
        """Looks at it.

        Closely.
        """
        return ["Look at", ImagePart(PNG, "image/png"), text]

    @room.agent.command(name="note", description="Takes a note.")
    async def remember(text: str = "nothing") -> None:
        said.append(text)

    room.obey(Use("summarise", " df ", (), "1"))
    assert (await room.idle(2))[0].text == "Summarise df."
    room.obey(Use("plain", "In short.", (), "2"))
    assert (await room.idle(4))[2].text == "What is new?\n\nIn short."
    room.upload("a", "notes.txt", b"x")
    room.obey(Use("look-at", "closely", ("a",), "3"))
    parts = (await room.idle(6))[4].parts
    assert [type(part).__name__ for part in parts] == [
        "TextPart",
        "ImagePart",
        "TextPart",
        "FilePart",
    ]
    assert [(await room.answer())["asked"] for _ in range(3)] == [True] * 3
    room.obey(Use("note", "", (), "4"))
    assert (await room.answer())["asked"] is False
    assert said == ["nothing"]
    assert room.offers()["commands"] == [
        {"name": "summarise", "description": "Summarise {}.", "takes": "needed"},
        {"name": "plain", "description": "What is new?", "takes": "maybe"},
        {"name": "look-at", "description": "Looks at it.", "takes": "needed"},
        {"name": "note", "description": "Takes a note.", "takes": "maybe"},
    ]
    assert look_at.__name__ == "look_at"
    assert room.agent.fork().commands.keys() == room.agent.commands.keys()


async def test_commands_that_fail() -> None:
    """What a command's function raises is said to the page, with the command's name."""

    def broken() -> None:
        raise KeyError("mpg")

    room = Room(commands=[broken])
    room.obey(Use("broken", "", (), "1"))
    assert "/broken failed: KeyError: 'mpg'" in (await room.answer())["text"]
    room.obey(Use("gone", "", (), "2"))
    assert "no command /gone" in (await room.answer())["text"]
    room.obey(Use("broken", "words", (), "3"))
    assert "takes no words" in (await room.answer())["text"]


async def test_clearing(room: Room) -> None:
    """The conversation is emptied, here and in the page."""
    room.obey(Ask("One?"))
    await room.idle(2)
    room.obey(Clear("1"))
    assert (await room.answer())["ok"]
    assert room.agent.history == ()
    assert room.agent.widget.snapshot_now()[1]["messages"] == []


async def test_switching_the_model(room: Room) -> None:
    """Another model is asked from now on and shown at once; one out of reach is refused."""
    room.obey(Switch("openai:gpt-4.1", "1"))
    assert "gpt-4.1" in (await room.answer())["text"]
    assert str(room.agent.model) == "openai:gpt-4.1"
    assert room.agent.widget.snapshot_now()[1]["model"] == "openai:gpt-4.1"
    room.obey(Switch("nowhere:x", "2"))
    answer = await room.answer()
    assert not answer["ok"] and "does not reach 'nowhere'" in answer["text"]
    room.obey(Switch("nonsense", "3"))
    assert not (await room.answer())["ok"]
    assert str(room.agent.model) == "openai:gpt-4.1"


async def test_exporting(room: Room, tmp_path: Any) -> None:
    """The conversation is written where the person says; an unknown suffix is said."""
    room.obey(Ask("One?"))
    await room.idle(2)
    room.obey(Export(str(tmp_path / "chat.md"), "1"))
    answer = await room.answer()
    assert answer["ok"] and "chat.md" in answer["text"]
    assert "One?" in (tmp_path / "chat.md").read_text(encoding="utf-8")
    room.obey(Export(str(tmp_path / "chat.docx"), "2"))
    assert not (await room.answer())["ok"]
