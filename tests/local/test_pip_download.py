"""Finding pip and asking it, with the real pip of this Python."""

import os
import subprocess
import zipfile
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from nbagent.local.errors import SourceFailed
from nbagent.local.pip_download import pip_command, pip_download

METADATA = "Metadata-Version: 2.1\nName: tinything\nVersion: 1.0\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def make_wheel(folder: Path) -> None:
    with zipfile.ZipFile(folder / "tinything-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr("tinything/data.bin", b"data")
        archive.writestr("tinything-1.0.dist-info/METADATA", METADATA)
        archive.writestr("tinything-1.0.dist-info/WHEEL", WHEEL)
        archive.writestr("tinything-1.0.dist-info/RECORD", "")


def test_the_real_pip_puts_a_wheel_where_it_is_asked_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pip takes our arguments and obeys the user's own settings of where to look."""
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    target.mkdir()
    make_wheel(source)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(source))
    pip_download("tinything==1.0", target, lambda fraction: None, pip_command())
    assert (target / "tinything-1.0-py3-none-any.whl").is_file()


def test_what_pip_says_is_in_the_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wheel that is nowhere gives pip's own last words."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(SourceFailed, match=r"tinything==1\.0 failed: .*No matching distribution"):
        pip_download("tinything==1.0", tmp_path, lambda fraction: None, pip_command())


def no_pip(name: str) -> str:
    raise PackageNotFoundError(name)


def test_an_environment_without_pip_uses_the_one_that_python_carries(tmp_path: Path) -> None:
    """Where uv made the environment, ensurepip's wheel of pip is run from where it is."""
    bundled = tmp_path / "ensurepip" / "_bundled" / "pip-24.0-py3-none-any.whl"
    bundled.parent.mkdir(parents=True)
    with zipfile.ZipFile(bundled, "w") as archive:
        archive.writestr("pip/__init__.py", "")
        archive.writestr("pip/__main__.py", "print('carried')")
    command = pip_command(no_pip, tmp_path)
    done = subprocess.run(
        command.argv, env={**os.environ, **command.environ}, capture_output=True, check=True
    )
    assert done.stdout.strip() == b"carried"
    assert not command.raw_progress


def test_no_pip_at_all_says_what_to_do(tmp_path: Path) -> None:
    """Without any pip the error names the two ways out."""
    with pytest.raises(SourceFailed, match=r"uv pip install pip.*NBAGENT_MODEL_PATH"):
        pip_command(no_pip, tmp_path)
