"""Tests of `nbagent.notebook`."""
