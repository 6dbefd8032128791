"""Whatever a stranger's photo does to its decoder, it is that photo's trouble alone."""

from __future__ import annotations

import asyncio
import io
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import cast

import numpy as np
import pytest
from PIL import Image

from engine.async_engine import AsyncEngine
from engine.errors import PhotoTooLargeError, UnreadablePhotoError
from engine.photos import decoder_pool, decoder_process, preprocess
from engine.photos.decoder_pool import COMMAND, DecoderPool, DecoderPoolError
from engine.service import Engine, Photo
from tests.engine.conftest import as_bytes

# A format whose decoder does what the file says: it stands for a flaw in a real decoder.
EVIL = """
import ctypes, os, sys, time
from PIL import Image, ImageFile
from engine.photos import decoder_process, preprocess

def spin():
    while True: pass

def look():
    try:
        open("/etc/passwd").close()
    except OSError:
        raise ValueError
    time.sleep(99)

DEEDS = {
    b"crash": lambda: ctypes.string_at(0),
    b"abort": os.abort,
    b"leave": lambda: os._exit(0),
    b"hang!": lambda: time.sleep(99),
    b"spin!": spin,
    b"grow!": lambda: bytearray(1 << 30),
    b"chat!": lambda: os.write(1, b"A" * 1000),
    b"look!": look,
    b"env?!": lambda: os._exit(len({*os.environ} - {"PYTHONPATH", "LD_LIBRARY_PATH", "LC_CTYPE"})),
}

class Evil(ImageFile.ImageFile):
    format = "EVIL"
    def _open(self):
        self._mode, self._size, self.tile = "RGB", (8, 8), []
        self.fp.seek(4)
        DEEDS[self.fp.read(5)]()

Image.register_save("EVIL", lambda image, file, name: Image.SAVE["PNG"](image, file, name))
Image.register_open("EVIL", Evil, lambda start: start[:4] == b"EVIL")
preprocess.FORMATS += ("EVIL",)
decoder_process.main()
"""
EVIL_COMMAND = (sys.executable, "-P", "-c", EVIL)


@pytest.fixture
def opened() -> Iterator[Callable[..., DecoderPool]]:
    """Open sandboxes, and close them at the end."""
    made: list[DecoderPool] = []

    def make(*arguments: object, **named: object) -> DecoderPool:
        made.append(DecoderPool(*arguments, **named))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.close()


