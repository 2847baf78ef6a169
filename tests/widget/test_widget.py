"""The widget in plain Python, where its comm is a dummy: traits, commands, and a missing bundle."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nbagent.agent.events import RunStarted
from nbagent.agent.shown import Chip
from nbagent.errors import ConfigurationError
from nbagent.exporting.saved import saved_forms
from nbagent.frames import TextDelta
from nbagent.widget.commands import Ask, Command, Stop
from nbagent.widget.incoming import ReceivedFile
from nbagent.widget.views import AboutView
from nbagent.widget.widget import AgentWidget
from tests.widget.scripts import PNG, FakeClock, whole_run


@pytest.fixture
def commands() -> list[Command]:
    """What was handed over."""
    return []


@pytest.fixture
def widget(commands: list[Command], tmp_path: Path) -> Iterator[AgentWidget]:
    """A widget whose time stands still and whose page is empty."""
    for name in ("widget.js", "widget.css"):
        (tmp_path / name).write_text(f"/* {name} */", encoding="utf-8")
    widget = AgentWidget(
        commands.append,
        model="openai:gpt-4.1",
        clock=FakeClock(),
        static=tmp_path,
        forms=saved_forms,
    )
    yield widget
    widget.close()


def _receive(widget: AgentWidget, content: object, *buffers: memoryview) -> None:
    """What ipywidgets does with a custom message from the page."""
    data = {"method": "custom", "content": content}
    widget.comm.handle_msg({"content": {"data": data}, "buffers": list(buffers)})


def test_snapshot_is_computed_when_asked(widget: AgentWidget) -> None:
    """Each state request gives the transcript of that moment, with bytes as bytes."""
    assert widget.get_state("snapshot")["snapshot"]["transcript"]["model"] == "openai:gpt-4.1"
    for event in whole_run():
        widget.put(event)
    snapshot = widget.get_state()["snapshot"]
    assert (snapshot["v"], snapshot["seq"]) == (1, 1)
    assert snapshot["transcript"]["calls"]["b"]["bundle"]["data"]["image/png"] == PNG


def test_no_trait_grows(widget: AgentWidget) -> None:
    """After a long reply no trait holds any of it: nothing is sent twice, nothing saved twice."""
    before = {name: widget.trait_values()[name] for name in widget.keys}
    widget.put(RunStarted("r1", "Hi", "m"))
    for _ in range(1000):
        widget.put(TextDelta("word ", 0))
    widget.get_state()
    assert {name: widget.trait_values()[name] for name in widget.keys} == before
    assert widget.snapshot == {}


def test_page_cannot_fill_the_snapshot(widget: AgentWidget) -> None:
    """What a page writes into the trait is not kept."""
    widget.set_state({"snapshot": {"v": 1, "seq": 9, "transcript": "mine"}})
    assert widget.snapshot == {}
    assert widget.get_state("snapshot")["snapshot"]["seq"] == 0


def test_commands_are_handed_over(widget: AgentWidget, commands: list[Command]) -> None:
    """Valid commands arrive typed and in order; a resync is answered by the widget itself."""
    for content in ({"type": "ask", "text": "Hi"}, {"type": "resync", "seq": 0}, {"type": "stop"}):
        _receive(widget, content)
    assert commands == [Ask("Hi"), Stop()]


@pytest.mark.parametrize("content", [{"type": "run"}, {"type": "ask", "text": None}, "stop", None])
def test_nonsense_is_logged(
    widget: AgentWidget,
    commands: list[Command],
    content: object,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A malformed message is a warning, never an exception and never a command."""
    with caplog.at_level(logging.WARNING, "nbagent"):
        _receive(widget, content)
    assert commands == []
    assert "not a command" in caplog.text


def test_missing_bundle(tmp_path: Path) -> None:
    """Without the built page the error says which file is missing and what to run."""
    with pytest.raises(ConfigurationError, match=r"widget\.js.*pip install \."):
        AgentWidget(lambda command: None, static=tmp_path)


