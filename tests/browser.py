"""Sees to it that there is a Chromium for the end-to-end tests: from PATH, else from the system.

Run as ``python tests/browser.py`` before the tests. Playwright's own download of a browser is not
used: machines that reach only package registries cannot fetch it.
"""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """The path of a Chromium on this machine."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def install() -> None:
    """Installs Debian's package, as root or through sudo."""
    if shutil.which("apt-get") is None:
        sys.exit(
            "The end-to-end tests need Chromium, and this system has no apt-get to install it "
            f"with. Install it so that one of {', '.join(NAMES)} is on PATH."
        )
    prefix = [] if os.geteuid() == 0 else ["sudo"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "chromium"]):
        subprocess.run([*prefix, "apt-get", *command], check=True, env=environment)


if __name__ == "__main__":
    if find() is None:
        install()
    browser = find()
    if browser is None:
        sys.exit("Chromium was installed, but none of its names is on PATH.")
    subprocess.run([browser, "--version"], check=True)
