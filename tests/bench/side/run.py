"""The whole run: every contestant, every load, one browser, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.bench.side.contestant import Contestant, Setting
from tests.bench.side.loads import Load
from tests.bench.side.measure import PROBE, Measured, measure
from tests.bench.side.model import serving
from tests.browser import NAMES, find
from tests.e2e.server import LabServer

__all__ = ["Outcome", "run"]

#: Every name but this machine's is unknown, so that no page waits for what it cannot have.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
)
VIEWPORT = ViewportSize(width=1280, height=960)


@dataclass(frozen=True)
class Outcome:
    """What came of one load with one contestant: what was measured, or why nothing was."""

    contestant: str
    load: str
    measured: Measured | None = None
    failure: str = ""

    def as_json(self) -> dict[str, Any]:
        """For the file of results."""
        said = {"contestant": self.contestant, "load": self.load}
        return said | (self.measured.as_json() if self.measured else {"failure": self.failure})


def run(
    field: Sequence[Contestant], loads: Sequence[Load], pictures: Path | None = None
) -> Iterator[Outcome]:
    """The outcomes, each as soon as it is there.

    Args:
        field: Who takes part.
        loads: What is streamed to each.
        pictures: Where to put a screenshot of each page at its end.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="side-")))
        browser = stack.enter_context(_browser())
        lab = _lazy_lab(stack, folder / "lab")
        for contestant in field:
            for load in loads:
                own = folder / f"{contestant.name}-{load.name}"
                own.mkdir()
                yield _tried(contestant, load, browser, own, lab, pictures)


def _tried(
    contestant: Contestant,
    load: Load,
    browser: Browser,
    folder: Path,
    lab: Callable[[], LabServer],
    pictures: Path | None,
) -> Outcome:
    with serving(load) as model:
        page = browser.new_page(viewport=VIEWPORT)
        page.add_init_script(path=PROBE)
        setting = Setting(page, model, load, folder, lab)
        try:
            with (
                contestant.opened(setting) as ask,
                _pictured(page, pictures, f"{contestant.name}-{load.name}"),
            ):
                measured = measure(page, model, load, contestant.reply, ask)
                return Outcome(contestant.name, load.name, measured)
        except Exception as error:
            # Others' programs fail in their own ways; the row says how, and the run goes on.
            return Outcome(contestant.name, load.name, failure=f"{type(error).__name__}: {error}")
        finally:
            page.close()


@contextmanager
def _pictured(page: Page, folder: Path | None, name: str) -> Iterator[None]:
    """A screenshot at the end, also of what failed."""
    try:
        yield
    finally:
        if folder is not None:
            page.screenshot(path=folder / f"side-{name}.png")


@contextmanager
def _browser() -> Iterator[Browser]:
    path = find()
    if path is None:
        raise SystemExit(f"The side-by-side run needs a browser on PATH: {', '.join(NAMES)}.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


def _lazy_lab(stack: ExitStack, folder: Path) -> Callable[[], LabServer]:
    """JupyterLab, started for the first who needs it and ended with the run."""
    running: list[LabServer] = []

    def lab() -> LabServer:
        if not running:
            folder.mkdir()
            server = LabServer(folder)
            server.start()
            stack.callback(server.stop)
            running.append(server)
        return running[0]

    return lab
