"""A hostile photo can harm its own decoder process only."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from PIL import Image

from engine.async_engine import AsyncEngine
from engine.errors import PhotoTooLargeError, UnreadablePhotoError
from engine.photos import decoder_pool, decoder_process, decoding, preprocess
from engine.photos.decoder_pool import COMMAND, DecoderPool, DecoderPoolError
from engine.service import Engine, PhotoInput
from tests.engine.conftest import as_bytes

# A format whose decoder does what the file says; it simulates an exploited decoder.
HOSTILE_FORMAT = """
import ctypes, os, sys, time
from PIL import Image, ImageFile
from engine.photos import decoder_process, decoding

def spin():
    while True: pass

def open_file():
    try:
        open("/etc/passwd").close()
    except OSError:
        raise ValueError
    time.sleep(99)

EXPLOITS = {
    b"crash": lambda: ctypes.string_at(0),
    b"abort": os.abort,
    b"leave": lambda: os._exit(0),
    b"hang!": lambda: time.sleep(99),
    b"spin!": spin,
    b"grow!": lambda: bytearray(1 << 30),
    b"noise": lambda: os.write(1, b"A" * 1000),
    b"open!": open_file,
    b"env?!": lambda: os._exit(len({*os.environ} - {"PYTHONPATH", "LD_LIBRARY_PATH", "LC_CTYPE"})),
}

class HostileImage(ImageFile.ImageFile):
    format = "EVIL"
    def _open(self):
        self._mode, self._size, self.tile = "RGB", (8, 8), []
        self.fp.seek(4)
        EXPLOITS[self.fp.read(5)]()

