"""Maps: words or images laid out in the plane so that what is alike lies together.

The layout is t-SNE (van der Maaten and Hinton 2008). Near neighbours on a map are near in the network's
space; distances between far ones, and the axes, mean nothing.
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
from safetensors.numpy import load_file, save_file
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.manifold import TSNE

from engine.explain.figures import collect_figures
from engine.results import Point

log = logging.getLogger(__name__)

SEED = 1
PERPLEXITY = 12  # neighbours that each point minds; below the usual 30, since neighbourhoods here are small
NEIGHBOURHOODS = 18
WORDS = 400  # what a picture has room for
PHOTOS = 625  # 25 by 25
FEWEST = 4  # things a map is made of

SIDE = 1600  # pixels of a picture: a page shows it whole, a phone zooms in
DPI = 100  # turns pixels into matplotlib's inches and points
PAPER = "#fbfaf7"
LARGEST, SMALLEST = 30, 17  # pixels of the letters, from the most frequent word to the rarest
LAND = 55  # pixels of tinted land around a word
MARGIN = 60  # pixels that stay free along the edges
GAP = 3  # pixels between two words
FAR, STEP = 250, 6  # pixels: how far a word may move to find room, and how finely it searches
# All dark enough to be read on PAPER, and each unlike those before and after it.
COLOURS = ("#b3261e", "#1f5fa8", "#1e7d46", "#a85000", "#7d3c98", "#00707a", "#a0186b", "#5d6d1e", "#3d4a58")


@dataclass(frozen=True)
class Map:
    """Named points of the plane.

    Attributes:
        names: of N words or images.
        places: (N, 2) float32 in [0, 1]: how far from the left and from the top.
        neighbourhoods: (N,) number of the neighbourhood each lies in, counted from the left.
    """

    names: tuple[str, ...]
    places: np.ndarray
    neighbourhoods: np.ndarray

    @property
    def points(self) -> tuple[Point, ...]:
        """What lies where, in the order of the names."""
        rows = zip(self.names, self.places.tolist(), self.neighbourhoods.tolist(), strict=True)
        return tuple(Point(name, x, y, number) for name, (x, y), number in rows)


def cached_layout(folder: Path, names: Sequence[str], vectors: np.ndarray) -> Map:
    """Lay things out as `make_map` does, or read how that was done before.

    Maps are kept under a fingerprint of what they are made of: other vectors make another map.
    """
    made_of = hashlib.sha256("\n".join([str(SEED), *names]).encode() + vectors.tobytes())
    file = folder / f"{made_of.hexdigest()[:16]}.safetensors"
    with suppress(OSError, SafetensorError):  # not there, or damaged
        return Map(tuple(names), **load_file(file))
    found = make_map(names, vectors)
    try:
        _keep(found, file)
    except OSError as error:  # a full or read-only disk: next time it takes seconds again
        log.warning("The map is not kept: %s", error)
    return found


def _keep(found: Map, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    save_file({"places": found.places, "neighbourhoods": found.neighbourhoods}, new)
    new.replace(file)


def make_map(names: Sequence[str], vectors: np.ndarray, seed: int = SEED) -> Map:
    """Lay out things by their vectors (N, any width), compared by cosine; the same seed, the same map.

    Raises:
        ValueError: fewer than four things, or not a vector for each.
    """
    if len(names) < FEWEST or len(names) != len(vectors):
        raise ValueError("a map needs four things or more, and a vector for each")
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
    perplexity = min(PERPLEXITY, (len(names) - 1) / 3)
    tsne = TSNE(metric="cosine", init="pca", perplexity=perplexity, random_state=seed)
    places = tsne.fit_transform(unit.astype(np.float32))
    low, high = places.min(axis=0), places.max(axis=0)
    places = (places - low) / np.maximum(high - low, 1e-6)
    kmeans = KMeans(min(NEIGHBOURHOODS, len(names)), n_init=4, random_state=seed)
    labels = kmeans.fit_predict(places)
    rank = kmeans.cluster_centers_[:, 0].argsort().argsort()
    return Map(tuple(names), places.astype(np.float32), rank[labels])


@collect_figures
def draw_words(found: Map) -> bytes:
    """Draw a map of words, `SIDE` pixels a side, as PNG; no word lies on another.

    The words come in the order of their frequency: the first are the largest and stay nearest to their
    places. Each neighbourhood has its colour. A word for which there is no room at all is left out.
    """
    figure = Figure(figsize=(SIDE / DPI, SIDE / DPI), dpi=DPI, facecolor=PAPER)
    FigureCanvasAgg(figure)  # measures text as it will be drawn
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, SIDE), ylim=(SIDE, 0))
    axes.set_axis_off()
    letters = np.linspace(LARGEST, SMALLEST, len(found.names)) * 72 / DPI  # points
    colours = [COLOURS[number % len(COLOURS)] for number in found.neighbourhoods]
    style: dict[str, Any] = {"ha": "center", "va": "center", "parse_math": False}
    texts = [
        axes.text(0, 0, name, size=size, color=colour, **style)
        for name, size, colour in zip(found.names, letters, colours, strict=True)
    ]
    sizes = np.array([text.get_window_extent().size for text in texts])
    centres = MARGIN + place_labels(found.places, sizes, SIDE - 2 * MARGIN)
    for text, (x, y), colour in zip(texts, centres, colours, strict=True):
        if np.isfinite(x):
            text.set_position((x, y))
            axes.add_patch(Circle((x, y), LAND, color=_tint(colour), linewidth=0))
        else:
            text.remove()
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()


def _tint(colour: str) -> tuple[float, ...]:
    """A pale shade of a colour."""
    return tuple(1 - 0.13 * (1 - part) for part in to_rgb(colour))


def place_labels(places: np.ndarray, sizes: np.ndarray, side: float) -> np.ndarray:
    """Give each box room of its own in a square, as near as can be to its place; the first come first.

    Args:
        places: (N, 2) in [0, 1].
        sizes: (N, 2), width and height of each box.
        side: of the square, in the unit of the sizes.

    Returns:
        Centres of the boxes (N, 2); infinite where there is no room within `FAR`.
    """
    steps = np.arange((FAR / STEP) ** 2)
    turns = 2.4 * steps  # radians; about the golden angle, which fills a disc evenly
    offsets = STEP * np.sqrt(steps)[:, None] * np.stack((np.cos(turns), np.sin(turns)), axis=-1)
    centres = np.full((len(places), 2), np.inf)
    for i, (place, size) in enumerate(zip(places, sizes, strict=True)):
        tries = np.clip(place * side + offsets, size / 2, side - size / 2)  # (steps, 2)
        apart = np.abs(tries[:, None] - centres[:i]) >= (size + sizes[:i]) / 2 + GAP
        is_free = apart.any(axis=-1).all(axis=-1)
        if is_free.any():
            centres[i] = tries[is_free.argmax()]
    return centres


def draw_photos(found: Map, thumbnails: Iterable[Image.Image]) -> bytes:
    """Draw a map of images as PNG, at most `SIDE` pixels a side: thumbnails, a cell of a grid each.

    Args:
        found: the map.
        thumbnails: a picture of any size for each name, in their order; the middle square is shown.
    """
    columns, cell = _columns(len(found.names)), cell_side(len(found.names))
    sheet = Image.new("RGB", (columns * cell, columns * cell), PAPER)
    for (column, row), thumbnail in zip(assign_to_grid(found.places), thumbnails, strict=True):
        sheet.paste(ImageOps.fit(thumbnail, (cell, cell)), (int(column) * cell, int(row) * cell))
    file = io.BytesIO()
    sheet.save(file, "PNG")
    return file.getvalue()


def cell_side(count: int) -> int:
    """Pixels that each of so many thumbnails has a side."""
    return SIDE // _columns(count)


def assign_to_grid(places: np.ndarray) -> np.ndarray:
    """Move points (N, 2) in [0, 1] to cells of their own in the smallest square grid that holds them.

    Of all ways, the one with the least sum of squared distances (the assignment problem, Kuhn 1955).

    Returns:
        (N, 2) columns and rows, each from 0.
    """
    columns = _columns(len(places))
    cells = np.stack(np.meshgrid(np.arange(columns), np.arange(columns)), axis=-1).reshape(-1, 2)
    centres = (cells + 0.5) / columns
    distances = ((places[:, None] - centres[None]) ** 2).sum(axis=-1)  # (N, cells)
    return cells[linear_sum_assignment(distances)[1]]


def _columns(count: int) -> int:
    """Side of the smallest square grid with so many cells."""
    return math.ceil(math.sqrt(count))
