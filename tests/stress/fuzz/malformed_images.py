"""Malformed and unusual images: damaged, too large, of another format, of two formats at once.

`make_image(seed, number)` returns the same bytes each time.
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

from engine.photos.decoding import MAX_BYTES  # importing it registers HEIF, too

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
CLAIMED_SIDES: Final = (0, 1, 5001, 16_383, 65_535, 2**31 - 1, 2**32 - 1)  # pixels, in the header only
WEB_FORMATS: Final = ("JPEG", "PNG", "WEBP")
SUFFIXES: Final = {  # of what the engine decodes
    "JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "HEIF": ".heic", "AVIF": ".avif", "TIFF": ".tif",
    "BMP": ".bmp", "GIF": ".gif",
}  # fmt: skip
ENGINE_FORMATS: Final = tuple(SUFFIXES)
COMMON_FORMATS: Final = (*ENGINE_FORMATS, "PPM", "TGA", "ICO", "MPO")


Formats = tuple[str, ...]


def make_image(seed: int, number: int) -> tuple[str, bytes]:
    """Return the name of a recipe, and an image made by it."""
    rng = random.Random(f"{seed}:{number}")
    recipe = [*RECIPES][number % len(RECIPES)]
    return recipe, RECIPES[recipe](rng)


def encode(image: Image.Image, image_format: str, **options: Any) -> bytes:
    """Encode an image."""
    file = io.BytesIO()
    image.save(file, image_format, **options)
    return file.getvalue()


@cache
def small_image(size: tuple[int, int] = SIZE, mode: str = "RGB") -> Image.Image:
    """Return a small image of noise and an ellipse."""
    image = Image.effect_noise(size, 60).convert("RGB")
    ImageDraw.Draw(image).ellipse((0, 0, size[0] // 2, size[1] // 2), fill=(200, 60, 40))
    if mode in ("I;16", "LAB"):
        return image.convert("L").convert("I;16") if mode == "I;16" else Image.new("LAB", size)
    return image.convert("P").convert("PA") if mode == "PA" else image.convert(mode)


@cache
def _all_formats() -> tuple[str, ...]:
    """Return every format that Pillow writes."""
    Image.init()
    return tuple(sorted(Image.SAVE))


def _valid(rng: random.Random, formats: Formats = ENGINE_FORMATS) -> bytes:
    """Return a valid image, of any mode that its format can hold."""
    return _encoded(rng.choice(formats), rng.choice(MODES))


@cache
def _encoded(image_format: str, mode: str) -> bytes:
    try:
        return encode(small_image(mode=mode), image_format)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError):
        fallback = image_format if image_format in COMMON_FORMATS else "PNG"  # the format lacks this mode
        return encode(small_image(), fallback)


def _any_format(rng: random.Random) -> bytes:
    return _valid(rng, _all_formats())


def _truncated(rng: random.Random, formats: Formats = ENGINE_FORMATS) -> bytes:
    content = _valid(rng, formats)
    return content[: rng.randrange(len(content))]


def _flipped(rng: random.Random, formats: Formats = ENGINE_FORMATS) -> bytes:
    """Flip some bits, more often than not in the header."""
    content = bytearray(_valid(rng, formats))
    end = len(content) if rng.random() < 0.4 else min(len(content), 200)
    for _ in range(rng.choice((1, 2, 8, 64))):
        content[rng.randrange(end)] ^= 1 << rng.randrange(8)
    return bytes(content)


def _spliced(rng: random.Random, formats: Formats = COMMON_FORMATS) -> bytes:
    """Join the head of one image to the body of another."""
    first, second = _valid(rng, formats), _valid(rng, COMMON_FORMATS)
    at = rng.randrange(min(len(first), len(second)))
    return first[:at] + second[at:]


def _blanked(rng: random.Random, formats: Formats = ENGINE_FORMATS) -> bytes:
    content = bytearray(_valid(rng, formats))
    begin = rng.randrange(len(content))
    end = min(len(content), begin + rng.choice((4, 64, 1024)))
    content[begin:end] = bytes([rng.choice((0, 255))]) * (end - begin)
    return bytes(content)


def _repeated(rng: random.Random, formats: Formats = ENGINE_FORMATS) -> bytes:
    content = _valid(rng, formats)
    begin = rng.randrange(len(content))
    return content[:begin] + content[begin : begin + 300] * rng.choice((2, 40)) + content[begin:]


def _noise(rng: random.Random) -> bytes:
    """Return random bytes after the magic number of an image format."""
    magic = rng.choice(
        (b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"RIFF\xff\xff\xff\xffWEBPVP8 ", b"GIF89a", b"")
    )
    return magic + rng.randbytes(rng.choice((0, 1, 40, 5_000)))


def _chunk(name: bytes, content: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def _png(width: int, height: int, rows: bytes, *more: bytes, depth: int = 8, colour: int = 2) -> bytes:
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    body = b"".join(more) + _chunk(b"IDAT", zlib.compress(rows, 9)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + head + body


def _false_size(rng: random.Random) -> bytes:
    """Return an image whose header claims a size that its data does not have."""
    width, height = rng.choice(CLAIMED_SIDES), rng.choice(CLAIMED_SIDES)
    match rng.choice(WEB_FORMATS):
        case "PNG":
            return _png(
                width, height, bytes(1000), depth=rng.choice((1, 8, 16)), colour=rng.choice((0, 2, 3, 6))
            )
        case "JPEG":
            content = bytearray(encode(small_image(), "JPEG"))
            at = content.index(b"\xff\xc0") + 5
            content[at : at + 4] = struct.pack(">HH", height & 0xFFFF, width & 0xFFFF)
            return bytes(content)
    sides = struct.pack("<HH", width & 0x3FFF, height & 0x3FFF)
    frame = b"VP8 " + struct.pack("<I", 1000) + b"\x10\x00\x00\x9d\x01\x2a" + sides + bytes(990)
    return b"RIFF" + struct.pack("<I", len(frame) + 4) + b"WEBP" + frame


@cache
def bomb(width: int = 13_000, height: int = 6_800) -> bytes:
    """Return a small file that decompresses to this many pixels."""
    return encode(Image.new("1", (width, height)), "PNG")


def _bomb(rng: random.Random) -> bytes:
    match rng.randrange(4):
        case 0:
            return bomb(*rng.choice(((13_000, 6_800), (25_000, 1_001), (5_001, 5_000))))
        case 1:  # a text that decompresses to 60 MB
            return _png(2, 2, bytes(14), _chunk(b"zTXt", b"words\0\0" + zlib.compress(bytes(60_000_000), 9)))
        case 2:  # far more rows than the header claims
            return _png(2, 2, bytes(40_000_000))
    profile = _chunk(b"iCCP", b"profile\0\0" + zlib.compress(bytes(60_000_000), 9))
    return _png(2, 2, bytes(14), profile)


def _extreme_size(rng: random.Random) -> bytes:
    size, image_format = rng.choice(EDGE_SIZES), rng.choice(WEB_FORMATS)
    return encode(Image.new(rng.choice(("RGB", "L")), size, 99), image_format)


def _empty(rng: random.Random) -> bytes:
    contents = (
        b"",
        b"\x00",
        _png(0, 0, b""),
        _png(0, 5, b""),
        _png(5, 0, b""),
        _png(1, 1, b""),
        bytes(MAX_BYTES + 1),
    )
    return rng.choice(contents)


def _polyglot(rng: random.Random) -> bytes:
    """Return an image that is a valid file of another type, too."""
    image = _valid(rng)
    other = rng.choice((
        b"PK\x03\x04" + bytes(26) + b"PK\x05\x06" + bytes(18), b"%PDF-1.4\n%%EOF", b"#!/bin/sh\nexit 1\n",
        b"<script>alert(1)</script>", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x7fELF" + bytes(60),
        _valid(rng, COMMON_FORMATS),
    ))  # fmt: skip
    return other + image if rng.random() < 0.3 else image + other


def _animated(rng: random.Random) -> bytes:
    frames = [small_image().rotate(rng.randrange(360)) for _ in range(rng.choice((2, 30)))]
    image_format = rng.choice(("PNG", "WEBP", "GIF"))
    content = encode(frames[0], image_format, save_all=True, append_images=frames[1:], duration=1)
    return content if rng.random() < 0.5 else content[: rng.randrange(len(content))]


def _sixteen_bit(_: random.Random) -> bytes:
    """Return a PNG with 16 bits per channel and transparency."""
    rows = np.random.default_rng(1).integers(0, 255, (72, 1 + 96 * 8), dtype=np.uint8)
    rows[:, 0] = 0
    return _png(*SIZE, rows.tobytes(), depth=16, colour=6)


def _bad_palette(rng: random.Random) -> bytes:
    """Return a PNG whose palette is missing, too short, or has more alpha values than colours."""
    rows = bytes([0, *[rng.randrange(256) for _ in range(16)]]) * 16
    colours = _chunk(b"PLTE", rng.randbytes(3 * rng.choice((0, 1, 16, 256, 300))))
    clear = _chunk(b"tRNS", rng.randbytes(rng.choice((0, 1, 256, 400))))
    more = rng.choice(((), (colours,), (colours, clear), (clear,), (colours, colours)))
    return _png(16, 16, rows, *more, depth=8, colour=3)


def _bad_exif(rng: random.Random) -> bytes:
    """Return an image whose EXIF is huge, refers to itself, or has an invalid orientation."""
    cycle = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\x08\0\0\0"
    orientation = Image.Exif()
    orientation[0x0112] = rng.choice((0, 3, 6, 9, 255, 65_535))
    exif = rng.choice((
        b"Exif\0\0" + cycle, b"Exif\0\0" + bytes(65_000), b"Exif\0\0" + rng.randbytes(3_000), b"Exif\0\0",
        b"II", b"Exif\0\0MM\0*\xff\xff\xff\xff", orientation.tobytes(),
    ))  # fmt: skip
    return encode(small_image(), rng.choice(WEB_FORMATS), exif=exif)


def _bad_colour_profile(rng: random.Random) -> bytes:
    """Return an image with an invalid colour profile."""
    return encode(
        small_image(),
        rng.choice(WEB_FORMATS),
        icc_profile=rng.randbytes(rng.choice((1, 200, 60_000))),
    )


RECIPES: Final[Mapping[str, Callable[[random.Random], bytes]]] = {
    recipe.__name__.strip("_"): recipe
    for recipe in (
        _valid, _any_format, _truncated, _flipped, _spliced, _blanked, _repeated, _noise, _false_size, _bomb,
        _extreme_size, _empty, _polyglot, _animated, _sixteen_bit, _bad_palette, _bad_exif,
        _bad_colour_profile,
    )
}  # fmt: skip


DAMAGES: Final = (_valid, _truncated, _flipped, _spliced, _blanked, _repeated)


def damaged_file(rng: random.Random, number: int) -> tuple[str, bytes]:
    """Return the suffix and the content of a file; numbers go through all formats and kinds of damage."""
    image_format = ENGINE_FORMATS[number % len(ENGINE_FORMATS)]
    damage = DAMAGES[number // len(ENGINE_FORMATS) % len(DAMAGES)]
    return SUFFIXES[image_format], damage(rng, (image_format,))


def seed_files() -> dict[str, bytes]:
    """Return the files that the seeds name."""
    photo = encode(small_image(), "JPEG")
    return {
        "photo": photo,
        "large photo": encode(small_image((1280, 960)), "JPEG"),
        "png": encode(small_image(mode="RGBA"), "PNG"),
        "webp": encode(small_image(), "WEBP"),
        "cut": photo[: len(photo) // 2],
        "bomb": bomb(),
        "empty": b"",
        "words": b"These are words.",
        "too large": bytes(MAX_BYTES + 1),
    }
