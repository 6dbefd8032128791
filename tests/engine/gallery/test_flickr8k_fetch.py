"""Fetching Flickr8K in the background from a local HTTP server."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from data import download
from data.flickr8k import open_flickr8k
from engine.gallery import flickr8k_fetch
from engine.gallery.flickr8k_fetch import Flickr8kFetch
from tests.data.mirror import Mirror, Serve, serve, small_flickr8k

__all__ = ["serve"]

PHOTOS = {f"{number}_a.jpg": bytes([number]) * 900_000 for number in range(4)}
FILES, ARCHIVES = small_flickr8k(PHOTOS)
TIMEOUT = 30.0  # seconds


@pytest.fixture
def mirror_of(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Mirror]:
    """Fetch a small Flickr8K from a mirror of one's own."""

    def start(**behaviour: object) -> Mirror:
        mirror = serve(FILES, **behaviour)

        def fetch(folder: Path, report: download.Report) -> None:
            download.fetch(folder, [mirror.url], ARCHIVES, report)

        monkeypatch.setattr(flickr8k_fetch, "fetch", fetch)
        return mirror

    return start


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_the_share_grows_and_the_end_is_announced_once_all_is_there(
    mirror_of: Callable[..., Mirror], tmp_path: Path
) -> None:
    held, complete = threading.Event(), threading.Event()
    mirror_of(held=held)
    fetch = Flickr8kFetch(tmp_path / "new", complete.set)
    wait_for(lambda: fetch.share is not None)
    held.set()
    assert complete.wait(TIMEOUT)
    assert fetch.share is None
    assert open_flickr8k(tmp_path / "new").images == tuple(PHOTOS)
    fetch.close()


def test_a_fetch_that_is_closed_goes_on_where_it_stopped(
    mirror_of: Callable[..., Mirror], tmp_path: Path
) -> None:
    held, complete = threading.Event(), threading.Event()
    mirror = mirror_of(held=held)
    first = Flickr8kFetch(tmp_path, complete.set)
    wait_for(lambda: first.share)
    first._is_closed.set()
    held.set()
    first.close()
    assert not first._thread.is_alive()
    had = download.part_size(tmp_path)
    assert 0 < had < len(FILES["Flickr8k_Dataset.zip"])
    assert not complete.is_set()
    Flickr8kFetch(tmp_path, complete.set)
    assert complete.wait(TIMEOUT)
    assert f"bytes={had}-" in mirror.ranges_requested


def test_without_a_network_one_calm_line_says_what_is_served(
    mirror_of: Callable[..., Mirror],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level("INFO")
    monkeypatch.setattr(flickr8k_fetch, "RETRY_INTERVAL", 0.01)
    mirror = mirror_of(cut_after=[0] * 3)  # it is reached, and says nothing
    complete = threading.Event()
    fetch = Flickr8kFetch(tmp_path, complete.set)
    wait_for(lambda: not mirror.cut_after)
    assert complete.wait(TIMEOUT)  # the network is back, and the bot has not been started again
    fetch.close()
    _, line, *progress = [
        record for record in caplog.records if record.name == "engine.gallery.flickr8k_fetch"
    ]
    assert line.levelname == "INFO"
    assert line.getMessage().startswith(
        "A few starter photos are served, for now: Flickr8k_text.zip could not"
    )
    assert "\n" not in line.getMessage()
    assert all("are here" in one.getMessage() for one in progress)
