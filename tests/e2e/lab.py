"""One notebook, open in JupyterLab in a real browser, and what a test does with it."""

import ast
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import nbformat
from playwright.sync_api import Error, Locator, Page

from tests.e2e.kernels import DEAF
from tests.e2e.server import LabServer
from tests.e2e.traffic import Traffic

#: Seconds that anything may take: a busy machine is no defect.
PATIENCE = 60.0
# JupyterLab is driven through its own command registry where a person would use its menus: the
# panel is found by its type, since a new view of an output may be the current widget.
PANEL = """
    const app = window.jupyterapp;
    const panel = [...app.shell.widgets('main')].find(w => w.sessionContext && w.content.widgets);
    const notebook = panel.content;
"""
RUN = f"""async ([index, wait]) => {{ {PANEL}
    app.shell.activateById(panel.id);
    notebook.activeCellIndex = index;
    notebook.deselectAll();
    const ran = app.commands.execute('notebook:run-cell');
    if (wait) await ran;
}}"""
EXECUTE = f"""async ([code, expression]) => {{ {PANEL}
    const kernel = panel.sessionContext.session.kernel;
    const expressions = expression ? {{value: expression}} : {{}};
    const future = kernel.requestExecute(
        {{code, store_history: false, user_expressions: expressions}});
    const reply = await future.done;
    return reply.content;
}}"""
# What a page has before a test does anything in it.
BEGIN = """() => {
    window.begunWith = new Set([...Object.getOwnPropertyNames(window), 'begunWith']);
}"""
# A page that is there longer than a kernel's specification looks for new ones once a minute.
OPEN = """async (path) => {
    const app = window.jupyterapp;
    await app.serviceManager.kernelspecs.refreshSpecs();
    void app.commands.execute('docmanager:open', {path, factory: 'Notebook'});
}"""
OUTPUTS = f"""(index) => {{ {PANEL}
    return notebook.widgets[index].model.outputs?.toJSON() ?? [];
}}"""
SOURCES = f"() => {{ {PANEL} return notebook.widgets.map(c => c.model.sharedModel.getSource()); }}"
PROMPT = f"(index) => {{ {PANEL} return notebook.widgets[index].promptNode?.textContent; }}"
NEW_VIEW = f"""async (index) => {{ {PANEL}
    app.shell.activateById(panel.id);
    notebook.activeCellIndex = index;
    await app.commands.execute('notebook:create-output-view');
}}"""
# JupyterLab's own sign of an idle kernel also shows before the kernel is connected.
READY = f"""async () => {{
    if (!window.jupyterapp) return false;
    {PANEL}
    if (!panel) return false;
    await panel.sessionContext.ready;
    const kernel = panel.sessionContext.session?.kernel;
    return kernel?.connectionStatus === 'connected' && kernel.status === 'idle';
}}"""
# Before a widget of ours is made, an ipykernel 7.3 may go deaf while a page connects: not ours to
# mend, and not what a test is about. See nbagent/widget/replies.py.
HEARS = f"""async (deaf) => {{ {PANEL}
    const kernel = panel.sessionContext.session.kernel;
    if (kernel.name !== deaf) return true;
    const code = 'from nbagent.widget.replies import reply_through_stream\\n'
        + 'reply_through_stream(get_ipython().kernel)';
    const heard = kernel.requestExecute({{code, silent: true}}).done.then(() => true);
    const never = new Promise((resolve) => setTimeout(() => resolve(false), 10000));
    const hears = await Promise.race([heard, never]);
    if (!hears) await kernel.restart();
    return hears;
}}"""
THEME = "(name) => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name})"

WEARS = """(dark) => getComputedStyle(document.body)
    .getPropertyValue('--jp-ui-font-color0').includes('fff') === dark"""


