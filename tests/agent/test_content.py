"""What a question may be made of, and what the model gets of it."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import PIL.Image
import polars as pl
import pytest
from IPython.display import Image

from nbagent import (
    Capability,
    ConfigurationError,
    FilePart,
    ImagePart,
    Message,
    Model,
    RunStarted,
    TextPart,
    ToolCall,
    UnsupportedCapability,
)
from nbagent.agent import attached as rooms
from nbagent.agent.content import content_of, in_words
from tests.agent.agents import collected, scripted

PNG = b"\x89PNG\r\n\x1a\n"
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
BLIND = Model("scripted", "blind", frozenset({Capability.TOOLS}))


def figure() -> Any:
    """A matplotlib figure with one line."""
    made, axes = plt.subplots(figsize=(1, 1))
    axes.plot([1, 2, 3])
    plt.close(made)
    return made


def one(value: Any) -> Any:
    """The part that a value becomes."""
    (part,) = content_of(value)
    return part


def test_words_stay_words() -> None:
    """Also those that look like a path or an address."""
    for words in ("Hello.", "/etc/passwd", "https://example.org/cat.png", "data.csv"):
        assert content_of(words) == (words,)
    assert content_of(["a", TextPart("b")]) == ("a", TextPart("b"))
    image = ImagePart(url="https://example.org/cat.png")
    assert content_of(image) == (image,)


def test_figures_and_images() -> None:
    """Whatever draws becomes an image that providers take."""
    drawn = figure()
    picture = PIL.Image.new("RGB", (3, 2), "red")
    buffer = io.BytesIO()
    picture.save(buffer, format="JPEG")
    shown = Image(data=buffer.getvalue(), format="jpeg")  # type: ignore[no-untyped-call]  # IPython
    for value, kind in (
        (drawn, "png"),
        (drawn.axes[0], "png"),
        (picture, "png"),
        (PIL.Image.new("CMYK", (3, 2)), "png"),
        (shown, "jpeg"),
        (buffer, "jpeg"),  # it stands at its end: all of it is meant
        (buffer.getvalue(), "jpeg"),
        (bytearray(buffer.getvalue()), "jpeg"),
        (memoryview(buffer.getvalue()), "jpeg"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "webp"),
        (b"GIF89a...", "gif"),
    ):
        part = one(["What is this?", value][1:])
        assert isinstance(part, ImagePart), value
        assert part.media_type == f"image/{kind}"
        assert part.data


@pytest.mark.parametrize("library", [pd, pl])
def test_tables(library: Any) -> None:
    """A table is its shape and its rows as text, under a name that a page can show."""
    part = one(library.DataFrame({"mpg": range(398), "name": ["beetle"] * 398}))
    assert isinstance(part, FilePart)
    assert part.name == "DataFrame, shape: 398 rows x 2 columns"
    text = part.data.decode()
    assert "398 rows" in text
    assert "beetle" in text
    assert len(text) < rooms.TABLE


def test_arrays_and_series() -> None:
    """So is what is no table, but can be described."""
    assert b"3.5" in one(np.array([1, 2, 3.5])).data
    assert b"mpg" in one(pd.Series([1, 2], name="mpg")).data

    class Own:
        def _repr_llm_(self) -> str:
            return "forty-two"

    assert one([Own()]).data == b"forty-two"


def test_paths(tmp_path: Path) -> None:
    """By what is in them, whatever they are called."""
    named = {"a.png": PNG + b"x", "b.pdf": PDF, "c.csv": b"a,b\n1,2\n", "d.dat": PNG + b"x"}
    named |= {"e.json": b'{"a": 1}', "f.py": "x = 'ü'".encode(), "g.txt": b"\xef\xbb\xbfHi"}
    for name, data in named.items():
        (tmp_path / name).write_bytes(data)
    parts = {name: one(tmp_path / name) for name in named}
    assert parts["a.png"] == parts["d.dat"] == ImagePart(PNG + b"x", "image/png")
    assert parts["b.pdf"] == FilePart(PDF, "application/pdf", "b.pdf")
    assert parts["c.csv"] == FilePart(b"a,b\n1,2\n", "text/csv", "c.csv")
    assert parts["e.json"] == FilePart(b'{"a": 1}', "text/plain", "e.json")
    assert parts["f.py"].data.decode() == "x = 'ü'"
    assert parts["g.txt"].data == b"Hi"


def test_files(tmp_path: Path) -> None:
    """Open ones are read from where they are; what is in memory, whole."""
    (tmp_path / "notes.md").write_text("# Notes")
    with (tmp_path / "notes.md").open() as text, (tmp_path / "notes.md").open("rb") as binary:
        assert one(text) == one(binary)
        assert one(io.StringIO("Hi")).data == b"Hi"
        assert one(open(tmp_path / "notes.md")).name == "notes.md"  # noqa: SIM115 - as people do


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("", "nothing to ask"),
        ([], "nothing to ask"),
        (["", TextPart(" ")], "nothing to ask"),
        (None, "got a NoneType"),
        (3, r"paths \(pathlib.Path\), bytes.*got a int"),
        (["a", {"type": "text"}], "got a dict"),
        ([ToolCall("c", "f")], "got a ToolCall"),
        ([["a"]], "got a list"),
        (b"", "empty"),
        (b"\x00\x01\x02", "neither an image"),
        (b"PK\x03\x04\x00", r"Office document.*a DataFrame"),
        (b"BM\x00\x00\xff", r"PIL\.Image\.open"),
        (b"PAR1\x00", "read_parquet"),
        (Path("no/such/file.csv"), "cannot be read.*looked for from"),
        (Path(__file__).parent, "is a folder"),
        (
            Image(url="https://example.org/cat.png"),  # type: ignore[no-untyped-call]  # IPython
            "got a Image",
        ),
    ],
)
def test_what_cannot_be_asked(value: Any, told: str) -> None:
    """The error says what it is, and what to give instead."""
    with pytest.raises(ConfigurationError, match=told):
        content_of(value)


def test_too_big(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Said before anything is read or sent, with the size and the limit."""
    with pytest.raises(ConfigurationError, match=r"1\.0 MB, at most 1 MB"):
        content_of(b"x" * (rooms.MAX_TEXT + 1))
    with pytest.raises(ConfigurationError, match="at most 20 MB"):
        content_of(PNG + b"x" * rooms.MAX_IMAGE)
    sparse = tmp_path / "huge.bin"
    with sparse.open("wb") as file:
        file.truncate(10**12)
    with pytest.raises(ConfigurationError, match=r"huge\.bin.*1000000\.0 MB"):
        content_of(sparse)


