"""The images of a folder as people's disks have them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from data.listing import list_images


def put(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"image")


def test_every_suffix_of_an_image_counts(tmp_path: Path) -> None:
    names = [
        f"a{suffix}"
        for suffix in (".heic", ".HEIF", ".avif", ".jfif", ".jpe", ".gif", ".bmp", ".tif", ".JPG")
    ]
    put(tmp_path, *names, "notes.txt", "video.mp4")
    assert sorted(list_images(tmp_path).files) == sorted(names)


def test_photos_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg", "raw/b.dng", "raw/c.NEF")
    (notice,) = list_images(tmp_path).notices
    assert notice == "2 files of formats that are not read: raw/b.dng, raw/c.NEF."


@pytest.mark.parametrize(
    "name",
    [
        "@eaDir/a.jpg/thumb.jpg", "#recycle/a.jpg", "$RECYCLE.BIN/a.jpg", ".Trash-1000/files/a.jpg",
        "._a.jpg", "__MACOSX/a.jpg", "sub/@eaDir/a.jpg", ".thumbnails/a.jpg",
        "System Volume Information/a.jpg",
    ],
)  # fmt: skip
def test_other_programs_files_are_left_out(tmp_path: Path, name: str) -> None:
    put(tmp_path, "mine/a.jpg", name)
    assert list(list_images(tmp_path).files) == ["mine/a.jpg"]


def test_links_to_folders_are_followed_and_loops_are_not(tmp_path: Path) -> None:
    put(tmp_path, "gallery/a.jpg", "elsewhere/b.jpg")
    gallery = tmp_path / "gallery"
    (gallery / "linked").symlink_to(tmp_path / "elsewhere")
    (gallery / "loop").symlink_to(gallery)
    (tmp_path / "elsewhere" / "back").symlink_to(gallery)
    (gallery / "broken").symlink_to(tmp_path / "nowhere")
    (gallery / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    assert list(list_images(gallery).files) == ["a.jpg", "linked/b.jpg"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may enter every folder")
def test_a_folder_that_may_not_be_entered_costs_only_itself(tmp_path: Path) -> None:
    put(tmp_path, "a.jpg", "private/b.jpg")
    (tmp_path / "private").chmod(0o000)
    try:
        found = list_images(tmp_path)
    finally:
        (tmp_path / "private").chmod(0o755)
    assert list(found.files) == ["a.jpg"]
    assert found.notices == ("1 folder may not be entered: private.",)


def test_a_folder_that_cannot_be_listed_costs_only_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As above, also for root: the disk says no."""
    put(tmp_path, "a.jpg", "private/b.jpg")
    scandir = os.scandir

    def refuse(folder: str) -> object:
        if os.fspath(folder).endswith("private"):
            raise PermissionError(13, "Permission denied", folder)
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    found = list_images(tmp_path)
    assert list(found.files) == ["a.jpg"]
    assert found.notices == ("1 folder may not be entered: private.",)


def test_a_link_that_cannot_be_followed_costs_only_itself(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").touch()
    (tmp_path / "link.jpg").symlink_to("x" * 300)  # longer than a name can be: looking at it is an error
    assert [*list_images(tmp_path).files] == ["a.jpg"]


def test_names_that_are_no_utf_8_can_be_printed_and_stored(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/f\xeate.jpg")).write_bytes(b"image")
    (name,) = list_images(tmp_path).files
    assert name == "f%EAte.jpg"
    assert json.loads(json.dumps(name)).encode() == b"f%EAte.jpg"
    assert (tmp_path / list_images(tmp_path).files[name]).read_bytes() == b"image"


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("two\nlines\t.jpg", "two%0Alines%09.jpg"),
        ("\u202egpj.exe.jpg", "%E2%80%AEgpj.exe.jpg"),  # shown from right to left, it ends in "exe"
        ('🐕 100% "b"\'s <b>.jpg', '🐕 100% "b"\'s <b>.jpg'),
    ],
)
def test_a_name_cannot_break_or_turn_the_line_that_shows_it(tmp_path: Path, name: str, printed: str) -> None:
    put(tmp_path, name)
    assert dict(list_images(tmp_path).files) == {printed: name}


def test_a_file_may_have_the_name_as_which_another_one_is_printed(tmp_path: Path) -> None:
    names = ["a\n.jpg", "a%0A.jpg", "a%250A.jpg"]
    put(tmp_path, *names)
    files = list_images(tmp_path).files
    assert (files["a%0A.jpg"], files["a%250A.jpg"], files["a%25250A.jpg"]) == (names[1], names[2], names[0])
