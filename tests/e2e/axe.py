"""axe-core in a page: what it finds wrong with the widget."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

SOURCE = Path(__file__).parents[2] / "js" / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => {
  const where = [...document.querySelectorAll(".nbagent-root")];
  const { violations } = await axe.run(where, { resultTypes: ["violations"] });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, any, all, none }) =>
    `${id}: ${target.join(" ")}: ${[...any, ...all, ...none].map((one) => one.message)[0]}`));
}"""


def violations(page: Page) -> list[str]:
    """What is wrong, a line for each element."""
    load_axe(page)
    found: list[Any] = page.evaluate(RUN)
    return [str(one) for one in found]


def load_axe(page: Page) -> None:
    """Has axe-core in the page, once."""
    if page.evaluate("'axe' in window"):
        return
    if not SOURCE.is_file():
        raise AssertionError("axe-core is not there: run `npm ci` in js/, or `make test`.")
    page.add_script_tag(content=SOURCE.read_text(encoding="utf-8"))
