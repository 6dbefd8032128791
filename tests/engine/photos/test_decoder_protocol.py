"""What the pool makes of a decoder's answers, whatever they are; the decoder here answers as it is told."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from engine.errors import DecoderEndedError, PhotoTooLargeError, UnreadablePhotoError
from engine.photos import decoding
from engine.photos.decoder_pool import POOL_SIZE, DecoderPool, DecoderPoolError
from engine.photos.preprocess import DISPLAY_SIZE

# Logs each request, and answers with the status and the size that the photo names; no Pillow, no sandbox.
DECODER = r"""
import json, os, struct, sys, time
requests, responses = sys.stdin.buffer, sys.stdout.buffer
responses.write(b"!")
responses.flush()
while header := requests.read(7):
    side, for_display, size = struct.unpack("!H?I", header)
    photo = requests.read(size)
    entry = {"side": side, "for_display": for_display, "photo": photo.hex(), "pid": os.getpid()}
    entry |= {"is_leader": os.getsid(0) == os.getpid(), "environment": sorted(os.environ)}
    with open(sys.argv[1], "a") as log:
        log.write(json.dumps(entry) + "\n")
    words = photo.split() if photo.isascii() else [b"0", b"0", b"0"]
    if words[0] == b"hang":
        time.sleep(99)
    status, width, height = map(int, words[:3])
    pixels = bytes(3 * side * side) + bytes([9]) * (3 * width * height) if status == 0 else b""
    if words[3:] == [b"cut"]:
        responses.write((struct.pack("!BII", status, width, height) + pixels)[:-1])
        responses.flush()
        sys.exit(5)
    responses.write(struct.pack("!BII", status, width, height) + pixels)
    responses.flush()
