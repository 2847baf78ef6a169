"""Runs written to a file as they happen, and played again from it."""

from nbagent.recording.player import Replay, replay
from nbagent.recording.reader import Recorded, Recording
from nbagent.recording.recorder import Recorder

__all__ = ["Recorded", "Recorder", "Recording", "Replay", "replay"]
