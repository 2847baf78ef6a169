"""Fixtures of the end-to-end tests: one JupyterLab, one browser, a page a test.

The browser and the server live as long as this package's tests: Playwright's sync API keeps a
loop on the main thread, which must be gone before async tests elsewhere want to run theirs.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from nbagent.testing import FakeServer
from tests.browser import NAMES, find
from tests.e2e.kernels import Kernel
from tests.e2e.lab import Lab
from tests.e2e.server import LabServer

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


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
def browser() -> Iterator[Browser]:
    """Chromium from PATH; that it is missing is a failure, never a skip."""
    path = find()
    if path is None:
        pytest.fail(f"The end-to-end tests need a browser on PATH: {', '.join(NAMES)}.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def kernel_version(request: pytest.FixtureRequest) -> str:
    """The kernel of a test's notebook; parametrize it (indirect) to take others."""
    return str(getattr(request, "param", "ipykernel"))


@pytest.fixture
def lab(
    browser: Browser, lab_server: LabServer, kernel_version: str, results: Path
) -> Iterator[Lab]:
    """JupyterLab in a fresh browser profile; no uncaught error may happen in the page."""
    lab_server.add_kernel(Kernel(kernel_version))
    context = browser.new_context(viewport={"width": 1280, "height": 960})
    lab = Lab(context.new_page(), lab_server, results)
    yield lab
    context.close()
    lab_server.end_kernels()
    assert not lab.errors, f"Uncaught errors in the page: {lab.errors}"


@pytest.fixture
def model() -> Iterator[FakeServer]:
    """The scripted model server."""
    with FakeServer() as server:
        yield server
