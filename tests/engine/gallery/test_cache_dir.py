"""Which files of the cache directory are removed, and which never are."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from engine import files
from engine.errors import CacheDirError
from engine.gallery import cache_dir

LONG_AGO = time.time() - cache_dir.MAX_UNUSED_AGE - 60
KEY = "0123abcd-0123456789abcdef-"
OTHER = "ffffffff-0123456789abcdef-"
CONTENT = "a" * 16


def put(folder: Path, *names: str, used: float = LONG_AGO) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
        os.utime(folder / name, (used, used))


def remaining(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_files_unused_for_long_are_removed(tmp_path: Path) -> None:
    stem = f"grids/{KEY}{CONTENT}"
    put(tmp_path, f"{stem}.npy", f"{stem}.done", f"{stem}.rows", f"{stem}.77.new", f"index/{CONTENT}.annoy")
    cache_dir.remove_unused(tmp_path)
    assert remaining(tmp_path) == set()


def test_a_used_file_stays_with_all_files_of_its_stem(tmp_path: Path) -> None:
    stem = f"grids/{KEY}{CONTENT}"
    put(tmp_path, f"{stem}.npy", f"{stem}.done", f"{stem}.rows")
    files.mark_used(tmp_path / f"{stem}.npy")
    cache_dir.remove_unused(tmp_path)
    assert remaining(tmp_path) == {f"{stem}.npy", f"{stem}.done", f"{stem}.rows"}


def test_files_of_others_stay(tmp_path: Path) -> None:
    others = {
        "index/holiday.npy",
        f"index/{CONTENT}.txt",
        f"index/deeper/{CONTENT}.annoy",
        f"vectors/{CONTENT}.npy",
        f"{CONTENT}.npy",
        "bot-1.sqlite3",
    }
    put(tmp_path, *others)
    cache_dir.remove_unused(tmp_path)
    assert remaining(tmp_path) == others


def test_older_files_of_one_gallery_are_removed(tmp_path: Path) -> None:
    started = time.time()
    put(tmp_path, f"index/{KEY}{CONTENT}.annoy", f"index/{OTHER}{CONTENT}.annoy", used=started - 60)
    put(tmp_path, f"index/{KEY}{'b' * 16}.annoy", used=started + 1)
    cache_dir.remove_unused(tmp_path, KEY, unused_since=started)
    assert remaining(tmp_path) == {f"index/{OTHER}{CONTENT}.annoy", f"index/{KEY}{'b' * 16}.annoy"}


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    message = r"^KINDRED_HOME: .*file.* cannot be written \(.+\)\. "
    with pytest.raises(CacheDirError, match=message), cache_dir.reporting_write_errors(tmp_path / "file"):
        (tmp_path / "file" / "folder").mkdir(parents=True)
