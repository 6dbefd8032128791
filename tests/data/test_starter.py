"""The starter gallery: photos of the installed scikit-image, as a folder of JPEG files."""

from __future__ import annotations

import itertools
import socket
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data import starter
from data.starter import MAX_SIDE, PHOTOS, STARTER_CREDIT, StarterError, make_starter


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_starter(tmp_path_factory.mktemp("starter") / "new")


def test_there_are_enough_photos_for_an_album(gallery: Path) -> None:
    assert sorted(path.name for path in gallery.iterdir()) == sorted(PHOTOS)
    assert len(PHOTOS) >= 6


def test_every_photo_is_an_rgb_jpeg_of_a_size_telegram_likes(gallery: Path) -> None:
    for path in gallery.iterdir():
        with Image.open(path) as photo:
            assert (photo.format, photo.mode) == ("JPEG", "RGB")
            assert 200 <= min(photo.size) <= max(photo.size) <= MAX_SIDE


def test_photos_are_distinct_even_when_mirrored(gallery: Path) -> None:
    small = [_thumbnail(path) for path in sorted(gallery.iterdir())]
    for one, other in itertools.combinations(small, 2):
        for view in (other, other[:, ::-1]):
            assert np.abs(one - view).mean() > 20


def _thumbnail(path: Path) -> np.ndarray:
    with Image.open(path) as photo:
        return np.asarray(photo.convert("L").resize((16, 16)), dtype=float)


def test_making_it_again_writes_nothing(gallery: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in gallery.iterdir()}
    assert make_starter(gallery) == gallery
    assert {path: path.stat().st_mtime_ns for path in gallery.iterdir()} == before


def test_a_missing_photo_is_written_again(tmp_path: Path) -> None:
    make_starter(tmp_path)
    (tmp_path / "cat.jpg").unlink()
    make_starter(tmp_path)
    assert (tmp_path / "cat.jpg").is_file()


def test_nothing_is_downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the starter gallery went to the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    make_starter(tmp_path)


def test_a_package_without_the_photos_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starter, "PHOTOS", {"eagle.jpg": "no_such_eagle.png"})
    with pytest.raises(StarterError, match=r"does not carry no_such_eagle\.png"):
        make_starter(tmp_path)
    assert not list(tmp_path.iterdir())


def test_every_photo_is_credited_in_one_sentence() -> None:
    for name in PHOTOS:
        assert name.removesuffix(".jpg") in STARTER_CREDIT
    assert STARTER_CREDIT.endswith(".")
    assert ". " not in STARTER_CREDIT
