"""The one file that imports pandas, which may not be installed."""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["pandas"]


def pandas() -> Any | None:
    """The library, imported when it is first asked for; None where it is not installed."""
    try:
        # Half a second, which only somebody with a table should wait for.
        return importlib.import_module("pandas")
    except ImportError:
        return None
