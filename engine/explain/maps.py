"""The maps of an engine: its words, and the images of its gallery.

Layouts take seconds to compute and libraries to load. Both happen when a map is first requested.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.errors import BadInputError
from engine.model.vocabulary import Vocabulary
from engine.photos import decoding
from engine.results import Point
from engine.words.stopwords import content_token_ids
from engine.words.word_similarity import WordSpace

if TYPE_CHECKING:
    from engine.explain.tsne_map import MapLayout


class Maps:
    """Lays out and draws words and images; layouts are cached on disk."""

    def __init__(
        self,
        folder: Path,
        vocabulary: Vocabulary,
        words: WordSpace,
        gallery: Callable[[], tuple[tuple[str, ...], np.ndarray]],
    ) -> None:
        """Compute nothing yet.

        Args:
            folder: of the cached layouts.
            vocabulary: the network's.
            words: vectors of its words.
            gallery: returns the names of N images and their joint vectors (N, J), as they are now.
        """
        self._folder, self._vocabulary, self._words, self._gallery = folder, vocabulary, words, gallery
        self._laid_out: tuple[tuple[str, ...], MapLayout] | None = None  # all images, and their layout

    def draw_words(self) -> bytes:
        """Draw the words as PNG."""
        from engine.explain import tsne_map

        return tsne_map.draw_words(self._word_layout)

    def draw_images(self, read: Callable[[str], bytes]) -> bytes:
        """Draw the images as PNG; `read` returns the file content of an image."""
        from engine.explain import tsne_map

        layout = self._image_layout
        side = tsne_map.cell_side(len(layout.names))
        return tsne_map.draw_photos(layout, (decoding.decode(read(name), side) for name in layout.names))

    def word_points(self) -> tuple[Point, ...]:
        """Return where the words are."""
        return self._word_layout.points

    def image_points(self) -> tuple[Point, ...]:
        """Return where the images are.

        Raises:
            BadInputError: the gallery is too small for a map; `draw_images` raises it, too.
        """
        return self._image_layout.points

    @cached_property
    def _word_layout(self) -> MapLayout:
        from engine.explain import tsne_map

        token_ids = content_token_ids(self._vocabulary, tsne_map.MAX_WORDS)
        names = [self._vocabulary.words[token_id] for token_id in token_ids]
        return tsne_map.cached_layout(self._folder, names, self._words.vectors(token_ids))

    @property
    def _image_layout(self) -> MapLayout:
        from engine.explain import tsne_map

        images, embeddings = self._gallery()
        if self._laid_out is None or self._laid_out[0] is not images:
            count = min(tsne_map.MAX_PHOTOS, len(images))
            if count < tsne_map.MIN_POINTS:
                raise BadInputError(key="gallery-too-small", fewest=tsne_map.MIN_POINTS, count=count)
            rows = np.linspace(0, len(images) - 1, count).astype(int)  # evenly spaced over the gallery
            names = [images[row] for row in rows]
            self._laid_out = images, tsne_map.cached_layout(self._folder, names, embeddings[rows])
        return self._laid_out[1]
