"""Tests of `nbagent.scale`, and of `Agent.map`, which stands on it."""
