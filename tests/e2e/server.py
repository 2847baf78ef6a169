"""A JupyterLab server as a process of its own, cut off from the user's Jupyter."""

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.e2e.kernels import SOURCE, Kernel

SETTINGS = {
    "@jupyterlab/apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
}


class LabServer:
    """JupyterLab on a free port with a token, its files under ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = folder / "notebooks"
        self.token = secrets.token_hex(16)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._kernels: set[str] = set()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, timeout: float = 60.0) -> None:
        """Start the process and wait until it answers."""
        self.root.mkdir(parents=True)
        self._write_settings()
        self._log = (self.folder / "server.log").open("wb")
        self._process = subprocess.Popen(
            self._command(), env=self._environment(), stdout=self._log, stderr=subprocess.STDOUT
        )
        deadline = time.monotonic() + timeout
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"JupyterLab did not start:\n{self.log()}")
            time.sleep(0.1)

    def stop(self) -> None:
        """End the process (and with it its kernels)."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def log(self) -> str:
        """What the server has written so far."""
        return (self.folder / "server.log").read_text(errors="replace")

    def add_kernel(self, kernel: Kernel) -> None:
        """Make a kernel known to the server."""
        if kernel.name not in self._kernels:
            kernel.install(self.folder / "data")
            self._kernels.add(kernel.name)

    def end_kernels(self) -> None:
        """End every kernel, with what it has started."""
        for kernel in json.loads(self.call("GET", "/api/kernels")):
            self.call("DELETE", f"/api/kernels/{kernel['id']}")

    def forget_theme(self) -> None:
        """The next page is light, whatever the last one chose."""
        chosen = self.folder / "settings" / "@jupyterlab/apputils-extension"
        (chosen / "themes.jupyterlab-settings").unlink(missing_ok=True)

    def call(self, method: str, path: str) -> bytes:
        """The answer of the server's API."""
        headers = {"Authorization": f"token {self.token}"}
        request = urllib.request.Request(f"{self.url}{path}", headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read()

    def _answers(self) -> bool:
        try:
            return bool(self.call("GET", "/api/status"))
        except (urllib.error.URLError, OSError):
            return False

    def _command(self) -> list[str]:
        return [
            *(sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root"),
            *("--ServerApp.ip=127.0.0.1", f"--ServerApp.port={self.port}"),
            *("--ServerApp.port_retries=0", f"--IdentityProvider.token={self.token}"),
            f"--ServerApp.root_dir={self.root}",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            *("--LabApp.news_url=None", "--LabApp.extension_manager=readonly"),
            "--LabApp.expose_app_in_browser=True",
        ]

    def _environment(self) -> dict[str, str]:
        own = {
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            "IPYTHONDIR": "ipython",
        }
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "NBAGENT_"))}
        folders = {name: str(self.folder / path) for name, path in own.items()}
        return kept | folders | {"PYTHONPATH": str(SOURCE)}

    def _write_settings(self) -> None:
        for name, values in SETTINGS.items():
            path = self.folder / "settings" / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values))


def free_port() -> int:
    """A port that nothing listens on at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])
