"""Sizes and small copies of raster images, within limits that a hostile image cannot pass."""

import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from PIL import Image, ImageOps

MAX_PIXELS = 64_000_000
"""Width times height of the largest image that is decoded: 256 MB of memory at four bytes a pixel."""
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")


class Unreadable(Exception):
    """The bytes are no image that is decoded here: another format, broken, or larger than ``MAX_PIXELS``."""


@dataclass(frozen=True)
class Size:
    """Width and height of an image, in pixels."""

    width: int
    height: int


def _open(content: bytes | BinaryIO) -> Image.Image:
    source = BytesIO(content) if isinstance(content, bytes) else content
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = Image.open(source, formats=FORMATS)
    except (OSError, ValueError, SyntaxError, OverflowError, Image.DecompressionBombError) as error:
        raise Unreadable("no readable image") from error
    if image.width * image.height > MAX_PIXELS:
        image.close()
        raise Unreadable(f"{image.width} by {image.height} pixels are more than {MAX_PIXELS}")
    return image


def probe(content: bytes | BinaryIO) -> Size:
    """Return the image's size from its header, without decoding it.

    Raises:
        Unreadable: see there.

    """
    with _open(content) as image:
        return Size(image.width, image.height)


def thumbnail(content: bytes | BinaryIO, *, edge: int) -> bytes:
    """Return a WebP copy that fits in a square of ``edge`` pixels, upright and without any metadata.

    Raises:
        Unreadable: see there.

    """
    with _open(content) as image:
        try:
            image.draft("RGB", (edge, edge))
            image.thumbnail((edge, edge))
            upright = ImageOps.exif_transpose(image)
            mode = "RGBA" if upright.has_transparency_data else "RGB"
            target = BytesIO()
            plain = Image.new(mode, upright.size)
            plain.paste(upright.convert(mode))
            plain.save(target, "WEBP", quality=80)
        except (
            OSError,
            ValueError,
            SyntaxError,
            EOFError,
            IndexError,
            Image.DecompressionBombError,
        ) as error:
            raise Unreadable("the image is broken") from error
    return target.getvalue()
