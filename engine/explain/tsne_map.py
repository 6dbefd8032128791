"""Maps of words or images: a t-SNE layout (van der Maaten and Hinton 2008) with clusters, and its drawing.

Near neighbours on a map are near in the embedding space; distances between far points and the axes mean
nothing.
"""

from __future__ import annotations

import hashlib
import io
import logging
import math
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from PIL import Image, ImageOps
from safetensors import SafetensorError
from safetensors.numpy import load_file
from scipy.optimize import linear_sum_assignment
from threadpoolctl import threadpool_limits

from engine import files
from engine.explain.figures import collect_figures
from engine.results import Point

log = logging.getLogger(__name__)

SEED = 1
PERPLEXITY = 12  # effective number of neighbours; below the usual 30, because clusters here are small
CLUSTERS = 18
MAX_WORDS = 400  # as many as there is room for in a picture
MAX_PHOTOS = 625  # 25 by 25
MIN_POINTS = 4  # a smaller map means nothing

SIDE = 1600  # pixels a side of a picture: a page shows it whole, a phone zooms in
DPI = 100  # converts pixels to matplotlib's inches and points
BACKGROUND = "#fbfaf7"
MAX_FONT_SIZE, MIN_FONT_SIZE = 30, 17  # pixels, from the most frequent word to the rarest
HALO_RADIUS = 55  # pixels of the tinted disc around a word
MARGIN = 60  # pixels kept free along the edges
GAP = 3  # pixels between two words
MAX_SHIFT, STEP = 250, 6  # pixels: how far a word may move to find room, and the step of the search
# All dark enough to read on BACKGROUND, each unlike its neighbours in the list.
COLOURS = ("#b3261e", "#1f5fa8", "#1e7d46", "#a85000", "#7d3c98", "#00707a", "#a0186b", "#5d6d1e", "#3d4a58")


@dataclass(frozen=True)
class MapLayout:
    """Named points in the plane.

    Attributes:
        names: N words or images.
        positions: (N, 2) float32 in [0, 1], from the left and from the top.
        clusters: (N,) number of the cluster of each, counted from the left.
    """

    names: tuple[str, ...]
    positions: np.ndarray
    clusters: np.ndarray

    @property
    def points(self) -> tuple[Point, ...]:
        """The points, in the order of the names."""
        rows = zip(self.names, self.positions.tolist(), self.clusters.tolist(), strict=True)
        return tuple(Point(name, x, y, number) for name, (x, y), number in rows)

    def subset(self, places: Sequence[int]) -> MapLayout:
        """Return the layout of some of the points."""
        if len(places) == len(self.names):
            return self
        names = tuple(self.names[place] for place in places)
        return MapLayout(names, self.positions[places], self.clusters[places])


def cached_layout(folder: Path, names: Sequence[str], vectors: np.ndarray) -> MapLayout:
    """Return the layout of `compute_layout`, cached in a folder.

    Files are named by a digest of names and vectors: other vectors make another map.

    Args:
        folder: the cache.
        names: N words or images.
        vectors: (N, any width).
    """
    digest = hashlib.sha256("\n".join([str(SEED), *names]).encode() + vectors.tobytes())
    file = folder / f"{digest.hexdigest()[:16]}.safetensors"
    with suppress(OSError, SafetensorError, KeyError):  # not there, or damaged
        arrays = load_file(file)
        return MapLayout(tuple(names), arrays["places"], arrays["neighbourhoods"])
    layout = compute_layout(names, vectors)
    try:
        _save(layout, file)
    except OSError as error:  # a full or read-only disk: it is computed again next time
        log.warning("The map is not kept: %s", error)
    return layout


def _save(layout: MapLayout, file: Path) -> None:
    # The names in the file are older than those of the fields; renaming them would invalidate every cache.
    files.save_arrays({"places": layout.positions, "neighbourhoods": layout.clusters}, file)


def compute_layout(names: Sequence[str], vectors: np.ndarray, seed: int = SEED) -> MapLayout:
    """Lay out points by t-SNE on the cosine of their vectors, and cluster them.

    Args:
        names: N words or images.
        vectors: (N, any width).
        seed: the same seed gives the same layout.

    Raises:
        ValueError: fewer than four names, or not a vector for each.
    """
    from sklearn.cluster import KMeans  # takes more than a second to import, and maps are kept
    from sklearn.manifold import TSNE

    if len(names) < MIN_POINTS or len(names) != len(vectors):
        raise ValueError("a map needs four things or more, and a vector for each")
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
    perplexity = min(PERPLEXITY, (len(names) - 1) / 3)
    tsne = TSNE(metric="cosine", init="pca", perplexity=perplexity, random_state=seed)
    # Each of its thousand steps is short: on a busy machine, threads mostly wait for the last of them.
    with threadpool_limits(limits=1, user_api="openmp"):
        positions = tsne.fit_transform(unit.astype(np.float32))
    low, high = positions.min(axis=0), positions.max(axis=0)
    positions = (positions - low) / np.maximum(high - low, 1e-6)
    kmeans = KMeans(min(CLUSTERS, len(names)), n_init=4, random_state=seed)
    cluster_of = kmeans.fit_predict(positions)
    rank = kmeans.cluster_centers_[:, 0].argsort().argsort()
    return MapLayout(tuple(names), positions.astype(np.float32), rank[cluster_of])


