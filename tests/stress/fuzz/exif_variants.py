"""Photos with every EXIF tag of every type, count and value: none of them may matter.

`variants(step)` yields each `step`-th of all combinations, in the same order each time.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterator
from functools import cache
from typing import Final

from PIL import ExifTags, Image

from tests.odd_files import ORIENTATION, SHORT, encoded, exif_block

SIZE: Final = (24, 16)  # pixels; upright the other way round
BLOCK_BYTES: Final = 160  # every block is padded to it, so that one file of each format serves all
TAGS: Final = tuple(sorted({int(tag) for tag in ExifTags.Base} | {0x0000, 0x8825, 0xA005, 0xFFFF}))
TYPES: Final = (*range(14), 16, 129, 65_535)  # TIFF has 1 to 12, and 13 and 16 to 18 by later agreement
COUNTS: Final = (0, 1, 3, 70_000, 2**32 - 1)
VALUES: Final = (bytes(4), b"\xff" * 4, b"8,8\0", b"1/0 -1/0 nan \0" * 4)
UPRIGHT: Final = (ORIENTATION, SHORT, 1, struct.pack("<H", 6))
FORMATS: Final = ("JPEG", "PNG", "WEBP", "AVIF", "HEIF")
COMBINATIONS: Final = len(TAGS) * len(TYPES) * len(COUNTS) * len(VALUES)


def variants(step: int = 1) -> Iterator[tuple[str, bytes]]:
    """Yield photos turned by their orientation, each with one more tag, and what that tag is."""
    combinations = itertools.product(TAGS, TYPES, COUNTS, VALUES)
    chosen = itertools.islice(combinations, 0, None, step)
    for (tag, kind, count, value), image_format in zip(chosen, itertools.cycle(FORMATS), strict=False):
        entries = [(tag, kind, count, value)] + [UPRIGHT] * (tag != ORIENTATION)
        name = f"{image_format}, tag 0x{tag:04X}, type {kind}, count {count}, value {value[:8]!r}"
        yield name, _with_block(image_format, exif_block(*entries))


def is_turned(name: str) -> bool:
    """Return whether EXIF turns this photo; AVIF and HEIF have properties of their own for it."""
    return name.startswith(("JPEG", "PNG", "WEBP")) and f"tag 0x{ORIENTATION:04X}" not in name


def _with_block(image_format: str, block: bytes) -> bytes:
    padded = block.ljust(BLOCK_BYTES, b"\0")
    return _template(image_format).replace(_placeholder(), padded.removeprefix(b"Exif\0\0"))


@cache
def _template(image_format: str) -> bytes:
    """Return an image whose EXIF block is the placeholder."""
    image = Image.effect_noise(SIZE, 60).convert("RGB")
    content = encoded(image, image_format, exif=b"Exif\0\0" + _placeholder())
    if _placeholder() not in content:
        raise ValueError(f"{image_format} does not hold the block as it is")
    return content


@cache
def _placeholder() -> bytes:
    """Return a valid block: encoders look into it."""
    return exif_block((0x010F, 2, 4, b"KIN\0")).ljust(BLOCK_BYTES, b"\0").removeprefix(b"Exif\0\0")
