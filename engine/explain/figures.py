"""A decorator that frees matplotlib figures."""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

P = ParamSpec("P")


def collect_figures(draw: Callable[P, bytes]) -> Callable[P, bytes]:
    """Run the garbage collector after a function that draws a figure.

    A matplotlib figure contains reference cycles. Python collects them only now and then: until then dozens
    of figures would stay in memory, ten megabytes each.
    """

    @wraps(draw)
    def draw_and_collect(*args: P.args, **kwargs: P.kwargs) -> bytes:
        picture = draw(*args, **kwargs)
        gc.collect()
        return picture

    return draw_and_collect
