"""The size of the page's bundle, which travels with every widget and every saved notebook."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator

from nbagent.widget.widget import STATIC
from tests.bench.measure import Row

__all__ = ["run"]

MARKS = {"widget.js": 250.0, "widget.css": None}


async def run(url: str) -> AsyncIterator[Row]:
    """Raw size, and compressed for comparison with other libraries."""
    for name, wanted in MARKS.items():
        file = STATIC / name
        if not file.is_file():
            yield Row(name, 0.0, "KiB", note="not built: run `make js`")
            continue
        raw = file.read_bytes()
        yield Row(name, len(raw) / 1024, "KiB raw", wanted=wanted)
        yield Row(name, len(gzip.compress(raw)) / 1024, "KiB gzipped")
