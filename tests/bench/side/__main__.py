"""Runs the comparison and prints one table: ``python -m tests.bench.side [name …]``.

Names are those of contestants and of loads, in any order; without any, all of them. It asserts
nothing: what is best is for the reader of the table.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.bench.side.field import FIELD
from tests.bench.side.loads import LOADS
from tests.bench.side.run import run
from tests.bench.side.table import HEAD, line, table

RESULTS = Path(__file__).parents[3] / "test-results"
FILE = RESULTS / "side.json"


def main() -> None:
    """Runs what was chosen; what was measured earlier of the rest stays in the file."""
    chosen = _arguments()
    field = [FIELD[name] for name in chosen.names if name in FIELD] or list(FIELD.values())
    loads = [LOADS[name] for name in chosen.names if name in LOADS] or list(LOADS.values())
    RESULTS.mkdir(exist_ok=True)
    if chosen.table:
        _say(table(_known()["rows"], list(FIELD)))
        return
    versions = {contestant.name: contestant.versions() for contestant in field}
    if chosen.install:
        _say(json.dumps(versions, indent=1))
        return
    _say(HEAD)
    rows = []
    for outcome in run(field, loads, RESULTS if chosen.pictures else None):
        rows.append(outcome.as_json())
        _say(line(rows[-1]))
    _save(rows, versions)
    if len(rows) > 1:
        _say("\n" + table(rows, list(FIELD)))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.side", description=__doc__)
    named = f"contestants: {', '.join(FIELD)}; loads: {', '.join(LOADS)}"
    parser.add_argument("names", nargs="*", metavar="name", help=named)
    parser.add_argument("--pictures", action="store_true", help="a screenshot of each page")
    parser.add_argument("--install", action="store_true", help="install what is missing, no more")
    parser.add_argument("--table", action="store_true", help="what was measured so far, no more")
    chosen = parser.parse_args()
    unknown = sorted(set(chosen.names) - set(FIELD) - set(LOADS))
    if unknown:
        parser.error(f"there is no {', '.join(unknown)}; {named}")
    return chosen


def _known() -> dict[str, Any]:
    found: dict[str, Any] = {"versions": {}, "rows": []}
    return json.loads(FILE.read_text()) if FILE.exists() else found


def _save(rows: Sequence[dict[str, Any]], versions: dict[str, dict[str, str]]) -> None:
    """Puts new rows in the place of old ones."""
    known = _known()
    done = {(row["contestant"], row["load"]) for row in rows}
    kept = [row for row in known["rows"] if (row["contestant"], row["load"]) not in done]
    saved = {"versions": known["versions"] | versions, "rows": [*kept, *rows]}
    FILE.write_text(json.dumps(saved, indent=1) + "\n")


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - the table is the result


if __name__ == "__main__":
    main()
