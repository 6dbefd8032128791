"""Indexing: freshness, incremental updates, and files that cannot be used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data.gallery import Gallery, folder_gallery
from engine.errors import GalleryError
from engine.gallery import embeddings, image_reader
from engine.gallery.image_reader import LeftOut
from engine.model.checkpoint import Checkpoint
from engine.photos import decoding, preprocess
from engine.photos.preprocess import DecodedPhoto
from engine.search import indexing
from engine.search.indexing import EncodedImage, UpdateReport
from engine.settings import EngineSettings

MakeImage = Callable[..., Path]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EngineSettings:
    monkeypatch.delenv("FLICKR8K_DIR", raising=False)
    return EngineSettings(home=tmp_path / "home", artifact=tmp_path / "artifact")


@pytest.mark.parametrize("damage", ["cut", "fewer rows", "no number"])
def test_truncated_or_mismatched_embeddings_are_computed_again(
    loaded: Checkpoint, settings: EngineSettings, make_image: MakeImage, tmp_path: Path, damage: str
) -> None:
    for number in range(3):
        make_image(f"mine/{number}.png", (80 * number, 10, 10))
    gallery = folder_gallery(tmp_path / "mine", "mine")
    before = indexing.open_embeddings(gallery, loaded, settings)
    file = embeddings.embeddings_file(gallery, loaded, settings)
    torn = {"fewer rows": before.matrix[:2], "no number": before.matrix * np.nan}
    if damage in torn:
        embeddings.save(replace(before, matrix=torn[damage]), file, loaded.fingerprint)
    else:
        file.write_bytes(file.read_bytes()[:-100])
    after = indexing.open_embeddings(gallery, loaded, settings)
    np.testing.assert_allclose(after.matrix, before.matrix, atol=1e-3)
    assert embeddings.load(file, loaded.fingerprint) is not None


def test_images_are_encoded_in_order_and_no_more_than_a_few_ahead(
    loaded: Checkpoint, make_image: MakeImage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"{number:02}.png" for number in range(20)]
    for name in names:
        make_image(f"mine/{name}")
    gallery, read = folder_gallery(tmp_path / "mine", "mine"), list[str]()

    def noting(gallery: Gallery, name: str, *_: object) -> DecodedPhoto | LeftOut:
        read.append(name)
        return image_reader.read_image(gallery, name, loaded.network.config.image_size)

    monkeypatch.setattr(indexing, "read_image", noting)
    images = indexing.encode_images(loaded, gallery, names)
    assert [next(images).name for _ in range(3)] == names[:3]
    images.close()  # type: ignore[attr-defined] - of a generator
    assert sorted(read) == names[: len(read)]
    assert 3 <= len(read) <= 5
    assert [image.name for image in indexing.encode_images(loaded, gallery, names)] == names


def test_an_image_that_cannot_be_read_is_left_out(
    loaded: Checkpoint, make_image: MakeImage, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make_image("mine/good.png")
    (tmp_path / "mine" / "bad.jpg").write_text("no image")
    found = indexing.embed_gallery(folder_gallery(tmp_path / "mine", "mine"), loaded)
    assert found.images == ("good.png",)
    assert "bad.jpg" in caplog.text


def test_another_encoder_is_asked_for_what_is_missing_only(
    loaded: Checkpoint, make_image: MakeImage, tmp_path: Path
) -> None:
    asked: list[str] = []

    def encode(gallery: Gallery, names: Sequence[str]) -> Iterator[EncodedImage]:
        asked.extend(names)
        return indexing.encode_images(loaded, gallery, names)

    file = tmp_path / "vectors"
    for name in ("first.png", "second.png"):
        make_image(f"mine/{name}")
        gallery = folder_gallery(tmp_path / "mine", "mine")
        report = indexing.update(gallery, loaded, file, encode=encode)
        assert asked.pop() == name
        assert not asked
        assert report.embeddings.images == gallery.images


def test_embeddings_of_missing_files_are_dropped(
    loaded: Checkpoint, settings: EngineSettings, make_image: MakeImage, tmp_path: Path
) -> None:
    make_image("mine/here.png")
    make_image("mine/gone.png")
    gallery = folder_gallery(tmp_path / "mine", "mine")
    file = embeddings.embeddings_file(gallery, loaded, settings)
    embeddings.save(indexing.embed_gallery(gallery, loaded), file, loaded.fingerprint)
    left = replace(gallery, images=("here.png", "new.png"))
    assert indexing.open_embeddings(left, loaded, settings).images == ("here.png",)


def test_two_folders_of_one_name_do_not_share_embeddings(
    loaded: Checkpoint, settings: EngineSettings, make_image: MakeImage, tmp_path: Path
) -> None:
    one = folder_gallery(make_image("here/photos/a.png", colour=(255, 0, 0)).parent, "photos")
    other = folder_gallery(make_image("there/photos/a.png", colour=(0, 0, 255)).parent, "photos")
    file = embeddings.embeddings_file(one, loaded, settings)
    embeddings.save(indexing.embed_gallery(one, loaded), file, loaded.fingerprint)
    matrices = [indexing.open_embeddings(gallery, loaded, settings).matrix for gallery in (one, other)]
    assert not np.allclose(*matrices, atol=1e-3)


def test_a_small_gallery_is_embedded_when_opened_and_a_large_one_is_not(
    loaded: Checkpoint, settings: EngineSettings, make_image: MakeImage, tmp_path: Path
) -> None:
    photo = make_image("mine/one.png")
    gallery = folder_gallery(tmp_path / "mine", "mine")
    assert indexing.open_embeddings(gallery, loaded, settings).images == ("one.png",)
    for number in range(indexing.MAX_IMMEDIATE + 1):
        (tmp_path / "large" / f"{number}.png").parent.mkdir(exist_ok=True)
        (tmp_path / "large" / f"{number}.png").symlink_to(photo)
    with pytest.raises(GalleryError, match="python -m engine index"):
        indexing.open_embeddings(folder_gallery(tmp_path / "large", "large"), loaded, settings)


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The photos that were encoded, side by side."""
    decoded: list[bytes] = []

    def decode_photo(photo: bytes, side: int) -> DecodedPhoto:
        decoded.append(photo)
        return DecodedPhoto(decoding.decode(photo, side))

    monkeypatch.setattr(preprocess, "decode_photo", decode_photo)
    return decoded


