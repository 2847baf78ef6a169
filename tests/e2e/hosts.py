"""What the page is like around the widget: the variables and marks that hosts give it."""

import sys
from pathlib import Path

from playwright.sync_api import Page

THEMES = Path(sys.prefix) / "share" / "jupyter" / "lab" / "themes" / "@jupyterlab"
LAB = ("light", "dark", "dark-high-contrast")


def wear_lab(page: Page, name: str) -> None:
    """Gives the page the variables of a theme of JupyterLab: one of `LAB`."""
    theme = (THEMES / f"theme-{name}-extension" / "index.css").read_text(encoding="utf-8")
    ground = "body { background: var(--jp-layout-color0); margin: 16px; }"
    page.add_style_tag(content=theme + ground)
    marks = {"jpThemeLight": str(name == "light").lower(), "jpThemeName": f"JupyterLab {name}"}
    page.evaluate("marks => { Object.assign(document.body.dataset, marks); }", marks)
