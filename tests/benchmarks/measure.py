"""Times of several systems, taken in turn, and how they stand to each other and to the machine."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar
from unittest.mock import patch

import torch
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode, sdpa_flop_count

from engine.model.openvino_backend import fast_precision

SIDE = 2048  # of the matrices whose product stands for what the machine can do at most

Shape = Sequence[int]
Answer = TypeVar("Answer")
Times = dict[str, list[float]]  # a system's name to its seconds, one a round


@dataclass(frozen=True, slots=True)
class System:
    """Attributes: name; run, the answer of a round; flops, two for each multiply-add, 0 where unknown."""

    name: str
    run: Callable[[int], object]
    flops: int = 0


class Spread(NamedTuple):
    """The middle half of some figures and their median."""

    low: float
    median: float
    high: float


def measure(systems: Sequence[System], rounds: int) -> Times:
    """Take turns, so that whatever else the machine does meets all alike.

    In each turn a system answers twice and the second answer is timed: what ran before it has emptied
    the processor's caches, and a busy bot finds them full.
    """
    times: Times = {system.name: [] for system in systems}
    for number in range(rounds):
        for system in systems:
            system.run(number)
            begin = time.perf_counter()
            system.run(number)
            times[system.name].append(time.perf_counter() - begin)
    return times


def counted(name: str, run: Callable[[int], object], rounds: int = 1) -> System:
    """Make a system and count its multiply-adds, the mean of some rounds.

    Those of matrix products, convolutions and attention count, as is the custom; all else is little.
    """
    counter = FlopCounterMode(display=False, custom_mapping=_UNCOUNTED)
    plain = patch.object(torch, "is_inference_mode_enabled", lambda: False)
    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)  # one operator that the counter cannot look into
    try:
        with counter, plain:  # nobody can look into what is compiled
            for number in range(rounds):
                run(number)
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)
    return System(name, run, counter.get_total_flops() // rounds)


def precisions() -> list[torch.dtype]:
    """What this processor computes fast in: single precision and, on newer ones, bfloat16."""
    return list(dict.fromkeys((torch.float32, fast_precision())))


def fastest(ways: Iterable[Callable[[int], Answer]]) -> Callable[[int], Answer]:
    """The fastest of several ways to the same answer, tried here and now."""
    return min(ways, key=lambda run: min(measure([System("", run)], rounds=3)[""]))


def machine() -> list[System]:
    """Products of two large matrices: about the most that this machine computes in a second."""
    return [_product(precision) for precision in precisions()]


def spread(figures: Iterable[float]) -> Spread:
    """Quartiles of two figures or more."""
    return Spread(*statistics.quantiles(figures, method="inclusive"))


def ratios(times: Times, name: str, base: str) -> Spread:
    """How many times as long as `base` a system took, round by round."""
    return spread(own / other for own, other in zip(times[name], times[base], strict=True))


def times_table(title: str, names: Iterable[str], times: Times, base: str | None = None) -> str:
    """A row a name: its milliseconds and, where a base is named, how many times as long as that it took."""
    rows = [[title, "median", "middle half", "least", "most", "n"]]
    rows[0] += ["times the first", "middle half"] if base else []
    for name in names:
        own = [1000 * seconds for seconds in times[name]]
        row = [name, *_shown(spread(own), 1), f"{min(own):.1f}", f"{max(own):.1f}", str(len(own))]
        rows.append(row + (_shown(ratios(times, name, base), 2) if base else []))
    return _aligned(rows)


def limits_table(title: str, systems: Iterable[System], times: Times, products: Sequence[System]) -> str:
    """A row a system: its work, how long that would last at a product's rate, how often that fits into it."""
    rows = [[title, "GFLOP"]]
    for product in products:
        rows[0] += [f"ms at {product.name}", "took times that"]
    for system in systems:
        row = [system.name, f"{system.flops / 1e9:.2f}"]
        for product in products:
            limit = system.flops / rate(product, times)
            row += [f"{1000 * limit:.2f}", f"{spread(times[system.name]).median / limit:.1f}"]
        rows.append(row)
    return _aligned(rows)


def rate(product: System, times: Times) -> float:
    """Floating-point operations a second at best: a limit."""
    return product.flops / min(times[product.name])


def _product(precision: torch.dtype) -> System:
    """As a product or as a convolution of one pixel: two libraries, and either may be the slower one."""
    a, b = torch.randn(2, SIDE, SIDE).to(precision)
    pixels, weight = a.view(1, SIDE // 32, 32, SIDE).permute(0, 3, 1, 2), b.view(SIDE, SIDE, 1, 1)
    run = fastest([lambda _: a @ b, lambda _: F.conv2d(pixels, weight)])
    name = f"{SIDE} cube {str(precision).removeprefix('torch.')}"
    return System(name, run, 2 * SIDE**3)


def _attention(query: Shape, key: Shape, value: Shape, *_: object, **__: object) -> int:
    return sdpa_flop_count(query, key, value)


# An operator of processors that torch's counter does not know; it hands over the shapes of its tensors.
_UNCOUNTED = {torch.ops.aten._scaled_dot_product_flash_attention_for_cpu: _attention}


def _shown(figures: Spread, digits: int) -> list[str]:
    low, median, high = (f"{figure:.{digits}f}" for figure in figures)
    return [median, f"{low} to {high}"]


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    )
