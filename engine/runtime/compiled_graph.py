"""An OpenVINO graph, compiled for this processor at its first call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from threading import Lock

import numpy as np
import openvino

from engine.runtime.graph_cache import GraphCache

OPTIONS = {
    # The same answers on every processor: bfloat16 beside int8 is no faster, and rounds otherwise.
    "INFERENCE_PRECISION_HINT": "f32",
    "PERFORMANCE_HINT": "LATENCY",
    # OpenVINO pins the threads of every process to the same first cores.
    "ENABLE_CPU_PINNING": False,
}

Shapes = tuple[tuple[int, ...], ...]


class CompiledGraph:
    """A graph as a function of NumPy arrays; thread-safe."""

    def __init__(
        self,
        name: str,
        build: Callable[[], openvino.Model],
        *,
        threads: int = 1,
        streams: int = 1,
        static_shapes: int = 0,
        compiled: GraphCache | None = None,
    ) -> None:
        """Wrap a graph.

        Args:
            name: of the graph, in the network.
            build: returns the graph.
            threads: how many there are.
            streams: how many calls share them and run side by side. Further ones wait. One is best for
                answers, of which most calls are short: two are slower for one person, and no faster for many.
            static_shapes: how many input shapes get a compilation of their own, the first that come. Further
                ones share a dynamic compilation, where each operator infers its shape at run time.
            compiled: where compiled graphs are kept for the next start, if anywhere.
        """
        self._name, self._build, self._static_shapes, self._compiled = name, build, static_shapes, compiled
        self._options = OPTIONS | {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": streams}
        self._models: dict[Shapes | None, openvino.CompiledModel] = {}  # None is the dynamic one
        self._idle: dict[Shapes | None, list[_Request]] = {}  # requests that nobody uses, the last used last
        self._lock = Lock()

    def __call__(self, *given: np.ndarray) -> tuple[np.ndarray, ...]:
        """Run the graph; the results are the caller's."""
        shapes = tuple(one.shape for one in given)
        with self._lock:
            is_static = shapes in self._models or len(self._models) < self._static_shapes
            wanted = shapes if is_static else None
            if wanted not in self._models:
                self._models[wanted], self._idle[wanted] = self._compile(wanted), []
            idle = self._idle[wanted]
            request = idle.pop() if idle else _Request(self._models[wanted].create_infer_request())
        try:
            return request(given)
        finally:
            idle.append(request)

    def load(self, *shapes: tuple[int, ...]) -> None:
        """Load what a former start compiled for these shapes; without it the first call compiles."""
        wanted = shapes if self._static_shapes else None
        with self._lock:
            if self._compiled and wanted not in self._models:
                model = self._compiled.load(self._file(self._compiled, wanted), _core(), self._options)
                if model:
                    self._models[wanted], self._idle[wanted] = model, []

    def _compile(self, shapes: Shapes | None) -> openvino.CompiledModel:
        if self._compiled is None:
            return _core().compile_model(self._model(shapes), "CPU", self._options)
        file = self._file(self._compiled, shapes)
        compiled = self._compiled.load(file, _core(), self._options)
        if compiled is None:
            compiled = _core().compile_model(self._model(shapes), "CPU", self._options)
            self._compiled.save(file, compiled)
        return compiled

    def _file(self, compiled: GraphCache, shapes: Shapes | None) -> Path:
        return compiled.file(f"{self._name} {shapes} {self._options}")

    def _model(self, shapes: Shapes | None) -> openvino.Model:
        model = self._build()
        if shapes is not None:
            model.reshape({place: list(shape) for place, shape in enumerate(shapes)})
        return model


class _Request:
    """An infer request that keeps its inputs: an array that is given again costs no call to OpenVINO."""

    def __init__(self, request: openvino.InferRequest) -> None:
        self._request = request
        self._outputs = len(request.model_outputs)
        self._bound: dict[int, np.ndarray] = {}

    def __call__(self, given: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
        for place, one in enumerate(given):
            if self._bound.get(place) is not one:
                array = np.ascontiguousarray(one)
                self._request.set_input_tensor(place, openvino.Tensor(array, shared_memory=True))
                self._bound[place] = array  # OpenVINO reads its memory
        self._request.infer()
        return tuple(self._request.get_output_tensor(n).data.copy() for n in range(self._outputs))


@cache
def _core() -> openvino.Core:
    return openvino.Core()
