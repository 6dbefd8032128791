from __future__ import annotations

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
