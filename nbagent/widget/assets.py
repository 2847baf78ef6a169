"""Scripts that a page may ask for: maths, colours for code, charts that the host cannot draw."""

from __future__ import annotations

import functools
import gzip
import sys
from pathlib import Path

__all__ = ["packed"]

# Built with the widget, but too large to travel with every one of them.
_STATIC = Path(__file__).parent / "static"
_OURS = {"maths": "maths.js", "highlight": "highlight.js"}
# By name: the package that brings the file along, and where it is there. A page without a network
# has no other way to it.
_FILES = {"plotly": ("plotly", "package_data/plotly.min.js")}


def packed(name: str) -> bytes | None:
    """The script, gzipped; None where there is none. A chart's own package has been imported."""
    if name in _OURS:
        return _pack(_STATIC / _OURS[name])
    package, place = _FILES.get(name, ("", ""))
    module = sys.modules.get(package)
    if module is None or module.__file__ is None:
        return None
    return _pack(Path(module.__file__).parent / place)


# Every page that opens asks for the same few.
@functools.lru_cache(4)
def _pack(file: Path) -> bytes | None:
    return gzip.compress(file.read_bytes(), 6) if file.is_file() else None
