"""Nearest neighbours at several sizes of a gallery: exact scan and Annoy, recall and time.

    python -m tests.benchmarks.nearest --flickr8k-vectors engine/weights/Flickr8K.safetensors

Galleries larger than Flickr8K's are made of its vectors, each moved at random by about the distance of a
photo to its nearest neighbour.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file
from threadpoolctl import threadpool_limits

from engine.search.ann_index import AnnoyIndex, ExactIndex, Index
from engine.settings import ARTIFACT_DIR

SIZES = (8_000, 16_000, 100_000, 1_000_000)
QUERIES, NEIGHBOURS = 100, 10
JITTER = 0.45  # length of what is added to a vector of length 1


def gallery(vectors: np.ndarray, size: int) -> np.ndarray:
    """Return `size` unit vectors like these: themselves, then moved copies."""
    rng = np.random.default_rng(0)
    large = vectors[np.arange(size) % len(vectors)]
    for first in range(len(vectors), size, 10_000):
        part = large[first : first + 10_000]
        part += JITTER / np.sqrt(vectors.shape[1]) * rng.standard_normal(part.shape, np.float32)
    return np.asarray(large / np.linalg.norm(large, axis=1, keepdims=True))


def measure(index: Index, queries: np.ndarray, true: list[set[int]]) -> str:
    """Return recall and the median time of a query."""
    seconds, hits = [], 0
    for query, expected in zip(queries, true, strict=True):
        start = time.perf_counter()
        found = index.nearest(query, NEIGHBOURS)
        seconds.append(time.perf_counter() - start)
        hits += len(expected & {row for row, _ in found})
    return f"recall {hits / (len(queries) * NEIGHBOURS):.4f}, {np.median(seconds) * 1e3:.2f} ms"


def main() -> None:
    """Print a line for each size and index."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flickr8k-vectors", type=Path, default=ARTIFACT_DIR / "Flickr8K.safetensors")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    arguments = parser.parse_args()
    threadpool_limits(limits=1, user_api="blas")  # as in the engine
    vectors = load_file(arguments.flickr8k_vectors)["vectors"].astype(np.float32)
    for size in arguments.sizes:
        matrix = gallery(vectors, size)
        noise = np.random.default_rng(1).standard_normal((QUERIES, matrix.shape[1]), np.float32)
        queries = matrix[:: size // QUERIES][:QUERIES] + JITTER / np.sqrt(matrix.shape[1]) * noise
        queries /= np.linalg.norm(queries, axis=1, keepdims=True)
        exact = ExactIndex(matrix)
        true = [{row for row, _ in exact.nearest(query, NEIGHBOURS)} for query in queries]
        print(f"{size:9,} vectors  scan   {measure(exact, queries, true)}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            annoy = AnnoyIndex(matrix, Path(folder))
            built = time.perf_counter() - start
            print(
                f"{size:9,} vectors  Annoy  {measure(annoy, queries, true)}, built in {built:.0f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
