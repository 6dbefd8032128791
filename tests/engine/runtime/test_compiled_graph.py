"""A compiled graph is a function of arrays."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import Mock

import numpy as np
import openvino
import pytest
from openvino import Model, Type
from openvino import opset13 as ops

from engine.runtime import compiled_graph
from engine.runtime.compiled_graph import CompiledGraph, Shapes
from engine.runtime.layers import DYNAMIC


def doubling() -> Model:
    """Return a graph of 2 x and x + 1."""
    x = ops.parameter([DYNAMIC], Type.f32, "x")
    return Model([x + x, x + ops.constant(np.float32(1))], [x], "doubling")


def numbers(count: int) -> np.ndarray:
    return np.arange(count, dtype=np.float32)


def test_every_output_is_returned() -> None:
    doubled, raised = CompiledGraph("doubling", doubling)(numbers(3))
    assert (doubled.tolist(), raised.tolist()) == ([0, 2, 4], [1, 2, 3])


def test_arrays_need_not_be_contiguous() -> None:
    doubled, _ = CompiledGraph("doubling", doubling)(numbers(6)[::-2])
    assert doubled.tolist() == [10, 6, 2]


def test_an_array_of_another_type_is_refused_each_time() -> None:
    graph = CompiledGraph("doubling", doubling)
    graph(numbers(3))
    wrong = numbers(3).astype(np.float64)
    for _ in range(2):  # the second time, too: it does not stand for the array before it
        with pytest.raises(RuntimeError):
            graph(wrong)


@pytest.mark.parametrize("static_shapes", [0, 1])
def test_the_next_call_leaves_earlier_results_as_they_are(static_shapes: int) -> None:
    graph = CompiledGraph("doubling", doubling, static_shapes=static_shapes)
    first, _ = graph(numbers(3))
    graph(numbers(3) + 10)
    assert first.tolist() == [0, 2, 4]


def test_the_first_shapes_are_compiled_each_and_all_later_ones_share_a_dynamic_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    graph = CompiledGraph("doubling", doubling, static_shapes=2)
    shapes: list[Shapes | None] = []
    compile_ = graph._compile

    def recording(wanted: Shapes | None) -> object:
        shapes.append(wanted)
        return compile_(wanted)

    monkeypatch.setattr(graph, "_compile", recording)
    for size in (3, 1, 4, 3, 5, 4):
        doubled, _ = graph(numbers(size))
        assert doubled.tolist() == [2.0 * n for n in range(size)]
    assert shapes == [((3,),), ((1,),), None]


def test_threads_may_call_it_at_the_same_time() -> None:
    graph = CompiledGraph("doubling", doubling)
    with ThreadPoolExecutor(4) as pool:
        results = pool.map(lambda size: graph(numbers(size))[0].tolist(), [1, 2, 3, 4] * 10)
    assert list(results) == [[2.0 * n for n in range(size)] for size in [1, 2, 3, 4] * 10]


def test_openvino_is_asked_for_float32_and_for_so_many_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the processor has bfloat16, OpenVINO would choose it."""
    core = Mock()
    monkeypatch.setattr(compiled_graph, "_core", lambda: core)
    CompiledGraph("doubling", doubling, threads=3)._compile(((2,),))
    (_, _, options), _ = core.compile_model.call_args
    assert options["INFERENCE_PRECISION_HINT"] == "f32"
    assert options["INFERENCE_NUM_THREADS"] == 3


def test_openvino_knows_the_options() -> None:
    compiled = openvino.Core().compile_model(doubling(), "CPU", compiled_graph.OPTIONS)
    assert compiled.get_property("ENABLE_CPU_PINNING") is False


def test_openvino_sends_no_telemetry() -> None:
    """The package that would report its use to its makers is installed with it, and never imported."""
    code = (
        "import sys, engine.service, numpy as np\n"
        "from engine.runtime.compiled_graph import CompiledGraph\n"
        "from tests.engine.runtime.test_compiled_graph import doubling\n"
        "CompiledGraph('doubling', doubling)(np.zeros(2, np.float32))\n"
        "print('openvino' in sys.modules, [n for n in sys.modules if n.startswith('openvino_telemetry.')])"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert process.stdout.split("\n")[0] == "True []"
