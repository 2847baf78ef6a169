"""PIL's images and `IPython.display.Image`, as a model gets them. Neither library is imported."""

from __future__ import annotations

import io
from typing import Any, NamedTuple

from nbagent.messages import ImagePart
from nbagent.tools.cells import exception_text

__all__ = ["Picture", "picture_of"]

LONGEST_SIDE = 1568  # pixels: models scale what is larger down to about this before they look
AS_PNG = ("1", "L", "LA", "P", "RGB", "RGBA")


class Picture(NamedTuple):
    """A picture in words, and itself."""

    text: str
    images: tuple[ImagePart, ...]


def picture_of(value: Any) -> Picture | None:
    """The picture that a value is; None if it is none."""
    module = type(value).__module__
    if module.startswith("PIL.") and hasattr(value, "mode"):
        return _from_pil(value)
    if module == "IPython.core.display" and isinstance(getattr(value, "data", None), bytes):
        kind = {"jpg": "jpeg"}.get(value.format, value.format)
        return Picture(f"image of type {kind}", (ImagePart(value.data, f"image/{kind}"),))
    return None


def _from_pil(image: Any) -> Picture:
    text = f"image of {image.width} x {image.height} pixels, mode {image.mode}"
    longest = max(image.width, image.height)
    try:
        shown = image if image.mode in AS_PNG else image.convert("RGB")
        if longest > LONGEST_SIDE:
            scale = LONGEST_SIDE / longest
            size = tuple(max(1, round(side * scale)) for side in (image.width, image.height))
            shown = shown.resize(size, reducing_gap=2.0)
            text += f", scaled down to {size[0]} x {size[1]}"
        target = io.BytesIO()
        shown.save(target, format="PNG")
    except (OSError, ValueError) as error:  # a mode that PNG does not have, a file that is gone
        return Picture(f"{text} (it could not be drawn: {exception_text(error)})", ())
    return Picture(text, (ImagePart(target.getvalue()),))
