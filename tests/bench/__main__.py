"""Runs the benchmarks and prints one table: ``python -m tests.bench [name …]``.

It asserts nothing about time; what is over its mark is pointed at.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from types import MappingProxyType

from tests.bench import (
    agent,
    arguments,
    bundle,
    calls,
    imports,
    many,
    memory,
    page,
    received,
    sdk,
    text,
    turns,
    widget,
)
from tests.bench.measure import Row
from tests.bench.server import serving

BENCHMARKS: MappingProxyType[str, Callable[[str], AsyncIterator[Row]]] = MappingProxyType(
    {
        "text": text.run,
        "arguments": arguments.run,
        "received": received.run,
        "agent": agent.run,
        "import": imports.run,
        "memory": memory.run,
        "many": many.run,
        "calls": calls.run,
        "turns": turns.run,
        "widget": widget.run,
        "bundle": bundle.run,
        "page": page.run,
        "sdk": sdk.run,
    }
)
HEADS = ("", "ours", "floor", "ratio", "wanted", "", "")
WIDTHS = (40, 9, 9, 7, 8)


def main() -> None:
    """Runs the chosen benchmarks, all of them by default."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(BENCHMARKS))
    names = parser.parse_args().names or list(BENCHMARKS)
    unknown = sorted(set(names) - set(BENCHMARKS))
    if unknown:
        parser.error(
            f"no benchmark is named {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}"
        )
    asyncio.run(_run(names))


async def _run(names: Iterable[str]) -> None:
    print(_line(HEADS))  # noqa: T201 - the table is the result
    with serving() as url:
        for name in names:
            async for row in BENCHMARKS[name](url):
                print(_line(_cells(row)), flush=True)  # noqa: T201 - as above


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.name,
        f"{row.ours:.2f}",
        "" if row.floor is None else f"{row.floor:.2f}",
        "" if row.ratio is None else f"{row.ratio:.2f}",
        "" if row.wanted is None else f"≤ {row.wanted:g}",
        row.unit,
        row.note if row.within else f"<- over the mark {row.note}",
    )


def _line(cells: tuple[str, ...]) -> str:
    name, *numbers = cells[: len(WIDTHS)]
    aligned = [name.ljust(WIDTHS[0])]
    aligned += [cell.rjust(width) for cell, width in zip(numbers, WIDTHS[1:], strict=True)]
    return " ".join((*aligned, "", *cells[len(WIDTHS) :])).rstrip()


if __name__ == "__main__":
    main()
