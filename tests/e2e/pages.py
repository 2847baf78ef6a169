"""The page with JupyterLab in it, which tests hand on: loading it costs three times what a test's
own notebook does.

A page is handed on empty: no document, no kernel, the light theme, the size that it had. One that
has anything else about it that a new one would not have is thrown away. So is the page of a test
that failed, and of one that wants a page of its own (the fixture `new_page`).
"""

from pathlib import Path

from playwright.sync_api import BrowserContext, Error, Page, ViewportSize

from tests.e2e.lab import Lab
from tests.e2e.server import LabServer

SIZE: ViewportSize = {"width": 1280, "height": 960}
STORED = "cookies,local_storage,indexeddb,cache_storage,service_workers"
# What JupyterLab and its renderers put into the window when they are needed.
LOADED = "^(webpackChunk|MathJax|Plotly|PolyBool|v?sprintf|vega|__|[0-9]+$)"
# Why the page cannot be handed on; nothing if it can.
EMPTY = f"""async () => {{
    const app = window.jupyterapp;
    if (!app || !window.begunWith) return 'It was loaded again.';
    if (document.querySelector('.jp-Dialog')) return 'A dialog is open.';
    const left = Object.getOwnPropertyNames(window)
        .filter((name) => !window.begunWith.has(name) && !/{LOADED}/.test(name));
    if (left.length > 0) return `There is ${{left}}.`;
    for (const widget of [...app.shell.widgets('main')]) {{
        if (widget.context) widget.context.model.dirty = false;
        widget.dispose();
    }}
    await app.serviceManager.sessions.shutdownAll();
    if (document.body.dataset.jpThemeLight !== 'true') return 'It is dark.';
    const kept = document.querySelector('[data-nbagent], .jp-Notebook, .jp-Dialog');
    return kept === null ? '' : `There is ${{kept.className}}.`;
}}"""


class Pages:
    """The pages of one browser profile, one at a time."""

    def __init__(self, profile: BrowserContext, server: LabServer, results: Path) -> None:
        self._profile = profile
        self._server = server
        self._results = results
        self._loaded = False

    def open(self, *, new: bool) -> Lab:
        """A page for the next test; with ``new`` one in which nothing was ever loaded."""
        if new and self._loaded:
            self._renew()
        (page,) = self._profile.pages
        return Lab(page, self._server, self._results, loaded=self._loaded)

    def leave(self, lab: Lab, *, keep: bool) -> None:
        """Takes a test's page back; it is handed on if that is wished and it can be."""
        lab.detach()
        self._loaded = keep and self._why_not(lab.page) == ""
        if not self._loaded:
            self._renew()
        self._server.end_kernels()

    def _why_not(self, page: Page) -> str:
        """Empties the page; why it cannot be handed on, if so."""
        if self._profile.pages != [page] or page.viewport_size != SIZE:
            return "There are others, or it has another size."
        try:
            return str(page.evaluate(EMPTY))
        except Error as error:  # it was closed, or is somewhere else
            return str(error)

    def _renew(self) -> None:
        """Leaves one empty page, and nothing that was stored or allowed."""
        fresh = self._profile.new_page()  # before the others go: the browser ends with its last
        for page in self._profile.pages:
            if page is not fresh:
                page.close()
        self._profile.clear_permissions()
        session = self._profile.new_cdp_session(fresh)
        told = {"origin": self._server.url, "storageTypes": STORED}
        session.send("Storage.clearDataForOrigin", told)
        session.detach()
        self._server.forget_theme()
        self._loaded = False