def test_files_of_text_are_words_to_the_model() -> None:
    """In the conversation they stay files; what is no text stays what it is."""
    file, image = FilePart(b"a,b\n1,2\n", "text/csv", 'my "c".csv'), ImagePart(PNG)
    pdf = FilePart(PDF, "application/pdf", "b.pdf")
    told = in_words(Message.user("Look.", file, image, pdf))
    words = "<file name=\"my 'c'.csv\">\na,b\n1,2\n\n</file>"
    assert told == Message.user("Look.", words, image, pdf)
    plain = Message.user("Hi.")
    assert in_words(plain) is plain


async def test_through_an_agent() -> None:
    """Attachments are told, kept in the history as parts, and read by the model as words."""
    agent, client = scripted("A line.")
    items = await collected(agent, ["What is this?", figure(), pd.DataFrame({"a": [1]})])  # type: ignore[arg-type]  # any question
    started = items[0]
    assert isinstance(started, RunStarted)
    assert started.text == "What is this?"
    assert [type(part) for part in started.attachments] == [ImagePart, FilePart]
    assert agent.history[0].parts[1:] == started.attachments
    sent = client.prompts[0].messages[-1]
    assert [type(part) for part in sent.parts] == [TextPart, ImagePart, TextPart]
    assert "1 rows x 1 columns" in sent.text
    # A widget that comes late is told of them too.
    late: list[Any] = []
    agent._engine.listen(late.append)
    assert late[0].attachments == started.attachments


async def test_a_model_without_eyes() -> None:
    """Refused before any request, with the way out; the conversation is as before."""
    for asked, told in (
        (figure(), "describe the image.*DataFrame"),
        (PDF, "cannot read the file 'document.pdf'"),
        (FilePart(PNG, "image/png", "a.png"), "cannot read the file"),
    ):
        agent, client = scripted("Hello.")
        agent.model = BLIND
        with pytest.raises(UnsupportedCapability, match=told):
            await agent.ask(["What?", asked])
        assert not client.asked
        assert agent.history == ()
        assert (await agent.ask(["Hello?", pd.DataFrame({"a": [1]})])).text == "Hello."


def test_no_library_is_imported_for_it() -> None:
    """What recognises figures and tables does not need their libraries."""
    script = (
        "import sys; from nbagent.agent.content import content_of; content_of(['a', b'b']);"
        "assert not {'matplotlib', 'pandas', 'polars', 'PIL', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
