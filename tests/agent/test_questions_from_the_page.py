"""`ask_user` and `replay` in a real kernel: the page is asked, answers, and sees a run again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.widget.kernel import Page, kernel_page

pytestmark = pytest.mark.e2e

AGENT = """
import nbagent
from nbagent import Agent, Executor, ask_user
from nbagent.testing import ScriptedClient, reply_calls
asks = reply_calls(("ask_user", {"question": "Which one?", "choices": ["mpg"]}))
client = ScriptedClient([asks, "Thanks."] * 2)
agent = Agent("scripted:any", tools=[ask_user], executor=Executor({"scripted": client}))
heard = []
agent.on("question_answered", lambda event: heard.append(event.answer))
recorder = agent.record(r"%s")
agent
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: Any) -> Iterator[Page]:
    """A kernel with a displayed agent."""
    with kernel_page() as page:
        page.run(AGENT % (tmp_path_factory.mktemp("r") / "run.jsonl"))
        yield page


def _comm(page: Page) -> str:
    return page.value("agent.widget.comm.comm_id").strip("'")


def _ops(page: Page, comm: str, name: str) -> list[dict[str, Any]]:
    return [
        op
        for _, message in page.got
        if message["msg_type"] == "comm_msg" and message["content"]["comm_id"] == comm
        for op in message["content"]["data"].get("content", {}).get("ops", ())
        if op["op"] == name
    ]


@pytest.mark.parametrize("busy", [False, True])
def test_the_page_is_asked_and_answers(page: Page, busy: bool) -> None:
    """Asked and answered from the page, or asked by a cell that awaits meanwhile."""
    page.got.clear()
    comm = _comm(page)
    cell = ""
    if busy:
        cell = page.start("reply = await agent.ask('Go.')")
    else:
        page.say({"type": "ask", "text": "Go."}, comm)
    (question,) = page.until(lambda: _ops(page, comm, "question"), 20)
    assert (question["question"], question["choices"]) == ("Which one?", ["mpg"])
    page.say({"type": "answer", "tool_call_id": question["tool_call_id"], "text": "mpg"}, comm)
    page.until(lambda: _ops(page, comm, "answered"), 20)
    page.until(lambda: _ops(page, comm, "message_end"), 20)
    if cell:
        page.finish(cell)
    assert page.value("agent.calls[-1].result") == "'mpg'"
    assert page.value("heard[-1]") == "'mpg'"


def test_the_run_again(page: Page) -> None:
    """A replay is displayed, and plays while the cell is long over."""
    page.run("recorder.close(); again = nbagent.replay(recorder.path, speed=2)\nagain")
    comm = page.value("again.widget.comm.comm_id").strip("'")
    page.until(lambda: len(_ops(page, comm, "answered")) == 2, 30)
    assert Path(page.value("str(recorder.path)").strip("'")).is_file()
