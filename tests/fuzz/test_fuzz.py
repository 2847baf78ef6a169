"""Broken replies raise nothing but errors of the tree, end at most once, and do not mind cuts."""

# ruff: noqa: E501 - one case a line is easier to read and to compare

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.check import holds
from tests.fuzz.mutations import broken, outside_in
from tests.fuzz.streams import DECODERS, STREAMS

# More with NBAGENT_FUZZ_EXAMPLES; the long run is ``python -m tests.fuzz --minutes 10``.
EXAMPLES = int(os.environ.get("NBAGENT_FUZZ_EXAMPLES", "150"))
ENDLESS = (
    b"x" * 65536, b": comment\n" * 6554, b"data: x\n" * 8192, b"\n" * 65536, b" " * 65536, b"\r\n" * 32768, b"event: x\n" * 8192,
    b'{"a": "' + b"x" * 65536, b"[" * 65536, b"id: 1\n" * 10000, b"\xff" * 65536, b"data:\r" * 10000,
)  # fmt: skip
BOUND = 9 * 1024 * 1024


@pytest.mark.parametrize("name", DECODERS)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_broken_replies(name, data):
    """Bytes flipped, lost, doubled, values of other types: all promises hold, for any cut."""
    stream = broken(data.draw, data.draw(st.sampled_from(STREAMS[name])))
    holds(DECODERS[name], stream, outside_in(data.draw, stream))


@pytest.mark.parametrize("name", DECODERS)
@pytest.mark.parametrize("junk", ENDLESS, ids=lambda junk: repr(junk[:8]))
def test_garbage_without_end(name, junk):
    """It ends in a clear error after some megabytes, and nothing of it is kept for longer."""
    decoder = DECODERS[name]()
    read = 0
    while decoder.error is None and read < 2 * BOUND:
        decoder.feed(junk)
        read += len(junk)
    assert decoder.error is not None, "garbage was read for ever"
    assert read <= BOUND
    assert len(str(decoder.error)) < 1000
