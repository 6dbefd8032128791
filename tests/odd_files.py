"""Photos as phones send them and folders as disks hold them, made from any picture."""

from __future__ import annotations

import io
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pillow_heif
from PIL import Image, ImageDraw, PngImagePlugin

from tests.paint import (
    PAINTINGS,
    beach,
    lake,
    mountains,
    night,
    ocean,
    snow_climber,
    sunset,
)

pillow_heif.register_heif_opener()

ORIENTATION, BITS_PER_SAMPLE = 0x0112, 0x0102
SHORT, ASCII = 3, 2  # types of EXIF values


def encoded(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """Encode an image in a format of Pillow or pillow-heif."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def exif_block(*entries: tuple[int, int, int, bytes]) -> bytes:
    """Return a little-endian EXIF block of one directory: tag, type, count and value of each entry."""
    body, beyond = struct.pack("<H", len(entries)), b""
    end = 8 + 2 + 12 * len(entries) + 4
    for tag, kind, count, value in sorted(entries):
        field = value.ljust(4, b"\0") if len(value) <= 4 else struct.pack("<I", end + len(beyond))
        beyond += b"" if len(value) <= 4 else value
        body += struct.pack("<HHI", tag, kind, count) + field
    return b"Exif\0\0II*\0" + struct.pack("<I", 8) + body + b"\0\0\0\0" + beyond


def with_exif(jpeg: bytes, block: bytes) -> bytes:
    """Return a JPEG with an EXIF block as its first segment, whatever the block holds."""
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + jpeg[2:]


def _deep_grey(photo: Image.Image) -> bytes:
    grey = photo.convert("L")
    values = struct.pack(f"<{grey.width * grey.height}H", *(257 * value for value in grey.tobytes()))
    return encoded(Image.frombytes("I;16", grey.size, values), "PNG")


def _without_end(photo: Image.Image) -> bytes:
    return encoded(photo, quality=90)[:-2]


def _turned(photo: Image.Image) -> bytes:
    """Turned by its orientation, and with a tag of an unexpected type."""
    sideways = encoded(photo.transpose(Image.Transpose.ROTATE_90), quality=90)
    upright = (ORIENTATION, SHORT, 1, struct.pack("<H", 6))
    return with_exif(sideways, exif_block(upright, (BITS_PER_SAMPLE, ASCII, 4, b"8,8\0")))


def _long_comment(photo: Image.Image) -> bytes:
    comment = PngImagePlugin.PngInfo()
    comment.add_text("Comment", "written by a scanner " * 60_000, zip=True)
    return encoded(photo, "PNG", pnginfo=comment)


def _48_megapixels(photo: Image.Image) -> bytes:
    return encoded(photo.resize((8064, 6048)), quality=60)


# What shows the same as the picture that it was made from, by a file name.
SAME: Final[dict[str, Callable[[Image.Image], bytes]]] = {
    "grey16.png": _deep_grey,
    "no_end.jpg": _without_end,
    "turned.jpg": _turned,
    "comment.png": _long_comment,
    "phone.avif": lambda photo: encoded(photo, "AVIF", quality=80),
    "phone.heic": lambda photo: encoded(photo, "HEIF", quality=80),
    "photo.jfif": lambda photo: encoded(photo, quality=90),
    "48mp.jpg": _48_megapixels,
}


def patch(left: int = 24) -> Image.Image:
    """A red square on nothing."""
    image = Image.new("RGBA", (96, 96))
    image.paste((200, 60, 40, 255), (left, 24, left + 36, 60))
    return image


def moving_sticker() -> bytes:
    """Return an animation of two red squares, each stored without the nothing around it."""
    frames = {"save_all": True, "append_images": [patch(26)], "duration": 100}
    return encoded(patch(), "WEBP", lossless=True, **frames)


def white_disc(ground: tuple[int, ...]) -> Image.Image:
    """Return a white disc on a ground, which may be transparent."""
    image = Image.new("RGBA" if len(ground) == 4 else "RGB", (96, 96), ground)
    ImageDraw.Draw(image).ellipse((20, 20, 76, 76), fill=(255,) * len(ground))
    return image


LONG_FOLDER: Final = "d" * 120
# Names on disk, and how they are printed; `data.listing` tells why.
NAMES: Final = {
    b"f\xeate.jpg": "f%25EAte.jpg",  # the next file has the name that it would have
    b"f%EAte.jpg": "f%EAte.jpg",
    b'a\n"b"\'s.jpg': 'a%0A"b"\'s.jpg',
    b"<b>&.jpg": "<b>&.jpg",
    f"{LONG_FOLDER}/{LONG_FOLDER}/{LONG_FOLDER}/🐕🐕 100%.jpg".encode(): (
        f"{LONG_FOLDER}/{LONG_FOLDER}/{LONG_FOLDER}/🐕🐕 100%.jpg"
    ),
}


def write_odd_names(folder: Path) -> None:
    """Write a photo under each of `NAMES`."""
    # Five that are unlike each other and those of `write_odd_files`: near-duplicates are listed once.
    paintings = ("meadow", "mountains", "snow_climber", "lake", "two_at_sunset")
    for painting, name in zip(paintings, NAMES, strict=True):
        file = Path(os.fsdecode(os.fsencode(folder) + b"/" + name))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(encoded(PAINTINGS[painting]()))


def write_odd_files(folder: Path) -> None:
    """Write photos that Telegram refuses as they lie, in formats of phones, and other programs' litter."""
    sea = ocean()
    (folder / "@eaDir").mkdir(parents=True)
    (folder / "@eaDir" / "thumb.jpg").write_bytes(encoded(sea))
    (folder / "panorama.jpg").write_bytes(encoded(sea.resize((9000, 1500))))
    (folder / "strip.jpg").write_bytes(encoded(beach().resize((2400, 100))))
    noise = Image.effect_noise((2200, 2000), 90).convert("RGB")
    (folder / "large.png").write_bytes(encoded(noise, "PNG", compress_level=1))
    (folder / "phone.avif").write_bytes(encoded(sunset(), "AVIF"))
    (folder / "scan.tif").write_bytes(encoded(night(), "TIFF"))


def _part(painting: Image.Image) -> Image.Image:
    """Return the mirror image of the left two thirds of a painting, small."""
    left = painting.crop((0, 0, painting.width * 2 // 3, painting.height))
    return left.transpose(Image.Transpose.FLIP_LEFT_RIGHT).resize((160, 120))


def write_small_gallery(folder: Path) -> None:
    """Write eight small photos of odd formats, sides and names, and two that are damaged.

    No two are alike, and none is a painting of `tests.paint` as a whole: a painting finds all eight.
    """
    folder.mkdir(parents=True, exist_ok=True)
    contents = {
        b"grey16.png": _deep_grey(_part(ocean())),
        b"no_end.jpg": _without_end(_part(night())),
        b"turned.jpg": _turned(_part(mountains())),
        b"strip.tif": encoded(_part(beach()).resize((2400, 100)), "TIFF"),
        b"phone.avif": encoded(_part(snow_climber()), "AVIF"),
        b"phone.heic": encoded(_part(lake()), "HEIF"),
        b"moving.webp": moving_sticker(),
        b"f\xeate \n'\".jpg": encoded(_part(sunset())),
        b"half.jpg": encoded(night().resize((160, 120)))[:2000],
        b"words.png": b"These are words.",
    }
    for name, content in contents.items():
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_bytes(content)
