"""Nearest neighbours at several sizes of a gallery: exact scan, Annoy and pgvector, side by side.

    python -m tests.benchmarks.nearest --sizes 8000 100000

Galleries larger than Flickr8K's are made of its vectors, each moved at random by about the distance of a
photo to its nearest neighbour. Queries are moved photos and, with FLICKR8K_DIR, captions. PostgreSQL runs on
this machine. With `--keep FOLDER` its graphs are built once: a later run, as with other settings of a search,
finds them there.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file
from threadpoolctl import threadpool_limits

from engine.gallery.embeddings import ImageEmbeddings
from engine.search.ann_index import AnnoyIndex, ExactIndex
from engine.search.postgres.pg_index import PostgresIndex
from engine.settings import ARTIFACT_DIR, EngineSettings
from tests.benchmarks.memory import peak_of_others, peak_of_this
from tests.benchmarks.vector_server import MeasuredTable, Server, running_vector_server

SIZES = (8_000, 100_000, 1_000_000)
INDEXES = ("pgvector", "annoy")
NEIGHBOURS = 10
JITTER = 0.45  # length of what is added to a vector of length 1
FOLDERS = 100  # of each gallery: a filter for one of them keeps 1 %

Nearest = Callable[[np.ndarray], list[int]]


def gallery(vectors: np.ndarray, size: int) -> np.ndarray:
    """Return `size` unit vectors like these: themselves, then moved copies."""
    rng = np.random.default_rng(0)
    large = vectors[np.arange(size) % len(vectors)]
    for first in range(len(vectors), size, 10_000):
        part = large[first : first + 10_000]
        part += JITTER / np.sqrt(vectors.shape[1]) * rng.standard_normal(part.shape, np.float32)
    return np.asarray(large / np.linalg.norm(large, axis=1, keepdims=True))


def photo_queries(matrix: np.ndarray, count: int) -> np.ndarray:
    """Return vectors of photos that are not in the gallery: (Q, J)."""
    noise = np.random.default_rng(1).standard_normal((count, matrix.shape[1]), np.float32)
    queries = matrix[:: len(matrix) // count][:count] + JITTER / np.sqrt(matrix.shape[1]) * noise
    return np.asarray(queries / np.linalg.norm(queries, axis=1, keepdims=True), np.float32)


def caption_queries(count: int) -> np.ndarray | None:
    """Return vectors of captions of the dev split: (Q, J); None without Flickr8K."""
    from data.flickr8k import open_flickr8k
    from engine.model.checkpoint import load
    from engine.words.text_embedding import TextEmbedder

    settings = EngineSettings()
    if settings.flickr8k is None:
        return None
    flickr8k = open_flickr8k(settings.flickr8k)
    captions = [flickr8k.captions[name][0] for name in flickr8k.splits["dev"][:count]]
    return np.asarray(TextEmbedder(load(settings.artifact, 1)).embed(captions))


def measured(nearest: Nearest, queries: np.ndarray, true: list[set[int]]) -> str:
    """Return the milliseconds of a query, how many it found, and recall."""
    seconds, hits, found = [], 0, 0
    for query, expected in zip(queries, true, strict=True):
        start = time.perf_counter()
        rows = nearest(query)
        seconds.append(time.perf_counter() - start)
        hits, found = hits + len(expected & set(rows)), found + len(rows)
    slow = np.quantile(seconds, 0.95)
    return (
        f"{np.median(seconds) * 1e3:8.2f} ms (95 %: {slow * 1e3:.2f}), "
        f"{found / len(queries):.1f} found, recall {hits / (len(queries) * NEIGHBOURS):.4f}"
    )


def compared(
    size: int, name: str, nearest: Nearest, queries: dict[str, np.ndarray], exact: dict[str, list[set[int]]]
) -> None:
    """Print a line for each kind of query."""
    for kind, vectors in queries.items():
        print(f"{size:9,}  {name:28} {kind:9} {measured(nearest, vectors, exact[kind])}", flush=True)


def rows_of(hits: list[tuple[int, float]]) -> list[int]:
    """Return the rows of hits."""
    return [row for row, _ in hits]


def benchmark(
    matrix: np.ndarray, captions: np.ndarray | None, count: int, names: Sequence[str], server: Server
) -> None:
    """Measure some indexes at one size."""
    size = len(matrix)
    folders = np.array(random.Random(2).choices(range(FOLDERS), k=size))
    images = tuple(f"{folder:02}/{row:07}.jpg" for row, folder in enumerate(folders.tolist()))
    queries = {"photos": photo_queries(matrix, count)} | ({} if captions is None else {"captions": captions})
    scan, in_folder = ExactIndex(matrix), np.flatnonzero(folders == 7)
    filtered = ExactIndex(matrix[in_folder])

    def exact_rows(query: np.ndarray) -> list[int]:
        return rows_of(scan.nearest(query, NEIGHBOURS))

    def exact_rows_of_folder(query: np.ndarray) -> list[int]:
        return in_folder[rows_of(filtered.nearest(query, NEIGHBOURS))].tolist()

    exact = {kind: [set(exact_rows(query)) for query in some] for kind, some in queries.items()}
    exact_1 = {kind: [set(exact_rows_of_folder(query)) for query in some] for kind, some in queries.items()}
    print(f"{size:9,}  scan: {matrix.nbytes / 2**20:,.0f} MB in memory", flush=True)
    compared(size, "scan", exact_rows, queries, exact)
    compared(size, "scan, 1 %", exact_rows_of_folder, queries, exact_1)
    if "pgvector" in names:
        postgres(size, ImageEmbeddings(images, matrix), server, queries, exact, exact_1)
    if "annoy" not in names:
        return
    with tempfile.TemporaryDirectory() as folder:
        with peak_of_this() as peak:
            start = time.perf_counter()
            annoy = AnnoyIndex(matrix, Path(folder))
            built = time.perf_counter() - start
        print(
            f"{size:9,}  Annoy: built in {built:.0f} s with {peak():,.0f} MB more, "
            f"{annoy.file.stat().st_size / 2**20:,.0f} MB on disk; for one image more: built again",
            flush=True,
        )
        compared(size, "Annoy", lambda query: rows_of(annoy.nearest(query, NEIGHBOURS)), queries, exact)
        chosen = set(in_folder.tolist())
        compared(
            size, "Annoy, 1 % of a longer list", lambda query: first(annoy, query, chosen), queries, exact_1
        )


def first(annoy: AnnoyIndex, query: np.ndarray, chosen: set[int]) -> list[int]:
    """Return the nearest of the chosen rows: those in a list that is long enough to hold ten of them."""
    count = NEIGHBOURS
    while True:
        hits = rows_of(annoy.nearest(query, count))
        rows = [row for row in hits if row in chosen][:NEIGHBOURS]
        if len(rows) == NEIGHBOURS or len(hits) < count:
            return rows
        count *= 4


def postgres(
    size: int,
    embeddings: ImageEmbeddings,
    server: Server,
    queries: dict[str, np.ndarray],
    exact: dict[str, list[set[int]]],
    exact_1: dict[str, list[set[int]]],
) -> None:
    """Measure pgvector."""
    key = f"{size:08}-{hashlib.sha256(embeddings.matrix.data).hexdigest()[:16]}-"
    table = MeasuredTable(server.url, key, embeddings.matrix.shape[1])
    with peak_of_others(server.pid) as peak:
        table.update(embeddings, lambda _: True)
    heap, graph = table.sizes()
    more = embeddings.joined(ImageEmbeddings(("new.jpg",), embeddings.matrix[:1] * -1))
    start = time.perf_counter()
    table.update(more, lambda _: False)
    print(
        f"{size:9,}  pgvector: written in {table.written:.0f} s, built in {table.built:.0f} s, "
        f"the server with {peak():,.0f} MB more; {heap:,.0f} MB on disk and {graph:,.0f} MB of graph; "
        f"for one image more: {time.perf_counter() - start:.1f} s",
        flush=True,
    )
    index, rows = PostgresIndex(table, embeddings), embeddings.rows

    def nearest(query: np.ndarray) -> list[int]:
        return rows_of(index.nearest(query, NEIGHBOURS))

    def nearest_in_folder(query: np.ndarray) -> list[int]:
        return [rows[image] for image in table.nearest(query, NEIGHBOURS, "07")]

    compared(size, "pgvector", nearest, queries, exact)
    compared(size, "pgvector, 1 %", nearest_in_folder, queries, exact_1)
    for name, settings in filtered_by_graph():
        with table.settings(settings):
            compared(size, name, nearest_in_folder, queries, exact_1)
    if server.is_kept:
        table.close()
    else:
        table.drop()


def filtered_by_graph() -> Iterator[tuple[str, dict[str, str]]]:
    """Yield settings with which the graph is used for the filter, too, whatever the planner thinks."""
    graph = {"enable_sort": "off"}
    yield "graph, 1 %, iterative", graph
    yield "graph, 1 %, not iterative", graph | {"hnsw.iterative_scan": "off"}


def main() -> None:
    """Print some lines for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flickr8k-vectors", type=Path, default=ARTIFACT_DIR / "Flickr8K.safetensors")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--originals", type=int, help="of how many photos the gallery is made; all if unset")
    parser.add_argument("--queries", type=int, default=200, help="photos, and captions (default: 200)")
    parser.add_argument("--indexes", nargs="+", choices=INDEXES, default=INDEXES)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="of the database, with what it has built")
    arguments = parser.parse_args()
    threadpool_limits(limits=1, user_api="blas")  # as in the engine
    vectors = load_file(arguments.flickr8k_vectors)["vectors"].astype(np.float32)
    vectors = vectors[:: max(1, len(vectors) // (arguments.originals or len(vectors)))]
    captions = caption_queries(arguments.queries)
    with running_vector_server(arguments.keep) as server:
        for size in arguments.sizes:
            benchmark(gallery(vectors, size), captions, arguments.queries, arguments.indexes, server)


if __name__ == "__main__":
    main()
