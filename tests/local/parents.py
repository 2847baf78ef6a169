"""Processes of their own that have a server, and whether its child is gone."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

FAKE = (sys.executable, str(Path(__file__).parent / "fakes" / "child.py"))
SCRIPT = """
import os, signal, sys, time
from pathlib import Path
# Tests that run in the background are started with the interrupt ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
from nbagent.local.server import LocalServer
model, *command = sys.argv[1:]
server = LocalServer(command=command, find_model=lambda path, progress: Path(model))
server.ensure_blocking()
try:
    print(server.pid, flush=True)
    if os.environ.get("LEAVE"):
        sys.exit()
    if os.environ.get("FORK") and os.fork() == 0:
        print("forked", flush=True)
    time.sleep(3600)
except KeyboardInterrupt:
    print("interrupted", server.alive, flush=True)
    time.sleep(3600)
"""


def parent(
    model: Path, command: Sequence[str], **environ: str
) -> tuple[subprocess.Popen[str], int]:
    """A process with a server of this model, and the id of its child.

    Args:
        command: What is started as the child.
        environ: Put into the process's environment.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(model), *command],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, **environ},
    )
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def gone(pid: int) -> bool:
    """Whether the process ends; it is given a minute, for the sake of busy machines."""
    for _ in range(3000):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
            return True
        time.sleep(0.02)
    return False