def test_bundle_travels(widget: AgentWidget) -> None:
    """The page's script and style are in the state under anywidget's names."""
    state = widget.get_state()
    assert (state["_esm"], state["_css"]) == ("/* widget.js */", "/* widget.css */")


def test_mimebundle(widget: AgentWidget) -> None:
    """Beside the live view there are forms that a saved notebook can show."""
    for event in whole_run():
        widget.put(event)
    bundle = widget._repr_mimebundle_()
    assert bundle is not None
    data, _ = bundle
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == widget.model_id
    for mime in ("text/plain", "text/html", "text/markdown"):
        assert "What is the average mpg?" in data[mime]
    assert f'data-nbagent-of="{widget.key}"' in data["text/html"]


def test_close_twice(widget: AgentWidget) -> None:
    """Closing again, or putting events after it, does nothing."""
    widget.close()
    widget.close()
    widget.put(RunStarted("r1", "Hi", "m"))
    state: dict[str, Any] = widget.get_state("snapshot")
    assert len(state["snapshot"]["transcript"]["messages"]) == 2


def test_what_was_shown_and_used(widget: AgentWidget) -> None:
    """Chips reach the page when they have changed; so does what the agent says of itself."""
    widget.show_chips([])
    assert "shown" not in widget.snapshot_now()[1]
    widget.show_chips([Chip("df", "DataFrame")])
    assert widget.snapshot_now()[1]["shown"] == [{"name": "df", "summary": "DataFrame"}]
    before = widget.snapshot_now()[0]
    widget.show_chips([Chip("df", "DataFrame")])
    assert widget.snapshot_now()[0] == before


def test_what_the_agent_has_is_asked_again_after_a_run(tmp_path: Path) -> None:
    """Tools and tokens are told at first and when a run has changed them."""
    for name in ("widget.js", "widget.css"):
        (tmp_path / name).write_text("", encoding="utf-8")
    about: AboutView = {"tools": 1, "tokens": 0, "cost": None}
    widget = AgentWidget(
        lambda command: None, clock=FakeClock(), about=lambda: {**about}, static=tmp_path
    )
    assert widget.snapshot_now()[1]["about"] == about
    about["tokens"] = 30
    for event in whole_run():
        widget.put(event)
    assert widget.snapshot_now()[1]["about"]["tokens"] == 30
    assert widget.run_of("m1") == "r1"
    widget.close()


def test_files_arrive_with_the_messages_buffers(
    widget: AgentWidget, commands: list[Command], caplog: pytest.LogCaptureFixture
) -> None:
    """A file is put together here and taken once; a piece that will not do is a warning."""
    upload = {"type": "upload", "file": "a", "name": "a.csv", "size": 4, "offset": 0}
    _receive(widget, upload, memoryview(b"a,"))
    _receive(widget, {**upload, "offset": 2}, memoryview(b"b\n"))
    assert widget.take_files(["a"]) == [ReceivedFile("a.csv", b"a,b\n")]
    with caplog.at_level(logging.WARNING, "nbagent"):
        _receive(widget, {**upload, "offset": 2}, memoryview(b"b\n"))
        _receive(widget, upload)
    assert "its beginning did not arrive" in caplog.text and "one buffer" in caplog.text
    assert commands == []


def test_answers_reach_the_page_that_waits(widget: AgentWidget) -> None:
    """An answer goes out by itself, with the command's id; without an id nobody waits."""
    sent: list[object] = []
    widget.send = lambda content, buffers=None: sent.append(content)
    widget.answer("", ok=True, text="nobody")
    widget.answer("q1", ok=False, text="It is \ud800 broken.")
    clock = widget._sender._clock
    assert isinstance(clock, FakeClock)
    clock.advance(0.1)
    assert sent[0] == {
        "v": 1,
        "answer": "q1",
        "ok": False,
        "text": "It is \ufffd broken.",
        "asked": False,
    }
