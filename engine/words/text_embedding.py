"""Joint vectors of texts: the text encoder, plus prototypes of words that no caption contains."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.errors import EmptyQueryError
from engine.model.checkpoint import Checkpoint
from engine.model.vocabulary import UNKNOWN, pad, tokenize
from engine.words.word_similarity import unit_rows


class TextEmbedder:
    """Embeds texts in the space that they share with photos."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        """Use the network, vocabulary and prototypes of a checkpoint."""
        self._network, self._vocabulary = checkpoint.network, checkpoint.vocabulary
        self._prototypes = checkpoint.prototypes

    def token_ids(self, text: str) -> list[int]:
        """Return the token ids of a text, cut to the network's greatest length."""
        return self._vocabulary.encode(text, self._network.config.max_length)

    def is_zero_shot(self, text: str) -> bool:
        """Return whether a text consists of words that have prototypes only."""
        return all(word in self._prototypes for word in tokenize(text))

    def knows(self, text: str) -> bool:
        """Return whether a text has a word with a vector."""
        return any(word in self._prototypes or word in self._vocabulary for word in tokenize(text))

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Return the joint vectors (N, J) of texts, of length 1.

        Raises:
            EmptyQueryError: a text has no known word.
        """
        return self.embed_and_read(texts)[0]

    def embed_and_read(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray | None]:
        """Return the same, and the states (N, T, W) of the texts for the decoder.

        There are none if words that have prototypes were left out.

        Raises:
            EmptyQueryError: a text has no known word.
        """
        self._check(texts)
        token_ids = [self.token_ids(" ".join(self._encoded_words(text))) for text in texts]
        encoded = self._network.encode_text(pad(token_ids))
        has_words = np.array([[any(n > UNKNOWN for n in row)] for row in token_ids])
        prototype_sums = np.stack([self._prototypes.of(text) for text in texts])
        is_whole = token_ids == [self.token_ids(text) for text in texts]
        return unit_rows(encoded.joint * has_words + prototype_sums), encoded.states if is_whole else None

    def _check(self, texts: Sequence[str]) -> None:
        for text in texts:
            if not self.knows(text):
                if len(texts) == 1:
                    raise EmptyQueryError(key="unknown-words")
                raise EmptyQueryError(key="unknown-part", text=text)

    def _encoded_words(self, text: str) -> list[str]:
        """Return the words of a text that go through the text encoder: all without a prototype."""
        return [word for word in tokenize(text) if word not in self._prototypes]