Image.register_save("EVIL", lambda image, file, name: Image.SAVE["PNG"](image, file, name))
Image.register_open("EVIL", HostileImage, lambda start: start[:4] == b"EVIL")
decoding.FORMATS += ("EVIL",)
decoder_process.main()
"""
HOSTILE_COMMAND = (sys.executable, "-P", "-c", HOSTILE_FORMAT)


@pytest.fixture
def open_pool() -> Iterator[Callable[..., DecoderPool]]:
    """Open pools, and close them at the end."""
    pools: list[DecoderPool] = []

    def make(*arguments: object, **options: object) -> DecoderPool:
        pools.append(DecoderPool(*arguments, **options))  # type: ignore[arg-type]
        return pools[-1]

    yield make
    for pool in pools:
        pool.close()


@pytest.fixture(scope="module")
def pool() -> Iterator[DecoderPool]:
    """A pool of one process."""
    shared = DecoderPool(size=1)
    yield shared
    shared.close()


def running(pool: DecoderPool) -> list[subprocess.Popen[bytes]]:
    return [process._process for process in pool._free.queue if process]


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("JPEG", "RGB"), ("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "RGBA"), ("PNG", "P"), ("WEBP", "RGBA")],
)
def test_a_pool_decodes_every_format_as_the_engine_itself_does(
    pool: DecoderPool, cat: bytes, kind: str, mode: str
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # stored on its side
    exif[0x010E] = "where I live"
    photo = as_bytes(Image.open(io.BytesIO(cat)).resize((1300, 900)).convert(mode), kind, exif=exif)
    isolated = pool.decode(photo, 64, for_display=True)
    local = preprocess.decode_photo(photo, 64, for_display=True)
    assert local.display and isolated.display
    assert isolated.display.size == local.display.size
    assert max(isolated.display.size) <= preprocess.DISPLAY_SIZE
    assert isolated.display.height > isolated.display.width  # turned upright
    assert not isolated.display.getexif()
    for image, expected in zip(isolated, local, strict=True):
        assert np.array_equal(np.asarray(image), np.asarray(expected))


def test_the_process_survives_unreadable_photos(pool: DecoderPool, cat: bytes) -> None:
    bomb = as_bytes(Image.new("1", (13_000, 6_800)), "PNG")
    for hostile in (b"", b"a photo, believe me", cat[: len(cat) // 2], bytes(1000)):
        with pytest.raises(UnreadablePhotoError, match="unreadable-photo"):
            pool.decode(hostile, 64)
    (before,) = running(pool)
    with pytest.raises(PhotoTooLargeError, match="width=13000, height=6800"):
        pool.decode(bomb, 64)
    with pytest.raises(PhotoTooLargeError, match="file-too-large"):
        pool.decode(bytes(decoding.MAX_BYTES + 1), 64)
    assert pool.decode(cat, 64).square.size == (64, 64)
    assert running(pool) == [before]


@pytest.mark.parametrize("exploit", ["crash", "abort", "leave", "hang!", "spin!", "grow!", "noise"])
def test_a_decoder_that_crashes_hangs_or_grows_costs_its_photo_only(
    open_pool: Callable[..., DecoderPool], cat: bytes, exploit: str, caplog: pytest.LogCaptureFixture
) -> None:
    pool = open_pool(HOSTILE_COMMAND, size=1, timeout=60)
    pool.warm()
    if exploit in {"hang!", "spin!"}:
        pool._timeout = 0.5
    with caplog.at_level(logging.WARNING), pytest.raises(UnreadablePhotoError):
        pool.decode(b"EVIL" + exploit.encode(), 64)
    assert "its process ended" in caplog.text
    assert not running(pool)
    pool._timeout = 60
    assert pool.decode(cat, 64).square.size == (64, 64)


def test_a_decoder_process_can_open_no_file_and_sees_no_setting(
    open_pool: Callable[..., DecoderPool], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("KINDRED_TOKEN", "123456:" + "A" * 35)
    pool = open_pool(HOSTILE_COMMAND, size=1)
    with pytest.raises(UnreadablePhotoError):
        pool.decode(b"EVILopen!", 64)
    assert running(pool), "it could open a file"
    with caplog.at_level(logging.WARNING), pytest.raises(UnreadablePhotoError):
        pool.decode(b"EVILenv?!", 64)
    assert caplog.messages[-1].endswith("ended with 0")


def test_a_process_that_is_killed_is_replaced(open_pool: Callable[..., DecoderPool], cat: bytes) -> None:
    pool = open_pool(size=1)
    pool.warm()
    (killed,) = running(pool)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    with pytest.raises(UnreadablePhotoError):
        pool.decode(cat, 64)
    assert pool.decode(cat, 64).square.size == (64, 64)


def test_a_process_is_replaced_after_its_number_of_photos(
    open_pool: Callable[..., DecoderPool], cat: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoder_pool, "PHOTOS_PER_PROCESS", 2)
    pool = open_pool(size=1)
    process_ids: set[int] = set()
    for _ in range(2):
        pool.decode(cat, 64)
        process_ids.update(process.pid for process in running(pool))
        pool.decode(cat, 64)
        assert not running(pool)
    assert len(process_ids) == 2


def test_a_process_that_does_not_start_is_an_error(open_pool: Callable[..., DecoderPool]) -> None:
    for command in ((sys.executable, "-c", "raise SystemExit(3)"), ("/nowhere",)):
        with pytest.raises(DecoderPoolError, match=r"python -m engine\.photos\.decoder_process"):
            open_pool(command).warm()


def test_a_response_with_impossible_sizes_is_rejected(
    open_pool: Callable[..., DecoderPool], cat: bytes
) -> None:
    lying_process = (
        "import sys\n"
        "from engine.photos import decoder_process as s\n"
        "out, pack = sys.stdout.buffer, s.RESPONSE_HEADER.pack\n"
        "out.write(s.READY + pack(s.DECODED, 1 << 31, 1 << 31))\n"
        "out.flush()\n"
        "sys.stdin.read()\n"
    )
    with pytest.raises(UnreadablePhotoError):
        open_pool((sys.executable, "-P", "-c", lying_process), timeout=20).decode(cat, 64, for_display=True)


def test_the_process_ends_when_its_input_closes() -> None:
    process = subprocess.run(
        COMMAND, input=b"", stdout=subprocess.PIPE, env=decoder_pool._environment(), timeout=60, check=False
    )
    assert (process.stdout, process.returncode) == (decoder_process.READY, 0)


def test_the_process_imports_nothing_large() -> None:
    code = "import sys; import engine.photos.decoder_process; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert not {"torch", "numpy", "telegram", "aiohttp"} & {*done.stdout.split()}


def test_the_largest_photos_are_decoded_within_the_memory_limit(
    open_pool: Callable[..., DecoderPool],
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    large = Image.new("RGBA", (5000, 5000), (10, 200, 30, 200))
    pool = open_pool(size=1, timeout=60)
    fast: dict[str, dict[str, Any]] = {"PNG": {"compress_level": 1}, "WEBP": {"method": 0}}
    for kind, options in fast.items():
        photo = as_bytes(large, kind, exif=exif, **options)
        square = np.asarray(pool.decode(photo, 64, for_display=True).square)
        assert square[9, 9].tolist() == pytest.approx([63, 212, 79], abs=3)  # on white


async def test_other_requests_are_answered_while_a_photo_hangs(
    open_pool: Callable[..., DecoderPool], cat: bytes
) -> None:
    """Waiting for a decoder process does not occupy the inference thread."""

    class QuickEngine:
        image_size = 64
        live_gallery = SimpleNamespace(maintain=lambda: None, next_image=lambda: None, close=lambda: None)

        def tags(self, photo: PhotoInput, count: int) -> tuple[str, ...]:
            return (threading.current_thread().name,)

    pool = open_pool(HOSTILE_COMMAND, timeout=60)
    engine = AsyncEngine(cast(Engine, QuickEngine()), 9, pool)
    await asyncio.gather(engine.tags(cat), engine.tags(cat))  # both processes have started
    pool._timeout = 2
    hanging = asyncio.create_task(engine.tags(b"EVILhang!"))
    await asyncio.sleep(0.1)
    (thread,) = await asyncio.wait_for(engine.tags(cat), 30)
    assert str(thread).startswith("inference")
    assert not hanging.done()
    with pytest.raises(UnreadablePhotoError):
        await hanging
    await engine.close()
