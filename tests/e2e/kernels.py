"""Kernels for the tests: the environment's own ipykernel and IPython, and older ones beside them.

An older one is installed without its dependencies into a folder of its own, once, and put first
on the kernel's PYTHONPATH: everything else is the environment's own.
"""

import fcntl
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import nbagent

#: Where the nbagent of these tests is, installed or not.
SOURCE = Path(nbagent.__file__).resolve().parent.parent

#: Kernel names and what pip installs for them; nothing for the environment's own.
KERNELS = {
    "ipykernel": (),
    "ipykernel-6.31": ("ipykernel==6.31.*", "nest-asyncio"),
    "ipykernel-7.3": ("ipykernel==7.3.*", "nest-asyncio2"),
    "ipython-8": ("ipython==8.*", "decorator"),
}

#: The kernel that may go deaf before a widget of ours is made.
DEAF = "ipykernel-7.3"


@dataclass(frozen=True)
class Kernel:
    """A kernel that a notebook can name."""

    name: str

    def install(self, data_dir: Path) -> None:
        """Write the kernelspec into a Jupyter data directory."""
        paths = [SOURCE]
        if KERNELS[self.name]:
            paths.insert(0, installed(self.name))
        spec = {
            "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            "display_name": self.name,
            "language": "python",
            "env": {"PYTHONPATH": ":".join(map(str, paths))},
        }
        folder = data_dir / "kernels" / self.name
        folder.mkdir(parents=True)
        (folder / "kernel.json").write_text(json.dumps(spec))


def installed(name: str) -> Path:
    """The folder of an older kernel, made on first use inside the environment."""
    folder = Path(sys.prefix) / "kernels" / name
    done = folder / ".complete"
    folder.parent.mkdir(exist_ok=True)
    # Test runs side by side wait for the one that installs; the lock goes with its process.
    with (folder.parent / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--upgrade"]
            subprocess.run([*pip, "--target", str(folder), *KERNELS[name]], check=True)
            done.touch()
    return folder