@collect_figures
def draw_words(layout: MapLayout) -> bytes:
    """Draw a map of words as PNG, `SIDE` pixels a side; no two words overlap.

    Words are in the order of their frequency: the first are the largest and move least from their positions.
    Each cluster has its colour. A word for which there is no room is left out.
    """
    figure = Figure(figsize=(SIDE / DPI, SIDE / DPI), dpi=DPI, facecolor=BACKGROUND)
    FigureCanvasAgg(figure)  # needed to measure text
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, SIDE), ylim=(SIDE, 0))
    axes.set_axis_off()
    font_sizes = np.linspace(MAX_FONT_SIZE, MIN_FONT_SIZE, len(layout.names)) * 72 / DPI  # points
    colours = [COLOURS[number % len(COLOURS)] for number in layout.clusters]
    style: dict[str, Any] = {"ha": "center", "va": "center", "parse_math": False}
    texts = [
        axes.text(0, 0, name, size=size, color=colour, **style)
        for name, size, colour in zip(layout.names, font_sizes, colours, strict=True)
    ]
    sizes = np.array([text.get_window_extent().size for text in texts])
    centres = MARGIN + place_labels(layout.positions, sizes, SIDE - 2 * MARGIN)
    for text, (x, y), colour in zip(texts, centres, colours, strict=True):
        if np.isfinite(x):
            text.set_position((x, y))
            axes.add_patch(Circle((x, y), HALO_RADIUS, color=_tint(colour), linewidth=0))
        else:
            text.remove()
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()


def _tint(colour: str) -> tuple[float, ...]:
    """Return a pale shade of a colour."""
    return tuple(1 - 0.13 * (1 - part) for part in to_rgb(colour))


def place_labels(positions: np.ndarray, sizes: np.ndarray, side: float) -> np.ndarray:
    """Place boxes in a square without overlap, each as near as possible to its position, in order.

    Args:
        positions: (N, 2) in [0, 1].
        sizes: (N, 2), width and height of each box in pixels.
        side: of the square in pixels.

    Returns:
        Centres of the boxes (N, 2) in pixels; infinite where there is no room within `MAX_SHIFT`.
    """
    steps = np.arange((MAX_SHIFT / STEP) ** 2)
    angles = 2.4 * steps  # radians; about the golden angle, which fills a disc evenly
    offsets = STEP * np.sqrt(steps)[:, None] * np.stack((np.cos(angles), np.sin(angles)), axis=-1)
    centres = np.full((len(positions), 2), np.inf)
    for i, (position, size) in enumerate(zip(positions, sizes, strict=True)):
        candidates = np.clip(position * side + offsets, size / 2, side - size / 2)  # (steps, 2)
        apart = np.abs(candidates[:, None] - centres[:i]) >= (size + sizes[:i]) / 2 + GAP
        is_free = apart.any(axis=-1).all(axis=-1)
        if is_free.any():
            centres[i] = candidates[is_free.argmax()]
    return centres


def draw_photos(layout: MapLayout, thumbnails: Iterable[Image.Image]) -> bytes:
    """Draw a map of images as PNG, at most `SIDE` pixels a side: thumbnails in the cells of a grid.

    Args:
        layout: the map.
        thumbnails: an image of any size for each name, in their order; the central square is shown.
    """
    columns, cell = _grid_columns(len(layout.names)), cell_side(len(layout.names))
    sheet = Image.new("RGB", (columns * cell, columns * cell), BACKGROUND)
    for (column, row), thumbnail in zip(assign_to_grid(layout.positions), thumbnails, strict=True):
        sheet.paste(ImageOps.fit(thumbnail, (cell, cell)), (int(column) * cell, int(row) * cell))
    file = io.BytesIO()
    sheet.save(file, "PNG")
    return file.getvalue()


def cell_side(count: int) -> int:
    """Return the pixels a side of each of `count` thumbnails."""
    return SIDE // _grid_columns(count)


def assign_to_grid(positions: np.ndarray) -> np.ndarray:
    """Assign each point to a cell of its own in the smallest square grid that has enough cells.

    The sum of squared distances is minimal (the assignment problem, Kuhn 1955).

    Args:
        positions: (N, 2) in [0, 1].

    Returns:
        (N, 2) columns and rows, each from 0.
    """
    columns = _grid_columns(len(positions))
    cells = np.stack(np.meshgrid(np.arange(columns), np.arange(columns)), axis=-1).reshape(-1, 2)
    centres = (cells + 0.5) / columns
    distances = ((positions[:, None] - centres[None]) ** 2).sum(axis=-1)  # (N, cells)
    return cells[linear_sum_assignment(distances)[1]]


def _grid_columns(count: int) -> int:
    """Return the columns of the smallest square grid with at least `count` cells."""
    return math.ceil(math.sqrt(count))
