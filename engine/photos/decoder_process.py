"""A sandboxed process that decodes untrusted photos; `engine.photos.decoder_pool` starts it.

It imports Pillow and nothing larger. Once ready, it can open no file and no connection, can write to no file,
and cannot use more memory than a large photo needs. Requests arrive on stdin and responses leave on stdout as
fixed headers and raw pixels: the parent trusts this process as little as the photo.
"""

from __future__ import annotations

import io
import resource
import signal
import struct
import sys
from contextlib import suppress
from typing import BinaryIO

from PIL import Image, MpoImagePlugin

from engine.errors import PhotoTooLargeError, UnreadablePhotoError
from engine.photos import decoding, preprocess

PRELOADED_PLUGINS = (MpoImagePlugin,)  # Pillow would import it on demand, when no file can be opened any more
READY = b"!"
REQUEST_HEADER = struct.Struct("!H?I")  # side in pixels, whether an image for display is wanted, bytes
RESPONSE_HEADER = struct.Struct("!BII")  # status, width and height of the image for display
DECODED, TOO_LARGE, UNREADABLE = range(3)  # statuses
MEMORY_LIMIT = 768 * 2**20  # bytes: 25 million pixels take 530 MB as a WebP that has to be rotated
PHOTO_TIMEOUT = 20  # seconds; ends the process even if its parent is gone


def main() -> None:
    """Drop all rights, report that the process is ready, and decode photos until stdin closes."""
    _preload_decoders()
    for kind, limit in (
        (resource.RLIMIT_AS, MEMORY_LIMIT),
        (resource.RLIMIT_CORE, 0),  # a crash leaves no photo behind
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        with suppress(ValueError, OSError):  # macOS has no memory limit
            resource.setrlimit(kind, (limit, limit))
    requests, responses = sys.stdin.buffer, sys.stdout.buffer
    responses.write(READY)
    responses.flush()
    while header := requests.read(REQUEST_HEADER.size):
        side, for_display, size = REQUEST_HEADER.unpack(header)
        photo = requests.read(size)
        signal.alarm(PHOTO_TIMEOUT)
        _respond(photo, side, for_display, responses)
        signal.alarm(0)


def _preload_decoders() -> None:
    """Decode an image of each format, which imports everything that decoding needs."""
    exif = Image.Exif()
    exif[0x0112] = 6  # rotated by 90 degrees
    for kind in decoding.FORMATS:
        file = io.BytesIO()
        with suppress(OSError, ValueError, KeyError):  # no encoder here: its decoder is loaded nevertheless
            Image.new("RGB", (8, 8)).save(file, kind, exif=exif.tobytes())
            preprocess.decode_photo(file.getvalue(), 4, for_display=True)


def _respond(photo: bytes, side: int, for_display: bool, responses: BinaryIO) -> None:
    try:
        decoded = preprocess.decode_photo(photo, side, for_display=for_display)
    except PhotoTooLargeError as error:
        width, height = int(error.values["width"]), int(error.values["height"])
        responses.write(RESPONSE_HEADER.pack(TOO_LARGE, width, height))
    except UnreadablePhotoError:
        responses.write(RESPONSE_HEADER.pack(UNREADABLE, 0, 0))
    else:
        width, height = decoded.display.size if decoded.display else (0, 0)
        responses.write(RESPONSE_HEADER.pack(DECODED, width, height))
        for image in filter(None, decoded):
            responses.write(image.tobytes())
    responses.flush()


if __name__ == "__main__":
    main()
