"""The model hub as a source: ranges, cuts, wrong bytes, no network."""

from dataclasses import replace
from pathlib import Path

import pytest

from nbagent.local.artefact import EMBEDDED, Artefact
from nbagent.local.errors import SourceFailed
from nbagent.local.hub import Hub
from nbagent.local.progress import silent
from tests.local.hub_server import HubServer, nowhere


def hub(server: HubServer) -> Hub:
    return Hub(server.url, pause=0.01)


def test_file_comes_whole(
    tmp_path: Path, artefact: Artefact, content: bytes, hub_server: HubServer
) -> None:
    """The file is asked for at its revision and comes byte for byte, with progress."""
    seen: list[tuple[int, int, str]] = []
    path = hub(hub_server).fetch(artefact, tmp_path, lambda *state: seen.append(state))
    assert path.read_bytes() == content
    assert hub_server.requests == [("/owner/tiny/resolve/abc/tiny.gguf", None, None)]
    assert (len(content), len(content), "Downloading tiny.gguf") in seen


def test_cut_download_goes_on_where_it_was(
    tmp_path: Path, artefact: Artefact, content: bytes, hub_server: HubServer
) -> None:
    """A cut reply is gone on with by Range and If-Range, as often as it takes."""
    hub_server.cuts = [100_000, 200_000]
    path = hub(hub_server).fetch(artefact, tmp_path, silent)
    assert path.read_bytes() == content
    assert [request[1:] for request in hub_server.requests] == [
        (None, None),
        ("bytes=100000-", '"one"'),
        ("bytes=200000-", '"one"'),
    ]


def test_next_run_goes_on_with_the_last_one(
    tmp_path: Path, artefact: Artefact, content: bytes, hub_server: HubServer
) -> None:
    """What an interrupted run had got is not downloaded again by the next."""

    def interrupt(done: int, total: int, text: str) -> None:
        raise KeyboardInterrupt

    hub_server.cuts = [100_000]
    with pytest.raises(KeyboardInterrupt):
        hub(hub_server).fetch(artefact, tmp_path, interrupt)
    had = (tmp_path / "tiny.gguf.part").stat().st_size
    assert had > 0
    path = hub(hub_server).fetch(artefact, tmp_path, silent)
    assert path.read_bytes() == content
    assert hub_server.requests[-1][1] == f"bytes={had}-"


@pytest.mark.parametrize("why", ["no ranges", "another file"])
def test_a_whole_answer_starts_over(
    tmp_path: Path, artefact: Artefact, content: bytes, hub_server: HubServer, why: str
) -> None:
    """A 200 to a request for a range starts over instead of being appended."""
    (tmp_path / "tiny.gguf.part").write_bytes(b"x" * 5000)
    (tmp_path / "tiny.gguf.part.etag").write_text('"old"')
    hub_server.ranges = why != "no ranges"
    assert hub(hub_server).fetch(artefact, tmp_path, silent).read_bytes() == content


def test_wrong_leftover_is_thrown_away_once(
    tmp_path: Path, artefact: Artefact, content: bytes, hub_server: HubServer
) -> None:
    """Bytes from before that spoil the hash cost one new download, not the model."""
    (tmp_path / "tiny.gguf.part").write_bytes(b"x" * 5000)
    assert hub(hub_server).fetch(artefact, tmp_path, silent).read_bytes() == content
    assert len(hub_server.requests) == 2


def test_wrong_hash_is_never_given_out(
    tmp_path: Path, artefact: Artefact, hub_server: HubServer
) -> None:
    """A file of the right size and the wrong bytes is refused and removed."""
    wrong = replace(artefact, sha256="0" * 64)
    with pytest.raises(SourceFailed, match="another SHA-256"):
        hub(hub_server).fetch(wrong, tmp_path, silent)
    assert list(tmp_path.iterdir()) == []


def test_wrong_size_is_refused_before_the_download(
    tmp_path: Path, artefact: Artefact, hub_server: HubServer
) -> None:
    """A login page in the file's place is known by its size."""
    hub_server.content = b"<html>Please log in</html>"
    with pytest.raises(SourceFailed, match="26 bytes instead of"):
        hub(hub_server).fetch(artefact, tmp_path, silent)


def test_missing_file_says_so_at_once(
    tmp_path: Path, artefact: Artefact, hub_server: HubServer
) -> None:
    """A 404 is asked for once and named."""
    hub_server.status = 404
    with pytest.raises(SourceFailed, match="404"):
        hub(hub_server).fetch(artefact, tmp_path, silent)
    assert len(hub_server.requests) == 1


def test_no_network_is_an_error_at_once(tmp_path: Path, artefact: Artefact) -> None:
    """Nobody waits to hear that there is no network: it is not tried again, in an hour from now."""
    with nowhere() as url, pytest.raises(SourceFailed, match="No connection"):
        Hub(url, pause=3600).fetch(artefact, tmp_path, silent)


async def test_it_works_inside_a_running_loop(
    tmp_path: Path, artefact: Artefact, content: bytes, hub_server: HubServer
) -> None:
    """A notebook's cell runs on a loop, and the plain function works there too."""
    assert hub(hub_server).fetch(artefact, tmp_path, silent).read_bytes() == content


def test_endpoint_comes_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, hub_server: HubServer
) -> None:
    """A company's mirror, named in HF_ENDPOINT, is asked for the embedded model's exact commit."""
    monkeypatch.setenv("HF_ENDPOINT", hub_server.url + "/")
    hub_server.status = 403
    with pytest.raises(SourceFailed, match="403"):
        Hub().fetch(EMBEDDED, tmp_path, silent)
    path = hub_server.requests[0][0]
    assert path == f"/{EMBEDDED.repository}/resolve/{EMBEDDED.revision}/{EMBEDDED.filename}"
