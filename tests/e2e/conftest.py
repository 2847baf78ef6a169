"""Fixtures of the end-to-end tests: one JupyterLab, two browsers, a page a test.

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
from tests.e2e.server import LabServer

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
STORED = "cookies,local_storage,indexeddb,cache_storage,service_workers"


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
        viewport={"width": 1280, "height": 960},
    )
    context.set_default_timeout(PATIENCE * 1000)
    yield context
    context.close()


@pytest.fixture
def kernel_version(request: pytest.FixtureRequest) -> str:
    """The kernel of a test's notebook; parametrize it (indirect) to take others."""
    return str(getattr(request, "param", "ipykernel"))


@pytest.fixture
def lab(
    lab_profile: BrowserContext, lab_server: LabServer, kernel_version: str, results: Path
) -> Iterator[Lab]:
    """JupyterLab in a profile as fresh as the first; no uncaught error may happen in the page."""
    lab_server.add_kernel(Kernel(kernel_version))
    (page,) = lab_profile.pages
    lab = Lab(page, lab_server, results)
    yield lab
    refresh(lab_profile, lab_server.url)
    lab_server.end_kernels()
    assert not lab.errors, f"Uncaught errors in the page: {lab.errors}"


def refresh(profile: BrowserContext, origin: str) -> None:
    """Leaves one empty page, and nothing that was stored or allowed."""
    fresh = profile.new_page()  # before the others are closed: the browser ends with its last one
    for page in profile.pages:
        if page is not fresh:
            page.close()
    profile.clear_permissions()
    session = profile.new_cdp_session(fresh)
    session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": STORED})
    session.detach()


@pytest.fixture
def model() -> Iterator[FakeServer]:
    """The scripted model server."""
    with FakeServer() as server:
        yield server
