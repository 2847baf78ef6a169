"""Where the cache is, and what counts as offline."""

from pathlib import Path

import pytest

from nbagent.local.artefact import cache_dir, is_offline


@pytest.mark.parametrize(
    ("environ", "platform", "expected"),
    [
        ({"NBAGENT_CACHE": "/c", "XDG_CACHE_HOME": "/x"}, "linux", Path("/c")),
        ({"XDG_CACHE_HOME": "/x"}, "linux", Path("/x/nbagent")),
        ({}, "linux", Path.home() / ".cache" / "nbagent"),
        ({}, "darwin", Path.home() / "Library" / "Caches" / "nbagent"),
        ({"LOCALAPPDATA": "/l"}, "win32", Path("/l/nbagent/Cache")),
    ],
)
def test_cache_is_where_the_platform_keeps_caches(
    environ: dict[str, str], platform: str, expected: Path
) -> None:
    """The user's own choice first, then the platform's custom."""
    assert cache_dir(environ, platform) == expected


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"NBAGENT_OFFLINE": "1"}, "NBAGENT_OFFLINE"),
        ({"HF_HUB_OFFLINE": "TRUE"}, "HF_HUB_OFFLINE"),
        ({"NBAGENT_OFFLINE": "0"}, None),
        ({}, None),
    ],
)
def test_offline_is_said_by_two_variables(environ: dict[str, str], expected: str | None) -> None:
    """Either forbids the network; a zero does not."""
    assert is_offline(environ) == expected
