"""A gallery that is indexed while it is served: what is new, has changed or is gone, as it comes."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from data.gallery import Gallery
from engine.errors import BrokenInstallationError, DatabaseError, GalleryError
from engine.gallery import cache_dir, galleries
from engine.gallery.backlog import Backlog
from engine.gallery.embeddings import ImageEmbeddings, embeddings_file, gallery_key, save, save_pause
from engine.gallery.image_reader import Decoder, LeftOut, encode_image, read_image
from engine.model.checkpoint import Checkpoint
from engine.photos.preprocess import DecodedPhoto
from engine.search import indexing
from engine.search.grids.backlog_recorder import BacklogRecorder
from engine.search.opening import grown_retriever, open_retriever
from engine.search.retriever import Retriever
from engine.settings import EngineSettings

log = logging.getLogger(__name__)

# Seconds between two times that images indexed so far can be found, are stored, and are reported.
PUBLISH_INTERVAL: Final = 5.0
SAVE_INTERVAL: Final = 30.0
LOG_INTERVAL: Final = 60.0
# The pause after a scan of the folder and after building an index, as a multiple of what it took: of a large
# gallery on a slow disk, neither is done all the time.
SCAN_PAUSE: Final = 20
BUILD_PAUSE: Final = 100
COMPARING_TIME: Final = 0.1  # seconds for near-duplicates at a time: a request that comes waits for none
CLOCK_MARGIN: Final = 2.0  # seconds by which a disk's times may lag behind


class LiveGallery:
    """The gallery that is served, and the work to keep up with its folder.

    Requests use `retriever`, which never changes and is replaced as a whole: one that is running finishes
    with the retriever it began with. All methods that change something are called one at a time: `maintain`
    and `read` in any thread, `add` in one that runs the network.

    Attributes:
        retriever: of the gallery as far as it is indexed.
        notices: warnings for the host on this state, one sentence each.
    """

    retriever: Retriever
    notices: tuple[str, ...]

    def __init__(
        self,
        checkpoint: Checkpoint,
        settings: EngineSettings,
        *,
        live: bool = False,
        decode: Decoder | None = None,
    ) -> None:
        """Open the gallery.

        Args:
            checkpoint: the network.
            settings: the host's settings.
            live: whether `maintain` looks for new images, and what is missing is indexed. Else the gallery
                stays as it is opened.
            decode: decodes images, by default in this process.

        Raises:
            GalleryError: there is no gallery, or nothing of it can be searched.
            DatabaseError: the database that holds the index cannot be used.
            OSError: the index cannot be written.
        """
        self._checkpoint, self._settings, self._live, self._decode = checkpoint, settings, live, decode
        gallery = galleries.open_gallery(settings)
        known = indexing.open_embeddings(gallery, checkpoint, settings, live=live, decode=decode)
        states = gallery.states() if live else known.file_states
        self._has_classes = bool(checkpoint.network.config.classes)
        self._backlog = Backlog(gallery, states, known, with_classes=self._has_classes, complete=live)
        self._serve(open_retriever(checkpoint, gallery, known, settings))
        self._former: Gallery | None = None
        self._recorder = BacklogRecorder(checkpoint, settings)
        # Whether what is indexed can be found, is stored, and has an index on disk.
        self._is_published = self._is_saved = self._is_built = True
        self._is_away = False  # whether the last scan found no gallery
        self._is_stuck = False  # whether an image could not be read for the feature cache since then
        self._is_fetching = False  # whether others have computed what the feature cache lacks
        self._publish_at = self._log_at = self._build_at = 0.0  # monotonic time, like these:
        self._save_at = self._last_save_at = 0.0  # while there is more to index, and when all is done
        self._scan_at = time.monotonic() + settings.rescan if live and settings.rescan else math.inf
        self._scan_requested = threading.Event()
        self._announce()

    @property
    def _rescans(self) -> bool:
        """Whether the folder is looked at again and again."""
        return self._scan_at < math.inf

    @property
    def pending(self) -> int:
        """The number of images that are going to be indexed."""
        return self._backlog.pending

    @property
    def is_idle(self) -> bool:
        """True if all that is known to be missing is done."""
        return (
            not self._backlog and self._is_published and self._is_built and self.retriever.second_stage.ready
        )

    def picture(self, image: str) -> bytes:
        """Return the content of an image's file, even of the gallery that was served before this one.

        Raises:
            KeyError: there is no such image.
            OSError: the file cannot be read.
        """
        try:
            return self.retriever.gallery.read(image)
        except KeyError:
            if self._former is None:
                raise
            return self._former.read(image)

    @property
    def _is_indexing(self) -> bool:
        """Whether the next image is one of the backlog, and not one for the feature cache.

        A gallery is opened with the vectors of a few images. Their grids come first, so that those of the
        others can follow them in the cache.
        """
        missing = 0 if self._is_stuck or self._is_fetching else self.retriever.second_stage.missing
        return bool(self._backlog) and not 0 < missing <= indexing.MAX_IMMEDIATE

    def scan_soon(self) -> None:
        """Look for another gallery, and for new images, with the next `maintain`. Thread-safe."""
        self._scan_requested.set()

    def maintain(self) -> bool:
        """Do what is due: scan the folder, show and store what was indexed, build the index.

        It may take seconds, on one core; what it has nothing to do for takes no time.

        Returns:
            True if there is more to do at once: grids to fetch, or near-duplicates to find, a few at a time.
        """
        if self._scan_requested.is_set() or time.monotonic() >= self._scan_at:
            self._scan_requested.clear()
            self._scan()
        if not self.retriever.second_stage.missing:
            self._recorder.begin(self._backlog)
        now, is_done = time.monotonic(), not self._backlog
        if not self._is_published and (is_done or now >= self._publish_at):
            self._publish()
        if not self._is_saved and now >= (self._last_save_at if is_done else self._save_at):
            self._save()
        if not self._is_built and is_done and now >= self._build_at:
            self._build()
        self.retriever.second_stage.share()
        if not is_done or not self._is_built:
            return False
        self._is_fetching = self.retriever.second_stage.fetch()
        return self._is_fetching or self.retriever.find_near_duplicates(COMPARING_TIME)

    def next_image(self) -> str | None:
        """Return the image to `read` and `add` next: to index, to complete, or for the feature cache."""
        if self._is_away:
            return None
        if self._is_indexing:
            return self._backlog.next_image
        return None if self._is_stuck or self._is_fetching else self.retriever.second_stage.next_image

    def read(self, image: str) -> DecodedPhoto | LeftOut:
        """Read and decode an image."""
        gallery = self._backlog.gallery if self._is_indexing else self.retriever.gallery
        return read_image(gallery, image, self._checkpoint.network.config.image_size, self._decode)

    def add(self, photo: DecodedPhoto | LeftOut) -> None:
        """Encode and add `next_image`; it is found after a `maintain`."""
        image = self.next_image()
        if image is None:
            return
        features, is_indexing = encode_image(self._checkpoint.network, photo), self._is_indexing
        if is_indexing and not self._backlog.pending:
            self._backlog.complete(photo, features)
            self._is_published = False
            return
        left_out = features if isinstance(features, LeftOut) else None
        is_away = left_out is not None and left_out.attempts == math.inf
        if is_away and self._rescans and not self._backlog.has_failed(image):
            self._scan_requested.set()  # is the disk away? Then the others need not be tried
        if is_indexing:
            self._backlog.add(photo, features)
            self._recorder.keep(image, self._backlog.states.get(image), features)
            self._is_published &= left_out is not None and not left_out.until_changed
        elif left_out and not self._backlog.gives_up(image, left_out) and self._rescans:
            self._is_stuck = True  # until the next scan
        else:
            self.retriever.second_stage.add(features)

    def close(self) -> None:
        """Store what was indexed since it was stored last; nothing is added afterwards."""
        if not (self._is_published and self._is_saved):
            self._save()

    def prepare(self) -> None:
        """Do one step of all that is to be done, in this thread."""
        self.maintain()
        if (image := self.next_image()) is not None:
            self.add(self.read(image))

    def _scan(self) -> None:
        """Look for another gallery, and for images that are new, have changed or are gone."""
        started = time.monotonic()
        try:
            gallery = galleries.open_gallery(self._settings)
            states = gallery.states()
            if not states:
                raise GalleryError(f"None of the photos in {gallery.folder} is there.")
            self._follow(gallery, states)
        except (BrokenInstallationError, OSError) as error:  # a disk that is away, which may come back
            if not self._is_away:
                log.warning("The gallery stays as it is: %s", error)
            self._is_away = self._rescans  # without another scan nothing would tell that it is back
        else:
            self._is_away = self._is_stuck = False
        ended = time.monotonic()
        if self._settings.rescan:
            self._scan_at = ended + max(self._settings.rescan, SCAN_PAUSE * (ended - started))

    def _follow(self, gallery: Gallery, states: Mapping[str, str]) -> None:
        """Serve the gallery in its present state."""
        former = self._backlog
        has_moved = gallery.folder != former.gallery.folder
        is_changed = has_moved or states != former.states
        if has_moved:
            known = indexing.index_status(gallery, self._checkpoint, self._settings).embeddings
            self._backlog = Backlog(gallery, states, known, with_classes=self._has_classes)
            self._recorder.stop(known)
        else:
            former.follow(gallery, states)
            self._recorder.follow(former)
        if is_changed:
            self._announce()
            self._publish()

    def _announce(self) -> None:
        if new := self._backlog.new:
            log.info("%s: %s photos are indexed while nobody waits.", self._backlog.gallery.name, f"{new:,}")
        self._log_at = time.monotonic() + LOG_INTERVAL

    def _publish(self) -> None:
        """Let what was indexed be found, by an exact scan."""
        now, gallery, embeddings = time.monotonic(), self._backlog.gallery, self._backlog.current()
        self._is_published, self._is_saved, self._publish_at = True, False, now + PUBLISH_INTERVAL
        if not embeddings.images:
            return
        if gallery.folder != self.retriever.gallery.folder:
            self._former = self.retriever.gallery
            log.info("%s is served from now on.", gallery.name)
        self._serve(grown_retriever(self.retriever, self._checkpoint, gallery, embeddings))
        self._is_built = False
        if now >= self._log_at:
            self._log_progress(embeddings)

    def _save(self) -> None:
        self._recorder.save()  # first: after the next start, no grid may be missing of what has a vector
        try:
            save(self._backlog.known(), self._file, self._checkpoint.fingerprint)
        except OSError as error:  # what cannot be stored is computed again after the next start
            log.warning("Vectors cannot be stored: %s.", error.strerror or error)
        now, self._is_saved = time.monotonic(), True
        self._save_at = now + save_pause(self._file, SAVE_INTERVAL)
        self._last_save_at = now + save_pause(self._file, 0)

    @property
    def _file(self) -> Path:
        return embeddings_file(self._backlog.gallery, self._checkpoint, self._settings)

    def _build(self) -> None:
        """Replace the exact scan by an index, and let the feature cache grow."""
        started, since = time.monotonic(), time.time() - CLOCK_MARGIN
        self._is_built = True
        self._backlog.round()
        gallery, embeddings = self._backlog.gallery, self._backlog.current()
        if not embeddings.images:
            return
        former, pause = self.retriever, PUBLISH_INTERVAL
        self._recorder.save()
        try:
            self._serve(open_retriever(self._checkpoint, gallery, embeddings, self._settings, former))
        except DatabaseError as error:
            log.warning("The index cannot be written. %s", error)
            self._is_built, pause = False, LOG_INTERVAL
        except OSError as error:
            log.warning("The index cannot be written: %s.", error.strerror or error)
            self._is_built = False
        else:
            # What was recorded may have taken the room of the gallery's own cache: there is a second attempt.
            self._is_built = not (self._recorder.stop(embeddings) and self._lacks_grids)
            if not self.retriever.second_stage.is_that_of(former.second_stage):
                key = gallery_key(gallery, self._checkpoint)
                cache_dir.remove_unused(self._settings.home, key, unused_since=since)
            self._log_progress(embeddings)
        ended = time.monotonic()
        self._build_at = ended + max(pause, BUILD_PAUSE * (ended - started))

    @property
    def _lacks_grids(self) -> bool:
        """Whether the feature cache could not be made for all images that are served."""
        features = self.retriever.second_stage.features
        return self._settings.two_stages and (features is None or features.size < len(self.retriever))

    def _serve(self, retriever: Retriever) -> None:
        notices = indexing.notices(retriever.gallery, retriever.embeddings, live=self._live)
        self.retriever, self.notices = retriever, (*retriever.gallery.notices, *notices)

    def _log_progress(self, embeddings: ImageEmbeddings) -> None:
        found, files = len(embeddings.images), len(self._backlog.states)
        log.info("%s: %s of %s photos can be found.", self._backlog.gallery.name, f"{found:,}", f"{files:,}")
        self._log_at = time.monotonic() + LOG_INTERVAL