@pytest.fixture
def update(loaded: Checkpoint, tmp_path: Path) -> Callable[[], UpdateReport]:
    return lambda: indexing.update(
        folder_gallery(tmp_path / "mine", "mine"), loaded, tmp_path / "vectors.safetensors"
    )


def test_only_what_is_new_or_changed_is_encoded(
    update: Callable[[], UpdateReport], make_image: MakeImage, encoded: list[bytes]
) -> None:
    kept, changed = make_image("mine/kept.png"), make_image("mine/below/changed.png")
    gone = make_image("mine/gone.png")
    first = update()
    assert first.encoded == 3
    encoded.clear()
    new = make_image("mine/a new one.png", (10, 200, 10))
    make_image("mine/below/changed.png", (10, 10, 200), size=(50, 50))
    gone.unlink()
    second = update()
    assert sorted(encoded) == sorted((new.read_bytes(), changed.read_bytes()))
    assert (second.encoded, second.removed) == (2, 1)
    assert second.embeddings.images == ("kept.png", "a new one.png", "below/changed.png")
    row = first.embeddings.images.index(kept.name)
    np.testing.assert_allclose(second.embeddings.matrix[0], first.embeddings.matrix[row], atol=1e-3)


def test_an_unchanged_gallery_is_left_alone(
    update: Callable[[], UpdateReport], make_image: MakeImage, tmp_path: Path
) -> None:
    make_image("mine/one.png")
    (tmp_path / "mine" / "bad.jpg").write_text("no image")
    first, written = update(), (tmp_path / "vectors.safetensors").stat().st_ino
    second = update()
    assert (second.encoded, second.removed) == (0, 0)
    assert (tmp_path / "vectors.safetensors").stat().st_ino == written
    np.testing.assert_array_equal(first.embeddings.matrix, second.embeddings.matrix)


