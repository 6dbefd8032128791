"""A replica serves what the indexer has stored."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.cluster import followed_gallery
from engine.cluster.followed_gallery import FollowedGallery
from engine.model.checkpoint import Checkpoint
from engine.search import live_gallery
from engine.search.ann_index import AnnoyIndex, ExactIndex
from engine.search.live_gallery import LiveGallery
from engine.settings import EngineSettings


@pytest.mark.usefixtures("annoy_at_any_size")
def test_new_photos_are_found_as_soon_as_they_are_stored(
    loaded: Checkpoint, make_image: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for pause in ("SCAN_PAUSE", "BUILD_PAUSE", "PUBLISH_INTERVAL", "SAVE_INTERVAL"):
        monkeypatch.setattr(live_gallery, pause, 0)
    monkeypatch.setattr(followed_gallery, "LOOK_INTERVAL", 0)
    settings = EngineSettings(home=tmp_path / "home", gallery=tmp_path / "mine", rescan=1e-9)
    for number in range(3):
        make_image(f"mine/{number}.png", (80 * number, 10, 10))
    indexer = LiveGallery(loaded, settings, live=True)
    followed = FollowedGallery(loaded, settings)
    assert len(followed.retriever) == 3

    make_image("mine/new.png", (0, 200, 0))
    indexer.prepare()  # finds it; the grids of those that are indexed come first
    while indexer.pending:
        indexer.prepare()
    indexer.prepare()  # publishes and stores it
    followed.maintain()
    assert followed.retriever.embeddings.images[-1] == "new.png"
    assert followed.next_image() is None
    assert isinstance(followed.retriever._index, ExactIndex)

    while not indexer.is_idle:
        indexer.prepare()
    followed.maintain()  # the index is there
    followed.maintain()
    assert isinstance(followed.retriever._index, AnnoyIndex)
    assert followed.retriever.second_stage.ready
    (tmp_path / "mine" / "0.png").unlink()
    indexer.prepare()
    followed.maintain()
    assert "0.png" not in followed.retriever.embeddings.images


def test_a_disk_that_is_away_changes_nothing(
    loaded: Checkpoint, make_image: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followed_gallery, "LOOK_INTERVAL", 0)
    settings = EngineSettings(home=tmp_path / "home", gallery=tmp_path / "mine")
    make_image("mine/0.png")
    LiveGallery(loaded, settings, live=True)
    followed = FollowedGallery(loaded, settings)
    (tmp_path / "mine").rename(tmp_path / "away")
    followed._stored = 0  # as after a change
    followed.maintain()
    assert len(followed.retriever) == 1
    (tmp_path / "away").rename(tmp_path / "mine")
    followed.maintain()
    assert followed._stored
