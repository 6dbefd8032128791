"""What is thrown away, and what never is."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from engine.errors import CacheDirError
from engine.search import cache_dir

LONG_AGO = time.time() - cache_dir.UNUSED - 60
KEY = "0123abcd-0123456789abcdef-"
OTHER = "ffffffff-0123456789abcdef-"
CONTENT = "a" * 16


def put(folder: Path, *names: str, used: float = LONG_AGO) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
        os.utime(folder / name, (used, used))


def left(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_what_nobody_used_for_long_goes_away(tmp_path: Path) -> None:
    stem = f"grids/{KEY}{CONTENT}"
    put(tmp_path, f"{stem}.npy", f"{stem}.done", f"{stem}.rows", f"{stem}.77.new", f"index/{CONTENT}.annoy")
    cache_dir.clean(tmp_path)
    assert left(tmp_path) == set()


def test_what_is_used_stays_with_all_that_belongs_to_it(tmp_path: Path) -> None:
    stem = f"grids/{KEY}{CONTENT}"
    put(tmp_path, f"{stem}.npy", f"{stem}.done", f"{stem}.rows")
    cache_dir.mark_used(tmp_path / f"{stem}.npy")
    cache_dir.clean(tmp_path)
    assert left(tmp_path) == {f"{stem}.npy", f"{stem}.done", f"{stem}.rows"}


def test_what_is_not_ours_stays(tmp_path: Path) -> None:
    others = {
        "index/holiday.npy",
        f"index/{CONTENT}.txt",
        f"index/deeper/{CONTENT}.annoy",
        f"vectors/{CONTENT}.npy",
        f"{CONTENT}.npy",
        "bot-1.sqlite3",
    }
    put(tmp_path, *others)
    cache_dir.clean(tmp_path)
    assert left(tmp_path) == others


def test_of_one_gallery_only_what_it_was_before_goes(tmp_path: Path) -> None:
    began = time.time()
    put(tmp_path, f"index/{KEY}{CONTENT}.annoy", f"index/{OTHER}{CONTENT}.annoy", used=began - 60)
    put(tmp_path, f"index/{KEY}{'b' * 16}.annoy", used=began + 1)
    cache_dir.clean(tmp_path, KEY, unused_since=began)
    assert left(tmp_path) == {f"index/{OTHER}{CONTENT}.annoy", f"index/{KEY}{'b' * 16}.annoy"}


def test_a_home_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    sentence = r"^KINDRED_HOME: .*file.* cannot be written \(.+\)\. "
    with pytest.raises(CacheDirError, match=sentence), cache_dir.writing_to(tmp_path / "file"):
        (tmp_path / "file" / "folder").mkdir(parents=True)
