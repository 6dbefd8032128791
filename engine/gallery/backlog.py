"""What is known of the images of a gallery that changes, and which of them are to be indexed."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from data.gallery import Gallery
from engine.gallery.embeddings import GrowingEmbeddings, ImageEmbeddings, in_half_precision
from engine.gallery.image_reader import SOME_ATTEMPTS, Failures, LeftOut, signature_of
from engine.photos.preprocess import DecodedPhoto
from engine.runtime.network import ImageFeatures


class Backlog:
    """The embeddings of a gallery, and the queues of its images without one, or with an incomplete one.

    An older version stored no signature or no classes of an image: it is incomplete.

    Attributes:
        gallery: as it was listed last.
        states: state of each of its files then, see `Gallery.states`.
    """

    def __init__(
        self,
        gallery: Gallery,
        states: Mapping[str, str],
        known: ImageEmbeddings,
        *,
        with_classes: bool,
        complete: bool = True,
    ) -> None:
        """Queue the images without embeddings.

        Args:
            gallery: as it was listed.
            states: of its files.
            known: its embeddings so far.
            with_classes: whether the network recognizes things.
            complete: whether incomplete images are queued, too.
        """
        self.gallery, self.states = gallery, states
        self._growing = GrowingEmbeddings(known)  # even of images that are gone: disks may come back
        self._failures = Failures()
        self._pending = deque(known.missing(states))
        self._with_classes = with_classes
        self._incomplete = deque(known.incomplete(with_classes=with_classes) if complete else ())

    def __len__(self) -> int:
        return len(self._pending) + len(self._incomplete)

    @property
    def pending(self) -> int:
        """The number of images without embeddings that are going to be indexed."""
        return len(self._pending)

    @property
    def coming(self) -> dict[str, str]:
        """The states of these images' files, in the order in which they are indexed."""
        return {image: self.states[image] for image in self._pending}

    @property
    def new(self) -> int:
        """The number of images that wait for their first attempt."""
        return sum(image not in self._failures for image in self._pending)

    @property
    def next_image(self) -> str | None:
        """The image to be indexed next, or to be completed if all are indexed."""
        waiting = self._pending or self._incomplete
        return waiting[0] if waiting else None

    def complete(self, photo: DecodedPhoto | LeftOut, features: ImageFeatures | LeftOut) -> None:
        """Add the signature and the classes of `next_image`, which an older version indexed without them."""
        image = self._incomplete.popleft()
        self._growing.sign(image, signature_of(photo))
        if not isinstance(features, LeftOut):
            self._growing.classify(image, features)

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
        """Queue what is missing of the same gallery in its present state, what failed before included.

        What waits already stays in its order, before what is new: grids are kept in this order.
        """
        self.gallery, self.states = gallery, states
        current = self.current()
        missing = current.missing(states)
        self._incomplete = deque(current.incomplete(with_classes=self._with_classes))
        wanted = [name for name in missing if not self._failures.is_given_up(name, states[name])]
        waiting = set(wanted) & set(self._pending)
        kept = [name for name in self._pending if name in waiting]
        self._pending = deque([*kept, *(name for name in wanted if name not in waiting)])

    def known(self) -> ImageEmbeddings:
        """Return all embeddings, even of images that are gone."""
        return self._growing.freeze()

    def current(self) -> ImageEmbeddings:
        """Return the embeddings of the images that exist."""
        return self.known().current(self.states)

    def round(self) -> None:
        """Round the embeddings as storing them does, so that the next start finds the same images."""
        self._growing = GrowingEmbeddings(in_half_precision(self.known()))
