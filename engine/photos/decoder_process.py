"""The process that reads strangers' photos: a small loop without rights, started by `engine.photos.decoder_pool`.

It imports Pillow and nothing else. Once it is ready it can open no file and no connection, write to none,
and grow no larger than a large photo makes it. Questions come on stdin and answers go out on stdout, as
numbers and pixels only: what this process says is as suspicious as the photo it has read.
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
from engine.photos import preprocess

LATE = (MpoImagePlugin,)  # what Pillow imports only when a photo needs it: then no file can be opened
READY = b"!"
QUESTION = struct.Struct("!H?I")  # a side, whether people see the photo, and how many bytes it has
ANSWER = struct.Struct("!BII")  # what became of it, a width and a height
READ, TOO_LARGE, UNREADABLE = range(3)
MEMORY = 768 * 2**20  # bytes: 25 million pixels take 530 MB as a WebP that has to be turned
SECONDS = 20  # for one photo, if nobody is left to end this process sooner


def main() -> None:
    """Give up every right, say so, and answer until nobody asks any more."""
    _rehearse()
    for kind, limit in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CORE, 0),  # a crash leaves no photo behind
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        with suppress(ValueError, OSError):  # macOS knows no limit of memory
            resource.setrlimit(kind, (limit, limit))
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    answers.write(READY)
    answers.flush()
    while head := questions.read(QUESTION.size):
        side, shown, size = QUESTION.unpack(head)
        photo = questions.read(size)
        signal.alarm(SECONDS)
        _answer(photo, side, shown, answers)
        signal.alarm(0)


def _rehearse() -> None:
    """Read a photo of each format, which imports whatever that takes."""
    exif = Image.Exif()
    exif[0x0112] = 6  # stored on its side
    for kind in preprocess.FORMATS:
        file = io.BytesIO()
        Image.new("RGB", (8, 8)).save(file, kind, exif=exif)
        preprocess.read(file.getvalue(), 4, shown=True)


def _answer(photo: bytes, side: int, shown: bool, answers: BinaryIO) -> None:
    try:
        picture = preprocess.read(photo, side, shown=shown)
    except PhotoTooLargeError as error:
        answers.write(ANSWER.pack(TOO_LARGE, int(error.values["width"]), int(error.values["height"])))
    except UnreadablePhotoError:
        answers.write(ANSWER.pack(UNREADABLE, 0, 0))
    else:
        answers.write(ANSWER.pack(READ, *(picture.shown.size if picture.shown else (0, 0))))
        for image in filter(None, picture):
            answers.write(image.tobytes())
    answers.flush()


if __name__ == "__main__":
    main()