"""
MakePool = Callable[..., DecoderPool]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def open_pool(log: Path) -> Iterator[MakePool]:
    pools: list[DecoderPool] = []

    def make(**options: Any) -> DecoderPool:
        pools.append(DecoderPool((sys.executable, "-S", "-c", DECODER, str(log)), **options))
        return pools[-1]

    yield make
    for pool in pools:
        pool.close()


@pytest.fixture
def pool(open_pool: MakePool) -> DecoderPool:
    return open_pool(size=1, timeout=20)


def logged(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_a_photo_comes_back_as_a_square_and_for_people_only_if_asked(pool: DecoderPool, log: Path) -> None:
    square, display = pool.decode(b"0 0 0", 2)
    assert (square.size, display) == ((2, 2), None)
    square, display = pool.decode(b"0 4 3", 2, for_display=True)
    assert display is not None
    assert (square.size, display.size, display.getpixel((3, 2))) == ((2, 2), (4, 3), (9, 9, 9))
    assert [(entry["side"], entry["for_display"]) for entry in logged(log)] == [(2, False), (2, True)]


@pytest.mark.parametrize("size", [(1, 1), (DISPLAY_SIZE, 1), (1, DISPLAY_SIZE)])
def test_a_picture_for_people_may_have_any_size_up_to_the_largest(
    pool: DecoderPool, size: tuple[int, int]
) -> None:
    display = pool.decode(b"0 %d %d" % size, 1, for_display=True).display
    assert display is not None
    assert display.size == size


@pytest.mark.parametrize(
    ("answer", "for_display"),
    [
        *(("0 0 1", True), ("0 1 0", True), ("0 0 0", True), (f"0 {DISPLAY_SIZE + 1} 1", True)),
        *((f"0 1 {DISPLAY_SIZE + 1}", True), ("0 1 1", False), ("0 0 1", False), ("0 1 0", False)),
        *(("3 0 0", False), ("255 0 0", True), ("0 0 0 cut", False), ("0 2 2 cut", True)),
    ],
)
def test_an_impossible_answer_costs_the_photo_and_the_process(
    pool: DecoderPool, log: Path, caplog: pytest.LogCaptureFixture, answer: str, for_display: bool
) -> None:
    with caplog.at_level(logging.WARNING), pytest.raises(DecoderEndedError, match="unreadable-photo"):
        pool.decode(answer.encode(), 2, for_display=for_display)
    (line,) = caplog.messages
    assert line.startswith("A photo could not be read: its process ended with ")
    pool.decode(b"0 0 0", 2)
    first, second = logged(log)
    assert first["pid"] != second["pid"]


def test_what_the_decoder_says_of_a_photo_reaches_its_sender(pool: DecoderPool, log: Path) -> None:
    with pytest.raises(PhotoTooLargeError, match="width=13000, height=6800"):
        pool.decode(b"1 13000 6800", 2)
    with pytest.raises(UnreadablePhotoError) as caught:
        pool.decode(b"2 0 0", 2)
    assert type(caught.value) is UnreadablePhotoError  # the photo's fault, not the process's
    pool.decode(b"0 0 0", 2)
    assert len({entry["pid"] for entry in logged(log)}) == 1


def test_a_photo_over_the_limit_starts_no_process(pool: DecoderPool, log: Path) -> None:
    with pytest.raises(PhotoTooLargeError, match="file-too-large"):
        pool.decode(bytes(decoding.MAX_BYTES + 1), 2)
    assert not log.exists()
    assert pool._free.get() is None
    pool._free.put(None)


def test_a_process_sees_a_hundred_photos(pool: DecoderPool, log: Path) -> None:
    for _ in range(101):
        pool.decode(b"0 0 0", 1)
    ids = [entry["pid"] for entry in logged(log)]
    assert len({*ids[:100]}) == 1
    assert ids[100] != ids[0]


def test_a_process_that_hangs_is_killed_and_its_photo_unreadable(open_pool: MakePool) -> None:
    pool = open_pool(size=1, timeout=20)
    pool.warm()
    process = pool._free.queue[0]
    assert process is not None
    pool._timeout = 0.05
    with pytest.raises(DecoderEndedError):
        pool.decode(b"hang", 2)
    assert process._process.poll() is not None
    assert pool._free.queue[0] is None


def test_warming_starts_one_process_with_a_blank_image(open_pool: MakePool, log: Path) -> None:
    pool = open_pool(timeout=20)
    pool.warm()
    (entry,) = logged(log)
    assert (entry["side"], entry["for_display"]) == (1, False)
    assert Image.open(io.BytesIO(bytes.fromhex(entry["photo"]))).size == (1, 1)
    assert [process is not None for process in pool._free.queue] == [False] * (POOL_SIZE - 1) + [True]
    assert POOL_SIZE == 2  # one that hangs does not block the others
    pool.decode(b"0 0 0", 1)
    assert len({entry["pid"] for entry in logged(log)}) == 1  # the one used last is used next


def test_a_process_is_out_of_reach_of_ctrl_c_and_of_our_secrets(
    pool: DecoderPool, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KINDRED_TOKEN", "1:secret")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/nowhere")
    pool.decode(b"0 0 0", 1)
    (entry,) = logged(log)
    assert entry["is_leader"]
    assert {*entry["environment"]} - {"LC_CTYPE"} == {"PYTHONPATH", "LD_LIBRARY_PATH"}


def test_a_pool_that_is_closed_leaves_no_process_no_pipe_and_no_thread(open_pool: MakePool) -> None:
    pool = open_pool(timeout=20)
    threads = threading.active_count()
    pool.warm()
    assert threading.active_count() == threads  # the watchdog ends with its photo
    process = pool._free.queue[-1]
    assert process is not None
    pool.close()
    assert process._process.returncode is not None
    assert process._requests.closed
    assert process._responses.closed


@pytest.mark.parametrize("command", [(sys.executable, "-S", "-c", "print('hello')"), ("/nowhere",)])
def test_a_program_that_is_no_decoder_is_told_with_a_command_to_run(command: tuple[str, ...]) -> None:
    pool = DecoderPool(command, size=1)
    with pytest.raises(DecoderPoolError, match="Run it: python -m engine"):
        pool.warm()
    assert pool._free.queue[0] is None
