"""What all drawings have in common: their makers let go of them."""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

Given = ParamSpec("Given")


def collect_figures(draw: Callable[Given, bytes]) -> Callable[Given, bytes]:
    """Free the figure that a function drew, and keep what it gives.

    A figure of matplotlib refers to itself in circles. Python looks for such only now and then: until
    then dozens of figures would wait, with ten megabytes each.
    """

    @wraps(draw)
    def drawn(*args: Given.args, **named: Given.kwargs) -> bytes:
        picture = draw(*args, **named)
        gc.collect()
        return picture

    return drawn
