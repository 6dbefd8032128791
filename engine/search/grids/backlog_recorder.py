"""Keeps the feature grids of a backlog that changes while it is indexed."""

from __future__ import annotations

from engine.gallery.backlog import Backlog
from engine.gallery.embeddings import ImageEmbeddings
from engine.gallery.image_reader import LeftOut
from engine.model.checkpoint import Checkpoint
from engine.runtime.network import ImageFeatures
from engine.search.grids.feature_recorder import FeatureRecorder
from engine.settings import EngineSettings


class BacklogRecorder:
    """Has a `FeatureRecorder` while images wait in a backlog, and another one where they change."""

    def __init__(self, checkpoint: Checkpoint, settings: EngineSettings) -> None:
        """Keep nothing yet."""
        self._checkpoint, self._settings = checkpoint, settings
        self._recorder: FeatureRecorder | None = None

    def begin(self, backlog: Backlog) -> None:
        """Keep the grids of what is indexed from now on, unless they are kept; all before have theirs."""
        if not self._recorder and backlog.pending and self._settings.two_stages:
            known, coming = backlog.current(), backlog.coming
            self._recorder = FeatureRecorder(backlog.gallery, known, coming, self._checkpoint, self._settings)

    def follow(self, backlog: Backlog) -> None:
        """Begin anew, with the grids so far, if images that are waited for come no more."""
        former = self._recorder
        if former is None or former.fits(backlog.coming):
            return
        former.save()
        self._recorder = None
        self.begin(backlog)
        if self._recorder and self._recorder.is_open:
            former.close(self._recorder.planned)
        else:  # all is indexed, or there is no room for both: what it has is of use in the end
            self._recorder = former

    def keep(self, image: str, state: str | None, features: ImageFeatures | LeftOut) -> None:
        """Keep the grid of an image; see `FeatureRecorder.keep`."""
        if self._recorder:
            self._recorder.keep(image, state, features)

    def save(self) -> None:
        """Make sure that the grids so far outlive the process; see `FeatureRecorder.save`."""
        if self._recorder:
            self._recorder.save()

    def stop(self, embeddings: ImageEmbeddings) -> bool:
        """Keep no more; return whether something was kept.

        Args:
            embeddings: those that the gallery has now, see `FeatureRecorder.close`.
        """
        former, self._recorder = self._recorder, None
        if former:
            former.close(embeddings)
        return former is not None
