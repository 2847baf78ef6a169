"""Broken replies without end, for all five decoders: ``python -m tests.fuzz --minutes 10``."""
