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
def test_a_name_outside_the_gallery_is_never_used_as_a_path(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.jpg").write_bytes(b"image")
    (tmp_path.parent / "secret.jpg").touch()
    gallery = folder_gallery(tmp_path, "mine")
    assert gallery.read("a.jpg") == b"image"
    for look in (gallery.read, gallery.exists):
        with pytest.raises(KeyError):
            look(name)


def test_hidden_files_and_folders_are_ignored(tmp_path: Path) -> None:
    for name in (".thumbnails/a.jpg", "._b.jpg", "b.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert folder_gallery(tmp_path, "mine").images == ("b.jpg",)


def test_a_state_changes_when_the_file_changes_and_disappears_with_it(tmp_path: Path) -> None:
    for name in ("same.jpg", "longer.jpg", "later.jpg", "deleted.jpg"):
        (tmp_path / name).write_bytes(b"before")
    gallery = folder_gallery(tmp_path, "mine")
    before = gallery.states()
    later = (tmp_path / "longer.jpg").stat().st_mtime_ns + 1_000_000
    (tmp_path / "longer.jpg").write_bytes(b"afterwards")
    (tmp_path / "later.jpg").write_bytes(b"behind")
    os.utime(tmp_path / "later.jpg", ns=(later, later))
    (tmp_path / "deleted.jpg").unlink()
    after = gallery.states()
    assert before.keys() - after.keys() == {"deleted.jpg"}
    assert {name for name in after if after[name] != before[name]} == {"longer.jpg", "later.jpg"}


@pytest.mark.parametrize(
    ("base_url", "page"),
    [
        ("https://nas.example/photos", "https://nas.example/photos/summer%20%2324/k%C3%A4t%3F.jpg"),
        ("https://nas.example/photos/", "https://nas.example/photos/summer%20%2324/k%C3%A4t%3F.jpg"),
        ("https://nas.example/?file=", "https://nas.example/?file=summer%20%2324/k%C3%A4t%3F.jpg"),
        (None, None),
    ],
)
def test_the_url_of_an_image_is_below_that_of_its_folder(
    tmp_path: Path, base_url: str | None, page: str | None
) -> None:
    assert folder_gallery(tmp_path, "mine", base_url=base_url).source("summer #24/kät?.jpg") == page


def test_an_image_whose_name_is_no_utf_8_is_found_by_the_name_that_can_be_printed(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/f\xeate.jpg")).write_bytes(b"image")
    gallery = folder_gallery(tmp_path, "mine", base_url="https://nas.example/")
    (name,) = gallery.images
    assert name == "f%EAte.jpg"
    assert gallery.read(name) == b"image"
    assert name in gallery.states()
    assert gallery.source(name) == "https://nas.example/f%EAte.jpg"
