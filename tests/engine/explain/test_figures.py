from __future__ import annotations

import gc
from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from engine.explain import occlusion, tsne_map


def draw_words() -> bytes:
    places = np.array([[0.0, 0.0], [1.0, 1.0]])
    return tsne_map.draw_words(tsne_map.Map(("cat", "dog"), places, np.zeros(2, dtype=int)))


def draw_gaze() -> bytes:
    falls = np.ones((1, occlusion.CELLS, occlusion.CELLS))
    return occlusion.draw(occlusion.Saliency("a cat", ("cat",), falls), Image.new("RGB", (64, 48)))


def figures() -> int:
    return sum(type(one) is Figure for one in gc.get_objects())


@pytest.mark.parametrize("draw", [draw_words, draw_gaze])
def test_a_figure_is_gone_as_soon_as_it_is_drawn(draw: Callable[[], bytes]) -> None:
    gc.collect()
    before = figures()
    gc.disable()  # Python would look for such at some moment
    try:
        assert draw().startswith(b"\x89PNG")
        assert figures() == before
    finally:
        gc.enable()
