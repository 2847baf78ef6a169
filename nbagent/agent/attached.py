"""One thing of a notebook as a part of a question: an image, or a file.

Everything is recognised by what it is like: a figure by its class's name, bytes by how they begin.
"""

from __future__ import annotations

import io
import mimetypes
import os
from pathlib import Path
from typing import Any

from nbagent.errors import ConfigurationError
from nbagent.messages import FilePart, ImagePart, Part
from nbagent.tools.cells import exception_text
from nbagent.tools.charts import is_chart
from nbagent.tools.figures import figure_of
from nbagent.tools.for_model import for_model, summary, text_for_model
from nbagent.tools.pictures import picture_of
from nbagent.tools.tables import kind_of

__all__ = ["attached"]

MAX_IMAGE = 20_000_000  # bytes: what providers take at most
MAX_FILE = 32_000_000
MAX_TEXT = 1_000_000  # some 250,000 tokens
TABLE = 20_000  # characters of a table or array in a question
IMAGES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
# What is recognised only to say what to do instead: models do not take these.
OTHERS = (
    (b"BM", "a BMP image", "Give it as PIL.Image.open(path)."),
    (b"II*\x00", "a TIFF image", "Give it as PIL.Image.open(path)."),
    (b"MM\x00*", "a TIFF image", "Give it as PIL.Image.open(path)."),
    (b"PK\x03\x04", "a ZIP archive or an Office document", "Read it, with pandas say, and give"),
    (b"PAR1", "a Parquet file", "Read it with pandas.read_parquet and give"),
    (b"SQLite format 3", "an SQLite database", "Query it and give"),
    (b"\x1f\x8b", "a gzip archive", "Unpack it and give"),
)
CAN_BE = (
    "A question is made of words (str), figures, images (PIL, IPython.display.Image), DataFrames "
    "and arrays, paths (pathlib.Path), bytes, open files, TextPart, ImagePart and FilePart"
)


def attached(value: Any) -> Part:
    """The part that a value becomes.

    Raises:
        ConfigurationError: It cannot be shown to a model, is not there, or is too big.
    """
    if isinstance(value, os.PathLike):
        return _from_path(Path(value))
    if isinstance(value, (bytes, bytearray, memoryview)):
        return _from_bytes(bytes(value), "")
    if hasattr(value, "read") and callable(value.read):
        return _from_file(value)
    return _from_object(value)


def _from_object(value: Any) -> Part:
    described = hasattr(type(value), "_repr_llm_")
    if not described and (figure_of(value) is not None or picture_of(value) is not None):
        side = for_model(value)
        if not side.images:
            raise ConfigurationError(f"This {type(value).__name__} cannot be shown: {side.text}")
        return _sized(side.images[0], "This image")
    if described or kind_of(value) or is_chart(value):
        text = text_for_model(value, limit=TABLE)
        return FilePart(text.encode(), "text/plain", summary(value))
    raise ConfigurationError(f"{CAN_BE}; got a {type(value).__name__}.")


def _from_path(path: Path) -> Part:
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise ConfigurationError(f"{str(path)!r} is a folder. Give the files in it one by one.")
        if size > MAX_FILE:
            raise _too_big(repr(str(path)), size, MAX_FILE)
        data = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"{str(path)!r} cannot be read: {exception_text(error)}. It was looked for from "
            f"{os.getcwd()!r}."
        ) from error
    return _from_bytes(data, path.name)


def _from_file(file: Any) -> Part:
    # Behind what was just written to it there is nothing to read: all of it is meant.
    data = file.getvalue() if isinstance(file, (io.BytesIO, io.StringIO)) else file.read()
    name = getattr(file, "name", "")
    name = os.path.basename(name) if isinstance(name, str) else ""
    if isinstance(data, str):
        data = data.encode()
    if not isinstance(data, bytes):
        kind = type(data).__name__
        raise ConfigurationError(f"Reading this {type(file).__name__} gave a {kind}.")
    return _from_bytes(data, name)


def _from_bytes(data: bytes, name: str) -> Part:
    what = repr(name) if name else f"These {len(data):,} bytes"
    if not data:
        raise ConfigurationError(f"{repr(name) if name else 'What was given'} is empty.")
    media_type = _image_type(data)
    if media_type:
        return _sized(ImagePart(data, media_type, name=name), what)
    if data.startswith(b"%PDF-"):
        return _sized(FilePart(data, "application/pdf", name or "document.pdf"), what)
    return _text(data, name, what)


def _image_type(data: bytes) -> str:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for magic, kind in IMAGES if data.startswith(magic)), "")


def _text(data: bytes, name: str, what: str) -> Part:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise ConfigurationError(f"{what} cannot be shown to a model: {_binary(data)}")
    if len(data) > MAX_TEXT:
        raise _too_big(what, len(data), MAX_TEXT)
    guessed = mimetypes.guess_type(name)[0] or ""
    # All of it is text, whatever its type is called: JSON, SVG, a notebook.
    media_type = guessed if guessed.startswith("text/") else "text/plain"
    return FilePart(text.encode(), media_type, name or "text.txt")


def _binary(data: bytes) -> str:
    for magic, kind, advice in OTHERS:
        if data.startswith(magic):
            end = "" if advice.endswith(".") else " what matters of it: a DataFrame, or text."
            return f"it is {kind}. {advice}{end}"
    return (
        "it is neither an image (PNG, JPEG, GIF, WebP), nor a PDF, nor UTF-8 text. Where the model "
        "reads it all the same, give FilePart(data, media_type, name)."
    )


def _sized(part: ImagePart | FilePart, what: str) -> Part:
    size = len(part.data or b"")
    limit = MAX_IMAGE if isinstance(part, ImagePart) else MAX_FILE
    if size > limit:
        raise _too_big(what, size, limit)
    return part


def _too_big(what: str, size: int, limit: int) -> ConfigurationError:
    return ConfigurationError(
        f"{what} is too big to be asked about: {size / 1e6:.1f} MB, at most {limit / 1e6:g} MB. "
        "Give a part of it, a smaller picture, or a tool that reads what it needs."
    )
