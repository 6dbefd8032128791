"""Figures are freed as soon as they are drawn."""

from __future__ import annotations

import gc
from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from engine.explain import occlusion, tsne_map


def draw_words() -> bytes:
    positions = np.array([[0.0, 0.0], [1.0, 1.0]])
    return tsne_map.draw_words(tsne_map.MapLayout(("cat", "dog"), positions, np.zeros(2, dtype=int)))


def draw_saliency() -> bytes:
    drops = np.ones((1, occlusion.CELLS, occlusion.CELLS))
    return occlusion.draw(occlusion.Saliency("a cat", ("cat",), drops), Image.new("RGB", (64, 48)))


def count_figures() -> int:
    return sum(type(one) is Figure for one in gc.get_objects())


@pytest.mark.parametrize("draw", [draw_words, draw_saliency])
def test_a_figure_is_gone_as_soon_as_it_is_drawn(draw: Callable[[], bytes]) -> None:
    gc.collect()
    before = count_figures()
    gc.disable()  # otherwise Python might collect them at any moment
    try:
        assert draw().startswith(b"\x89PNG")
        assert count_figures() == before
    finally:
        gc.enable()
