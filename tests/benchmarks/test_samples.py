"""Benchmarks run without Flickr8K, too: over the starter photos."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.settings import EngineSettings
from tests.benchmarks.before import write_photos
from tests.benchmarks.samples import PHOTOS, sample_photos
from tests.benchmarks.throughput import link_photos


def test_a_gallery_of_a_few_photos_gives_samples_to_measure_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FLICKR8K_DIR", raising=False)
    photos = write_photos(sample_photos(EngineSettings(home=tmp_path)), tmp_path)
    assert 1 <= len(photos) <= PHOTOS
    gallery = link_photos(None, photos, tmp_path / "gallery", 25)
    links = sorted(gallery.iterdir())
    assert len(links) == 25
    assert {link.resolve() for link in links} == {photo.resolve() for photo in photos}
