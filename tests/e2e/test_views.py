"""Views that are true to the end: several at once, tabs and laptops asleep, lost connections, and
kernels that are no more."""

import re
from typing import Any

import pytest
from playwright.sync_api import WebSocketRoute, expect

from nbagent.frames import End, TextDelta
from nbagent.testing import FakeServer, Gate, Reply, reply_error
from tests.e2e.chat import Chat, open_chat
from tests.e2e.lab import PANEL, Lab, wait_for
from tests.e2e.test_conversation import in_both_themes
from tests.e2e.traffic import read

# They cut connections, hide tabs, freeze pages, end kernels: nobody may have the page after them.
pytestmark = pytest.mark.usefixtures("new_page")

KERNELS = ["ipykernel", "ipykernel-6.31", "ipykernel-7.3"]
RESTART = f"() => {{ {PANEL} return panel.sessionContext.session.kernel.restart(); }}"
EXECUTE = f"""(code) => {{ {PANEL}
    panel.sessionContext.session.kernel.requestExecute({{code, store_history: false}}); }}"""
RECONNECT = f"() => {{ {PANEL} return panel.sessionContext.session.kernel.reconnect(); }}"
SETTING = "settings/@jupyter-widgets/jupyterlab-manager/plugin.jupyterlab-settings"
EARLIER = "This transcript is from an earlier kernel."
# A hidden tab is given no frames, and headless Chromium hides none: so we do it ourselves.
HIDE = """(hidden) => {
  window.kept ??= [];
  window.frames_ ??= window.requestAnimationFrame.bind(window);
  Object.defineProperty(document, 'hidden', {configurable: true, get: () => hidden});
  Object.defineProperty(document, 'visibilityState',
    {configurable: true, get: () => hidden ? 'hidden' : 'visible'});
  window.requestAnimationFrame = hidden ? (call) => window.kept.push(call) : window.frames_;
  if (!hidden) for (const call of window.kept.splice(0)) window.frames_(call);
  document.dispatchEvent(new Event('visibilitychange'));
}"""
LONG = [f"Sentence {number} of a long answer, with **words** in it.\n\n" for number in range(300)]
LAST = "Sentence 299 of a long answer, with words in it."


def long_reply(gate: Gate | None = None) -> Reply:
    """A long answer, which waits in its middle."""
    deltas: list[Any] = [TextDelta(piece, 0) for piece in LONG]
    if gate is not None:
        deltas.insert(150, gate)
    return Reply(frames=[*deltas, End("stop")])


def expect_whole(chat: Chat) -> None:
    """The whole of the long answer stands there, and nothing twice."""
    chat.wait("idle")
    expect(chat.words()).to_contain_text(LAST)
    numbers = re.findall(r"Sentence (\d+) ", chat.said())
    assert numbers == [str(number) for number in range(300)]


def in_cell(lab: Lab, number: int) -> Chat:
    """The view in the output of a cell."""
    return Chat(lab.page.locator(".jp-CodeCell").nth(number))


class Wire:
    """The page's connection to the kernel, to be cut."""

    def __init__(self, lab: Lab) -> None:
        self.deaf = False
        self.ticks = 0
        self._page = lab.page
        self._sockets: list[WebSocketRoute] = []
        lab.page.route_web_socket(re.compile("/channels"), self._routed)

    def _routed(self, socket: WebSocketRoute) -> None:
        self._sockets.append(socket)
        server = socket.connect_to_server()
        server.on_message(lambda message: self._pass(socket, message))

    def _pass(self, socket: WebSocketRoute, message: str | bytes) -> None:
        if not self.deaf:
            socket.send(message)
        elif (told := read(message)) is not None:
            # After the last message of a burst its number comes twice more.
            content = told.data.get("content", {})
            self.ticks += content.get("ops") == []

    def wait_ticks(self) -> None:
        """Waits until the kernel has said, in vain, what its last number was."""
        # What comes is only heard while Playwright is at work.
        wait_for(lambda: self._page.wait_for_timeout(50) or self.ticks >= 2, what="two ticks")

    def close_ears(self) -> None:
        """From now on nothing reaches the page."""
        self.ticks = 0
        self.deaf = True

    def drop(self) -> None:
        """Closes the connection, as a network that goes away does."""
        self._sockets[-1].close(code=4000)


