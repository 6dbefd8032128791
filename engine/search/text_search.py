"""Search by description: by a name, in two stages, zero-shot, or by several parts (`query_composition`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.model.checkpoint import Checkpoint
from engine.results import Match
from engine.search import query_composition
from engine.search.query_composition import QueryPart
from engine.search.retriever import Retriever
from engine.words.text_embedding import TextEmbedder
from engine.words.word_similarity import unit_rows


class TextSearch:
    """Finds images of a gallery that fit a text."""

    def __init__(self, checkpoint: Checkpoint, texts: TextEmbedder, mean_word: np.ndarray) -> None:
        """Use the network of a checkpoint.

        Args:
            checkpoint: the network.
            texts: embeds texts with it.
            mean_word: (J,), the mean of the joint vectors of single words.
        """
        self._network, self._class_names = checkpoint.network, checkpoint.class_names
        self._texts, self._mean_word = texts, mean_word

    def find(
        self, retriever: Retriever, parts: Sequence[QueryPart], count: int, photo: np.ndarray | None
    ) -> tuple[Match, ...]:
        """Find images that fit the parts of a query.

        Args:
            retriever: the gallery.
            parts: see `query_composition.parse_query`.
            count: how many.
            photo: (J,), joint vector of a photo that the parts change; None if they are the whole query.
        """
        if photo is None and len(parts) == 1:
            return self._find_description(retriever, parts[0].text, count)
        texts = self._texts.embed([part.text for part in parts])
        words = query_composition.combine(texts, parts, self._mean_word)
        if photo is not None:
            return retriever.search_by_text(unit_rows(words + photo), count)
        # Photos are as sure as they fit what they should show: the combined vector is near to none.
        shown = " ".join(part.text for part in parts if not part.negative)
        (judge,) = self._texts.embed([shown])
        matches = retriever.search_by_text(unit_rows(words), count, judge=judge)
        return retriever.recognised(matches, self._class_names.classes(shown))

    def _find_description(self, retriever: Retriever, text: str, count: int) -> tuple[Match, ...]:
        """Find images that fit a description without signs, by a name that it holds or by its text."""
        classes = self._class_names.classes(text) if retriever.has_classes else ()
        if classes:
            query = self._texts.embed([text])[0] if self._texts.knows(text) else None
            return retriever.search_by_class(classes, query, count)
        (embedding,), states = self._texts.embed_and_read([text])
        if self._texts.is_zero_shot(text):
            return retriever.search_zero_shot(embedding, text, count)
        return retriever.search_by_text(embedding, count, self._texts.token_ids(text), states=states)

    def find_focused(
        self, retriever: Retriever, patches: np.ndarray, text: str, count: int
    ) -> tuple[Match, ...]:
        """Find images similar to a photo (1, P, C) with a focus on a text."""
        (words,) = self._texts.embed([text])
        return retriever.search_by_text(query_composition.focused_query(self._network, patches, words), count)
