from __future__ import annotations

from pathlib import Path

import pytest

from data.flickr8k import Flickr8kError, open_flickr8k, photo_page

CAPTIONS = """\
1_a.jpg#0\tA dog runs .
1_a.jpg#1\tThe dog is running .
2_b.jpg#0\tA boy sits on the beach .
3_ghost.jpg.1#0\tThis photo does not exist .
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    photos, text = tmp_path / "Flicker8k_Dataset", tmp_path / "Flickr8k_text"
    photos.mkdir()
    text.mkdir()
    for name in ("1_a.jpg", "2_b.jpg"):
        (photos / name).touch()
    (text / "Flickr8k.token.txt").write_text(CAPTIONS)
    (text / "Flickr_8k.trainImages.txt").write_text("1_a.jpg\n")
    (text / "Flickr_8k.devImages.txt").write_text("2_b.jpg\n9_z.jpg\n")
    return tmp_path


def test_splits_and_captions_are_read(root: Path) -> None:
    dataset = open_flickr8k(root)
    assert dataset.images == ("1_a.jpg", "2_b.jpg")
    assert dataset.splits == {"train": ("1_a.jpg",), "dev": ("2_b.jpg",), "test": ()}
    assert dataset.captions["1_a.jpg"] == ("A dog runs .", "The dog is running .")


def test_captions_of_a_photo_that_does_not_exist_are_ignored(root: Path) -> None:
    assert set(open_flickr8k(root).captions) == {"1_a.jpg", "2_b.jpg"}


def test_missing_parts_are_reported_as_notices(root: Path) -> None:
    notices = " ".join(open_flickr8k(root).notices)
    assert "2 of 8,091 photos" in notices
    assert "1 of 6,000 photos of the train split" in notices
    assert "list of the test split is missing" in notices


@pytest.mark.parametrize("part", ["Flicker8k_Dataset", "Flickr8k_text"])
def test_an_incomplete_folder_is_reported_with_its_path(root: Path, part: str) -> None:
    (root / part).rename(root / "renamed")
    with pytest.raises(Flickr8kError, match=part):
        open_flickr8k(root)


def test_a_photo_has_a_page_on_flickr() -> None:
    assert photo_page("1000268201_693b08cb0e.jpg") == "https://www.flickr.com/photo.gne?id=1000268201"
    assert photo_page("holiday.jpg") is None


def test_the_real_flickr8k_has_its_official_counts(flickr8k_dir: Path) -> None:
    dataset = open_flickr8k(flickr8k_dir)
    assert len(dataset.splits["train"]) == 6_000
    assert len(dataset.splits["dev"]) == 1_000
    assert not any(name.endswith(".1") for name in dataset.captions)
    named = {name for names in dataset.splits.values() for name in names}
    assert all(len(dataset.captions[name]) == 5 for name in named)
