"""Joint vectors of single words, kept on disk, for a start computes those of thousands of words."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from engine import files
from engine.model.checkpoint import Checkpoint
from engine.model.vocabulary import END, SPECIALS, START

log = logging.getLogger(__name__)

BATCH_SIZE = 100  # words embedded at once: memory for the largest batch is never released
UNKNOWN_ROW = -1
MAX_ERROR = 0.01  # of the length of a unit vector


class JointWordVectors:
    """Joint vectors of single words.

    Attributes:
        mean: (J,) mean of the output vocabulary's vectors: what all short texts have in common.
    """

    def __init__(self, checkpoint: Checkpoint, folder: Path | None = None) -> None:
        """Take those of the output vocabulary, from disk or computed.

        Args:
            checkpoint: the network and its vocabulary.
            folder: where vectors are kept for the next start, if anywhere.
        """
        self._network, size = checkpoint.network, len(checkpoint.vocabulary)
        self._file = folder / f"{checkpoint.fingerprint}.safetensors" if folder else None
        self._token_ids = np.zeros(0, np.int64)
        self._vectors = np.zeros((0, checkpoint.network.config.joint_width), np.float32)
        self._rows = np.full(size, UNKNOWN_ROW)
        self._read()
        output = range(checkpoint.vocabulary.output_size)
        self.remember(output)
        self.mean = self.of(output[len(SPECIALS) :]).mean(axis=0)

    def of(self, token_ids: Sequence[int] | np.ndarray) -> np.ndarray:
        """Return the unit vectors (N, J) of N words; those that are remembered cost nothing."""
        rows = self._rows[list(token_ids)]
        vectors = self._vectors[rows]
        missing = rows == UNKNOWN_ROW
        if missing.any():
            vectors[missing] = self._embed(np.array(token_ids)[missing])
        return vectors

    def remember(self, token_ids: Sequence[int] | np.ndarray) -> None:
        """Compute the vectors of words that are not remembered yet, and keep them."""
        wanted = np.array(token_ids)
        missing = wanted[self._rows[wanted] == UNKNOWN_ROW]
        if not len(missing):
            return
        self._take(
            np.concatenate((self._token_ids, missing)), np.concatenate((self._vectors, self._embed(missing)))
        )
        if self._file is not None:
            try:
                files.save_arrays({"token_ids": self._token_ids, "vectors": self._vectors}, self._file)
            except OSError as error:
                log.warning("Vectors of words cannot be kept (%s): the next start takes longer.", error)

    def _read(self) -> None:
        if self._file is None or not self._file.is_file():
            return
        try:
            arrays = load_file(self._file)
            token_ids, vectors = arrays["token_ids"], arrays["vectors"]
            if vectors.shape != (len(token_ids), self._vectors.shape[1]) or token_ids.min(initial=0) < 0:
                raise ValueError(f"{vectors.shape} vectors of {len(token_ids)} words")
            if not (np.abs(np.linalg.norm(vectors, axis=1) - 1) < MAX_ERROR).all():  # nor is NaN
                raise ValueError("vectors that are not of length 1")
            files.mark_used(self._file)
            self._take(token_ids, vectors)
        except (OSError, SafetensorError, KeyError, IndexError, ValueError) as error:
            log.warning("%s is damaged (%s), and is made anew.", self._file, error)

    def _take(self, token_ids: np.ndarray, vectors: np.ndarray) -> None:
        self._token_ids, self._vectors = token_ids, vectors
        self._rows[token_ids] = np.arange(len(token_ids))  # last: other threads look up vectors by rows

    def _embed(self, token_ids: np.ndarray) -> np.ndarray:
        texts = np.array([[START, token_id, END] for token_id in token_ids.tolist()])
        batches = [texts[first : first + BATCH_SIZE] for first in range(0, len(texts), BATCH_SIZE)]
        return np.concatenate([self._network.encode_text(batch).joint for batch in batches])
