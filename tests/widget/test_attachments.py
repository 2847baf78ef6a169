"""Images and files of a question, as a page gets them."""

import io
from typing import Any, cast

import PIL.Image

from nbagent.messages import FilePart, ImagePart
from nbagent.widget.attachments import attachment_ops


def shown(*attachments: ImagePart | FilePart) -> list[dict[str, Any]]:
    """The ops for a question with these."""
    return cast(list[dict[str, Any]], attachment_ops("m1", attachments, 2))


def test_images_travel_as_bytes() -> None:
    """An image has its bytes for a thumbnail; parts are counted from the given one."""
    first, second, third = shown(
        ImagePart(b"png"),
        FilePart(b"jpeg", "image/jpeg", "a.jpg"),
        ImagePart(b"png", name="plot.png"),
    )
    assert (first["name"], first["size"], first["part"]) == ("image", 3, "2")
    assert third["name"] == "plot.png"
    assert first["bundle"] == {"data": {"image/png": b"png"}, "metadata": {}}
    assert (second["name"], second["part"]) == ("a.jpg", "3")


def test_what_is_named_only() -> None:
    """A file, a drawing that could hold a script, an address, and what is too large."""
    ops = shown(
        FilePart(b"a,b", "text/csv", "cars.csv"),
        FilePart(b"<svg/>", "image/svg+xml", "a.svg"),
        ImagePart(url="https://example.org/a.png"),
        ImagePart(bytes(8_000_001)),
    )
    assert [op["bundle"] for op in ops] == [None] * 4
    assert [op["size"] for op in ops] == [3, 6, 0, 8_000_001]
    assert ops[2]["name"] == "https://example.org/a.png"


def test_large_pictures_are_made_small() -> None:
    """A picture of some MB has a thumbnail that the way to the page takes; its size is its own."""
    noise = PIL.Image.effect_noise((2400, 1600), 90)
    for kind, mode in (("PNG", "RGB"), ("JPEG", "RGB"), ("PNG", "RGBA")):
        file = io.BytesIO()
        noise.convert(mode).save(file, kind)
        data = file.getvalue()
        [op] = shown(ImagePart(data, f"image/{kind.lower()}"))
        [(media_type, small)] = op["bundle"]["data"].items()
        assert media_type == ("image/png" if mode == "RGBA" else "image/jpeg")
        assert len(small) < 1_000_000 < len(data) == op["size"]
        assert PIL.Image.open(io.BytesIO(small)).size == (640, 427)


def test_thumbnails_of_one_question_are_limited_together() -> None:
    """What would be too much for one message is named only; so is what is no picture after all."""
    ops = shown(*[ImagePart(bytes(240_000)) for _ in range(10)], ImagePart(bytes(300_000)))
    assert [op["bundle"] is not None for op in ops] == [True] * 8 + [False] * 3
