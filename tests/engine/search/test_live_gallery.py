"""A gallery that is indexed while it is served."""

from __future__ import annotations

import errno
import math
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.errors import DecoderEndedError
from engine.gallery import cache_dir, embeddings, galleries
from engine.gallery.embeddings import embeddings_file, load, save
from engine.gallery.image_reader import SOME_ATTEMPTS
from engine.gallery.near_duplicates import unknown_signatures
from engine.model.checkpoint import Checkpoint
from engine.photos import preprocess
from engine.photos.preprocess import DecodedPhoto
from engine.runtime.network import ImageFeatures, RuntimeNetwork
from engine.search import duplicate_groups, indexing, live_gallery
from engine.search.ann_index import AnnoyIndex, ExactIndex
from engine.search.grids.feature_cache import FeatureCache
from engine.search.grids.feature_recorder import FeatureRecorder
from engine.search.live_gallery import LiveGallery
from engine.settings import EngineSettings

MakeImage = Callable[..., Path]
TEXT = [1, 4, 5, 6, 2]  # a dog runs
MANY, FIRST = 16, 4  # images that are too many to wait for, and those that the first answers are made of


@pytest.fixture(autouse=True)
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a few images count as many."""
    monkeypatch.setattr(indexing, "MAX_IMMEDIATE", MANY - 1)
    monkeypatch.setattr(indexing, "FIRST_IMAGES", FIRST)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EngineSettings:
    """Settings of a host who serves a folder, which is scanned all the time."""
    monkeypatch.delenv("FLICKR8K_DIR", raising=False)
    for pause in ("SCAN_PAUSE", "BUILD_PAUSE", "PUBLISH_INTERVAL"):
        monkeypatch.setattr(live_gallery, pause, 0)
    return EngineSettings(
        home=tmp_path / "home", artifact=tmp_path / "artifact", gallery=tmp_path / "mine", rescan=1e-9
    )


@pytest.fixture
def paint(make_image: MakeImage) -> Callable[..., None]:
    """Write images of different colours into the gallery's folder."""

    def paint(*names: str, shade: int = 0) -> None:
        for number, name in enumerate(names):
            make_image(f"mine/{name}", (37 * number % 256, 91 * number % 256, shade))

    return paint


@pytest.fixture
def start(loaded: Checkpoint, settings: EngineSettings) -> Callable[..., LiveGallery]:
    """Open the gallery, as a start of the bot does."""

    def start(**changed: object) -> LiveGallery:
        return LiveGallery(loaded, settings.model_copy(update=changed), live=True)

    return start


Start = Callable[..., LiveGallery]
Paint = Callable[..., None]


def work(gallery: LiveGallery) -> None:
    """Do all that is to be done."""
    gallery.prepare()
    while not gallery.is_idle:
        gallery.prepare()


def found(gallery: LiveGallery) -> set[str]:
    """Return the images that can be found."""
    retriever = gallery.retriever
    matches = retriever.search_by_photo(retriever.embeddings.matrix[0], len(retriever))
    return {match.image for match in matches}


