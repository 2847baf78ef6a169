"""Where a contestant's packages are: an environment of its own in the user's cache, made once.

Others' applications bring what JupyterLab would load or pip would downgrade here, so they stay out
of the project's environment, and out of its clone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

__all__ = ["python_of", "versions_of"]

VERSIONS = """
import json, sys
from importlib.metadata import version
print(json.dumps({name: version(name) for name in sys.argv[1:]}))
"""


def python_of(name: str, packages: Sequence[str]) -> Path:
    """The interpreter of an environment with these packages.

    Raises:
        subprocess.CalledProcessError: pip could not install them.
    """
    folder = _cache() / "nbagent" / "side" / name
    python = folder / "bin" / "python"
    done = folder / ".complete"
    if not done.exists():
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *packages], check=True)
        done.touch()
    return python


def versions_of(python: Path, packages: Sequence[str]) -> dict[str, str]:
    """What is installed of these packages."""
    command = [str(python), "-c", VERSIONS, *packages]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, str] = json.loads(answer.stdout)
    return found


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME")
    if home:
        return Path(home)
    place = "Library/Caches" if sys.platform == "darwin" else ".cache"
    return Path.home() / place
