"""A pool of processes that decode untrusted photos: a decoder that crashes or hangs costs one photo only.

Processes send back fixed headers and raw pixels. Nothing is unpickled, because a compromised decoder could
run code through a pickle; this is why it is no `ProcessPoolExecutor`.
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

from engine.errors import (
    BrokenInstallationError,
    DecoderEndedError,
    PhotoTooLargeError,
    UnreadablePhotoError,
)
from engine.photos import decoding, preprocess
from engine.photos.decoder_process import (
    DECODED,
    READY,
    REQUEST_HEADER,
    RESPONSE_HEADER,
    TOO_LARGE,
    UNREADABLE,
)
from engine.photos.preprocess import DecodedPhoto

logger = logging.getLogger(__name__)

COMMAND: Final = (sys.executable, "-P", "-m", "engine.photos.decoder_process")
POOL_SIZE: Final = 2  # photos decoded at once: one that hangs does not block the others
PHOTO_TIMEOUT: Final = 10.0  # seconds for one photo; the largest takes one second on an idle core
PHOTOS_PER_PROCESS: Final = 100  # limits how many photos of other people a compromised process can see


class DecoderPool:
    """Decodes photos as `preprocess.decode_photo` does, in processes of their own; thread-safe."""

    def __init__(
        self, command: Sequence[str] = COMMAND, size: int = POOL_SIZE, timeout: float = PHOTO_TIMEOUT
    ) -> None:
        """Create the pool; processes start with the first photos, and the one used last is used next.

        Args:
            command: starts a decoder process.
            size: how many processes may run at once.
            timeout: seconds for one photo.
        """
        self._command, self._timeout = command, timeout
        self._free: LifoQueue[_DecoderProcess | None] = LifoQueue()
        for _ in range(size):
            self._free.put(None)

    def warm(self) -> None:
        """Decode a blank image, so that the first request does not wait for a process to start.

        Raises:
            DecoderPoolError: no process can be started.
        """
        self.decode(_blank_png(), 1)

    def decode(self, photo: bytes, side: int, *, for_display: bool = False) -> DecodedPhoto:
        """Decode a photo; see `preprocess.decode_photo`.

        Raises:
            PhotoTooLargeError, UnreadablePhotoError: see `decoding.decode`; the latter also if the decoder
                crashes, or takes too long or too much memory.
            DecoderPoolError: no process can be started.
        """
        decoding.check_size(photo)
        process = self._free.get()
        try:
            process = process or _DecoderProcess(self._command)
            return process.decode(photo, side, for_display, self._timeout)
        finally:
            if process and process.is_spent:
                process.kill()
                process = None
            self._free.put(process)

    def close(self) -> None:
        """End all processes."""
        while not self._free.empty():
            if process := self._free.get():
                process.kill()


class DecoderPoolError(BrokenInstallationError):
    """The process that decodes photos cannot be started."""

    def __init__(self) -> None:
        super().__init__(
            "The process that reads photos does not start. Run it: python -m engine.photos.decoder_process"
        )


class _DecoderProcess:
    """A process that decodes one photo after the other."""

    def __init__(self, command: Sequence[str]) -> None:
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                start_new_session=True,  # Ctrl-C is for the bot, which ends this process itself
            )
        except OSError as error:
            raise DecoderPoolError from error
        self._requests = cast(BinaryIO, self._process.stdin)
        self._responses = cast(BinaryIO, self._process.stdout)
        self._photos = 0
        self._is_broken = False

    @property
    def is_spent(self) -> bool:
        """True if the process must not decode another photo."""
        return self._is_broken or self._photos >= PHOTOS_PER_PROCESS

    def decode(self, photo: bytes, side: int, for_display: bool, timeout: float) -> DecodedPhoto:
        """Decode a photo within `timeout` seconds, or kill the process."""
        watchdog = threading.Timer(timeout, self._mark_broken)
        watchdog.start()
        try:
            if not self._photos and self._responses.read(len(READY)) != READY:
                raise DecoderPoolError
            self._photos += 1
            return self._request(photo, side, for_display)
        except (OSError, EOFError) as error:
            self._mark_broken()
            logger.warning("A photo could not be read: its process ended with %d", self._process.wait())
            raise DecoderEndedError(key="unreadable-photo") from error
        except DecoderPoolError:
            self._mark_broken()
            raise
        finally:
            watchdog.cancel()
            watchdog.join()  # otherwise it could still kill the process during the next photo

    def kill(self) -> None:
        """Kill the process and close its pipes."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._requests, self._responses):
            with suppress(OSError):  # half a photo may still be buffered
                pipe.close()

    def _mark_broken(self) -> None:
        self._is_broken = True
        self._process.kill()

    def _request(self, photo: bytes, side: int, for_display: bool) -> DecodedPhoto:
        self._requests.write(REQUEST_HEADER.pack(side, for_display, len(photo)))
        self._requests.write(photo)
        self._requests.flush()
        status, width, height = RESPONSE_HEADER.unpack(self._receive(RESPONSE_HEADER.size))
        is_plausible = (
            0 < min(width, height) <= max(width, height) <= preprocess.DISPLAY_SIZE
            if for_display
            else width == height == 0
        )
        if status == DECODED and is_plausible:
            square = self._receive_image(side, side)
            return DecodedPhoto(square, self._receive_image(width, height) if for_display else None)
        if status == TOO_LARGE:
            raise PhotoTooLargeError(key="photo-too-wide", width=str(width), height=str(height))
        if status == UNREADABLE:
            raise UnreadablePhotoError(key="unreadable-photo")
        raise EOFError("the response is invalid")

    def _receive_image(self, width: int, height: int) -> Image.Image:
        return Image.frombytes("RGB", (width, height), self._receive(3 * width * height))

    def _receive(self, size: int) -> bytes:
        content = self._responses.read(size)
        if len(content) < size:
            raise EOFError("the process ended")
        return content


def _environment() -> dict[str, str]:
    """Return the process's environment: where modules are, and none of our secrets."""
    inherited = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    return {"PYTHONPATH": os.pathsep.join(sys.path), **inherited}


def _blank_png() -> bytes:
    """Return a PNG of one pixel."""
    file = io.BytesIO()
    Image.new("RGB", (1, 1)).save(file, "PNG")
    return file.getvalue()
