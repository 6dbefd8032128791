"""The choice of the gallery."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import GalleryError
from engine.gallery import galleries
from engine.settings import EngineSettings

MakeImage = Callable[..., Path]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EngineSettings:
    monkeypatch.delenv("FLICKR8K_DIR", raising=False)
    return EngineSettings(home=tmp_path / "home", artifact=tmp_path / "artifact")


def test_without_any_folder_the_starter_photos_are_served(settings: EngineSettings) -> None:
    gallery = galleries.open_gallery(settings)
    assert gallery.name == galleries.STARTER
    assert len(gallery.images) >= 6
    assert "scikit-image" in gallery.credit


def test_the_hosts_own_folder_comes_first(
    settings: EngineSettings, make_image: MakeImage, tmp_path: Path
) -> None:
    make_image("mine/one.png")
    make_image("mine/summer/two.JPG")
    gallery = galleries.open_gallery(
        settings.model_copy(update={"gallery": tmp_path / "mine", "flickr8k": tmp_path})
    )
    assert gallery.images == ("one.png", "summer/two.JPG")


@pytest.mark.parametrize(
    ("folder", "name"),
    [(b"f\xeate", "f%EAte"), (b"two\nlines", "two%0Alines"), (b"x" * 255, "x" * 150)],
    ids=["no UTF-8", "two lines", "long"],
)
def test_a_gallery_has_a_name_that_can_be_printed(
    settings: EngineSettings, make_image: MakeImage, tmp_path: Path, folder: bytes, name: str
) -> None:
    mine = make_image("mine/one.png").parent.rename(tmp_path / os.fsdecode(folder))
    assert galleries.open_gallery(settings.model_copy(update={"gallery": mine})).name == name


@pytest.mark.parametrize("setting", ["gallery", "flickr8k"])
def test_a_folder_without_images_is_an_error(settings: EngineSettings, tmp_path: Path, setting: str) -> None:
    (tmp_path / "bare").mkdir()
    with pytest.raises(GalleryError, match="bare"):
        galleries.open_gallery(settings.model_copy(update={setting: tmp_path / "bare"}))


def test_flickr8k_is_lacking_where_nothing_was_named_or_downloaded(
    settings: EngineSettings, tmp_path: Path
) -> None:
    assert galleries.lacks_flickr8k(settings)
    assert not galleries.lacks_flickr8k(settings.model_copy(update={"flickr8k": tmp_path}))
    assert not galleries.lacks_flickr8k(settings.model_copy(update={"gallery": tmp_path}))
    for folder in ("Flickr8k_text", "Flicker8k_Dataset"):
        assert galleries.lacks_flickr8k(settings)
        (settings.home / "flickr8k" / folder).mkdir(parents=True)
    assert not galleries.lacks_flickr8k(settings)


def test_an_incomplete_download_is_not_opened(settings: EngineSettings) -> None:
    (settings.home / "flickr8k" / "Flickr8k_text").mkdir(parents=True)
    assert galleries.open_gallery(settings).name == galleries.STARTER


def test_the_hosts_folder_may_have_a_web_address(
    settings: EngineSettings, make_image: MakeImage, tmp_path: Path
) -> None:
    overrides = {"gallery": make_image("mine/one.png").parent, "gallery_url": "https://nas.example"}
    assert (
        galleries.open_gallery(settings.model_copy(update=overrides)).source("one.png")
        == "https://nas.example/one.png"
    )


@pytest.mark.parametrize("name", ["nowhere", "file"])
def test_a_gallery_must_be_a_folder(settings: EngineSettings, tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(GalleryError, match=rf"{name} is no folder .*KINDRED_GALLERY"):
        galleries.open_gallery(settings.model_copy(update={"gallery": tmp_path / name}))
