"""The agent in a panel beside the notebook, by the `sidecar` extension of JupyterLab."""

from __future__ import annotations

import importlib
from typing import Any, Literal

from nbagent.errors import ConfigurationError
from nbagent.notebook.view import View
from nbagent.widget.widget import AgentWidget

__all__ = ["Anchor", "Beside"]

Anchor = Literal[
    "right", "split-right", "split-left", "split-top", "split-bottom", "tab-before", "tab-after"
]


class Beside(View):
    """The part of `Agent` that stands beside the notebook."""

    _panel: Any = None

    @property
    def widget(self) -> AgentWidget:
        """The widget; `Agent` makes it."""
        raise NotImplementedError

    def sidecar(self, title: str = "", *, anchor: Anchor = "right") -> Any:
        """Opens the conversation in a panel beside the notebook, where it stays while cells scroll.

        It is another view of the same conversation: it can be shown in a cell as well. Called
        again, the panel is opened anew, also when it was closed in the page. In hosts other than
        JupyterLab nothing is shown.

        Args:
            title: What the panel's tab says; by default the agent's name.
            anchor: Where it opens: ``"right"`` in the side bar, ``"split-right"``,
                ``"split-left"``, ``"split-top"`` and ``"split-bottom"`` beside the notebook,
                ``"tab-before"`` and ``"tab-after"`` as a tab of its own.

        Returns:
            The panel, a `sidecar.Sidecar`; its ``close()`` takes it away.

        Raises:
            ConfigurationError: The package ``sidecar`` is not installed.
        """
        if self._panel is not None:
            self._panel.close()
        shown = title or self._engine.settings.name or "Agent"
        self._panel = _sidecar()(title=shown, anchor=anchor)
        self._panel.outputs = (_view_of(self.widget),)
        # From here on somebody can see it, and answer it.
        self._engine.attended = True
        return self._panel


def _view_of(widget: AgentWidget) -> dict[str, Any]:
    """The output that shows a view of the widget, and nothing else of it."""
    view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
    data = {"application/vnd.jupyter.widget-view+json": view, "text/plain": "The conversation"}
    return {"output_type": "display_data", "data": data, "metadata": {}}


def _sidecar() -> Any:
    """The class of the panel.

    Raises:
        ConfigurationError: It is not installed.
    """
    try:
        return importlib.import_module("sidecar").Sidecar
    except ImportError as error:
        raise ConfigurationError(
            "agent.sidecar() needs the JupyterLab extension `sidecar`: run `pip install sidecar` "
            "(or pip install 'nbagent[sidecar]') and reload the page."
        ) from error
