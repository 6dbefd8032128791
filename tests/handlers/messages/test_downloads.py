"""The content of Telegram's files, also from the disk of a Bot API server that runs with --local."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from telegram import Bot, File

from engine.errors import BadInputError, PhotoTooLargeError
from handlers.messages.downloads import content_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

LARGEST = 20 * 1024 * 1024  # bytes


def file_at(path: Path, base_url: str = "http://10.0.0.7:8081/file/bot1:x") -> File:
    file = File("AAA", "A", file_path=f"{base_url}/{path}")
    file.set_bot(cast(Bot, SimpleNamespace(base_file_url=base_url)))
    return file


@pytest.mark.parametrize("size", [0, 7, LARGEST])
async def test_a_file_on_disk_is_read_up_to_the_limit(tmp_path: Path, size: int) -> None:
    with (tmp_path / "a.jpg").open("wb") as file:
        file.truncate(size)
    assert await content_of(file_at(tmp_path / "a.jpg")) == bytes(size)


async def test_a_file_on_disk_over_the_limit_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "a.jpg").open("wb") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(PhotoTooLargeError, match="file-too-large"):
        await content_of(file_at(tmp_path / "a.jpg"))


async def test_a_file_on_a_disk_that_is_not_shared_is_told_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(BadInputError, match="download-failed"):
        await content_of(file_at(tmp_path / "a.jpg"))
    (line,) = caplog.messages
    assert "its file a.jpg cannot be read: No such file or directory" in line


@pytest.mark.parametrize("path", ["photos/file_0.jpg", ""])
async def test_any_other_file_comes_over_http(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    async def download(*_: Any) -> bytearray:
        return bytearray(b"photo")

    monkeypatch.setattr(File, "download_as_bytearray", download)
    content = await content_of(file_at(Path(path)))
    assert content == b"photo"
    assert type(content) is bytes


@pytest.mark.parametrize(
    ("path", "fetched"),
    [
        ("photos/file_0.jpg", "http://10.0.0.7:8081/file/bot1:x/photos/file_0.jpg"),
        ("http://10.0.0.7:8081/file/bot1:x/a.jpg", "http://10.0.0.7:8081/file/bot1:x/a.jpg"),
        (None, None),
    ],
)
async def test_a_file_is_fetched_by_its_url_whatever_lies_in_the_working_folder(
    monkeypatch: pytest.MonkeyPatch, path: str | None, fetched: str | None
) -> None:
    files = list[File]()

    async def download(file: File) -> bytearray:
        files.append(file)
        return bytearray(b"photo")

    monkeypatch.setattr(File, "download_as_bytearray", download)
    file = File("AAA", "A", file_path=path)
    file.set_bot(cast(Bot, SimpleNamespace(base_file_url="http://10.0.0.7:8081/file/bot1:x")))
    assert await content_of(file) == b"photo"
    assert [(one.file_path, one.get_bot()) for one in files] == [(fetched, file.get_bot())]
