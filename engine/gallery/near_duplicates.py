"""Near-duplicates: one photo resized, recompressed, slightly cropped or brightened, and bursts of one scene.

Joint vectors hold what a photo shows and lose how: two dogs on grass are as near as two copies. They propose
candidates; signatures decide. A signature is a grey thumbnail. Windows of two thumbnails are compared by the
correlation of their details, so that a crop or a step aside changes little, and light and dark skies above
the ground, which most photos share, count for nothing.
"""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import Final

import numpy as np
from PIL import Image

SIDE: Final = 16  # pixels a side of a signature
SIGNATURE_SIZE: Final = SIDE * SIDE  # bytes
UNKNOWN: Final = 0  # every byte of a signature that was not computed; no pixel of another is 0
FEATURELESS: Final = np.ones(SIGNATURE_SIZE, np.uint8)  # the signature of a file that cannot be read any more

# Chosen on Flickr8K's training and dev photos and on `wild/`: `python -m engine evaluate` measures them.
SAME_PHOTO: Final = 0.92  # correlation from which two photos are one
SAME_PHOTO_COSINE: Final = 0.65  # below it the network sees other things: two bare horizons, not two copies
SAME_SCENE: Final = 0.84  # the same for photos in which the network sees the same
SAME_SCENE_COSINE: Final = 0.93
# Correlation of the whole thumbnails from which windows are compared if the network sees different things:
# a crop by a tenth keeps more, and most pairs of photos have less.
MIN_WHOLE: Final = 0.3
# Correlation of the grey levels from which a photo is one of the gallery, compressed, resized or brightened.
KNOWN_PHOTO: Final = 0.93

_WINDOW: Final = 8  # cells a side to which a window is resampled
_SHIFTS: Final = (0.95, 0.9)  # sides of the windows that two photos of a burst share
_CROPS: Final = (0.95, 0.9, 0.85)  # sides of the window that a crop leaves
_MIN_NORM: Final = 8.0  # of a window's details: one grey level each, below which all is noise


def signature(photo: Image.Image) -> np.ndarray:
    """Return the signature (256,) uint8 of an RGB image."""
    grey = photo.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX)
    return np.maximum(np.asarray(grey).ravel(), UNKNOWN + 1)


def unknown_signatures(count: int) -> np.ndarray:
    """Return signatures (count, 256) of images for which none were computed."""
    return np.full((count, SIGNATURE_SIZE), UNKNOWN, np.uint8)


def is_unknown(signatures: np.ndarray) -> np.ndarray:
    """Return which signatures (N, 256) were not computed: (N,) bool."""
    unknown: np.ndarray = signatures[:, 0] == UNKNOWN
    return unknown


def is_known_photo(one: np.ndarray, other: np.ndarray) -> bool:
    """Return whether two signatures (256,) are of the same photo, neither cropped nor a moment later."""
    levels = np.stack([one, other]).astype(np.float64)
    levels -= levels.mean(1, keepdims=True)
    norms = np.linalg.norm(levels, axis=1)
    return float(levels[0] @ levels[1]) >= KNOWN_PHOTO * max(float(norms.prod()), 1e-9)


def correlations(one: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return how well the details of one signature (256,) fit those of others (N, 256): (N,), -1 to 1."""
    windows = _details(np.concatenate([one[np.newaxis], others]), _windows())  # (1 + N, W, 64)
    first, second = windows[0, _PAIRS[:, 0]], windows[1:, _PAIRS[:, 1]]
    fits: np.ndarray = np.einsum("pd,npd->np", first, second).max(1)
    return fits


def same_photos(signatures: np.ndarray, cosines: np.ndarray) -> np.ndarray:
    """Return which images are near-duplicates of the first one.

    Args:
        signatures: (1 + N, 256), of the image and of the others.
        cosines: (N,), of the joint vectors of the others with that of the first.

    Returns:
        (N,) bool.
    """
    same_scene = cosines >= SAME_SCENE_COSINE
    whole = _details(signatures, _windows()[:1])[:, 0]  # (1 + N, 64)
    same = (cosines >= SAME_PHOTO_COSINE) & (same_scene | (whole[1:] @ whole[0] >= MIN_WHOLE))
    worth = np.flatnonzero(same)
    if worth.size:  # spares the others the details of all windows
        fits = correlations(signatures[0], signatures[1 + worth])
        same[worth] = fits >= np.where(same_scene[worth], SAME_SCENE, SAME_PHOTO)
    return same


def _details(signatures: np.ndarray, windows: np.ndarray) -> np.ndarray:
    """Return the details of signatures (N, 256) in windows (W, 64, 256): (N, W, 64) float32 of length 1."""
    maps = windows.reshape(-1, SIGNATURE_SIZE)
    details = (signatures.astype(np.float32) @ maps.T).reshape(len(signatures), -1, _WINDOW**2)
    unit: np.ndarray = details / np.maximum(np.linalg.norm(details, axis=-1, keepdims=True), _MIN_NORM)
    return unit


Box = tuple[float, float, float]  # side of a window, its top and its left; as shares of the thumbnail
_WHOLE: Final[Box] = (1.0, 0.0, 0.0)


def _box_pairs() -> list[tuple[Box, Box]]:
    """Return the windows of two photos that may show the same."""
    corners = list(product((0.0, 0.5, 1.0), repeat=2))
    pairs = [(_WHOLE, _WHOLE)]
    for side, (y, x) in product(_SHIFTS, corners):
        free = 1 - side
        pairs.append(((side, y * free, x * free), (side, (1 - y) * free, (1 - x) * free)))
    for side, (y, x) in product(_CROPS, corners):
        box = (side, y * (1 - side), x * (1 - side))
        pairs += [(box, _WHOLE), (_WHOLE, box)]
    return pairs


def _details_map(box: Box) -> np.ndarray:
    """Return the linear map (64, 256) from a signature to the details of a window: less the local mean."""
    side, top, left = box
    window = np.kron(_resampling(top, side), _resampling(left, side))
    near = np.clip(np.arange(_WINDOW)[:, np.newaxis] + (-1, 0, 1), 0, _WINDOW - 1)  # (8, 3)
    blur = np.eye(_WINDOW)[near].mean(1)
    detail = np.eye(_WINDOW**2) - np.kron(blur, blur)
    result: np.ndarray = (detail - detail.mean(0)) @ window
    return result


def _resampling(start: float, side: float) -> np.ndarray:
    """Return the map (8, 16) that averages a part of an axis into the cells of a window."""
    edges = (start + side * np.linspace(0, 1, _WINDOW + 1)) * SIDE
    cells = np.arange(SIDE)
    overlap = np.minimum(edges[1:, np.newaxis], cells + 1) - np.maximum(edges[:-1, np.newaxis], cells)
    share = overlap.clip(min=0)
    result: np.ndarray = share / share.sum(1, keepdims=True)
    return result


@cache
def _windows() -> np.ndarray:
    """Return the maps to details of all windows (W, 64, 256), float32."""
    return np.array([_details_map(box) for box in _BOXES], dtype=np.float32)


_BOX_PAIRS: Final = _box_pairs()
_BOXES: Final = list(dict.fromkeys(box for pair in _BOX_PAIRS for box in pair))
_PAIRS: Final = np.array([[_BOXES.index(box) for box in pair] for pair in _BOX_PAIRS])  # (P, 2)
