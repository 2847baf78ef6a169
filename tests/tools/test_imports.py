"""Hooks that are called when a module has been imported."""

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

from nbagent.tools.imports import when_imported


def test_the_hook_is_called_after_the_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the module has its names, and before whoever imports it goes on."""
    (tmp_path / "nbagent_late_module.py").write_text("value = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    seen: list[Any] = []
    when_imported("nbagent_late_module", lambda module: seen.append(module.value))
    assert seen == []
    importlib.import_module("nbagent_late_module")
    assert seen == [1]
    when_imported("nbagent_late_module", lambda module: seen.append("at once"))
    assert seen == [1, "at once"]
    del sys.modules["nbagent_late_module"]


def test_a_module_that_is_not_there() -> None:
    """The import fails as ever."""
    when_imported("nbagent_no_such_module", lambda module: None)
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("nbagent_no_such_module")
