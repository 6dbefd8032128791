"""Images that no camera makes: damaged, too large, of the wrong kind, two kinds at once.

`picture(seed, number)` gives the same bytes each time.
"""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

import numpy as np
from PIL import Image, ImageDraw

from engine.photos.preprocess import MAX_BYTES

Dice = random.Random
SIZE: Final = (96, 72)
MODES: Final = (
    "RGB",
    "L",
    "1",
    "P",
    "RGBA",
    "LA",
    "CMYK",
    "I;16",
    "I",
    "F",
    "YCbCr",
    "HSV",
    "LAB",
    "RGBX",
    "PA",
)
EDGE_SIZES: Final = ((1, 1), (1, 3000), (3000, 1), (2, 2), (17, 1), (5000, 4900))
SIDES: Final = (0, 1, 5001, 16_383, 65_535, 2**31 - 1, 2**32 - 1)  # claimed, not delivered
READ: Final = ("JPEG", "PNG", "WEBP")  # what the engine opens
COMMON: Final = (*READ, "GIF", "BMP", "TIFF", "PPM", "TGA", "ICO", "MPO")


def picture(seed: int, number: int) -> tuple[str, bytes]:
    """Make an image, and say how it was made."""
    dice = Dice(f"{seed}:{number}")
    recipe = [*RECIPES][number % len(RECIPES)]
    return recipe, RECIPES[recipe](dice)


