"""The widget in a real kernel: what is sent and asked while a cell runs, awaits or blocks."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nbagent.widget.transcript import Transcript
from tests.widget.kernel import Page, kernel_page
from tests.widget.scripts import PNG

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def kernel() -> Iterator[Page]:
    """One kernel for this file."""
    with kernel_page() as page:
        yield page


@pytest.fixture
def page(kernel: Page) -> Page:
    """The kernel with an empty widget, and nothing read yet."""
    kernel.run(
        "widget.close(); commands.clear()\n"
        "widget = AgentWidget("
        "lambda command: commands.append((command, threading.current_thread().name)), "
        "static=static)"
    )
    kernel.messages()
    opened = [m for _, m in kernel.got if m["msg_type"] == "comm_open"]
    kernel.got[:] = [(0.0, m) for m in opened[-1:]]
    return kernel


def _opened(page: Page) -> dict[str, Any]:
    """The comm_open of the widget (its layout opens one before it)."""
    messages = [m for _, m in page.messages(of="comm_open")]
    content: dict[str, Any] = messages[-1]["content"]
    return content


def _comm(page: Page) -> str:
    return str(_opened(page)["comm_id"])


def test_opens_with_a_snapshot(page: Page) -> None:
    """The comm's first message has the transcript of its moment."""
    snapshot = _opened(page)["data"]["state"]["snapshot"]
    assert (snapshot["v"], snapshot["seq"], snapshot["transcript"]["messages"]) == (1, 0, [])


def test_state_requests(page: Page) -> None:
    """A page that comes late, by either of Jupyter's two ways, gets all so far, with its bytes."""
    page.run("for event in whole_run(): widget.put(event)")
    page.comm_message(_comm(page), {"method": "request_state"})
    update = page.until(lambda: _of_method(page, "update"))
    _check_state(update["content"]["data"], update["buffers"], [])
    page.comm_open("control", "jupyter.widget.control")
    page.comm_message("control", {"method": "request_states"})
    answer = page.until(lambda: _of_method(page, "update_states"))
    data = answer["content"]["data"]
    _check_state(
        data["states"][_comm(page)], answer["buffers"], [_comm(page), "state"], data["buffer_paths"]
    )


def _of_method(page: Page, method: str) -> Any:
    for _, message in page.messages():
        if message["content"]["data"].get("method") == method:
            return message
    return None


def _check_state(
    data: dict[str, Any], buffers: list[Any], root: list[str], paths: list[Any] | None = None
) -> None:
    transcript = data["state"]["snapshot"]["transcript"]
    assert [message["role"] for message in transcript["messages"]] == ["user", "assistant"]
    path = [*root, "snapshot", "transcript", "calls", "b", "bundle", "data", "image/png"]
    at = (paths if paths is not None else data["buffer_paths"]).index(path)
    assert bytes(buffers[at]) == PNG


def test_sends_while_a_cell_blocks(page: Page, tmp_path: Path) -> None:
    """Words put on another thread reach the page while a cell blocks until they are there."""
    there = tmp_path / "there"
    cell = page.start(
        "def talk():\n"
        "    widget.put(RunStarted('r1', 'Hi', 'm'))\n"
        f"    while not os.path.exists({str(there)!r}):\n"
        "        widget.put(TextDelta('word ', 0))\n"
        "        time.sleep(0.05)\n"
        "    widget.put(RunFinished('r1', None))\n"
        "import os\n"
        "talker = threading.Thread(target=talk)\n"
        "talker.start()\n"
        "talker.join()"
    )
    try:
        page.until(lambda: len([None for _, content in page.wire() if content["ops"]]) > 10)
    finally:
        there.touch()
        page.finish(cell)


@pytest.mark.parametrize("cell", ["await asyncio.sleep(1)", "time.sleep(1)"])
def test_command_while_a_cell_runs(page: Page, cell: str) -> None:
    """A command is handed over, at the latest when the cell ends, and the cell ends well."""
    running = page.start(cell)
    page.say({"type": "ask", "text": "Hi"}, _comm(page))
    page.say({"type": "nonsense"}, _comm(page))
    page.finish(running)
    page.until(lambda: page.value("len(commands)") == "1")
    assert page.value("commands[0][0]") == "Ask(text='Hi', files=(), id='', type='ask')"


def test_resync(page: Page) -> None:
    """A page that missed everything asks and gets the whole, bytes as a buffer."""
    page.run("for event in whole_run(): widget.put(event)")
    page.until(lambda: page.wire())
    page.say({"type": "resync", "seq": 0}, _comm(page))
    content = page.until(
        lambda: next((c for _, c in page.wire() if c["ops"][:1] and _is_snapshot(c)), None)
    )
    bundle = content["ops"][0]["transcript"]["calls"]["b"]["bundle"]
    assert bundle["data"]["image/png"].keys() == {"buffer"}


def _is_snapshot(content: dict[str, Any]) -> bool:
    return bool(content["ops"][0]["op"] == "snapshot")


def test_4000_deltas_at_full_speed(page: Page) -> None:
    """Nothing is lost, few messages carry it, ticks follow, and the next cell runs."""
    page.run(
        "widget.put(RunStarted('r1', 'Hi', 'm'))\n"
        "for number in range(4000): widget.put(TextDelta(f'word {number} ', 0))\n"
        "widget.put(RunFinished('r1', None))"
    )
    assert page.value("6 * 7") == "42"
    page.until(lambda: [c for _, c in page.wire() if not c["ops"]][1:])
    transcript = Transcript()
    contents = [content for _, content in page.wire()]
    for op in (op for content in contents for op in content["ops"]):
        transcript.apply(op)
    part = transcript.snapshot()["messages"][1]["parts"][0]
    text = "".join(f"word {number} " for number in range(4000))
    assert part["kind"] == "text" and part["text"] == text
    # So many a second, and each with little around it; a slow machine takes some seconds.
    assert len(contents) < 400
    assert len(json.dumps(contents)) < 1.2 * len(text) + 300 * len(contents)


def test_close_while_it_streams(page: Page) -> None:
    """A widget closed in mid-stream ends nothing but itself, and says nothing to the cell."""
    page.run(
        "widget.put(RunStarted('r1', 'Hi', 'm'))\n"
        "for _ in range(100):\n"
        "    widget.put(TextDelta('word ', 0)); await asyncio.sleep(0.002)\n"
        "widget.close()\n"
        "for _ in range(100):\n"
        "    widget.put(TextDelta('word ', 0)); await asyncio.sleep(0.002)"
    )
    assert page.messages(of="stream") == []
    assert page.value("widget.comm is None") == "True"


def test_page_that_goes_takes_nothing_along(page: Page) -> None:
    """After a page and its subshell are gone, the next page's commands still arrive."""
    subshell = page.control("create_subshell_request")["subshell_id"]
    page.run("threading.Timer(0.5, lambda: widget.put(RunStarted('r1', 'Hi', 'm'))).start()")
    page.say({"type": "stop"}, _comm(page), subshell)
    page.until(lambda: page.wire())
    page.control("delete_subshell_request", subshell_id=subshell)
    page.say({"type": "retry"}, _comm(page))
    page.until(lambda: page.value("len(commands)") == "2")
