"""Contestants that are applications: a script of their own, served, and asked in its composer."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from tests.bench.side.contestant import READER, Ask, Setting
from tests.bench.side.places import python_of, versions_of
from tests.e2e.server import free_port

__all__ = ["AsApp"]

#: Seconds for a process to answer, and for its page to be there.
START = 60.0
QUIETLY = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1", "DO_NOT_TRACK": "1"}


@dataclass(frozen=True)
class AsApp:
    """A script that serves a chat.

    Attributes:
        name: For the table and the command line.
        packages: What pip installs for it.
        reply: Selects the replies in the page.
        source: The script. Beside it is a module ``given`` with the model's address ``URL``, the
            earlier messages ``HISTORY`` (mappings with ``role`` and ``content``), the script's own
            ``PORT``, and ``deltas``, which reads a reply.
        composer: Selects the field for questions.
        command: How it is started, after the interpreter, with places for ``{script}`` and
            ``{port}``.
        asked: Whether the earlier questions are asked in the composer, one by one, because the
            script has no other way to show them.
        enter: The key that sends.
    """

    name: str
    packages: Sequence[str]
    reply: str
    source: str
    composer: str = "textarea:visible, [contenteditable=true]:visible"
    command: Sequence[str] = ("{script}",)
    asked: bool = False
    enter: str = "Enter"

    def versions(self) -> dict[str, str]:
        """Of its packages, installed on first use."""
        return versions_of(python_of(self.name, self.packages), self.packages)

    @contextmanager
    def opened(self, setting: Setting) -> Iterator[Ask]:
        """Serves it and opens its page."""
        port = free_port()
        with self._served(setting, port) as process:
            _wait_until_served(port, process, setting.folder / "log.txt")
            setting.page.goto(f"http://127.0.0.1:{port}/")
            composer = setting.page.locator(self.composer).first
            composer.wait_for(timeout=START * 1000)
            if self.asked:
                for question, answer in setting.load.rounds:
                    self._round(setting.page, question, answer)
            composer.fill("Go on.")
            setting.page.wait_for_timeout(2000)  # what an application does after it is there
            yield lambda: composer.press(self.enter)

    def _round(self, page: Page, question: str, answer: str) -> None:
        composer = page.locator(self.composer).first
        composer.fill(question)
        composer.press(self.enter)
        end = " ".join(answer.split()[-3:])
        page.locator(self.reply).last.filter(has_text=end).wait_for()

    @contextmanager
    def _served(self, setting: Setting, port: int) -> Iterator[subprocess.Popen[bytes]]:
        script = setting.folder / f"{self.name}_app.py"
        script.write_text(self.source)
        (setting.folder / "given.py").write_text(_told(setting, port) + READER)
        words = [word.format(script=script, port=port) for word in self.command]
        with (setting.folder / "log.txt").open("wb") as log:
            process = subprocess.Popen(
                [python_of(self.name, self.packages), *words],
                cwd=setting.folder,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
            try:
                yield process
            finally:
                process.terminate()
                _end(process)


def _told(setting: Setting, port: int) -> str:
    history = [
        {"role": role, "content": content}
        for round_ in setting.load.rounds
        for role, content in zip(("user", "assistant"), round_, strict=True)
    ]
    told = {"URL": setting.model.url, "PORT": port, "HISTORY": history}
    return "".join(f"{name} = {json.dumps(value)}\n" for name, value in told.items())


def _environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | QUIETLY


def _wait_until_served(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START
    while process.poll() is None and time.monotonic() < deadline:
        if _listens(port):
            return
        time.sleep(0.2)
    raise RuntimeError(f"It did not start: {log.read_text(errors='replace')[-800:]}")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
