"""``python -m tests.extraction [developed|tried|held_out]``: how much of each set comes out right.

`developed` is what wordings of requests are compared with; the other two are for the test.
"""

from __future__ import annotations

import asyncio
import sys

from tests.extraction.test_extraction import entries, filled


async def report(texts: str) -> None:
    """Reads all paragraphs of a set and prints what was missed."""
    outcomes = [await filled(entry) for entry in entries(texts)]
    whole = [outcome for outcome in outcomes if outcome.filled]
    right = sum(6 - len(outcome.wrong) for outcome in whole)
    all_right = sum(not outcome.wrong for outcome in whole)
    count = len(outcomes)
    lines = [f"{texts}: {len(whole)} of {count} filled, {right} of {6 * count} fields right,"]
    lines[0] += f" all six in {all_right}"
    missed = (outcome for outcome in outcomes if outcome.wrong or outcome.error)
    lines += [f"  {each.text[:40]}… {each.wrong or each.error}" for each in missed]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    for texts in sys.argv[1:] or ("developed",):
        asyncio.run(report(texts))
