from __future__ import annotations

import os
from pathlib import Path

import pytest

from data.gallery import folder_gallery


def test_images_in_folders_below_are_found_in_order(tmp_path: Path) -> None:
    for name in ("b.PNG", "a/c.jpg", "notes.txt", "d.webp"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert folder_gallery(tmp_path, "mine").images == ("a/c.jpg", "b.PNG", "d.webp")


@pytest.mark.parametrize("name", ["../secret.jpg", "/etc/passwd", "b.jpg", ""])
def test_a_name_that_is_not_in_the_gallery_is_no_path(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.jpg").touch()
    gallery = folder_gallery(tmp_path, "mine")
    assert gallery.path("a.jpg") == tmp_path / "a.jpg"
    with pytest.raises(KeyError):
        gallery.path(name)


def test_what_other_programs_hide_is_no_photo(tmp_path: Path) -> None:
    for name in (".thumbnails/a.jpg", "._b.jpg", "b.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert folder_gallery(tmp_path, "mine").images == ("b.jpg",)


def test_a_state_changes_with_the_file_and_goes_with_it(tmp_path: Path) -> None:
    for name in ("same.jpg", "longer.jpg", "later.jpg", "gone.jpg"):
        (tmp_path / name).write_bytes(b"before")
    gallery = folder_gallery(tmp_path, "mine")
    before = gallery.states()
    later = (tmp_path / "longer.jpg").stat().st_mtime_ns + 1_000_000
    (tmp_path / "longer.jpg").write_bytes(b"afterwards")
    (tmp_path / "later.jpg").write_bytes(b"behind")
    os.utime(tmp_path / "later.jpg", ns=(later, later))
    (tmp_path / "gone.jpg").unlink()
    after = gallery.states()
    assert before.keys() - after.keys() == {"gone.jpg"}
    assert {name for name in after if after[name] != before[name]} == {"longer.jpg", "later.jpg"}


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("https://nas.example/photos", "https://nas.example/photos/summer%20%2324/k%C3%A4t%3F.jpg"),
        ("https://nas.example/photos/", "https://nas.example/photos/summer%20%2324/k%C3%A4t%3F.jpg"),
        ("https://nas.example/?file=", "https://nas.example/?file=summer%20%2324/k%C3%A4t%3F.jpg"),
        (None, None),
    ],
)
def test_an_image_is_found_below_the_folders_address(
    tmp_path: Path, address: str | None, page: str | None
) -> None:
    assert folder_gallery(tmp_path, "mine", address=address).source("summer #24/kät?.jpg") == page
