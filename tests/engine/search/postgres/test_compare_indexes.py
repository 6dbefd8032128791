"""`compare-indexes` holds pgvector and Annoy to the exact scan."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from data.flickr8k import Flickr8k
from engine.evaluation.compare_indexes import compare_indexes
from engine.gallery import galleries
from engine.model.checkpoint import Checkpoint
from engine.search.ann_index import AnnoyIndex
from engine.settings import EngineSettings
from tests.engine.search.postgres.test_shared_gallery import MakeImage

SHOWN = 30


@pytest.fixture
def folder(make_image: MakeImage, tmp_path: Path) -> Path:
    for number in range(SHOWN):
        make_image(f"mine/{number:02}.png", (37 * number % 256, 91 * number % 256, 60))
    return tmp_path / "mine"


def test_every_index_answers_as_the_scan_does(
    url: str, folder: Path, loaded: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = EngineSettings(home=tmp_path / "home", gallery=folder, database_url=SecretStr(url))
    gallery = galleries.open_gallery(settings)
    captions = dict.fromkeys(gallery.images, ("a dog runs", "the boy sits"))
    flickr8k = Flickr8k(folder, gallery.images, {"dev": gallery.images}, captions, ())
    answer = compare_indexes(loaded, gallery, settings, flickr8k, queries=8)
    assert (answer["images"], answer["photos"], answer["captions"]) == (SHOWN, 8, 8)
    for name in ("scan", "annoy", "postgresql"):
        assert answer[name]["recall_at_10"] >= 0.95  # the tiny network takes some colours for one
        assert answer[name]["same_answers"] >= 0.8
    monkeypatch.setattr(AnnoyIndex, "nearest", lambda *_: [(0, 0.5)])
    worse = compare_indexes(loaded, gallery, settings.model_copy(update={"database_url": None}), queries=8)
    assert "postgresql" not in worse
    assert worse["captions"] == 0
    assert worse["annoy"]["same_answers"] == 0
