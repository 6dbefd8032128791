"""The arithmetic of the benchmark."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from engine.reference.network import Network
from engine.reference.storage import as_runtime
from tests.benchmarks.measure import (
    Quartiles,
    System,
    count_flops,
    limits_table,
    measure,
    peak_flops,
    quartiles,
    ratios,
    times_table,
)
from tests.engine.conftest import TINY

TIMES = {"ours": [0.010, 0.020, 0.040], "theirs": [0.030, 0.040, 0.160], "product": [0.6, 0.5, 0.9]}
PRODUCT = System("product", lambda _: None, flops=50_000_000_000)


def rows(table: str) -> dict[str, list[str]]:
    """Return the cells of each row by its first cell."""
    cells = [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in table.splitlines()]
    return {row[0]: row[1:] for row in cells}


def test_a_ratio_is_taken_within_each_round_and_not_between_medians() -> None:
    assert ratios(TIMES, "theirs", "ours") == pytest.approx(Quartiles(2.5, 3.0, 3.5))


def test_half_of_the_values_lie_within_the_quartiles() -> None:
    assert quartiles([5, 1, 4, 2, 3]) == Quartiles(2, 3, 4)


def test_a_row_of_times_has_milliseconds_and_the_ratio_to_the_first_row() -> None:
    table = rows(times_table("photo", ["ours", "theirs"], TIMES, base="ours"))
    assert table["ours"] == ["20.0", "15.0 to 30.0", "10.0", "40.0", "3", "1.00", "1.00 to 1.00"]
    assert table["theirs"] == ["40.0", "35.0 to 100.0", "30.0", "160.0", "3", "3.00", "2.50 to 3.50"]


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    assert len({len(line) for line in times_table("photo", ["ours", "theirs"], TIMES).splitlines()}) == 1


def test_the_hardware_limit_is_the_time_at_the_flops_of_a_large_matrix_product() -> None:
    assert peak_flops(PRODUCT, TIMES) == 1e11
    ours = System("ours", lambda _: None, flops=500_000_000)
    assert rows(limits_table("limit", [ours], TIMES, [PRODUCT]))["ours"] == ["0.50", "5.00", "4.0"]


def test_systems_run_in_turn_and_once_unmeasured_each_turn() -> None:
    runs: list[str] = []
    times = measure([System(name, lambda n, name=name: runs.append(f"{name}{n}")) for name in "ab"], rounds=3)
    assert " ".join(runs) == "a0 a0 b0 b0 a1 a1 b1 b1 a2 a2 b2 b2"
    assert {name: len(seconds) for name, seconds in times.items()} == {"a": 3, "b": 3}


@torch.inference_mode()
def test_flops_of_layers_and_attention_are_counted() -> None:
    layer, x = nn.Linear(7, 5), torch.randn(3, 7)
    assert count_flops("layer", lambda _: layer(x)).flops == 2 * 3 * 7 * 5
    query, key = torch.randn(1, 2, 4, 8), torch.randn(1, 2, 6, 8)
    work = count_flops("attention", lambda _: F.scaled_dot_product_attention(query, key, key))
    assert work.flops == 2 * (2 * 2 * 4 * 6 * 8)


@torch.inference_mode()
def test_flops_of_a_transformer_on_its_fast_path_are_counted() -> None:
    attention, x = nn.MultiheadAttention(8, 2, batch_first=True).eval(), torch.randn(1, 6, 8)
    work = count_flops("attention", lambda _: attention(x, x, x, need_weights=False))
    assert work.flops == 2 * 6 * (4 * 8 * 8) + 2 * (2 * 6 * 6 * 8)


@torch.inference_mode()
def test_flops_of_compiled_functions_are_counted() -> None:
    network, photo = Network(TINY), torch.zeros(1, 3, TINY.image_size, TINY.image_size)
    runtime = as_runtime(network, threads=1)
    torch_flops = count_flops("encoder", lambda _: network.encode_image(photo)).flops
    runtime_flops = count_flops("encoder", lambda _: runtime.encode_image(photo.numpy())).flops
    assert runtime_flops == pytest.approx(torch_flops, rel=1e-3)  # torch takes a mean by a matrix product
