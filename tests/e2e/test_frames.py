"""A tool's scripts in their frames: they work there, they cannot leave, nothing loads unasked."""

import http.server
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from nbagent.testing import FakeServer
from tests.e2e.lab import Lab, wait_for
from tests.e2e.showing import called, opened, pictures


def test_sound_can_be_played(lab: Lab, model: FakeServer):
    """IPython's Audio is a player, in its frame."""
    chat = opened(lab, model, "sound")
    card = called(chat, model, "sound")
    inner = card.frame_locator('iframe[data-nbagent="frame"]').frame_locator("iframe")
    player = inner.locator("audio")
    expect(player).to_be_visible()
    wait_for(lambda: player.evaluate("audio => audio.duration") == 0.5, what="the sound's length")


@pytest.mark.usefixtures("new_page")
def test_plotly_without_a_renderer_is_drawn_in_a_frame(lab: Lab, model: FakeServer):
    """Where the host cannot draw plotly's data, plotly's own script from the kernel does."""
    chat = opened(lab, model, "plotly-frame")
    lab.page.evaluate(
        """() => {
            const panel = [...window.jupyterapp.shell.widgets('main')]
                .find(w => w.sessionContext && w.content.widgets);
            panel.content.rendermime.removeMimeType('application/vnd.plotly.v1+json');
        }"""
    )
    card = called(chat, model, "plotly_figure")
    inner = card.frame_locator('iframe[data-nbagent="frame"]').frame_locator("iframe")
    expect(inner.locator(".main-svg").first).to_be_visible()
    pictures(lab, "plotly-frame", card)


def test_scripts_work_in_a_frame_that_they_cannot_leave(lab: Lab, model: FakeServer):
    """HTML with a script runs and is operable, with no way to the page around it."""
    chat = opened(lab, model, "scripted")
    card = called(chat, model, "scripted")
    inner = card.frame_locator('iframe[data-nbagent="frame"]').frame_locator("iframe")
    says = inner.locator("#says")
    expect(says).to_have_text("document closed, top closed, storage closed")
    inner.get_by_role("button", name="Count").click()
    expect(says).to_have_text("clicked 1")
    frame = card.locator('iframe[data-nbagent="frame"]')
    assert frame.evaluate("frame => frame.getBoundingClientRect().height") > 40
    pictures(lab, "scripted", card)


class Trap(http.server.BaseHTTPRequestHandler):
    """Notes who came."""

    seen: list[str] = []

    def do_GET(self) -> None:
        self.seen.append(self.path)
        self.send_response(204)
        self.end_headers()

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def trap() -> Iterator[str]:
    """The address of a server that nothing may reach unasked."""
    Trap.seen = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Trap)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.mark.usefixtures("new_page")
def test_nothing_is_loaded_or_sent_unasked(lab: Lab, model: FakeServer, trap: str):
    """No image, script, style, frame, fetch, beacon, socket or navigation leaves the frame."""
    chat = opened(lab, model, "leaking")
    before = lab.page.url
    card = called(chat, model, "leaking", address=trap)
    expect(card.locator('iframe[data-nbagent="frame"]')).to_be_visible()
    lab.page.wait_for_timeout(600)
    assert Trap.seen == []
    assert lab.page.url == before and len(lab.page.context.pages) == 1
    button = card.get_by_role("button", name="Load remote content")
    expect(button).to_be_visible()
    pictures(lab, "leaking", card)
    button.click()
    wait_for(lambda: "/image.png" in Trap.seen, what="the image that was asked for")
