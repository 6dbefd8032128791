from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from data.download import DownloadError
from data.gallery import folder_gallery
from engine import galleries
from engine.artifact import Artifact
from engine.errors import GalleryError
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


def test_vectors_come_back_with_their_images(tmp_path: Path) -> None:
    matrix = np.eye(3, 5, dtype=np.float32)
    galleries.save(galleries.Vectors(("a.jpg", "b.jpg", "c.jpg"), matrix), tmp_path / "v.safetensors", "f")
    loaded = galleries.load(tmp_path / "v.safetensors", "f")
    assert loaded is not None
    assert loaded.images == ("a.jpg", "b.jpg", "c.jpg")
    np.testing.assert_allclose(loaded.matrix, matrix)


def test_vectors_of_another_network_are_not_used(tmp_path: Path) -> None:
    file = tmp_path / "v.safetensors"
    galleries.save(galleries.Vectors(("a.jpg",), np.ones((1, 4), dtype=np.float32)), file, "this")
    assert galleries.load(file, "that") is None


def test_damaged_vectors_are_not_used(tmp_path: Path) -> None:
    (tmp_path / "v.safetensors").write_bytes(b"half a file")
    assert galleries.load(tmp_path / "v.safetensors", "f") is None


def test_an_image_that_cannot_be_read_is_left_out(
    loaded: Artifact, make_image: MakeImage, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make_image("mine/good.png")
    (tmp_path / "mine" / "bad.jpg").write_text("no image")
    vectors = galleries.make(folder_gallery(tmp_path / "mine", "mine"), loaded)
    assert vectors.images == ("good.png",)
    assert "bad.jpg" in caplog.text


def test_only_images_that_are_there_are_found(
    loaded: Artifact, settings: EngineSettings, make_image: MakeImage, tmp_path: Path
) -> None:
    make_image("mine/here.png")
    make_image("mine/gone.png")
    gallery = folder_gallery(tmp_path / "mine", "mine")
    file = galleries.vectors_file(gallery, loaded, settings)
    galleries.save(galleries.make(gallery, loaded), file, loaded.fingerprint)
    left = replace(gallery, images=("here.png", "new.png"))
    assert galleries.vectors_of(left, loaded, settings).images == ("here.png",)


def test_two_folders_of_one_name_do_not_share_their_vectors(
    loaded: Artifact, settings: EngineSettings, make_image: MakeImage, tmp_path: Path
) -> None:
    one = folder_gallery(make_image("here/photos/a.png", colour=(255, 0, 0)).parent, "photos")
    other = folder_gallery(make_image("there/photos/a.png", colour=(0, 0, 255)).parent, "photos")
    file = galleries.vectors_file(one, loaded, settings)
    galleries.save(galleries.make(one, loaded), file, loaded.fingerprint)
    seen = [galleries.vectors_of(gallery, loaded, settings).matrix for gallery in (one, other)]
    assert not np.allclose(*seen, atol=1e-3)


def test_a_small_gallery_is_indexed_on_the_spot_and_a_large_one_is_not(
    loaded: Artifact, settings: EngineSettings, make_image: MakeImage, tmp_path: Path
) -> None:
    make_image("mine/one.png")
    gallery = folder_gallery(tmp_path / "mine", "mine")
    assert galleries.vectors_of(gallery, loaded, settings).images == ("one.png",)
    large = replace(gallery, images=gallery.images * (galleries.SMALL + 1))
    with pytest.raises(GalleryError, match="python -m engine index"):
        galleries.vectors_of(large, loaded, settings)
