"""Doing something as soon as a module has been imported, whoever imports it."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

__all__ = ["when_imported"]

Hook = Callable[[Any], None]


class _Finder(MetaPathFinder):
    """Finds nothing by itself: it lets the others find, and adds to what they load."""

    def __init__(self) -> None:
        self.hooks: dict[str, Hook] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        hook = self.hooks.get(fullname)
        if hook is None:
            return None
        others = (finder for finder in sys.meta_path if finder is not self)
        found = (finder.find_spec(fullname, path, target) for finder in others)
        spec = next(filter(None, found), None)
        loader: Any = spec.loader if spec is not None else None
        if loader is not None:
            loader.exec_module = functools.partial(_load, loader.exec_module, hook)
        return spec


_finder = _Finder()


def when_imported(name: str, hook: Hook) -> None:
    """Call the hook with the module: at once if it is there, else when it has been loaded.

    The hook is called each time this is, and must not mind.
    """
    module = sys.modules.get(name)
    loading = getattr(getattr(module, "__spec__", None), "_initializing", False)
    if module is not None and not loading:
        hook(module)
    elif name not in _finder.hooks:
        _finder.hooks[name] = hook
        if _finder not in sys.meta_path:
            sys.meta_path.insert(0, _finder)


def _load(original: Callable[[ModuleType], None], hook: Hook, module: ModuleType) -> None:
    original(module)
    hook(module)