class Lab:
    """A notebook in JupyterLab.

    Args:
        page: The browser's page.
        server: The server of JupyterLab.
        results: Where screenshots go.
        loaded: Whether JupyterLab is in the page already, with nothing open.
    """

    def __init__(
        self, page: Page, server: LabServer, results: Path, *, loaded: bool = False
    ) -> None:
        self.page = page
        self.server = server
        self.traffic = Traffic(page)
        self.errors: list[str] = []
        self._results = results
        self._loaded = loaded
        page.on("pageerror", self._note)

    def detach(self) -> None:
        """From now on the page is somebody else's."""
        self.page.remove_listener("pageerror", self._note)
        self.traffic.stop()

    def _note(self, error: Error) -> None:
        self.errors.append(str(error))

    def open(self, cells: Sequence[str], *, name: str, kernel: str = "ipykernel") -> None:
        """Write a notebook of code cells, open it and wait for its kernel."""
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells]
        )
        notebook.metadata["kernelspec"] = {"name": kernel, "display_name": kernel}
        nbformat.write(notebook, self.server.root / f"{name}.ipynb")
        self.visit(name)

    def visit(self, name: str) -> None:
        """Open a notebook that is in the server's folder and wait for its kernel.

        Where JupyterLab is not loaded yet, or has something open, it is loaded with the notebook.
        """
        if self._loaded:
            self.page.evaluate(OPEN, f"{name}.ipynb")
        else:
            self._load(name)
        self._loaded = False
        self.wait_idle()
        self.page.evaluate(BEGIN)

    def _load(self, name: str) -> None:
        workspace = name.replace(".", "-")  # JupyterLab does not find a workspace with a dot
        address = f"{self.server.url}/lab/workspaces/{workspace}/tree/{name}.ipynb"
        self.page.goto(f"{address}?token={self.server.token}&reset")

    def save(self) -> None:
        """Save the notebook; what a reloaded page shows is what was saved."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")

    def reload(self) -> None:
        """Reload the page, as with F5, and wait for the kernel to be idle again."""
        self.page.reload()
        self.wait_idle()

    def wait_idle(self, timeout: float = PATIENCE) -> None:
        """Wait until the notebook's kernel is connected and idle."""
        self.page.locator(".jp-Notebook-ExecutionIndicator").wait_for(timeout=timeout * 1000)
        self.page.wait_for_function(READY, timeout=timeout * 1000, polling=100)
        while not self.page.evaluate(HEARS, DEAF):
            self.page.wait_for_function(READY, timeout=timeout * 1000, polling=100)

    def run(self, index: int = 0, *, wait: bool = True) -> None:
        """Run a cell; with ``wait``, until it is done."""
        self.page.evaluate(RUN, [index, wait])

    def run_all(self) -> None:
        """Run every cell, one after the other."""
        for index in range(len(self.sources())):
            self.run(index)

    def sources(self) -> list[str]:
        """The source of every cell, as it is now in the page."""
        found: list[str] = self.page.evaluate(SOURCES)
        return found

    def outputs(self, index: int) -> list[dict[str, Any]]:
        """The outputs of a cell, as nbformat has them."""
        found: list[dict[str, Any]] = self.page.evaluate(OUTPUTS, index)
        return found

    def text(self, index: int) -> str:
        """What a cell printed or showed as plain text."""
        return "".join(_plain(output) for output in self.outputs(index))

    def errors_of(self, index: int) -> list[str]:
        """The errors among a cell's outputs."""
        return [o["evalue"] for o in self.outputs(index) if o["output_type"] == "error"]

    def prompt(self, index: int) -> str:
        """The prompt beside a cell: ``[3]:``, or ``[*]:`` while it runs."""
        return str(self.page.evaluate(PROMPT, index))

    def wait_done(self, index: int, timeout: float = PATIENCE) -> None:
        """Wait until a cell has been executed."""
        wait_for(lambda: self.prompt(index).strip("[]:").isdigit(), timeout, f"cell {index}")

    def kernel(self, expression: str, *, setup: str = "") -> Any:
        """The value of an expression in the kernel, which must be JSON."""
        wrapped = f"__import__('json').dumps({expression})"
        content = self.page.evaluate(EXECUTE, [setup, wrapped])
        found = content["user_expressions"]["value"]
        if found["status"] != "ok":
            raise AssertionError(f"{expression}: {found['ename']}: {found['evalue']}")
        return json.loads(_literal(found["data"]["text/plain"]))

    def new_view(self, index: int) -> Locator:
        """Create New View for Output of a cell; gives the new view."""
        self.page.evaluate(NEW_VIEW, index)
        view = self.page.locator(".jp-LinkedOutputView")
        view.wait_for()
        return view

    def theme(self, name: str) -> None:
        """Switch to ``"light"`` or ``"dark"``."""
        self.page.evaluate(THEME, f"JupyterLab {name.capitalize()}")
        light = "true" if name == "light" else "false"
        self.page.locator(f'body[data-jp-theme-light="{light}"]').wait_for(state="attached")
        # Its style sheet comes after it says that it changed.
        self.page.wait_for_function(WEARS, arg=name == "dark")

    def screenshot(self, name: str) -> Path:
        """Save what the page shows under test-results/."""
        path = self._results / f"{name}.png"
        self.page.screenshot(path=path)
        return path


def wait_for(condition: Callable[[], Any], timeout: float = PATIENCE, what: str = "") -> Any:
    """Ask until the answer is true; gives the answer.

    For conditions that Playwright cannot wait for itself. Raises AssertionError after ``timeout``
    seconds.
    """
    deadline = time.monotonic() + timeout
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"Waited {timeout} s in vain: {what or condition}")
        time.sleep(0.02)
    return answer


def _plain(output: dict[str, Any]) -> str:
    if output["output_type"] == "error":
        return f"{output['ename']}: {output['evalue']}"
    text = output.get("text") or output.get("data", {}).get("text/plain", "")
    return text if isinstance(text, str) else "".join(text)


def _literal(source: str) -> str:
    """A Python string literal, as the kernel shows a string, as its value."""
    return str(ast.literal_eval(source))