def test_two_views_are_in_step_and_do_not_disturb_one_another(lab: Lab, model: FakeServer):
    """The same transcript and the same open cards; what is typed stays in its own view."""
    open_chat(lab, model, "two-views")
    chat = in_cell(lab, 0)
    other = Chat(lab.new_view(0))
    gate = Gate()
    model.add(long_reply(gate))
    chat.composer.fill("Tell me.")
    expect(other.composer).to_have_value("")
    chat.composer.press("Enter")
    gate.wait_reached(60)
    other.composer.fill("half a thou")
    gate.open()
    expect_whole(chat)
    expect_whole(other)
    expect(other.composer).to_have_value("half a thou")
    expect(chat.composer).to_have_value("")
    model.add("Fine.")
    other.composer.fill("And this?")
    other.composer.press("Enter")
    expect(chat.words()).to_have_text("Fine.")
    expect(other.words()).to_have_text("Fine.")
    # The cell run again: a new agent in its place, in JupyterLab's views of the output, too.
    lab.run(0)
    expect(chat.messages("user")).to_have_count(0)
    expect(other.messages("user")).to_have_count(0)
    model.add("A new one.")
    other.ask("Who is there?")
    expect(chat.words()).to_have_text("A new one.")


def test_the_cell_of_the_same_agent_run_again(lab: Lab, model: FakeServer):
    """While an answer streams: the new view has what was said, and what follows."""
    open_chat(lab, model, "run-again", "agent")
    lab.run(1)
    chat, second = in_cell(lab, 0), in_cell(lab, 1)
    gate = Gate()
    model.add(long_reply(gate))
    chat.ask("Tell me.")
    gate.wait_reached(60)
    lab.run(1)
    expect(second.words()).to_contain_text("Sentence 149 ")
    gate.open()
    expect_whole(second)
    expect_whole(chat)


def test_a_hidden_tab_has_it_all_when_it_comes_back(lab: Lab, model: FakeServer):
    """Without frames while the answer streams; also frozen as a whole, like a laptop asleep."""
    chat = open_chat(lab, model, "hidden")
    gate = Gate()
    model.add(long_reply(gate))
    chat.ask("Tell me.")
    gate.wait_reached(60)
    lab.page.evaluate(HIDE, True)
    gate.open()
    wait_for(lambda: "Sentence 299 " in lab.kernel("agent.history[-1].text"), what="the whole")
    lab.page.evaluate(HIDE, False)
    expect_whole(chat)
    model.add(long_reply(gate := Gate()))
    chat.ask("Once more.")
    gate.wait_reached(60)
    session = lab.page.context.new_cdp_session(lab.page)
    session.send("Page.setWebLifecycleState", {"state": "frozen"})
    gate.open()
    wait_for(lambda: len(model.requests) == 2)
    lab.page.wait_for_timeout(1500)
    session.send("Page.setWebLifecycleState", {"state": "active"})
    expect_whole(chat)


def test_what_a_lost_connection_swallowed_is_asked_for(lab: Lab, model: FakeServer):
    """Nothing comes later that would show the gap: the page asks when it is connected again."""
    wire = Wire(lab)
    chat = open_chat(lab, model, "dropped", "reply = await agent.ask('From code.')")
    gate = Gate()
    model.add(long_reply(gate), "From code, too.")
    chat.ask("Tell me.")
    gate.wait_reached(60)
    expect(chat.words()).to_contain_text("Sentence 149 ")
    wire.close_ears()
    gate.open()
    # The last message, its ticks and everything else are gone for good.
    wire.wait_ticks()
    chat.wait("running")
    wire.deaf = False
    wire.drop()
    expect_whole(chat)
    # And when the page was at rest: what code asked meanwhile.
    wire.close_ears()
    lab.page.evaluate(EXECUTE, "await agent.ask('From code.')")
    wire.wait_ticks()
    expect(chat.messages("user")).to_have_count(1)
    wire.deaf = False
    lab.page.evaluate(RECONNECT)
    expect(chat.messages("user")).to_have_count(2)
    expect(chat.words()).to_have_text("From code, too.")


@pytest.mark.parametrize("kernel_version", KERNELS, indirect=True)
def test_a_kernel_restarted_in_mid_answer(lab: Lab, model: FakeServer, kernel_version: str):
    """The view says so at once, can be read and copied, and offers nothing that cannot work."""
    chat = open_chat(lab, model, f"restarted-{kernel_version}", kernel=kernel_version)
    gate = Gate()
    model.add("One.", long_reply(gate))
    chat.ask("First?")
    chat.wait("idle")
    chat.ask("Tell me.")
    gate.wait_reached(60)
    chat.composer.fill("And then?")
    chat.composer.press("Enter")
    lab.page.evaluate(RESTART)
    earlier = chat.root.locator('[data-nbagent="earlier"]')
    expect(earlier).to_contain_text(EARLIER)
    expect(chat.composer).to_be_disabled()
    chat.wait("idle")
    expect(chat.root.locator('[data-nbagent="status"]')).to_contain_text("Read only")
    expect(chat.answer()).to_have_attribute("data-message-state", "cancelled")
    expect(earlier.locator('[data-nbagent="unsent"]')).to_contain_text("And then?")
    for name in ("Send", "Stop", "Ask again", "Retry", "Edit question"):
        expect(chat.button(name).locator("visible=true")).to_have_count(0)
    expect(chat.button("Copy").first).to_be_enabled()
    if kernel_version == KERNELS[0]:
        in_both_themes(lab, "earlier-kernel")
    gate.open()
    lab.wait_idle()
    lab.run(0)
    expect(chat.root.locator('[data-nbagent="earlier"]')).to_have_count(0)
    model.add("From the new one.")
    chat.ask("Are you there?")
    expect(chat.words()).to_have_text("From the new one.")


