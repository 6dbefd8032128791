"""Indexing on Ray Data: it stores what one process stores."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from data.bucket_folder import BucketFolder
from data.gallery import Gallery, folder_gallery
from engine.cluster import data_indexing
from engine.cluster.data_indexing import ClusterEncoder
from engine.errors import ClusterError
from engine.gallery.embeddings import no_embeddings
from engine.model.checkpoint import Checkpoint
from engine.search.grids.feature_recorder import FeatureRecorder
from engine.search.indexing import update
from engine.search.opening import open_retriever
from engine.settings import EngineSettings
from tests.object_store import ObjectStore
from tests.odd_files import encoded
from tests.paint import PAINTINGS

pytestmark = pytest.mark.filterwarnings("ignore")  # those of Ray itself
BATCH = 4


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Gallery:
    """A few photos, with one that is none and one whose name is no text."""
    folder = tmp_path_factory.mktemp("photos")
    for number, paint in enumerate(PAINTINGS.values()):
        (folder / f"{number:02}.jpg").write_bytes(encoded(paint()))
    (folder / "01b.jpg").write_text("no photo")
    Path(str(folder / "02b-\udcff.jpg")).write_bytes((folder / "02.jpg").read_bytes())
    return folder_gallery(folder, "photos")


def test_cluster_and_process_store_the_same(
    on_ray: EngineSettings,
    tiny_folder: Path,
    loaded: Checkpoint,
    gallery: Gallery,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(data_indexing, "BATCH", BATCH)
    settings = on_ray.model_copy(update={"artifact": tiny_folder, "home": tmp_path})
    here = update(gallery, loaded, tmp_path / "here").embeddings
    recorder = FeatureRecorder(gallery, no_embeddings(loaded), gallery.states(), loaded, settings)
    encode = recorder.recording(partial(ClusterEncoder(settings), with_grids=True))
    there = update(gallery, loaded, tmp_path / "there", encode=encode).embeddings
    assert there.images == here.images
    assert len(there.images) == len(gallery.images) - 1 > BATCH
    assert there.file_states == here.file_states
    np.testing.assert_array_equal(there.signatures, here.signatures)
    np.testing.assert_allclose(there.matrix, here.matrix, atol=1e-3)
    assert caplog.text.count("01b.jpg is left out") == 2  # by each of them

    retriever = open_retriever(loaded, gallery, there, settings)
    assert retriever.second_stage.ready  # each image was encoded once, for vector and grid
    image = retriever.embeddings.images[-1]
    (alone,) = data_indexing.encode_images(loaded, gallery, [image])
    grid = retriever.second_stage.features.rows([len(retriever) - 1])  # type: ignore[union-attr]
    np.testing.assert_allclose(grid, alone.features.grid, atol=1e-2)  # type: ignore[union-attr]


def test_workers_read_the_photos_of_a_bucket(
    on_ray: EngineSettings, tiny_folder: Path, loaded: Checkpoint, store: ObjectStore, tmp_path: Path
) -> None:
    for number, paint in enumerate(PAINTINGS.values()):
        store.put(f"2024/{number}.jpg", encoded(paint()))
    settings = on_ray.model_copy(update={"artifact": tiny_folder, "home": tmp_path})
    gallery = folder_gallery(BucketFolder(f"s3://{store.bucket}/2024"), "2024")
    here = update(gallery, loaded, tmp_path / "here").embeddings
    there = update(gallery, loaded, tmp_path / "there", encode=ClusterEncoder(settings)).embeddings
    assert there.images == here.images == gallery.images
    assert there.file_states == here.file_states
    np.testing.assert_allclose(there.matrix, here.matrix, atol=1e-3)


def test_grids_that_are_in_a_bucket_are_fetched_and_not_computed(
    on_ray: EngineSettings,
    tiny_folder: Path,
    loaded: Checkpoint,
    store: ObjectStore,
    gallery: Gallery,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    embeddings = update(gallery, loaded, tmp_path / "vectors").embeddings
    own = {"artifact": tiny_folder, "features": f"s3://{store.bucket}/grids"}
    encode = ClusterEncoder(on_ray.model_copy(update=own))
    first, second = (
        open_retriever(loaded, gallery, embeddings, on_ray.model_copy(update=own | {"home": tmp_path / home}))
        for home in ("first", "second")
    )
    encode.complete_features(first)
    first.second_stage.share(at_once=True)
    monkeypatch.setattr(data_indexing, "encode_images", None)
    monkeypatch.setattr(data_indexing, "BatchEncoder", None)
    encode.complete_features(second)
    assert first.second_stage.ready
    assert second.second_stage.ready


def test_a_cluster_without_a_free_processor_says_so(
    on_ray: EngineSettings, gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ray

    monkeypatch.setattr(ray, "available_resources", dict)
    monkeypatch.setattr(data_indexing, "FREE_TIMEOUT", 0)
    with pytest.raises(ClusterError, match="Every processor"):
        next(ClusterEncoder(on_ray)(gallery, gallery.images))
