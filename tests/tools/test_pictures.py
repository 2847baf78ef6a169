"""PIL's images for models that see."""

import io

import PIL.Image
import pytest

from nbagent.tools.pictures import LONGEST_SIDE, picture_of

MODES = ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "HSV", "F", "I", "I;16"]


@pytest.mark.parametrize("mode", MODES)
def test_every_mode(mode: str) -> None:
    """Whatever the mode, there is a PNG or a word about why there is none."""
    found = picture_of(PIL.Image.new(mode, (30, 20)))
    assert found is not None and found.text.startswith(f"image of 30 x 20 pixels, mode {mode}")
    assert found.images or "could not be drawn" in found.text


def test_large_ones_are_scaled_down() -> None:
    """A model would do so itself, and some providers refuse megabytes. The text says it."""
    found = picture_of(PIL.Image.new("RGB", (4000, 2000)))
    assert found is not None and f"scaled down to {LONGEST_SIDE} x 784" in found.text
    data = found.images[0].data
    assert data is not None and PIL.Image.open(io.BytesIO(data)).size == (LONGEST_SIDE, 784)


def test_what_is_no_picture() -> None:
    """Everything else."""
    assert picture_of("text") is None