@pytest.mark.usefixtures("annoy_at_any_size")
def test_what_has_no_vectors_yet_is_indexed_and_found_as_it_comes(
    start: Start, paint: Paint, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    names = [f"{number:02}.png" for number in range(MANY)]
    paint(*names)
    gallery = start()
    assert (len(gallery.retriever), gallery.pending) == (FIRST, MANY - FIRST)
    sizes = []
    while gallery.pending:
        gallery.prepare()
        sizes.append(len(gallery.retriever))
    assert sizes == sorted(sizes)
    assert FIRST < sizes[len(sizes) // 2] < MANY
    work(gallery)
    assert found(gallery) == set(names)
    assert isinstance(gallery.retriever._index, AnnoyIndex)
    assert gallery.retriever.second_stage.ready
    assert caplog.messages[0] == f"mine: {MANY - FIRST} photos are indexed while nobody waits."
    assert caplog.messages[-1] == f"mine: {MANY} of {MANY} photos can be found."


@pytest.mark.usefixtures("annoy_at_any_size")
def test_the_next_start_has_what_was_indexed(
    start: Start, paint: Paint, loaded: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    paint(*(f"{number}.png" for number in range(MANY)))
    first = start()
    work(first)
    index = first.retriever._index
    monkeypatch.setattr(preprocess, "decode_photo", None)  # nothing is to be decoded again
    again = start()
    assert again.is_idle
    assert again.retriever._index.file == index.file  # nor is the index built again
    np.testing.assert_array_equal(again.retriever.embeddings.matrix, first.retriever.embeddings.matrix)


@pytest.mark.usefixtures("annoy_at_any_size")
def test_the_next_start_of_a_small_gallery_uses_the_index_of_the_first(
    start: Start, paint: Paint, tmp_path: Path
) -> None:
    paint("a.png", "b.png", "c.png")
    start()
    indexes = [*(tmp_path / "home" / "index").glob("*.annoy")]
    assert len(indexes) == 1
    start()
    assert [*(tmp_path / "home" / "index").glob("*.annoy")] == indexes
    paint("d.png", shade=70)
    start()
    indexes = [*(tmp_path / "home" / "index").glob("*.annoy")]
    start()
    assert [*(tmp_path / "home" / "index").glob("*.annoy")] == indexes


def test_new_changed_and_removed_files_are_followed_while_the_gallery_is_served(
    start: Start, paint: Paint, tmp_path: Path, loaded: Checkpoint
) -> None:
    paint("kept.png", "changed.png", "gone.png")
    gallery = start()
    work(gallery)
    before = gallery.retriever
    paint("changed.png", "below/new.png", shade=200)
    (tmp_path / "mine" / "gone.png").unlink()
    work(gallery)
    assert found(gallery) == {"kept.png", "changed.png", "below/new.png"}
    after = gallery.retriever.embeddings
    fresh = indexing.embed_gallery(gallery.retriever.gallery, loaded)
    for name, vector in zip(fresh.images, fresh.matrix, strict=True):
        np.testing.assert_allclose(after.matrix[after.images.index(name)], vector, atol=2e-3)
    assert before.embeddings.images == ("changed.png", "gone.png", "kept.png")  # a request that is running


def test_a_file_that_is_still_being_copied_is_read_again_when_it_is_whole(
    start: Start, paint: Paint, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    paint("a.png", "b.png")
    gallery, late = start(), tmp_path / "mine" / "late.png"
    content = (tmp_path / "mine" / "a.png").read_bytes()
    late.write_bytes(content[: len(content) // 2])
    work(gallery)
    assert found(gallery) == {"a.png", "b.png"}
    assert "late.png is left out" in caplog.text
    late.write_bytes(content)
    work(gallery)
    assert found(gallery) == {"a.png", "b.png", "late.png"}


def test_a_disk_that_is_away_costs_nothing_and_comes_back(
    start: Start,
    paint: Paint,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    paint("a.png", "disk/b.png", "disk/c.png")
    gallery = start()
    work(gallery)
    monkeypatch.setattr(preprocess, "decode_photo", None)  # nothing is to be decoded again
    (tmp_path / "mine" / "disk").rename(tmp_path / "away")
    work(gallery)
    assert found(gallery) == {"a.png"}
    (tmp_path / "mine").rename(tmp_path / "all away")
    for _ in range(3):
        work(gallery)
    assert len(gallery.retriever) == 1
    assert caplog.text.count("The gallery stays as it is: ") == 1
    (tmp_path / "all away").rename(tmp_path / "mine")
    (tmp_path / "away").rename(tmp_path / "mine" / "disk")
    work(gallery)
    assert found(gallery) == {"a.png", "disk/b.png", "disk/c.png"}


def test_a_disk_that_goes_away_while_images_are_indexed_is_noticed_at_once(
    start: Start, paint: Paint, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    paint(*(f"{number:02}.png" for number in range(MANY)))
    gallery = start(rescan=1e9)  # no scan is due
    (tmp_path / "mine").rename(tmp_path / "away")
    for _ in range(5):
        gallery.prepare()
    assert len(caplog.messages) == 2  # one image that cannot be read, and the gallery that is not there
    (tmp_path / "away").rename(tmp_path / "mine")
    gallery.scan_soon()
    work(gallery)
    assert len(found(gallery)) == MANY
    assert gallery.retriever.second_stage.features.rows(list(range(MANY))).any(axis=(1, 2)).all()


def test_grids_wait_for_a_file_that_cannot_be_read_but_not_for_ever(
    start: Start, paint: Paint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paint("a.png", "b.png")
    gallery, decode, bad = start(), preprocess.decode_photo, (tmp_path / "mine" / "a.png").read_bytes()

    def fail(photo: bytes, side: int) -> DecodedPhoto:
        if photo == bad:
            raise OSError(13, "Permission denied")
        return decode(photo, side)

    monkeypatch.setattr(preprocess, "decode_photo", fail)
    gallery.prepare()
    assert gallery.retriever.second_stage.prepared == 0
    work(gallery)
    assert gallery.retriever.second_stage.features.rows([0, 1]).any(axis=(1, 2)).tolist() == [False, True]


def test_a_file_that_fails_is_tried_again_and_named_once(
    start: Start,
    paint: Paint,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    paint("a.png", "b.png")
    gallery, decode = start(), preprocess.decode_photo
    work(gallery)

    def fail(photo: bytes, side: int) -> DecodedPhoto:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(preprocess, "decode_photo", fail)
    paint("new.png", shade=90)
    for _ in range(4):
        gallery.prepare()
    assert caplog.messages == ["new.png is left out: Input/output error."]
    assert found(gallery) == {"a.png", "b.png"}
    monkeypatch.setattr(preprocess, "decode_photo", decode)
    work(gallery)
    assert found(gallery) == {"a.png", "b.png", "new.png"}


def test_a_file_that_keeps_crashing_its_decoder_is_given_up_until_it_changes(
    start: Start, paint: Paint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paint("a.png", "b.png")
    gallery, decode, tried = start(), preprocess.decode_photo, []
    work(gallery)

    def fail(photo: bytes, side: int) -> DecodedPhoto:
        tried.append(photo)
        raise DecoderEndedError(key="unreadable-photo")

    monkeypatch.setattr(preprocess, "decode_photo", fail)
    paint("new.png", shade=90)
    for _ in range(3 * SOME_ATTEMPTS):
        gallery.prepare()
    assert len(tried) == SOME_ATTEMPTS
    assert gallery.is_idle
    monkeypatch.setattr(preprocess, "decode_photo", decode)
    paint("new.png", shade=91)
    work(gallery)
    assert found(gallery) == {"a.png", "b.png", "new.png"}


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[np.ndarray]:
    """The pixels of all photos that the network encodes."""
    photos: list[np.ndarray] = []
    encode = RuntimeNetwork.encode_image

    def encode_image(network: RuntimeNetwork, pixels: np.ndarray) -> ImageFeatures:
        photos.append(pixels)
        return encode(network, pixels)

    monkeypatch.setattr(RuntimeNetwork, "encode_image", encode_image)
    return photos


def test_an_image_is_encoded_once_for_vector_and_grid(
    start: Start, paint: Paint, loaded: Checkpoint, encoded: list[np.ndarray]
) -> None:
    paint(*(f"{number}.png" for number in range(MANY)))
    gallery = start()  # encodes the first ones, and keeps no grids
    encoded.clear()
    work(gallery)
    assert len(encoded) == MANY
    assert_has_grids(gallery, loaded)
    encoded.clear()
    paint("new.png", shade=90)
    work(gallery)
    assert len(encoded) == 1
    assert_has_grids(gallery, loaded)


def test_an_image_that_vanishes_while_others_are_indexed_costs_them_no_grid(
    start: Start, paint: Paint, loaded: Checkpoint, settings: EngineSettings
) -> None:
    paint(*(f"{number:02}.png" for number in range(MANY)))
    gallery = start()
    for _ in range(2 * FIRST):
        gallery.prepare()
    (Path(str(settings.gallery)) / "10.png").unlink()
    work(gallery)
    assert "10.png" not in found(gallery)
    assert_has_grids(gallery, loaded)
    caches = (settings.home / cache_dir.GRIDS).glob("*.npy")
    assert MANY not in {len(np.load(cache, mmap_mode="r")) for cache in caches}  # the one that was planned


def lose(settings: EngineSettings) -> None:
    """Let an image that waits be gone."""
    (Path(str(settings.gallery)) / "10.png").unlink()


def change(settings: EngineSettings) -> None:
    """Let an image that waits be another one."""
    shutil.copy(Path(str(settings.gallery)) / "15.png", Path(str(settings.gallery)) / "10.png")


def gain(settings: EngineSettings) -> None:
    """Let an image come that is listed before those that wait."""
    shutil.copy(Path(str(settings.gallery)) / "15.png", Path(str(settings.gallery)) / "00a.png")


@pytest.mark.parametrize(("happens", "encodings"), [(lose, MANY - 1), (change, MANY), (gain, MANY + 2)])
def test_an_image_is_encoded_once_though_the_gallery_changes_meanwhile(
    start: Start,
    paint: Paint,
    loaded: Checkpoint,
    settings: EngineSettings,
    encoded: list[np.ndarray],
    happens: Callable[[EngineSettings], None],
    encodings: int,
) -> None:
    paint(*(f"{number:02}.png" for number in range(MANY)))
    gallery = start()
    encoded.clear()
    for _ in range(2 * FIRST):
        gallery.prepare()
    happens(settings)
    work(gallery)
    assert len(encoded) == encodings  # what comes unforeseen is encoded for its grid, too
    assert_has_grids(gallery, loaded)
    assert len(list((settings.home / cache_dir.GRIDS).glob("*.npy"))) <= 2


@pytest.mark.parametrize("end", [LiveGallery._save, LiveGallery.close], ids=["killed once stored", "stopped"])
def test_no_image_with_a_vector_is_encoded_again_after_the_next_start(
    start: Start,
    paint: Paint,
    loaded: Checkpoint,
    encoded: list[np.ndarray],
    end: Callable[[LiveGallery], None],
) -> None:
    paint(*(f"{number:02}.png" for number in range(3 * MANY)))
    gallery = start()
    encoded.clear()
    for _ in range(2 * FIRST):
        gallery.prepare()
    end(gallery)
    again = start()
    work(again)
    assert len(encoded) == 3 * MANY
    assert_has_grids(again, loaded)


def test_after_a_kill_grids_are_kept_though_their_counter_was_behind(
    start: Start, paint: Paint, loaded: Checkpoint, encoded: list[np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    paint(*(f"{number:02}.png" for number in range(3 * MANY)))
    gallery = start()
    for _ in range(2 * FIRST):
        gallery.prepare()
    with monkeypatch.context() as patch:
        patch.setattr(FeatureRecorder, "save", lambda recorder: None)
        gallery._save()
    again = start()
    missing = again.retriever.second_stage.missing
    assert missing
    encoded.clear()
    expected = missing + again.pending
    work(again)
    assert len(encoded) == expected
    assert_has_grids(again, loaded)


def test_a_disk_with_room_for_the_grids_once_gets_them_though_a_file_is_no_image(
    start: Start, paint: Paint, loaded: Checkpoint, settings: EngineSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    paint(*(f"{number:02}.png" for number in range(MANY)))
    (Path(str(settings.gallery)) / "10.png").write_text("no image")
    create, grids = FeatureCache._create, settings.home / cache_dir.GRIDS

    def create_if_there_is_room(cache: FeatureCache, states: list[str]) -> None:
        used = sum(len(np.load(file, mmap_mode="r")) for file in grids.glob("*.npy"))
        if used + len(states) > MANY + FIRST:  # the first ones have theirs
            raise OSError(errno.ENOSPC, "No space left on device")
        create(cache, states)

    monkeypatch.setattr(FeatureCache, "_create", create_if_there_is_room)
    gallery = start()
    work(gallery)
    assert_has_grids(gallery, loaded)


def assert_has_grids(gallery: LiveGallery, loaded: Checkpoint) -> None:
    """Each image has the grid that the network gives it."""
    retriever = gallery.retriever
    features = retriever.second_stage.features
    assert features is not None
    assert features.ready
    assert features.size == len(retriever)
    for row, image in enumerate(retriever.embeddings.images):
        pixels = preprocess.decode_to_pixels(retriever.gallery.read(image), loaded.network.config.image_size)
        grid = loaded.network.encode_image(pixels[None]).grid[0].astype(np.float16)
        np.testing.assert_array_equal(features.rows([row])[0], grid)


def test_new_photos_do_not_interrupt_the_second_stage(start: Start, paint: Paint, loaded: Checkpoint) -> None:
    paint(*(f"{number}.png" for number in range(60)))
    gallery = start()
    work(gallery)
    complete = gallery.retriever
    gallery._build_at = math.inf  # as if the last index had taken long
    paint("new.png", shade=120)
    while "new.png" not in gallery.retriever.embeddings.images:
        gallery.prepare()
    growing = gallery.retriever
    assert isinstance(growing._index, ExactIndex)
    features = growing.second_stage.features
    assert features is complete.second_stage.features
    query = loaded.network.encode_text(np.array([TEXT])).joint[0]
    with_new = "new.png" in {match.image for match in growing.search_by_text(query, 50)}
    ranked = growing.search_by_text(query, 10, TEXT)
    if with_new:  # its grid is not there yet
        assert ranked == growing.search_by_text(query, 10)
    else:
        assert ranked == complete.search_by_text(query, 10, TEXT)
    gallery._build_at = 0
    work(gallery)
    assert gallery.retriever.second_stage.ready
    assert gallery.retriever.second_stage.features is not features
    np.testing.assert_array_equal(
        gallery.retriever.second_stage.features.rows([0, 59]), features.rows([0, 59])
    )


def test_near_duplicates_are_found_while_nobody_waits_and_known_after_the_next_start(
    start: Start, paint: Paint, settings: EngineSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_gallery, "COMPARING_TIME", 0)  # one image at a time
    paint("a.png", "b.png", "c.png")
    gallery = start()
    work(gallery)
    while gallery.maintain():
        pass
    assert list(settings.home.glob("index/*.safetensors"))
    with monkeypatch.context() as patch:
        patch.setattr(duplicate_groups.near_duplicates, "same_photos", None)
        assert start().retriever.near_duplicates() == gallery.retriever.near_duplicates()


@pytest.mark.usefixtures("annoy_at_any_size")
def test_former_indexes_leave_the_disk(
    start: Start, paint: Paint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_gallery, "CLOCK_MARGIN", -0.1)
    paint("0.png", "1.png")
    gallery = start()
    work(gallery)
    monkeypatch.setattr(live_gallery, "CLOCK_MARGIN", 0.05)
    for number in range(2, 5):
        paint(f"{number}.png", shade=40 * number)
        threading.Event().wait(0.1)
        work(gallery)
        while gallery.maintain():  # near-duplicates are left
            pass
    assert len(list((tmp_path / "home" / "index").glob("*.annoy"))) == 1
    assert len(list((tmp_path / "home" / "grids").glob("*.npy"))) == 1
    assert len(list((tmp_path / "home" / "index").glob("*.safetensors"))) == 1
    assert len(found(gallery)) == 5


@pytest.mark.usefixtures("annoy_at_any_size")
def test_a_full_disk_stops_no_service(
    start: Start, paint: Paint, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    paint("a.png", "b.png")
    gallery = start()
    work(gallery)
    for folder in ("vectors", "index"):
        shutil.rmtree(tmp_path / "home" / folder)
        (tmp_path / "home" / folder).write_text("a file where a folder should be")
    paint("c.png", shade=70)
    for _ in range(5):
        gallery.prepare()
    assert found(gallery) == {"a.png", "b.png", "c.png"}
    assert "Vectors cannot be stored" in caplog.text
    assert "The index cannot be written" in caplog.text


def test_a_photo_that_comes_to_a_large_gallery_does_not_write_all_vectors_at_once(
    start: Start, paint: Paint, monkeypatch: pytest.MonkeyPatch
) -> None:
    paint("a.png", "b.png")
    gallery = start()
    monkeypatch.setattr(embeddings, "SMALL_FILE", 1)
    monkeypatch.setattr(embeddings, "SAVE_RATE", 1e-3)  # any file is large
    saves = list[int]()
    monkeypatch.setattr(live_gallery, "save", lambda stored, *_: saves.append(len(stored.images)))
    for number in range(2, 5):
        paint(f"{number}.png", shade=40 * number)
        work(gallery)
    assert len(found(gallery)) == 5
    assert len(saves) == 1  # the others are stored with the next one


def test_a_changed_photo_is_found_though_its_vector_cannot_be_stored(
    start: Start, paint: Paint, monkeypatch: pytest.MonkeyPatch
) -> None:
    paint("a.png", "b.png")
    gallery = start()
    work(gallery)
    paint("b.png", shade=70)

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(live_gallery, "save", refuse)
    work(gallery)
    assert found(gallery) == {"a.png", "b.png"}


def test_without_rescans_a_disk_that_was_away_is_not_given_up(
    start: Start, paint: Paint, tmp_path: Path
) -> None:
    names = [f"{number:02}.png" for number in range(MANY)]
    paint(*names)
    gallery = start(rescan=0)
    mine = tmp_path / "mine"
    elsewhere = mine.rename(tmp_path / "elsewhere")
    gallery.scan_soon()
    gallery.maintain()
    elsewhere.rename(mine)
    work(gallery)
    assert found(gallery) == set(names)


def test_the_host_can_forbid_rescans(start: Start, paint: Paint) -> None:
    paint("a.png", "b.png")
    gallery = start(rescan=0)
    paint("c.png", shade=70)
    work(gallery)
    assert found(gallery) == {"a.png", "b.png"}
    gallery.scan_soon()
    work(gallery)
    assert found(gallery) == {"a.png", "b.png", "c.png"}


def test_another_gallery_is_served_once_it_is_indexed_and_pictures_of_the_former_are_still_there(
    loaded: Checkpoint, settings: EngineSettings, make_image: MakeImage
) -> None:
    gallery = LiveGallery(loaded, settings.model_copy(update={"gallery": None}), live=True)
    starter = gallery.retriever
    assert starter.gallery.name == "starter"
    root = settings.home / "flickr8k"
    (root / "Flickr8k_text").mkdir(parents=True)
    (root / "Flickr8k_text" / "Flickr8k.token.txt").write_text("1_a.jpg#0\tA dog .\n")
    for number in range(MANY):
        make_image(f"home/flickr8k/Flicker8k_Dataset/{number}_a.jpg", (3 * number, 9, 99))
    gallery.scan_soon()
    gallery.maintain()
    assert gallery.retriever.gallery.name == "starter"  # until there is something to show
    work(gallery)
    assert gallery.retriever.gallery.name == "Flickr8K"
    assert len(found(gallery)) == MANY
    assert gallery.picture("cat.jpg")  # an answer that is on its way
    assert starter.search_by_photo(starter.embeddings.matrix[0], 3)
    with pytest.raises(KeyError):
        gallery.picture("../secret")


def test_photos_of_flickr8k_that_ship_without_vectors_are_indexed(
    shipped: Checkpoint, flickr8k_dir: Path, make_image: MakeImage, tmp_path: Path
) -> None:
    root = tmp_path / "flickr8k"
    (root / "Flicker8k_Dataset").mkdir(parents=True)
    (root / "Flickr8k_text").symlink_to(flickr8k_dir / "Flickr8k_text")
    photos = sorted((flickr8k_dir / "Flicker8k_Dataset").iterdir())[:5]
    for photo in photos:
        (root / "Flicker8k_Dataset" / photo.name).symlink_to(photo)
    for number in range(MANY):  # as the test split is: its vectors do not ship
        make_image(f"flickr8k/Flicker8k_Dataset/9{number}_test.jpg", (3 * number, 90, 9))
    gallery = LiveGallery(
        shipped, EngineSettings(home=tmp_path / "home", flickr8k=root, two_stages=False), live=True
    )
    assert (len(gallery.retriever), gallery.pending) == (5, MANY)
    assert "while the bot runs" in gallery.notices[-1]
    work(gallery)
    assert len(found(gallery)) == 5 + MANY
    assert "vectors" not in gallery.notices[-1]


def test_what_an_older_version_indexed_gets_its_signatures_and_keeps_its_place(
    loaded: Checkpoint,
    settings: EngineSettings,
    paint: Callable[..., None],
    start: Callable[..., LiveGallery],
) -> None:
    paint("a.png", "b.png", "c.png")
    gallery = galleries.open_gallery(settings)
    known = indexing.embed_gallery(gallery, loaded)
    file = embeddings_file(gallery, loaded, settings)
    save(replace(known, signatures=unknown_signatures(0)), file, loaded.fingerprint)
    live = start()
    assert len(live.retriever) == 3
    while not live.is_idle:
        live.prepare()
    stored = load(file, loaded.fingerprint)
    assert stored is not None
    for after in (stored, live.retriever.embeddings):
        assert after.images == known.images
        np.testing.assert_array_equal(after.signatures, known.signatures)
