"""The lists of everyday and class photos."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.wild import WildPhotosError, open_wild

HEADER = "file\tcaption\tlicence\tflickr_url\n"


def _write(folder: Path, captions: str, *classes: str) -> Path:
    for name in ("coco", "imagenet"):
        (folder / name).mkdir()
    (folder / "coco" / "captions.tsv").write_text(HEADER + captions, encoding="utf-8")
    for name in classes:
        (folder / "imagenet" / name).touch()
    return folder


def test_captions_belong_to_their_photo_and_classes_are_named_by_their_file(tmp_path: Path) -> None:
    rows = 'a.jpg\tA "red" bus.\tby\thttp://a\na.jpg\tA bus\tby\thttp://a\n'
    photos = open_wild(_write(tmp_path, rows, "n02510455_giant_panda.jpg"))
    assert photos.captions == {tmp_path / "coco" / "a.jpg": ['A "red" bus.', "A bus"]}
    assert photos.class_names == {tmp_path / "imagenet" / "n02510455_giant_panda.jpg": "giant panda"}


def test_a_folder_without_its_list_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(WildPhotosError, match=r"captions\.tsv cannot be read"):
        open_wild(tmp_path)


@pytest.mark.parametrize(
    ("captions", "classes", "missing"),
    [("", ("n1_tench.jpg",), "coco"), ("a.jpg\tA bus\tby\thttp://a\n", (), "imagenet")],
)
def test_a_folder_without_photos_of_one_kind_is_an_error(
    tmp_path: Path, captions: str, classes: tuple[str, ...], missing: str
) -> None:
    with pytest.raises(WildPhotosError, match=f"{missing} holds no photos"):
        open_wild(_write(tmp_path, captions, *classes))
