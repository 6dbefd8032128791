"""What is known of the images of a gallery that changes, and which of them are to be indexed."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from data.gallery import Gallery
from engine.model.layers import ImageFeatures
from engine.photos.preprocess import DecodedPhoto
from engine.search.embeddings import GrowingEmbeddings, ImageEmbeddings, in_half_precision
from engine.search.image_reader import SOME_ATTEMPTS, Failures, LeftOut, signature_of


class Backlog:
    """The embeddings of a gallery, and the queues of its images without one and without a signature.

    Attributes:
        gallery: as it was listed last.
        states: state of each of its files then, see `Gallery.states`.
    """

    def __init__(
        self, gallery: Gallery, states: Mapping[str, str], known: ImageEmbeddings, *, sign: bool = True
    ) -> None:
        """Queue the images without embeddings and, unless `sign` is false, those without signatures."""
        self.gallery, self.states = gallery, states
        self._growing = GrowingEmbeddings(known)  # even of images that are gone: disks may come back
        self._failures = Failures()
        self._pending = deque(known.missing(states))
        self._unsigned = deque(known.unsigned if sign else ())

    def __len__(self) -> int:
        return len(self._pending) + len(self._unsigned)

    @property
    def pending(self) -> int:
        """The number of images without embeddings that are going to be indexed."""
        return len(self._pending)

    @property
    def new(self) -> int:
        """The number of images that wait for their first attempt."""
        return sum(image not in self._failures for image in self._pending)

    @property
    def next_image(self) -> str | None:
        """The image to be indexed next, or to get its signature if all are indexed."""
        waiting = self._pending or self._unsigned
        return waiting[0] if waiting else None

    def sign(self, photo: DecodedPhoto | LeftOut) -> None:
        """Add the signature of `next_image`, which an older version indexed without one."""
        self._growing.sign(self._unsigned.popleft(), signature_of(photo))

    def add(self, photo: DecodedPhoto | LeftOut, features: ImageFeatures | LeftOut) -> None:
        """Add `next_image` to the embeddings, or note why it is left out."""
        image = self._pending.popleft()
        if not isinstance(features, LeftOut):
            self._failures.forget(image)
            self._growing.add(image, self.states[image], features, signature_of(photo))
            return
        self._failures.note(image, self.states[image], features, features.attempts)
        if features.until_changed:
            self._growing.leave_out(image, self.states[image])

    def has_failed(self, image: str) -> bool:
        """Return True if an image could not be used before."""
        return image in self._failures

    def gives_up(self, image: str, left_out: LeftOut) -> bool:
        """Note that an indexed image cannot be read again; return True if it is not worth another attempt."""
        attempts = min(left_out.attempts, SOME_ATTEMPTS)
        return self._failures.note(image, self.states.get(image, ""), left_out, attempts)

    def follow(self, gallery: Gallery, states: Mapping[str, str]) -> None:
        """Queue what is missing of the same gallery in its present state, what failed before included."""
        self.gallery, self.states = gallery, states
        current = self.current()
        missing, self._unsigned = current.missing(states), deque(current.unsigned)
        self._pending = deque(name for name in missing if not self._failures.is_given_up(name, states[name]))

    def known(self) -> ImageEmbeddings:
        """Return all embeddings, even of images that are gone."""
        return self._growing.freeze()

    def current(self) -> ImageEmbeddings:
        """Return the embeddings of the images that exist."""
        return self.known().current(self.states)

    def round(self) -> None:
        """Round the embeddings as storing them does, so that the next start finds the same images."""
        self._growing = GrowingEmbeddings(in_half_precision(self.known()))
