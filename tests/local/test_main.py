"""The command line."""

from pathlib import Path

import pytest

from nbagent.local.__main__ import main


def test_pull_prints_the_path(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The path alone is on stdout, for scripts."""
    own = tmp_path / "mine.gguf"
    own.write_bytes(b"GGUF")
    assert main(["pull", "--path", str(own)]) == 0
    assert capsys.readouterr().out == f"{own}\n"


@pytest.mark.parametrize("command", ["pull", "serve"])
def test_errors_are_one_text_and_a_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    """What went wrong stands on stderr without a traceback, and the status is 1."""
    assert main([command, "--path", str(tmp_path / "no.gguf")]) == 1
    error = capsys.readouterr().err
    assert error.startswith("WeightsUnavailable: There is no model at")
    assert "Traceback" not in error
