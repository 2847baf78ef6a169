"""Pictures made small enough for the way to the page.

Jupyter's server drops what is over 3 MB in three seconds, and a page that missed it would ask for
all of it again, in vain. The picture itself goes to the model, not to the page.
"""

from __future__ import annotations

import io

__all__ = ["SMALL", "thumbnail"]

SMALL = 250_000  # bytes: no need to make these smaller
SIZE = (640, 480)
LARGEST = 50_000_000  # pixels: more would take a second or two to read


def thumbnail(media_type: str, data: bytes) -> tuple[str, bytes] | None:
    """A small picture of a large one, with its type; None where none can be made.

    Args:
        media_type: What ``data`` is.
        data: The picture as a file.
    """
    if len(data) <= SMALL:
        return media_type, bytes(data)
    try:
        # Not among what is installed with nbagent, though matplotlib brings it.
        from PIL import Image, ImageOps
    except ImportError:
        return None
    try:
        with Image.open(io.BytesIO(data)) as picture:
            if picture.width * picture.height > LARGEST:
                return None
            picture.draft("RGB", SIZE)  # a JPEG is read at a part of its size
            small = ImageOps.exif_transpose(picture)
            small.thumbnail(SIZE)
            kind = "PNG" if small.mode in ("RGBA", "LA", "P", "PA") else "JPEG"
            made = io.BytesIO()
            (small if kind == "PNG" else small.convert("RGB")).save(made, kind)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None  # what is no picture after all is shown by its name
    return f"image/{kind.lower()}", made.getvalue()
