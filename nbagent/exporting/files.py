"""A transcript in a file, in the form that its name asks for."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from nbagent.errors import ConfigurationError, StoreError
from nbagent.exporting.markdown import as_markdown
from nbagent.exporting.notebook import as_notebook
from nbagent.exporting.page import as_page
from nbagent.store.blobs import write_atomically
from nbagent.widget.views import TranscriptView

__all__ = ["SUFFIXES", "suffix_of", "write_transcript"]

_FORMS: dict[str, Callable[[TranscriptView], str]] = {
    ".html": as_page,
    ".ipynb": as_notebook,
    ".md": lambda transcript: as_markdown(transcript, images=True) + "\n",
}
# What `Agent.save` writes is no transcript: an agent can go on from it.
SAVED = ".json"
SUFFIXES = (".html", ".ipynb", SAVED, ".md")


def suffix_of(path: str | os.PathLike[str]) -> str:
    """What kind of file is asked for.

    Raises:
        ConfigurationError: There is no such form.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        named = f"{suffix!r} is none of these" if suffix else "this path has no suffix"
        raise ConfigurationError(
            f"A conversation is exported to .md, .html, .json or .ipynb, by the end of the path; "
            f"{named}: {os.fspath(path)}"
        )
    return suffix


def write_transcript(transcript: TranscriptView, path: str | os.PathLike[str]) -> Path:
    """Writes a page, a notebook or Markdown, whole or not at all.

    Raises:
        ConfigurationError: The path ends in none of these.
        StoreError: It cannot be written; what stood there stays.
    """
    target = Path(path).expanduser()
    text = _FORMS[suffix_of(target)](transcript)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, text.encode())
    except OSError as error:
        raise StoreError(f"{target} cannot be written: {error.strerror}.") from error
    return target
