"""Floating-point operations of OpenVINO's graphs, from the shapes of their nodes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from unittest.mock import patch

import numpy as np
from openvino import Model

from engine.runtime.compiled_graph import CompiledGraph, Shapes


def graph_flops(model: Model) -> int:
    """Return the operations of matrix products and convolutions of a graph with static shapes."""
    return sum(map(_node_flops, model.get_ordered_ops()))


@contextmanager
def counted_graphs() -> Iterator[list[int]]:
    """Count the operations of each call of a compiled graph while the block runs, and yield the counts."""
    counts: list[int] = []
    call = CompiledGraph.__call__

    @cache
    def flops(graph: CompiledGraph, shapes: Shapes) -> int:
        return graph_flops(graph._model(shapes))

    def counting(graph: CompiledGraph, *given: np.ndarray) -> tuple[np.ndarray, ...]:
        counts.append(flops(graph, tuple(one.shape for one in given)))
        return call(graph, *given)

    with patch.object(CompiledGraph, "__call__", counting):
        yield counts


def _node_flops(node: Any) -> int:
    """Return two for each multiply-add of a node: each output is a sum over the inputs of a position."""
    kind = node.get_type_name()
    if kind in {"Convolution", "GroupConvolution"}:
        terms = math.prod(list(node.input(1).get_shape())[1 if kind == "Convolution" else 2 :])
    elif kind == "MatMul":
        terms = node.input(0).get_shape()[-2 if node.get_attributes()["transpose_a"] else -1]
    else:
        return 0
    return int(2 * math.prod(node.output(0).get_shape()) * terms)
