"""ipywidgets' `Output` inside a tool: what is shown in it goes into it, and nowhere else."""

# ruff: noqa: T201 - printing is what is tested

import asyncio
from collections.abc import Iterator

import ipywidgets
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import HTML, clear_output, display

from nbagent.tools import DisplayOutput
from nbagent.tools.capture import capture
from tests.tools.listening import Heard


@pytest.fixture(autouse=True)
def shell() -> Iterator[InteractiveShell]:
    """A running shell, as in a kernel, gone again for the tests that follow."""
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def _texts(widget: ipywidgets.Output) -> list[str]:
    return [output.get("text", "") for output in widget.outputs]


def test_prints_and_displays_go_into_the_widget() -> None:
    """Inside ``with`` everything is the widget's; before and after it is the card's."""
    heard = Heard()
    with capture(heard):
        print("before")
        out = ipywidgets.Output()
        with out:
            print("inside")
            print("still")
            display(HTML("<b>bold</b>"))
        print("after")
    assert heard.text() == "before\nafter\n"
    assert _texts(out)[0] == "inside\nstill\n"
    assert out.outputs[1]["data"]["text/html"] == "<b>bold</b>"
    assert heard.displays == []


def test_clearing_and_nesting() -> None:
    """Clearing inside a widget clears that widget only; widgets nest."""
    outer, inner = ipywidgets.Output(), ipywidgets.Output()
    heard = Heard()
    with capture(heard), outer:
        print("outer")
        with inner:
            print("old")
            clear_output(wait=True)
            print("new")
        print("again")
    assert _texts(outer) == ["outer\nagain\n"]
    assert _texts(inner) == ["new\n"]
    assert heard.outputs == []


def test_an_error_is_shown_in_the_widget() -> None:
    """As in a notebook the widget shows the error, and the tool goes on."""
    out = ipywidgets.Output()
    with capture(Heard()):
        with out:
            raise ValueError("in the widget")
        gone_on = True
    assert gone_on
    assert out.outputs[0]["ename"] == "ValueError"
    with pytest.raises(asyncio.CancelledError), capture(Heard()), out:
        raise asyncio.CancelledError


def test_interactive_controls_show_their_first_output() -> None:
    """``interactive`` calls its function when it is shown: that prints into its own output."""
    heard = Heard()
    with capture(heard):
        controls = ipywidgets.interactive(lambda x: print("x is", x), x=(0, 10))
        display(controls)
    assert _texts(controls.out) == ["x is 5\n"]
    (shown,) = heard.outputs
    assert isinstance(shown, DisplayOutput)
    assert "application/vnd.jupyter.widget-view+json" in shown.bundle.data


def test_outside_a_tool_nothing_changes(capsys: pytest.CaptureFixture[str]) -> None:
    """A cell's own ``with output:`` is left to ipywidgets."""
    with capture(Heard()):
        out = ipywidgets.Output()
    with out:
        print("a cell's")
    assert out.outputs == ()
    assert "a cell's" in capsys.readouterr().out