def written(image: Image.Image, kind: str, **options: Any) -> bytes:
    """Write an image as a file of some kind."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@cache
def painted(size: tuple[int, int] = SIZE, mode: str = "RGB") -> Image.Image:
    """A small picture with something in it."""
    image = Image.effect_noise(size, 60).convert("RGB")
    ImageDraw.Draw(image).ellipse((0, 0, size[0] // 2, size[1] // 2), fill=(200, 60, 40))
    if mode in ("I;16", "LAB"):
        return image.convert("L").convert("I;16") if mode == "I;16" else Image.new("LAB", size)
    return image.convert("P").convert("PA") if mode == "PA" else image.convert(mode)


@cache
def _kinds() -> tuple[str, ...]:
    """Every format that Pillow writes."""
    Image.init()
    return tuple(sorted(Image.SAVE))


def _whole(dice: Dice, kinds: tuple[str, ...] = READ) -> bytes:
    """An image that is right, of any mode that its kind can hold."""
    kind, mode = dice.choice(kinds), dice.choice(MODES)
    try:
        return written(painted(mode=mode), kind)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError):
        return written(painted(), kind if kind in COMMON else "PNG")  # this kind holds no such mode


def _any_kind(dice: Dice) -> bytes:
    return _whole(dice, _kinds())


def _truncated(dice: Dice) -> bytes:
    content = _whole(dice)
    return content[: dice.randrange(len(content))]


def _flipped(dice: Dice) -> bytes:
    """Some bits are wrong, in the head more often than not."""
    content = bytearray(_whole(dice))
    reach = len(content) if dice.random() < 0.4 else min(len(content), 200)
    for _ in range(dice.choice((1, 2, 8, 64))):
        content[dice.randrange(reach)] ^= 1 << dice.randrange(8)
    return bytes(content)


def _spliced(dice: Dice) -> bytes:
    """The head of one image and the body of another."""
    one, other = _whole(dice, COMMON), _whole(dice, COMMON)
    at = dice.randrange(min(len(one), len(other)))
    return one[:at] + other[at:]


def _blanked(dice: Dice) -> bytes:
    content = bytearray(_whole(dice))
    begin = dice.randrange(len(content))
    end = min(len(content), begin + dice.choice((4, 64, 1024)))
    content[begin:end] = bytes([dice.choice((0, 255))]) * (end - begin)
    return bytes(content)


def _doubled(dice: Dice) -> bytes:
    content = _whole(dice)
    begin = dice.randrange(len(content))
    return content[:begin] + content[begin : begin + 300] * dice.choice((2, 40)) + content[begin:]


def _noise(dice: Dice) -> bytes:
    """Random bytes after the first bytes of an image."""
    magic = dice.choice(
        (b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"RIFF\xff\xff\xff\xffWEBPVP8 ", b"GIF89a", b"")
    )
    return magic + dice.randbytes(dice.choice((0, 1, 40, 5_000)))


def _chunk(name: bytes, content: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _png(width: int, height: int, rows: bytes, *more: bytes, depth: int = 8, colour: int = 2) -> bytes:
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    body = b"".join(more) + _chunk(b"IDAT", zlib.compress(rows, 9)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + head + body


def _claimed(dice: Dice) -> bytes:
    """A head that claims sides which nothing behind it holds."""
    width, height = dice.choice(SIDES), dice.choice(SIDES)
    match dice.choice(READ):
        case "PNG":
            return _png(
                width, height, bytes(1000), depth=dice.choice((1, 8, 16)), colour=dice.choice((0, 2, 3, 6))
            )
        case "JPEG":
            content = bytearray(written(painted(), "JPEG"))
            at = content.index(b"\xff\xc0") + 5
            content[at : at + 4] = struct.pack(">HH", height & 0xFFFF, width & 0xFFFF)
            return bytes(content)
    sides = struct.pack("<HH", width & 0x3FFF, height & 0x3FFF)
    frame = b"VP8 " + struct.pack("<I", 1000) + b"\x10\x00\x00\x9d\x01\x2a" + sides + bytes(990)
    return b"RIFF" + struct.pack("<I", len(frame) + 4) + b"WEBP" + frame


@cache
def bomb(width: int = 13_000, height: int = 6_800) -> bytes:
    """A small file that unfolds to so many pixels."""
    return written(Image.new("1", (width, height)), "PNG")


def _bomb(dice: Dice) -> bytes:
    match dice.randrange(4):
        case 0:
            return bomb(*dice.choice(((13_000, 6_800), (25_000, 1_001), (5_001, 5_000))))
        case 1:  # a text that unfolds to 60 MB
            return _png(2, 2, bytes(14), _chunk(b"zTXt", b"words\0\0" + zlib.compress(bytes(60_000_000), 9)))
        case 2:  # far more rows than the head claims
            return _png(2, 2, bytes(40_000_000))
    profile = _chunk(b"iCCP", b"profile\0\0" + zlib.compress(bytes(60_000_000), 9))
    return _png(2, 2, bytes(14), profile)


def _edge(dice: Dice) -> bytes:
    size, kind = dice.choice(EDGE_SIZES), dice.choice(READ)
    return written(Image.new(dice.choice(("RGB", "L")), size, 99), kind)


def _empty(dice: Dice) -> bytes:
    zero = (
        b"",
        b"\x00",
        _png(0, 0, b""),
        _png(0, 5, b""),
        _png(5, 0, b""),
        _png(1, 1, b""),
        bytes(MAX_BYTES + 1),
    )
    return dice.choice(zero)


def _polyglot(dice: Dice) -> bytes:
    """An image that is something else, too."""
    image = _whole(dice)
    other = dice.choice((
        b"PK\x03\x04" + bytes(26) + b"PK\x05\x06" + bytes(18), b"%PDF-1.4\n%%EOF", b"#!/bin/sh\nexit 1\n",
        b"<script>alert(1)</script>", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x7fELF" + bytes(60),
        _whole(dice, COMMON),
    ))  # fmt: skip
    return other + image if dice.random() < 0.3 else image + other


def _animated(dice: Dice) -> bytes:
    frames = [painted().rotate(dice.randrange(360)) for _ in range(dice.choice((2, 30)))]
    kind = dice.choice(("PNG", "WEBP", "GIF"))
    content = written(frames[0], kind, save_all=True, append_images=frames[1:], duration=1)
    return content if dice.random() < 0.5 else content[: dice.randrange(len(content))]


def _deep(_: Dice) -> bytes:
    """Sixteen bits a colour, with and without transparency."""
    rows = np.random.default_rng(1).integers(0, 255, (72, 1 + 96 * 8), dtype=np.uint8)
    rows[:, 0] = 0
    return _png(*SIZE, rows.tobytes(), depth=16, colour=6)


def _palette(dice: Dice) -> bytes:
    """A palette that is missing, too short, or has more transparency than colours."""
    rows = bytes([0, *[dice.randrange(256) for _ in range(16)]]) * 16
    colours = _chunk(b"PLTE", dice.randbytes(3 * dice.choice((0, 1, 16, 256, 300))))
    clear = _chunk(b"tRNS", dice.randbytes(dice.choice((0, 1, 256, 400))))
    more = dice.choice(((), (colours,), (colours, clear), (clear,), (colours, colours)))
    return _png(16, 16, rows, *more, depth=8, colour=3)


def _exif(dice: Dice) -> bytes:
    """EXIF that is huge, runs in circles, or turns the picture in ways there are none."""
    circle = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\x08\0\0\0"
    turned = Image.Exif()
    turned[0x0112] = dice.choice((0, 3, 6, 9, 255, 65_535))
    given = dice.choice((
        b"Exif\0\0" + circle, b"Exif\0\0" + bytes(65_000), b"Exif\0\0" + dice.randbytes(3_000), b"Exif\0\0",
        b"II", b"Exif\0\0MM\0*\xff\xff\xff\xff", turned.tobytes(),
    ))  # fmt: skip
    return written(painted(), dice.choice(READ), exif=given)


def _profile(dice: Dice) -> bytes:
    """A colour profile of rubbish, and words of it in an XMP."""
    return written(painted(), dice.choice(READ), icc_profile=dice.randbytes(dice.choice((1, 200, 60_000))))


RECIPES: Final[Mapping[str, Callable[[Dice], bytes]]] = {
    recipe.__name__.strip("_"): recipe
    for recipe in (
        _whole, _any_kind, _truncated, _flipped, _spliced, _blanked, _doubled, _noise, _claimed, _bomb, _edge,
        _empty, _polyglot, _animated, _deep, _palette, _exif, _profile, _truncated, _flipped,
    )
}  # fmt: skip


def shelf() -> dict[str, bytes]:
    """The files that the seeds speak of."""
    photo = written(painted(), "JPEG")
    return {
        "photo": photo,
        "large photo": written(painted((1280, 960)), "JPEG"),
        "png": written(painted(mode="RGBA"), "PNG"),
        "webp": written(painted(), "WEBP"),
        "cut": photo[: len(photo) // 2],
        "bomb": bomb(),
        "empty": b"",
        "words": b"These are words.",
        "too large": bytes(MAX_BYTES + 1),
    }
