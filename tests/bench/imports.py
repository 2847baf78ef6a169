"""What ``import nbagent`` costs, against importing the libraries that it stands on."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

from tests.bench.measure import Row, alternate

__all__ = ["run"]

ROOT = Path(__file__).parents[2]
ROUNDS = 9
FLOOR = "import anywidget, httpx, pydantic"
OURS = {
    "import nbagent": 1.25,
    # What a notebook's first cell does: here everything is loaded that an agent needs.
    "from nbagent import Agent, tool": None,
}
SCRIPT = """
import time
wall, cpu = time.perf_counter(), time.process_time()
{statement}
print(time.{clock}() - {start})
"""
CLOCKS = {"CPU": ("process_time", "cpu"), "wall": ("perf_counter", "wall")}


async def run(url: str) -> AsyncIterator[Row]:
    """Rows for CPU and wall time, each in interpreters of their own."""
    for clock in CLOCKS:
        measures = [partial(_fresh, statement, clock) for statement in (*OURS, FLOOR)]
        await asyncio.gather(*(measure() for measure in measures))  # the byte code is written
        *ours, floor = await alternate(*measures, rounds=ROUNDS)
        for (statement, wanted), taken in zip(OURS.items(), ours, strict=True):
            yield Row(statement, taken, f"ms {clock}", floor, wanted)


async def _fresh(statement: str, clock: str) -> float:
    """Milliseconds that a statement takes in a fresh interpreter."""
    function, start = CLOCKS[clock]
    script = SCRIPT.format(statement=statement, clock=function, start=start)
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await child.communicate()
    return float(output) * 1000
