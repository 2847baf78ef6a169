"""Fixtures of the end-to-end tests: one JupyterLab, two browsers, a notebook a test.

The browsers and the server live as long as this package's tests: Playwright's sync API keeps a
loop on the main thread, which must be gone before async tests elsewhere want to run theirs.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, expect, sync_playwright

from nbagent.testing import FakeServer
from tests.browser import NAMES, find
from tests.e2e.kernels import Kernel
from tests.e2e.lab import PATIENCE, Lab
from tests.e2e.pages import SIZE, Pages
from tests.e2e.server import LabServer

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


expect.set_options(timeout=PATIENCE * 1000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is an end-to-end test."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="package")
def lab_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabServer]:
    """A running JupyterLab."""
    server = LabServer(tmp_path_factory.mktemp("lab"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="package")
def chromium() -> str:
    """The path of Chromium; that it is missing is a failure, never a skip."""
    path = find()
    if path is None:
        pytest.fail(f"The end-to-end tests need a browser on PATH: {', '.join(NAMES)}.")
    return path


@pytest.fixture(scope="package")
def browser(playwright: Playwright, chromium: str) -> Iterator[Browser]:
    """A browser for pages with profiles of their own."""
    browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def lab_profile(
    playwright: Playwright, chromium: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """A browser that keeps JupyterLab's compiled code: that is a quarter of what a page costs."""
    context = playwright.chromium.launch_persistent_context(
        tmp_path_factory.mktemp("profile"),
        executable_path=chromium,
        args=ARGUMENTS,
        viewport=SIZE,
    )
    context.set_default_timeout(PATIENCE * 1000)
    yield context
    context.close()


@pytest.fixture
def kernel_version(request: pytest.FixtureRequest) -> str:
    """The kernel of a test's notebook; parametrize it (indirect) to take others."""
    return str(getattr(request, "param", "ipykernel"))


@pytest.fixture(scope="package")
def lab_pages(lab_profile: BrowserContext, lab_server: LabServer, results: Path) -> Pages:
    """The page that tests hand on."""
    return Pages(lab_profile, lab_server, results)


@pytest.fixture
def new_page() -> None:
    """For tests that reload, resize or reach into JupyterLab: a page that nobody else has had, and
    nobody else gets."""


@pytest.fixture
def lab(
    lab_pages: Pages, lab_server: LabServer, kernel_version: str, request: pytest.FixtureRequest
) -> Iterator[Lab]:
    """JupyterLab as fresh as at first; no uncaught error may happen in the page."""
    lab_server.add_kernel(Kernel(kernel_version))
    own = "new_page" in request.fixturenames
    failed = request.session.testsfailed
    lab = lab_pages.open(new=own)
    yield lab
    errors = list(lab.errors)
    lab_pages.leave(lab, keep=not own and not errors and request.session.testsfailed == failed)
    assert not errors, f"Uncaught errors in the page: {errors}"


@pytest.fixture
def model() -> Iterator[FakeServer]:
    """The scripted model server."""
    with FakeServer() as server:
        yield server
