"""Runs the fuzz for as long as it is told: ``python -m tests.fuzz --minutes 10 [protocol …]``."""

from __future__ import annotations

import argparse
import random
import time
from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from nbagent.providers.decoder import Decoder
from tests.fuzz.check import holds
from tests.fuzz.mutations import broken, outside_in
from tests.fuzz.streams import DECODERS, STREAMS

ROUND = 500


def main() -> None:
    """Rounds over all protocols in turn; a broken promise ends it with its smallest case."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="protocol", help=", ".join(DECODERS))
    parser.add_argument("--minutes", type=float, default=10.0)
    options = parser.parse_args()
    until, cases = time.monotonic() + options.minutes * 60, 0
    while time.monotonic() < until:
        for name in options.names or DECODERS:
            number = random.randrange(2**32)
            print(f"{cases:,} cases; {name} from seed {number}", flush=True)  # noqa: T201 - progress
            _round(DECODERS[name], STREAMS[name], number)
            cases += ROUND
    print(f"{cases:,} cases, every promise held.")  # noqa: T201 - the result


def _round(make: type[Decoder], streams: tuple[bytes, ...], number: int) -> None:
    @seed(number)
    @settings(
        max_examples=ROUND, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(st.data())
    def case(data: Any) -> None:
        stream = broken(data.draw, data.draw(st.sampled_from(streams)))
        holds(make, stream, outside_in(data.draw, stream))

    case()


if __name__ == "__main__":
    main()
