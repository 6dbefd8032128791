"""A gallery that another process indexes: it is served as that process stores it."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Final

from engine.errors import BrokenInstallationError
from engine.gallery import cache_dir, galleries
from engine.gallery.backlog import Backlog
from engine.gallery.embeddings import gallery_key
from engine.model.checkpoint import Checkpoint
from engine.search import indexing
from engine.search.ann_index import index_file
from engine.search.indexes import is_scanned
from engine.search.live_gallery import COMPARING_TIME, LiveGallery
from engine.search.opening import grown_retriever, open_retriever
from engine.settings import EngineSettings

LOOK_INTERVAL: Final = 5.0  # seconds between two looks at what is stored


class FollowedGallery(LiveGallery):
    """Serves what the `Indexer` stores in KINDRED_HOME: embeddings, their index and the feature cache."""

    def __init__(self, checkpoint: Checkpoint, settings: EngineSettings) -> None:
        """Open the gallery as far as it is stored; see `LiveGallery`."""
        super().__init__(checkpoint, settings)
        self._stored = self._stored_at()
        self._look_at = 0.0  # monotonic time

    def maintain(self) -> bool:
        """Serve what was stored since the last look, if it is time for one; see `LiveGallery.maintain`."""
        if time.monotonic() >= self._look_at:
            self._look()
        return self._is_built and self.retriever.find_near_duplicates(COMPARING_TIME)

    def next_image(self) -> None:
        """Return None: there is nothing to index here."""

    def _look(self) -> None:
        self._look_at = time.monotonic() + LOOK_INTERVAL
        stored = self._stored_at()
        with suppress(BrokenInstallationError, OSError):  # a disk or a database that is away may come back
            if stored != self._stored:
                self._follow_stored()
                self._stored = stored
            elif not self._is_built and self._has_index():
                self._open_index()
        self.retriever.second_stage.refresh()

    def _stored_at(self) -> int:
        """Return when embeddings were stored, in nanoseconds; 0 if they never were."""
        try:
            return self._file.stat().st_mtime_ns
        except OSError:
            return 0

    def _follow_stored(self) -> None:
        """Serve the embeddings that are stored, by an exact scan."""
        gallery = galleries.open_gallery(self._settings)
        status = indexing.index_status(gallery, self._checkpoint, self._settings)
        if not status.embeddings.images:  # its disk is away
            return
        self._backlog = Backlog(
            gallery, status.states, status.embeddings, with_classes=self._has_classes, complete=False
        )
        self._serve(grown_retriever(self.retriever, self._checkpoint, gallery, status.embeddings))
        self._is_built = False

    def _has_index(self) -> bool:
        """Return whether the indexer has built the index; one in a database grows with whoever opens it."""
        served = self.retriever
        if self._settings.index != "annoy" or is_scanned(served.embeddings, self._settings):
            return True
        key = gallery_key(served.gallery, self._checkpoint)
        index = index_file(served.embeddings.matrix, self._settings.home / cache_dir.INDEX, key)
        return index.with_suffix(".sum").is_file() and index.is_file()

    def _open_index(self) -> None:
        """Replace the exact scan by the index."""
        former = self.retriever
        opened = open_retriever(self._checkpoint, former.gallery, former.embeddings, self._settings, former)
        self._serve(opened)
        self._is_built = True