def test_a_kernel_that_died(lab: Lab, model: FakeServer):
    """Jupyter starts another one by itself, which knows nothing of this widget."""
    chat = open_chat(lab, model, "died")
    model.add("One.")
    chat.ask("First?")
    chat.wait("idle")
    lab.page.evaluate(EXECUTE, "import os; os._exit(1)")
    earlier = chat.root.locator('[data-nbagent="earlier"]')
    expect(earlier).to_contain_text(EARLIER)
    expect(chat.composer).to_be_disabled()
    expect(chat.words()).to_have_text("One.")
    for dialog in lab.page.locator(".jp-Dialog button.jp-mod-accept").all():
        dialog.click()


def test_a_comm_that_nobody_listens_to(lab: Lab, model: FakeServer):
    """A kernel at rest that does not answer a question: it is given back, and the page says why."""
    chat = open_chat(lab, model, "deaf")
    # The page is not told of it, as after a restart that it did not see.
    forget = "get_ipython().kernel.comm_manager.unregister_comm(agent.widget.comm)"
    lab.kernel("1", setup=forget)
    chat.composer.fill("Anybody?")
    chat.composer.press("Enter")
    earlier = chat.root.locator('[data-nbagent="earlier"]')
    expect(earlier).to_contain_text(EARLIER)
    expect(earlier.locator('[data-nbagent="unsent"]')).to_contain_text("Anybody?")
    expect(chat.composer).to_be_disabled()
    assert model.requests == []


def test_a_widget_saved_with_its_notebook(lab: Lab, model: FakeServer):
    """Where JupyterLab saves widgets too, a page with another kernel shows it all, to be read."""
    setting = lab.server.folder / SETTING
    setting.parent.mkdir(parents=True)
    setting.write_text('{"saveState": true}')
    try:
        chat = open_chat(lab, model, "kept")
        model.add("It is **all** here.")
        chat.ask("Where is it?")
        chat.wait("idle")
        lab.save()
        path = lab.server.root / "kept.ipynb"
        wait_for(lambda: "widget-state" in path.read_text(), what="the widgets are saved")
        lab.server.end_kernels()
        lab.reload()
        expect(chat.root.locator('[data-nbagent="earlier"]')).to_contain_text(EARLIER)
        expect(chat.words()).to_have_text("It is all here.")
        expect(chat.composer).to_be_disabled()
        in_both_themes(lab, "kept-widget")
    finally:
        setting.unlink()


@pytest.mark.parametrize("kernel_version", ["ipykernel-6.31"], indirect=True)
def test_a_kernel_that_is_busy(lab: Lab, model: FakeServer, kernel_version: str):
    """A question to a kernel that works on a cell waits, and the page says for what."""
    go = lab.server.root / "go-on"
    long = "import pathlib, time; print('At work.')\n"
    long += f"while not pathlib.Path('{go}').exists(): time.sleep(0.05)"
    chat = open_chat(lab, model, "busy", long, kernel=kernel_version)
    model.add("Now I can.")
    lab.run(1, wait=False)
    wait_for(lambda: "At work." in lab.text(1))
    chat.composer.fill("Can you?")
    chat.composer.press("Enter")
    silent = chat.root.locator('[data-nbagent="silent"]')
    expect(silent).to_contain_text("The kernel is busy with a cell.")
    in_both_themes(lab, "busy-kernel")
    go.touch()
    expect(chat.words()).to_have_text("Now I can.")
    expect(silent).to_have_count(0)


def test_all_widgets_closed_and_the_conversation_loaded(lab: Lab, model: FakeServer):
    """The agent is shown again with all it said; so is a saved one, with how its answer failed."""
    again = "import ipywidgets; ipywidgets.Widget.close_all(); agent"
    load = (
        "agent.save('failed.json')\n"
        "loaded = Agent.load('failed.json', executor=Executor({'openai': client}))\n"
        "loaded"
    )
    model.add(reply_error(400, "no such thing"), "Said.")
    open_chat(lab, model, "closed", again, load)
    chat = in_cell(lab, 0)
    chat.ask("One?")
    expect(chat.answer().locator('[data-nbagent="error"]')).to_contain_text("no such thing")
    for cell in (1, 2):
        lab.run(cell)
        error = in_cell(lab, cell).answer().locator('[data-nbagent="error"]')
        expect(error).to_contain_text("InvalidRequest")
        expect(error).to_contain_text("no such thing")
    lab.screenshot("loaded-failed")
    in_cell(lab, 2).button("Retry").click()
    expect(in_cell(lab, 2).words()).to_have_text("Said.")
