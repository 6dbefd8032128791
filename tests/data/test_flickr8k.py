from __future__ import annotations

from pathlib import Path

import pytest

from data.flickr8k import Flickr8kError, open_flickr8k, photo_page

CAPTIONS = """\
1_a.jpg#0\tA dog runs .
1_a.jpg#1\tThe dog is running .
2_b.jpg#0\tA boy sits on the beach .
3_ghost.jpg.1#0\tNobody ever saw this photo .
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
    found = open_flickr8k(root)
    assert found.images == ("1_a.jpg", "2_b.jpg")
    assert found.splits == {"train": ("1_a.jpg",), "dev": ("2_b.jpg",), "test": ()}
    assert found.captions["1_a.jpg"] == ("A dog runs .", "The dog is running .")


def test_captions_of_a_photo_that_does_not_exist_are_dropped(root: Path) -> None:
    assert set(open_flickr8k(root).captions) == {"1_a.jpg", "2_b.jpg"}


def test_what_is_missing_is_said_and_not_fatal(root: Path) -> None:
    notices = " ".join(open_flickr8k(root).notices)
    assert "2 of 8,091 photos" in notices
    assert "1 of 6,000 photos of the train split" in notices
    assert "list of the test split is missing" in notices


@pytest.mark.parametrize("part", ["Flicker8k_Dataset", "Flickr8k_text"])
def test_a_folder_that_is_not_flickr8k_is_named(root: Path, part: str) -> None:
    (root / part).rename(root / "elsewhere")
    with pytest.raises(Flickr8kError, match=part):
        open_flickr8k(root)


def test_a_photo_leads_to_its_page_on_flickr() -> None:
    assert photo_page("1000268201_693b08cb0e.jpg") == "https://www.flickr.com/photo.gne?id=1000268201"
    assert photo_page("holiday.jpg") is None


def test_real_flickr8k_is_read_with_its_official_counts(flickr8k_dir: Path) -> None:
    found = open_flickr8k(flickr8k_dir)
    assert len(found.splits["train"]) == 6_000
    assert len(found.splits["dev"]) == 1_000
    assert not any(name.endswith(".1") for name in found.captions)
    named = {name for names in found.splits.values() for name in names}
    assert all(len(found.captions[name]) == 5 for name in named)
