from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from data.download import DownloadError
from engine.errors import GalleryError
from engine.search import galleries
from engine.settings import EngineSettings

MakeImage = Callable[..., Path]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EngineSettings:
    monkeypatch.delenv("FLICKR8K_DIR", raising=False)
    return EngineSettings(home=tmp_path / "home", artifact=tmp_path / "artifact")


def test_without_any_folder_the_starter_photos_are_served(settings: EngineSettings) -> None:
    gallery = galleries.choose(settings)
    assert gallery.name == galleries.STARTER
    assert len(gallery.images) >= 6
    assert "scikit-image" in gallery.credit


def test_the_hosts_own_folder_comes_first(
    settings: EngineSettings, make_image: MakeImage, tmp_path: Path
) -> None:
    make_image("mine/one.png")
    make_image("mine/summer/two.JPG")
    gallery = galleries.choose(
        settings.model_copy(update={"gallery": tmp_path / "mine", "flickr8k": tmp_path})
    )
    assert gallery.images == ("one.png", "summer/two.JPG")


@pytest.mark.parametrize("setting", ["gallery", "flickr8k"])
def test_a_folder_without_images_is_named(settings: EngineSettings, tmp_path: Path, setting: str) -> None:
    (tmp_path / "bare").mkdir()
    with pytest.raises(GalleryError, match="bare"):
        galleries.choose(settings.model_copy(update={setting: tmp_path / "bare"}))


def test_flickr8k_that_is_at_hand_is_not_fetched(settings: EngineSettings, tmp_path: Path) -> None:
    assert galleries.fetch_flickr8k(settings.model_copy(update={"flickr8k": tmp_path})) == ""


def test_flickr8k_that_cannot_be_fetched_is_one_sentence_and_no_error(
    settings: EngineSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(folder: Path) -> None:
        raise DownloadError("No connection.")

    monkeypatch.setattr(galleries, "fetch", unreachable)
    sentence = galleries.fetch_flickr8k(settings)
    assert "cannot be fetched" in sentence
    assert "starter photos" in sentence
    assert galleries.choose(settings).name == galleries.STARTER


def test_a_host_can_forbid_fetching(settings: EngineSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(galleries, "fetch", lambda folder: pytest.fail("fetched"))
    assert "starter photos" in galleries.fetch_flickr8k(settings.model_copy(update={"fetch": False}))


def test_half_a_download_is_not_taken_for_flickr8k(settings: EngineSettings) -> None:
    (settings.home / "flickr8k" / "Flickr8k_text").mkdir(parents=True)
    assert galleries.choose(settings).name == galleries.STARTER


def test_the_hosts_folder_may_have_an_address(
    settings: EngineSettings, make_image: MakeImage, tmp_path: Path
) -> None:
    named = {"gallery": make_image("mine/one.png").parent, "gallery_url": "https://nas.example"}
    assert (
        galleries.choose(settings.model_copy(update=named)).source("one.png") == "https://nas.example/one.png"
    )


@pytest.mark.parametrize("name", ["nowhere", "file"])
def test_a_gallery_that_is_no_folder_is_named(settings: EngineSettings, tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(GalleryError, match=rf"{name} is no folder .*KINDRED_GALLERY"):
        galleries.choose(settings.model_copy(update={"gallery": tmp_path / name}))
