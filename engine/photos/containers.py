"""Image files as bytes: what decides how a photo looks, read without trusting the rest of the file.

Decoders refuse sound photos for the sake of metadata that nobody needs: a long comment, a large colour
profile, an EXIF tag of an unexpected type. These functions take the few facts that matter out of the file and
drop the rest. They raise nothing: what cannot be read is as if it were not there.

Formats: PNG (https://www.w3.org/TR/png-3/), WebP (https://developers.google.com/speed/webp/docs/riff_container),
AVIF and HEIF (ISO/IEC 23008-12), EXIF (CIPA DC-008, a TIFF 6.0 directory).
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple

PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
PNG_KEPT: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})  # what the pixels need
MAX_PROFILE_BYTES: Final = 4 * 2**20  # of a colour profile; printers' profiles have up to 2 MB
JPEG_START: Final = b"\xff\xd8"
JPEG_END: Final = b"\xff\xd9"
ORIENTATION: Final = 0x0112
# The entry of an EXIF item in an AVIF or HEIF (ISO/IEC 14496-12, ItemInfoEntry): version, flags, item id of
# two or four bytes, protection index, type.
_EXIF_ITEM: Final = re.compile(rb"(infe[\x02\x03].{3}(?:.{4}|.{6}))Exif", re.DOTALL)
SHORT: Final = 3  # TIFF's 16-bit type


class PngParts(NamedTuple):
    """A PNG reduced to what its pixels need.

    Attributes:
        content: the file with its critical chunks and transparency only.
        exif: its EXIF block; empty where there is none.
        profile: its ICC profile; empty where there is none, or where it is larger than `MAX_PROFILE_BYTES`.
    """

    content: bytes
    exif: bytes
    profile: bytes


def is_png(photo: bytes) -> bool:
    """Return whether bytes begin as a PNG does."""
    return photo.startswith(PNG_SIGNATURE)


def split_png(photo: bytes) -> PngParts:
    """Return a PNG without comments, and the two metadata blocks that change how it looks."""
    kept, exif, profile = [PNG_SIGNATURE], b"", b""
    for kind, start, end in _png_chunks(photo):
        if kind in PNG_KEPT:
            kept.append(photo[start : end + 12])
        elif kind == b"eXIf":
            exif = photo[start + 8 : end + 8]
        elif kind == b"iCCP":
            profile = _inflate(photo[start + 8 : end + 8])
    return PngParts(b"".join(kept), exif, profile)


def _png_chunks(photo: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield each chunk's type, where it starts, and where it would end if it had no frame of twelve bytes."""
    start = len(PNG_SIGNATURE)
    while start + 8 <= len(photo):
        length, kind = struct.unpack_from(">I4s", photo, start)
        yield kind, start, start + length
        start += length + 12


def _inflate(chunk: bytes) -> bytes:
    """Return the profile of an iCCP chunk: a name, a zero, a method, and compressed bytes."""
    compressed = chunk.partition(b"\0")[2][1:]
    inflater = zlib.decompressobj()
    try:
        profile = inflater.decompress(compressed, MAX_PROFILE_BYTES)
    except zlib.error:
        return b""
    return profile if inflater.eof else b""


def orientation(exif: bytes) -> int:
    """Return the EXIF orientation, 1 to 8; 1 (upright) where there is none that can be read.

    Only the first directory is read, and of it only this tag: others may have types and lengths of any kind.

    Args:
        exif: an EXIF block, with or without its "Exif" header.
    """
    tiff = exif.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    try:
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, first)
        for entry in range(count):
            tag, kind, number, value = struct.unpack_from(f"{order}HHIH", tiff, first + 2 + 12 * entry)
            if tag == ORIENTATION:
                return value if kind == SHORT and number == 1 and 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1


def hide_exif(photo: bytes) -> bytes:
    """Return an AVIF or HEIF without EXIF: its item gets a type that decoders do not know.

    What turns such a picture are its own properties (`irot`, `imir`), and decoders fail over odd EXIF tags
    while they reconcile both.
    """
    return _EXIF_ITEM.sub(rb"\1skip", photo) if photo[4:8] == b"ftyp" else photo


def is_jpeg(photo: bytes) -> bool:
    """Return whether bytes begin as a JPEG does."""
    return photo.startswith(JPEG_START)


def first_webp_frame(photo: bytes) -> tuple[bytes, tuple[int, int], tuple[int, int]] | None:
    """Return the first frame of an animated WebP as a still WebP.

    Decoders of animations draw frames on an opaque ground where the file says that no frame is transparent,
    even where a frame covers only a part of the canvas.

    Returns:
        The still, the canvas' width and height, and the frame's offset, in pixels; None where the file is no
        animated WebP, or where its first frame covers the whole canvas.
    """
    if photo[:4] != b"RIFF" or photo[8:16] != b"WEBPVP8X" or not photo[20:21] or not photo[20] & 0x02:
        return None
    canvas = 1 + _uint24(photo, 24), 1 + _uint24(photo, 27)
    start = 12
    while start + 8 <= len(photo):
        kind, size = struct.unpack_from("<4sI", photo, start)
        if kind == b"ANMF":
            body = photo[start + 8 : start + 8 + size]
            offset = 2 * _uint24(body, 0), 2 * _uint24(body, 3)
            frame = 1 + _uint24(body, 6), 1 + _uint24(body, 9)
            return None if frame == canvas else (_webp_still(body[16:], frame), canvas, offset)
        start += 8 + size + size % 2
    return None


def _webp_still(chunks: bytes, size: tuple[int, int]) -> bytes:
    if chunks[:4] == b"ALPH":  # alpha of a lossy frame; the extended header says so
        width, height = ((side - 1).to_bytes(3, "little") for side in size)
        chunks = b"VP8X" + struct.pack("<I", 10) + b"\x10\0\0\0" + width + height + chunks
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WEBP" + chunks


def _uint24(data: bytes, start: int) -> int:
    return int.from_bytes(data[start : start + 3], "little")
