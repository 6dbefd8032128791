"""The engine itself, synchronous: one network, one gallery, the verbs."""

from __future__ import annotations

import numpy as np
import torch

from engine import artifact, galleries, images
from engine.captioning import generate
from engine.errors import EmptyQuery
from engine.index import AnnoyIndex, Index
from engine.results import Caption, Description, GalleryInfo, Match, WordMatch
from engine.settings import EngineSettings
from engine.verbs import MATCHES
from engine.vocabulary import UNKNOWN
from engine.words import word_space

CAPTIONS = 3  # of a photo


class Engine:
    """Answers the verbs of `engine.verbs`, one at a time, in the caller's thread."""

    def __init__(self, settings: EngineSettings) -> None:
        """Load the network, its words and the gallery.

        Raises:
            BrokenInstallation: something is missing or does not fit; one line says what.
        """
        torch.set_num_threads(settings.threads)
        self._artifact = artifact.load(settings.artifact)
        self._network, self._vocabulary = self._artifact.network, self._artifact.vocabulary
        self._words = word_space(self._artifact)
        self._gallery = galleries.choose(settings)
        vectors = galleries.vectors_of(self._gallery, self._artifact, settings)
        self._images = vectors.images
        self._index: Index = AnnoyIndex(vectors.matrix, settings.home / "index")

    @property
    def gallery(self) -> GalleryInfo:
        """See `Verbs.gallery`."""
        notices = list(self._gallery.notices)
        bare = len(self._gallery.images) - len(self._images)
        if bare:
            notices.append(f"{bare:,} photos have no vectors yet: python -m engine index makes them.")
        return GalleryInfo(self._gallery.name, len(self._images), self._gallery.credit, " ".join(notices))

    def warm(self) -> None:
        """Answer once of each kind, so that nobody's first request pays for caches."""
        side = self._network.config.image_side
        with torch.inference_mode():
            features = self._network.encode_image(torch.zeros(1, 3, side, side))
            generate(self._network, features.grid)
        self.find("a dog", 1)

    def describe(self, photo: bytes, count: int = MATCHES) -> Description:
        """See `Verbs.describe`."""
        pixels = images.load(photo, self._network.config.image_side)
        with torch.inference_mode():
            features = self._network.encode_image(pixels.unsqueeze(0))
        sentences = generate(self._network, features.grid)[0][:CAPTIONS]
        captions = tuple(Caption(self._vocabulary.decode(s.numbers), s.confidence) for s in sentences)
        return Description(captions, self._matches(features.joint[0].numpy(), count))

    def similar(self, word: str, count: int = MATCHES) -> tuple[WordMatch, ...]:
        """See `Verbs.similar`."""
        if not word.strip():
            raise EmptyQuery("Similar to which word? For example: boy")
        return self._words.similar(word, count)

    def analogy(self, a: str, b: str, c: str, count: int = MATCHES) -> tuple[WordMatch, ...]:
        """See `Verbs.analogy`."""
        return self._words.analogy(a, b, c, count)

    def find(self, text: str, count: int = MATCHES) -> tuple[Match, ...]:
        """See `Verbs.find`."""
        numbers = self._vocabulary.encode(text, self._network.config.length)
        if len(numbers) == 2:
            raise EmptyQuery("Find what? Say it in a few words, such as: a dog running on the beach")
        if all(number == UNKNOWN for number in numbers[1:-1]):
            raise EmptyQuery("I know none of these words. Please say it in other, English words.")
        with torch.inference_mode():
            joint = self._network.encode_text(torch.tensor([numbers])).joint[0]
        return self._matches(joint.numpy(), count)

    def picture(self, image: str) -> bytes:
        """See `Verbs.picture`."""
        return self._gallery.path(image).read_bytes()

    def knows(self, word: str) -> bool:
        """See `Verbs.knows`."""
        return self._words.knows(word)

    def _matches(self, joint: np.ndarray, count: int) -> tuple[Match, ...]:
        found = [(self._images[row], cosine) for row, cosine in self._index.nearest(joint, count)]
        return tuple(Match(image, cosine, self._gallery.source(image)) for image, cosine in found)
