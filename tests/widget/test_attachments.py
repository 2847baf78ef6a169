"""Images and files of a question, as a page gets them."""

from typing import Any, cast

from nbagent.messages import FilePart, ImagePart
from nbagent.widget.attachments import attachment_ops


def shown(*attachments: ImagePart | FilePart) -> list[dict[str, Any]]:
    """The ops for a question with these."""
    return cast(list[dict[str, Any]], attachment_ops("m1", attachments, 2))


def test_images_travel_as_bytes() -> None:
    """An image has its bytes for a thumbnail; parts are counted from the given one."""
    first, second = shown(ImagePart(b"png"), FilePart(b"jpeg", "image/jpeg", "a.jpg"))
    assert (first["name"], first["size"], first["part"]) == ("image", 3, "2")
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
