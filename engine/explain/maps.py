"""The maps of an engine: its words, and the images of its gallery.

Layouts take seconds to compute and libraries to load. Both happen when a map is first requested.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import Image

from engine.errors import BadInputError, PhotosAwayError
from engine.model.vocabulary import Vocabulary
from engine.photos import decoding
from engine.results import Point
from engine.words.stopwords import content_token_ids
from engine.words.word_similarity import WordSpace

if TYPE_CHECKING:
    from engine.explain.tsne_map import MapLayout

log = logging.getLogger(__name__)

BLANK = (228, 226, 220)  # what a photo that cannot be shown looks like on a map


class MapImages(NamedTuple):
    """The images of a gallery at one time.

    Attributes:
        names: of N images.
        vectors: (N, J), their joint vectors.
        exists: whether the file of an image can be found.
        read: returns the content of an image's file.
    """

    names: tuple[str, ...]
    vectors: np.ndarray
    exists: Callable[[str], bool]
    read: Callable[[str], bytes]


class Maps:
    """Lays out and draws words and images; layouts are cached on disk."""

    def __init__(
        self,
        folder: Path,
        vocabulary: Vocabulary,
        words: WordSpace,
    ) -> None:
        """Compute nothing yet.

        Args:
            folder: of the cached layouts.
            vocabulary: the network's.
            words: vectors of its words.
        """
        self._folder, self._vocabulary, self._words = folder, vocabulary, words
        self._laid_out: tuple[tuple[str, ...], MapLayout] | None = None  # all images, and their layout

    def draw_words(self) -> bytes:
        """Draw the words as PNG."""
        from engine.explain import tsne_map

        return tsne_map.draw_words(self._word_layout)

    def draw_images(self, images: MapImages) -> bytes:
        """Draw the images whose files exist as PNG.

        Raises:
            BadInputError, PhotosAwayError: see `image_points`.
        """
        from engine.explain import tsne_map

        layout = self._present_layout(images)
        side = tsne_map.cell_side(len(layout.names))
        return tsne_map.draw_photos(layout, (_thumbnail(images.read, name, side) for name in layout.names))

    def word_points(self) -> tuple[Point, ...]:
        """Return where the words are."""
        return self._word_layout.points

    def image_points(self, images: MapImages) -> tuple[Point, ...]:
        """Return where the images are whose files exist.

        Raises:
            BadInputError: the gallery is too small for a map.
            PhotosAwayError: no file can be found.
        """
        return self._present_layout(images).points

    def _present_layout(self, images: MapImages) -> MapLayout:
        layout = self._image_layout(images)
        present = [place for place, name in enumerate(layout.names) if images.exists(name)]
        if not present:
            raise PhotosAwayError
        return layout.subset(present)

    @cached_property
    def _word_layout(self) -> MapLayout:
        from engine.explain import tsne_map

        token_ids = content_token_ids(self._vocabulary, tsne_map.MAX_WORDS)
        names = [self._vocabulary.words[token_id] for token_id in token_ids]
        return tsne_map.cached_layout(self._folder, names, self._words.vectors(token_ids))

    def _image_layout(self, images: MapImages) -> MapLayout:
        from engine.explain import tsne_map

        if self._laid_out is None or self._laid_out[0] is not images.names:
            count = min(tsne_map.MAX_PHOTOS, len(images.names))
            if count < tsne_map.MIN_POINTS:
                raise BadInputError(key="gallery-too-small", fewest=tsne_map.MIN_POINTS, count=count)
            rows = np.linspace(0, len(images.names) - 1, count).astype(int)  # evenly spaced over the gallery
            names = [images.names[row] for row in rows]
            self._laid_out = images.names, tsne_map.cached_layout(self._folder, names, images.vectors[rows])
        return self._laid_out[1]


def _thumbnail(read: Callable[[str], bytes], name: str, side: int) -> Image.Image:
    """Return an image of the gallery for its cell; a blank one if its file is damaged, or gone meanwhile."""
    try:
        return decoding.decode(read(name), side)
    except (BadInputError, OSError) as error:
        log.warning("%s is left blank on the map: %s", name, error)
        return Image.new("RGB", (side, side), BLANK)
