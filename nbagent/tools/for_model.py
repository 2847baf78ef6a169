"""The model's side of a result: text within a limit, and pictures for models that see."""

from __future__ import annotations

import io
import json
import traceback
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from pydantic_core import to_jsonable_python

from nbagent.messages import ImagePart
from nbagent.tools.figures import describe, figure_of, png
from nbagent.tools.tables import array_text, frame_text, kind_of, series_text

__all__ = ["LIMIT", "ModelSide", "cut", "exception_text", "for_model"]

LIMIT = 4000  # characters of a result that a model reads, unless a tool says otherwise
MAX_ITEMS = 1000  # of a list or dict, before it is turned into text and cut at the limit
MAGIC = {
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a ZIP archive",
    b"\x1f\x8b": "gzip data",
}


class ModelSide(NamedTuple):
    """What a model gets of a value."""

    text: str
    images: tuple[ImagePart, ...] = ()


def for_model(value: Any, *, limit: int = LIMIT, picture: bytes | None = None) -> ModelSide:
    """What a model gets of a value.

    An object decides for itself with ``_repr_llm_() -> str``.

    Args:
        value: Anything.
        limit: Characters; what is longer is cut, and the text says by how much.
        picture: The PNG of a figure, where it was drawn already.
    """
    figure = figure_of(value)
    if figure is not None and not hasattr(type(value), "_repr_llm_"):
        image = ImagePart(picture if picture is not None else png(figure))
        return ModelSide(cut(describe(figure), limit), (image,))
    image_text = _image(value)
    if image_text is not None:
        return image_text
    return ModelSide(cut(_text(value, limit), limit))


def cut(text: str, limit: int = LIMIT) -> str:
    """The text, or its beginning and end with a word about what is left out between them."""
    if len(text) <= limit:
        return text
    note = f"\n… [cut to {limit:,} of {len(text):,} characters; the middle is left out] …\n"
    room = max(0, limit - len(note))
    tail = room // 4
    return f"{text[: room - tail]}{note}{text[len(text) - tail :]}"


def exception_text(error: BaseException) -> str:
    """``Type: message``, as the last line of a traceback has it."""
    return "".join(traceback.format_exception_only(type(error), error)).strip()


def _text(value: Any, limit: int) -> str:
    own = getattr(type(value), "_repr_llm_", None)
    if own is not None:
        given = own(value)
        return given if isinstance(given, str) else _json(given)
    if isinstance(value, str):
        return str.__str__(value)  # an enum's member or numpy's text as what it says
    if isinstance(value, (bytes, bytearray, memoryview)):
        return _bytes(bytes(value))
    if isinstance(value, BaseException):
        return exception_text(value)
    kind = kind_of(value)
    if kind == "frame":
        return frame_text(value, limit)
    if kind:
        return series_text(value) if kind == "series" else array_text(value)
    return _data(value)


def _data(value: Any) -> str:
    if isinstance(value, Iterator):
        return f"a {type(value).__name__} that was not consumed"
    if isinstance(value, (list, tuple, set, frozenset)) and len(value) > MAX_ITEMS:
        first = _json(list(islice(value, MAX_ITEMS)))
        return f"{type(value).__name__} of {len(value):,} items, the first {MAX_ITEMS:,}: {first}"
    if isinstance(value, Mapping) and len(value) > MAX_ITEMS:
        some = _json(dict(islice(value.items(), MAX_ITEMS)))
        return f"{type(value).__name__} of {len(value):,} items, the first {MAX_ITEMS:,}: {some}"
    return _json(value)


def _json(value: Any) -> str:
    """Compact JSON. What is no data stands in it as its text; a bare text has no quotes."""
    try:
        plain = to_jsonable_python(
            value, fallback=_words, inf_nan_mode="constants", bytes_mode="base64", by_alias=True
        )
    except ValueError:  # it contains itself, or a serializer of its own refused
        return _repr(value)
    if isinstance(plain, str):
        return plain
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def _words(value: Any) -> Any:
    if type(value).__module__ == "numpy":
        if hasattr(value, "ndim") and value.ndim == 0:
            return value.item()
        return value.tolist() if value.size <= 100 else array_text(value)
    if kind_of(value) or hasattr(type(value), "_repr_llm_"):
        return _text(value, LIMIT)
    return _repr(value)


def _repr(value: Any) -> str:
    try:
        return repr(value)
    except Exception as error:  # any code may be in a repr; the text reports it
        return f"<{type(value).__name__} object; its repr failed: {exception_text(error)}>"


def _bytes(data: bytes) -> str:
    kinds = (kind for magic, kind in MAGIC.items() if data.startswith(magic))
    return f"{len(data):,} bytes of {next(kinds, 'binary data')}"


def _image(value: Any) -> ModelSide | None:
    """PIL's images and `IPython.display.Image`."""
    module = type(value).__module__
    if module.startswith("PIL.") and hasattr(value, "mode"):
        target = io.BytesIO()
        as_png = value.mode in ("1", "L", "LA", "P", "RGB", "RGBA")
        shown = value if as_png else value.convert("RGB")
        shown.save(target, format="PNG")
        text = f"image of {value.width} x {value.height} pixels, mode {value.mode}"
        return ModelSide(text, (ImagePart(target.getvalue()),))
    if module == "IPython.core.display" and isinstance(getattr(value, "data", None), bytes):
        kind = {"jpg": "jpeg"}.get(value.format, value.format)
        return ModelSide(f"image of type {kind}", (ImagePart(value.data, f"image/{kind}"),))
    return None