def running(one: DecoderPool) -> list[subprocess.Popen[bytes]]:
    return [process._process for process in one._free.queue if process]


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("JPEG", "RGB"), ("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "RGBA"), ("PNG", "P"), ("WEBP", "RGBA")],
)
def test_it_reads_every_photo_as_the_engine_itself_does(
    opened: Callable[..., DecoderPool], cat: bytes, kind: str, mode: str
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # stored on its side
    exif[0x010E] = "where I live"
    photo = as_bytes(Image.open(io.BytesIO(cat)).resize((1300, 900)).convert(mode), kind, exif=exif)
    there, here = (read(photo, 64, shown=True) for read in (opened().read, preprocess.read))
    assert here.shown and there.shown
    assert there.shown.size == here.shown.size
    assert max(there.shown.size) <= preprocess.SHOWN
    assert there.shown.height > there.shown.width  # turned upright
    assert not there.shown.getexif()
    for ours, theirs in zip(here, there, strict=True):
        assert np.array_equal(np.asarray(ours), np.asarray(theirs))


def test_what_cannot_be_read_is_told_as_ever_and_the_process_goes_on(
    opened: Callable[..., DecoderPool], cat: bytes
) -> None:
    one = opened(processes=1)
    bomb = as_bytes(Image.new("1", (13_000, 6_800)), "PNG")
    for hostile in (b"", b"a photo, believe me", cat[: len(cat) // 2], bytes(1000)):
        with pytest.raises(UnreadablePhotoError, match="could not read"):
            one.read(hostile, 64)
    (before,) = running(one)
    with pytest.raises(PhotoTooLargeError, match="13000 x 6800"):
        one.read(bomb, 64)
    with pytest.raises(PhotoTooLargeError, match="20 MB"):
        one.read(bytes(preprocess.MAX_BYTES + 1), 64)
    assert one.read(cat, 64).square.size == (64, 64)
    assert running(one) == [before]


@pytest.mark.parametrize("deed", ["crash", "abort", "leave", "hang!", "spin!", "grow!", "chat!"])
def test_a_decoder_that_crashes_hangs_or_grows_costs_its_photo_only(
    opened: Callable[..., DecoderPool], cat: bytes, deed: str, caplog: pytest.LogCaptureFixture
) -> None:
    one = opened(EVIL_COMMAND, processes=1, seconds=3 if deed in {"hang!", "spin!"} else 60)
    one.warm()
    began = time.monotonic()
    with caplog.at_level(logging.WARNING), pytest.raises(UnreadablePhotoError):
        one.read(b"EVIL" + deed.encode(), 64)
    assert time.monotonic() - began < 20
    assert "its process ended" in caplog.text
    assert not running(one)
    assert one.read(cat, 64).square.size == (64, 64)


def test_what_reads_photos_can_open_no_file_and_knows_no_setting(
    opened: Callable[..., DecoderPool], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("KINDRED_TOKEN", "123456:" + "A" * 35)
    one = opened(EVIL_COMMAND, processes=1)
    with pytest.raises(UnreadablePhotoError):
        one.read(b"EVILlook!", 64)
    assert running(one), "it could open a file"
    with caplog.at_level(logging.WARNING), pytest.raises(UnreadablePhotoError):
        one.read(b"EVILenv?!", 64)
    assert caplog.messages[-1].endswith("ended with 0")


def test_a_process_that_is_killed_is_replaced(opened: Callable[..., DecoderPool], cat: bytes) -> None:
    one = opened(processes=1)
    one.warm()
    (killed,) = running(one)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    with pytest.raises(UnreadablePhotoError):
        one.read(cat, 64)
    assert one.read(cat, 64).square.size == (64, 64)


def test_a_process_is_replaced_after_so_many_photos(
    opened: Callable[..., DecoderPool], cat: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoder_pool, "PHOTOS", 2)
    one = opened(processes=1)
    met: set[int] = set()
    for _ in range(2):
        one.read(cat, 64)
        met.update(process.pid for process in running(one))
        one.read(cat, 64)
        assert not running(one)
    assert len(met) == 2


def test_a_process_that_does_not_start_is_named(opened: Callable[..., DecoderPool]) -> None:
    for command in ((sys.executable, "-c", "raise SystemExit(3)"), ("/nowhere",)):
        with pytest.raises(DecoderPoolError, match=r"python -m engine\.photos\.decoder_process"):
            opened(command).warm()


def test_an_answer_that_promises_more_than_there_can_be_is_not_believed(
    opened: Callable[..., DecoderPool], cat: bytes
) -> None:
    liar = (
        "import sys\n"
        "from engine.photos import decoder_process as s\n"
        "out, say = sys.stdout.buffer, s.ANSWER.pack\n"
        "out.write(s.READY + say(s.READ, 1 << 31, 1 << 31))\n"
        "out.flush()\n"
        "sys.stdin.read()\n"
    )
    with pytest.raises(UnreadablePhotoError):
        opened((sys.executable, "-P", "-c", liar), seconds=20).read(cat, 64, shown=True)


def test_it_ends_with_the_one_who_started_it() -> None:
    alone = subprocess.run(
        COMMAND, input=b"", stdout=subprocess.PIPE, env=decoder_pool._environment(), timeout=60, check=False
    )
    assert (alone.stdout, alone.returncode) == (decoder_process.READY, 0)


def test_it_is_small() -> None:
    code = "import sys; import engine.photos.decoder_process; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert not {"torch", "numpy", "telegram", "aiohttp"} & {*done.stdout.split()}


def test_the_largest_photos_are_read_within_its_memory(opened: Callable[..., DecoderPool]) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    large = Image.new("RGBA", (5000, 5000), (10, 200, 30, 200))
    one = opened(processes=1, seconds=60)
    for kind in ("PNG", "WEBP"):
        photo = as_bytes(large, kind, exif=exif)
        seen = np.asarray(one.read(photo, 64, shown=True).square)
        assert seen[9, 9].tolist() == pytest.approx([63, 212, 79], abs=3)  # on white


async def test_others_are_answered_while_a_photo_hangs(
    opened: Callable[..., DecoderPool], cat: bytes
) -> None:
    """The worker waits for the process in threads that do not think."""

    class Quick:
        side, ready = 64, True

        def tags(self, photo: Photo, count: int) -> tuple[str, ...]:
            return (threading.current_thread().name,)

    worker = AsyncEngine(cast(Engine, Quick()), 9, opened(EVIL_COMMAND, seconds=5))
    await worker.tags(cat)
    hanging = asyncio.create_task(worker.tags(b"EVILhang!"))
    await asyncio.sleep(0.1)
    (thread,) = await asyncio.wait_for(worker.tags(cat), 30)
    assert str(thread).startswith("engine")
    assert not hanging.done()
    with pytest.raises(UnreadablePhotoError):
        await hanging
    await worker.close()
