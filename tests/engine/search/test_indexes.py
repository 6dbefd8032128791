"""Which index a gallery gets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.gallery import galleries
from engine.gallery.embeddings import embeddings_file
from engine.model.checkpoint import Checkpoint
from engine.search import indexes
from engine.search.ann_index import AnnoyIndex, ExactIndex
from engine.search.indexes import open_index
from engine.search.indexing import update
from engine.settings import EngineSettings

IMAGES = 4


@pytest.mark.parametrize(
    ("annoy_from", "kind", "files"), [(IMAGES + 1, ExactIndex, 0), (IMAGES, AnnoyIndex, 1)]
)
def test_a_small_gallery_is_scanned_and_a_large_one_has_an_index(
    loaded: Checkpoint,
    make_image: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    annoy_from: int,
    kind: type,
    files: int,
) -> None:
    monkeypatch.setattr(indexes, "ANNOY_FROM", annoy_from)
    for number in range(IMAGES):
        make_image(f"mine/{number}.png", (60 * number, 10, 10))
    settings = EngineSettings(home=tmp_path / "home", gallery=tmp_path / "mine")
    gallery = galleries.open_gallery(settings)
    embeddings = update(gallery, loaded, embeddings_file(gallery, loaded, settings), settings).embeddings
    index = open_index(gallery, loaded, embeddings, settings)
    assert isinstance(index, kind)
    assert len(list(settings.home.rglob("*.annoy"))) == files
    row, cosine = index.nearest(embeddings.matrix[2], 1)[0]
    assert (row, cosine) == (2, pytest.approx(1, abs=1e-3))
