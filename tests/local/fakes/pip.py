# ruff: noqa: T201 - a script speaks through its stdout
"""Stands in for pip: copies wheels from a folder, says "Progress", and keeps a log of its calls."""

import os
import shutil
import sys
import time
from pathlib import Path

index = Path(os.environ["FAKE_INDEX"])
requirement = sys.argv[-1]
name = requirement.split("==")[0]
with (index / "log").open("a") as log:
    log.write(" ".join(sys.argv[1:]) + "\n")
found = next(index.glob(f"{name}-*.whl"), None)
print(f"Collecting {requirement}", flush=True)
if os.environ.get("FAKE_HANG"):
    time.sleep(3600)
if found is None:
    print(f"ERROR: No matching distribution found for {requirement}")
    sys.exit(1)
for done in (0, 50, 100):
    print(f"Progress {done} of 100", flush=True)
shutil.copy(found, sys.argv[sys.argv.index("--dest") + 1])
