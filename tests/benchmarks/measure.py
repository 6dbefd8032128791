"""Response times of several systems, relative to each other and to the hardware limit."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import torch
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode, sdpa_flop_count

from tests.benchmarks.graph_flops import counted_graphs

MATRIX_SIZE = 2048  # of the matrices whose product serves as the hardware limit

Shape = Sequence[int]
Answer = TypeVar("Answer")
Times = dict[str, list[float]]  # system's name: its seconds, one a round


@dataclass(frozen=True, slots=True)
class System:
    """A system to measure.

    Attributes:
        name: label in the tables.
        run: computes the response of a round.
        flops: floating-point operations, two for each multiply-add; 0 if unknown.
    """

    name: str
    run: Callable[[int], object]
    flops: int = 0


class Quartiles(NamedTuple):
    """First quartile, median and third quartile."""

    low: float
    median: float
    high: float


def measure(systems: Sequence[System], rounds: int) -> Times:
    """Run the systems in turn, so that other load on the machine affects all of them alike.

    In each turn a system runs twice and the second run is timed: the system before it has evicted the CPU
    caches, which are warm in a busy bot.
    """
    times: Times = {system.name: [] for system in systems}
    for number in range(rounds):
        for system in systems:
            system.run(number)
            start = time.perf_counter()
            system.run(number)
            times[system.name].append(time.perf_counter() - start)
    return times


def count_flops(name: str, run: Callable[[int], object], rounds: int = 1) -> System:
    """Return a system with its FLOPs, the mean over some rounds.

    As usual, only matrix products, convolutions and attention are counted.
    """
    counter = FlopCounterMode(display=False, custom_mapping=_FLOP_FORMULAS)
    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)  # the fast path is one opaque operator
    try:
        with counter, counted_graphs() as graphs:
            for number in range(rounds):
                run(number)
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)
    return System(name, run, (counter.get_total_flops() + sum(graphs)) // rounds)


def precisions() -> list[torch.dtype]:
    """Return the precisions that this CPU computes fast in: float32 and, on newer ones, bfloat16."""
    able = torch.cpu.get_capabilities()
    return [torch.float32, *([torch.bfloat16] if able.get("avx512_bf16") or able.get("bf16") else [])]


def fastest_variant(variants: Iterable[Callable[[int], Answer]]) -> Callable[[int], Answer]:
    """Return the fastest of several implementations, as measured on this machine."""
    return min(variants, key=lambda run: min(measure([System("", run)], rounds=3)[""]))


def matrix_products() -> list[System]:
    """Return products of two large matrices: the hardware limit of FLOPs per second."""
    return [_matrix_product(precision) for precision in precisions()]


def quartiles(figures: Iterable[float]) -> Quartiles:
    """Return the quartiles of two or more values."""
    return Quartiles(*statistics.quantiles(figures, method="inclusive"))


def ratios(times: Times, name: str, base: str) -> Quartiles:
    """Return the quartiles of the ratios to `base` within each round."""
    return quartiles(own / other for own, other in zip(times[name], times[base], strict=True))


def times_table(title: str, names: Iterable[str], times: Times, base: str | None = None) -> str:
    """Return a table of milliseconds, a row a system, with ratios to `base` if there is one."""
    rows = [[title, "median", "quartiles", "min", "max", "n"]]
    rows[0] += ["ratio", "quartiles"] if base else []
    for name in names:
        own = [1000 * seconds for seconds in times[name]]
        row = [
            name,
            *_format_quartiles(quartiles(own), 1),
            f"{min(own):.1f}",
            f"{max(own):.1f}",
            str(len(own)),
        ]
        rows.append(row + (_format_quartiles(ratios(times, name, base), 2) if base else []))
    return _align(rows)


def limits_table(title: str, systems: Iterable[System], times: Times, products: Sequence[System]) -> str:
    """Return a table of FLOPs, the time they take at the hardware limit, and the ratio to that."""
    rows = [[title, "GFLOP"]]
    for product in products:
        rows[0] += [f"ms at {product.name}", "ratio"]
    for system in systems:
        row = [system.name, f"{system.flops / 1e9:.2f}"]
        for product in products:
            limit = system.flops / peak_flops(product, times)
            row += [f"{1000 * limit:.2f}", f"{quartiles(times[system.name]).median / limit:.1f}"]
        rows.append(row)
    return _align(rows)


def peak_flops(product: System, times: Times) -> float:
    """Return the FLOPs per second of the fastest run."""
    return product.flops / min(times[product.name])


def _matrix_product(precision: torch.dtype) -> System:
    """Return a matrix product, or the 1 x 1 convolution that computes it if that library is faster."""
    a, b = torch.randn(2, MATRIX_SIZE, MATRIX_SIZE).to(precision)
    pixels, weight = (
        a.view(1, MATRIX_SIZE // 32, 32, MATRIX_SIZE).permute(0, 3, 1, 2),
        b.view(MATRIX_SIZE, MATRIX_SIZE, 1, 1),
    )
    run = fastest_variant([lambda _: a @ b, lambda _: F.conv2d(pixels, weight)])
    name = f"matrix product {MATRIX_SIZE}, {str(precision).removeprefix('torch.')}"
    return System(name, run, 2 * MATRIX_SIZE**3)


def _attention_flops(query: Shape, key: Shape, value: Shape, *_: object, **__: object) -> int:
    return sdpa_flop_count(query, key, value)


# FLOP formulas, from tensor shapes, of operators that torch's counter does not know.
_FLOP_FORMULAS = {torch.ops.aten._scaled_dot_product_flash_attention_for_cpu: _attention_flops}


def _format_quartiles(figures: Quartiles, digits: int) -> list[str]:
    low, median, high = (f"{figure:.{digits}f}" for figure in figures)
    return [median, f"{low} to {high}"]


def _align(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    )