def test_a_removed_photo_is_dropped_even_if_none_is_new(
    update: Callable[[], UpdateReport], make_image: MakeImage
) -> None:
    make_image("mine/one.png")
    gone = make_image("mine/gone.png")
    update()
    gone.unlink()
    assert update().embeddings.images == ("one.png",)


def test_an_interrupted_update_resumes(
    update: Callable[[], UpdateReport],
    loaded: Checkpoint,
    make_image: MakeImage,
    encoded: list[bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(5):
        make_image(f"mine/{number}.png", (number, 0, 0))
    monkeypatch.setattr(indexing, "SAVE_INTERVAL", 0)
    decode = decoding.decode

    def stop(photo: bytes, side: int) -> Image.Image:
        if len(encoded) > 3:
            raise KeyboardInterrupt
        return decode(photo, side)

    monkeypatch.setattr(decoding, "decode", stop)
    with pytest.raises(KeyboardInterrupt):
        update()
    encoded.clear()
    monkeypatch.setattr(decoding, "decode", decode)
    stored = embeddings.load(tmp_path / "vectors.safetensors", loaded.fingerprint)
    assert stored
    assert len(stored.images) in {2, 3}  # the fourth ended it, beside which another was encoded
    assert len(update().embeddings.images) == 5
    assert len(encoded) == 5 - len(stored.images)


def test_an_update_of_a_large_file_writes_it_seldom(
    update: Callable[[], UpdateReport], make_image: MakeImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        make_image(f"mine/{number}.png", (number, 0, 0))
    saves, save = list[int](), indexing.save

    def count(stored: embeddings.ImageEmbeddings, file: Path, fingerprint: str) -> None:
        saves.append(len(stored.images))
        save(stored, file, fingerprint)

    monkeypatch.setattr(indexing, "save", count)
    monkeypatch.setattr(indexing, "SAVE_INTERVAL", 0)
    monkeypatch.setattr(embeddings, "SMALL_FILE", 1)
    monkeypatch.setattr(embeddings, "SAVE_RATE", 1e-3)  # any file is large
    update()
    assert saves == [1, 5]


@pytest.mark.parametrize("content", [b"no image", b"x" * (decoding.MAX_BYTES + 1)])
def test_a_file_that_is_not_a_photo_is_logged_once_and_not_retried(
    update: Callable[[], UpdateReport],
    make_image: MakeImage,
    caplog: pytest.LogCaptureFixture,
    settings: EngineSettings,
    loaded: Checkpoint,
    tmp_path: Path,
    content: bytes,
) -> None:
    make_image("mine/good.png")
    (tmp_path / "mine" / "bad.jpg").write_bytes(content)
    assert update().embeddings.images == ("good.png",)
    (line,) = caplog.messages
    assert line.startswith("bad.jpg is left out: ")
    caplog.clear()
    gallery = folder_gallery(tmp_path / "mine", "mine")
    indexing.open_embeddings(gallery, loaded, settings)
    caplog.clear()
    found = indexing.open_embeddings(gallery, loaded, settings)
    assert not caplog.messages
    (notice,) = indexing.notices(gallery, found)
    assert notice.startswith("1 files cannot be read")


def test_a_gallery_of_unreadable_files_is_an_error(
    update: Callable[[], UpdateReport], tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "bad.jpg").write_text("no image")
    for _ in range(2):
        with pytest.raises(GalleryError, match="No image in"):
            update()


def test_a_changed_photo_is_encoded_again(
    loaded: Checkpoint, settings: EngineSettings, make_image: MakeImage, tmp_path: Path
) -> None:
    make_image("mine/one.png", (250, 0, 0))
    gallery = folder_gallery(tmp_path / "mine", "mine")
    before = indexing.open_embeddings(gallery, loaded, settings)
    make_image("mine/one.png", (0, 0, 250), size=(50, 50))
    after = indexing.open_embeddings(gallery, loaded, settings)
    assert after.images == before.images
    assert not np.allclose(after.matrix, before.matrix, atol=1e-3)


def test_many_new_photos_wait_for_the_index_command(
    loaded: Checkpoint, settings: EngineSettings, make_image: MakeImage, tmp_path: Path
) -> None:
    photo = make_image("mine/a.png")
    indexing.open_embeddings(folder_gallery(tmp_path / "mine", "mine"), loaded, settings)
    for number in range(indexing.MAX_IMMEDIATE + 1):
        (tmp_path / "mine" / f"{number}.png").symlink_to(photo)
    gallery = folder_gallery(tmp_path / "mine", "mine")
    found = indexing.open_embeddings(gallery, loaded, settings)
    assert found.images == ("a.png",)
    (notice,) = indexing.notices(gallery, found)
    assert notice.startswith(f"{indexing.MAX_IMMEDIATE + 1} photos have no vectors yet")


def test_a_large_gallery_that_is_live_begins_with_a_few_images(
    loaded: Checkpoint, settings: EngineSettings, make_image: MakeImage, tmp_path: Path
) -> None:
    photo = make_image("a.png")
    (tmp_path / "large").mkdir()
    (tmp_path / "large" / "0.png").write_text("no image")
    for number in range(1, indexing.MAX_IMMEDIATE + 1):
        (tmp_path / "large" / f"{number}.png").symlink_to(photo)
    gallery = folder_gallery(tmp_path / "large", "large")
    found = indexing.open_embeddings(gallery, loaded, settings, live=True)
    assert len(found.images) == indexing.FIRST_IMAGES
    assert "while the bot runs" in indexing.notices(gallery, found, live=True)[0]


FAILURES = [
    OSError(5, "Input/output error"),
    MemoryError(),
    RuntimeError("the decoder gave up"),
    SystemError("a library's own"),
    KeyError("ICC"),
    RecursionError(),
]


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
def test_one_bad_file_never_ends_an_indexing_whatever_it_raises(
    update: Callable[[], UpdateReport],
    make_image: MakeImage,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    failure: Exception,
) -> None:
    make_image("mine/a.png", (1, 2, 3))
    make_image("mine/z.png", (3, 2, 1))
    poison = make_image("mine/bad.png", (99, 99, 99)).read_bytes()
    decode = decoding.decode

    def fail(photo: bytes, side: int) -> Image.Image:
        if photo == poison:
            raise failure
        return decode(photo, side)

    monkeypatch.setattr(preprocess, "decode", fail)
    assert update().embeddings.images == ("a.png", "z.png")
    (line,) = caplog.messages
    assert line.startswith("bad.png is left out: ")
    monkeypatch.undo()  # the disk is well again, or there is more memory
    assert update().embeddings.images == ("a.png", "z.png", "bad.png")


def test_a_file_that_the_network_fails_on_is_left_out(
    loaded: Checkpoint, make_image: MakeImage, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class BrokenNetwork:
        config, streams = loaded.network.config, loaded.network.streams

        def encode_image(self, pixels: np.ndarray) -> object:
            if pixels.max() == -1:
                raise RuntimeError("out of something")
            return loaded.network.encode_image(pixels)

    make_image("mine/a.png", (0, 0, 0))
    make_image("mine/b.png")
    gallery = folder_gallery(tmp_path / "mine", "mine")
    found = indexing.embed_gallery(gallery, replace(loaded, network=BrokenNetwork()))
    assert found.images == ("b.png",)
    assert caplog.messages == ["a.png is left out: RuntimeError: out of something"]
    assert "a.png" not in found.file_states  # tried again


def test_a_file_larger_than_the_memory_is_not_read(
    loaded: Checkpoint, make_image: MakeImage, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make_image("mine/a.png")
    with (tmp_path / "mine" / "backup.tif").open("wb") as sparse:
        sparse.truncate(2**42)
    assert indexing.embed_gallery(folder_gallery(tmp_path / "mine", "mine"), loaded).images == ("a.png",)
    assert caplog.messages == [f"backup.tif is left out: {image_reader.TOO_LARGE}"]
