"""Strangers' photos are read in processes of their own: a decoder that crashes or hangs costs one photo.

What comes back is numbers and pixels. Nothing is unpickled, for a decoder that is taken over would have
the word then; that is why this is no `ProcessPoolExecutor`.
"""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from queue import LifoQueue
from typing import BinaryIO, Final, cast

from PIL import Image

from engine.errors import BrokenInstallationError, PhotoTooLargeError, UnreadablePhotoError
from engine.photos import preprocess
from engine.photos.decoder_process import ANSWER, QUESTION, READ, READY, TOO_LARGE, UNREADABLE
from engine.photos.preprocess import Picture

logger = logging.getLogger(__name__)

COMMAND: Final = (sys.executable, "-P", "-m", "engine.photos.decoder_process")
PROCESSES: Final = 2  # photos read at once: one that hangs does not stop the others
SECONDS: Final = 10.0  # for one photo; the largest takes one second on an idle core
PHOTOS: Final = 100  # read by one process: what has taken it over does not see more of other people's


class DecoderPool:
    """Reads photos, safe to use from several threads; `images.read` is what happens inside."""

    def __init__(
        self, command: Sequence[str] = COMMAND, processes: int = PROCESSES, seconds: float = SECONDS
    ) -> None:
        """Start no process yet: the first photos do. The last one that was used is the next one used."""
        self._command, self._seconds = command, seconds
        self._free: LifoQueue[_Process | None] = LifoQueue()
        for _ in range(processes):
            self._free.put(None)

    def warm(self) -> None:
        """Read a picture of our own, so that nobody's first photo waits for a process.

        Raises:
            SandboxError: no process can be started.
        """
        self.read(_blank(), 1)

    def read(self, photo: bytes, side: int, *, shown: bool = False) -> Picture:
        """See `images.read`.

        Raises:
            PhotoTooLarge, UnreadablePhoto: see `images.decode`; also if its decoder crashed, or took too long
                or too much memory.
            SandboxError: no process can be started.
        """
        preprocess.check_size(photo)
        process = self._free.get()
        try:
            process = process or _Process(self._command)
            return process.read(photo, side, shown, self._seconds)
        finally:
            if process and process.is_spent:
                process.end()
                process = None
            self._free.put(process)

    def close(self) -> None:
        """End all processes; nobody asks any more."""
        while not self._free.empty():
            if process := self._free.get():
                process.end()


class DecoderPoolError(BrokenInstallationError):
    """The process that reads photos cannot be started."""

    def __init__(self) -> None:
        super().__init__(
            "The process that reads photos does not start. Run it: python -m engine.photos.decoder_process"
        )


class _Process:
    """A process that reads one photo after the other, until it is spent."""

    def __init__(self, command: Sequence[str]) -> None:
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                start_new_session=True,  # Ctrl-C is for the bot: it ends us when it is done
            )
        except OSError as error:
            raise DecoderPoolError from error
        self._questions = cast(BinaryIO, self._process.stdin)
        self._answers = cast(BinaryIO, self._process.stdout)
        self._photos = 0
        self._broken = False

    @property
    def is_spent(self) -> bool:
        """Whether no other photo should be given to it."""
        return self._broken or self._photos >= PHOTOS

    def read(self, photo: bytes, side: int, shown: bool, seconds: float) -> Picture:
        """Read a photo; whatever goes wrong, it is over in so many seconds."""
        watchdog = threading.Timer(seconds, self._kill)
        watchdog.start()
        try:
            if not self._photos and self._answers.read(len(READY)) != READY:
                raise DecoderPoolError
            self._photos += 1
            return self._ask(photo, side, shown)
        except (OSError, EOFError) as error:
            self._kill()
            logger.warning("A photo could not be read: its process ended with %d", self._process.wait())
            raise UnreadablePhotoError(key="unreadable-photo") from error
        except DecoderPoolError:
            self._kill()
            raise
        finally:
            watchdog.cancel()
            watchdog.join()  # or it might still end the process, amid the next photo

    def end(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._questions, self._answers):
            with suppress(OSError):  # half a photo may be on its way
                pipe.close()

    def _kill(self) -> None:
        self._broken = True
        self._process.kill()

    def _ask(self, photo: bytes, side: int, shown: bool) -> Picture:
        self._questions.write(QUESTION.pack(side, shown, len(photo)))
        self._questions.write(photo)
        self._questions.flush()
        became, width, height = ANSWER.unpack(self._receive(ANSWER.size))
        fits = (
            0 < min(width, height) <= max(width, height) <= preprocess.SHOWN
            if shown
            else width == height == 0
        )
        if became == READ and fits:
            square = self._receive_image(side, side)
            return Picture(square, self._receive_image(width, height) if shown else None)
        if became == TOO_LARGE:
            raise PhotoTooLargeError(key="photo-too-wide", width=str(width), height=str(height))
        if became == UNREADABLE:
            raise UnreadablePhotoError(key="unreadable-photo")
        raise EOFError("this is no answer")

    def _receive_image(self, width: int, height: int) -> Image.Image:
        return Image.frombytes("RGB", (width, height), self._receive(3 * width * height))

    def _receive(self, size: int) -> bytes:
        content = self._answers.read(size)
        if len(content) < size:
            raise EOFError("the process ended")
        return content


def _environment() -> dict[str, str]:
    """What the process is told: where modules are, and no secret of ours."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    return {"PYTHONPATH": os.pathsep.join(sys.path), **kept}


def _blank() -> bytes:
    """A PNG of one pixel."""
    file = io.BytesIO()
    Image.new("RGB", (1, 1)).save(file, "PNG")
    return file.getvalue()
