"""Contestants that live in a notebook: cells in JupyterLab, the last of which asks for the load."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version

from tests.bench.side.contestant import Ask, Setting
from tests.e2e.chat import Chat
from tests.e2e.kernels import Kernel
from tests.e2e.lab import Lab

__all__ = ["InLab"]

KERNEL = "ipykernel"


@dataclass(frozen=True)
class InLab:
    """Code in the cells of a notebook.

    Attributes:
        name: For the table and the command line.
        packages: Whose versions are said in the results.
        reply: Selects the replies in the page.
        cells: The code of the cells, given the setting.
        composer: Whether the load is asked for in nbagent's composer instead of by the last cell.
    """

    name: str
    packages: Sequence[str]
    reply: str
    cells: Callable[[Setting], Sequence[str]]
    composer: bool = False

    def versions(self) -> dict[str, str]:
        """Of its packages, which are in this environment."""
        return {name: version(name) for name in (*self.packages, "jupyterlab", "ipykernel")}

    @contextmanager
    def opened(self, setting: Setting) -> Iterator[Ask]:
        """A notebook of its own, all cells run but the one that asks."""
        server = setting.lab()
        server.add_kernel(Kernel(KERNEL))
        lab = Lab(setting.page, server, setting.folder)
        cells = self.cells(setting)
        lab.open(cells, name=f"{self.name}-{setting.load.name}")
        try:
            ready = len(cells) if self.composer else len(cells) - 1
            for index in range(ready):
                _run(lab, index)
            yield _composer(lab) if self.composer else partial(lab.run, ready, wait=False)
        finally:
            server.end_kernels()


def _composer(lab: Lab) -> Ask:
    composer = Chat(lab.page).composer
    composer.fill("Go on.")
    return partial(composer.press, "Enter")


def _run(lab: Lab, index: int) -> None:
    lab.run(index)
    errors = lab.errors_of(index)
    if errors:
        raise RuntimeError(f"Cell {index} failed: {errors[0]}")
