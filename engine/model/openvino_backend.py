"""OpenVINO backend: a torch function compiled for this processor, with the same results sooner.

PyTorch runs a network operator by operator and writes each result to memory; OpenVINO fuses operators and
plans that memory once.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any

import torch
from torch import Tensor, nn

# OpenVINO reports its use to its makers where this package is installed. Kindred reports nothing to anyone.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]

DYNAMIC = -1  # a dimension of any size
PRECISION_HINTS = {torch.float32: "f32", torch.bfloat16: "bf16"}
BFLOAT16_FEATURES = ("avx512_bf16", "amx_bf16", "bf16")  # with one of these bfloat16 is faster than float32

Shape = tuple[int, ...]
Shapes = tuple[Shape, ...]
TensorFunction = Callable[..., tuple[Tensor, ...]]


def fast_precision() -> torch.dtype:
    """Return the floating-point type that this processor multiplies fastest: bfloat16 or float32."""
    can = torch.cpu.get_capabilities()
    return torch.bfloat16 if any(can.get(name) for name in BFLOAT16_FEATURES) else torch.float32


class OpenVINOFunction:
    """A function of a frozen module, compiled at its first call; takes and returns tensors.

    The compiled form runs in inference mode only. Elsewhere gradients may be wanted, and the torch function
    runs.
    """

    def __init__(
        self,
        function: TensorFunction,
        inputs: Sequence[tuple[Shape, torch.dtype]],
        precision: torch.dtype,
        *,
        quantized: TensorFunction | None = None,
        static_shapes: int = 0,
    ) -> None:
        """Wrap a function.

        Args:
            function: the torch function.
            inputs: shape and type of each argument; `DYNAMIC` marks dimensions of any size.
            precision: floating-point type that the compiled form may compute in.
            quantized: the function to compile instead, with int8 fake quantization (`engine.model.int8`).
            static_shapes: how many input shapes get a compilation of their own, the first that come. Further
                ones share a dynamic compilation, where each operator infers its shape at run time.
        """
        self._function, self._inputs, self._precision = function, inputs, precision
        self._quantized, self._static_shapes = quantized or function, static_shapes
        self._dynamic = tuple(shape for shape, _ in inputs)
        self._requests: dict[Shapes, Any] = {}  # OpenVINO infer requests; each runs one call at a time
        self._lock = Lock()

    def __call__(self, *given: Tensor) -> Sequence[Tensor]:
        if not torch.is_inference_mode_enabled():
            return self._function(*given)
        with self._lock:
            request = self._request(tuple(tuple(one.shape) for one in given))
            found = request.infer([one.contiguous().numpy() for one in given], share_inputs=True)
        return [torch.from_numpy(one) for one in found.to_tuple()]

    def _request(self, shapes: Shapes) -> Any:  # noqa: ANN401
        if shapes not in self._requests and len(self._requests) >= self._static_shapes:
            shapes = self._dynamic
        if shapes not in self._requests:
            self._requests[shapes] = self._compile(shapes)
        return self._requests[shapes]

    def _compile(self, shapes: Shapes) -> Any:  # noqa: ANN401
        import openvino
        from openvino.passes import ConstantFolding, Manager

        model = _convert(self._quantized, self._inputs)
        passes = Manager()  # int8 is recognised where the ranges are constants, not expressions
        passes.register_pass(ConstantFolding())
        passes.run_passes(model)
        model.reshape({place: list(shape) for place, shape in enumerate(shapes)})
        wanted = {
            "INFERENCE_PRECISION_HINT": PRECISION_HINTS[self._precision],
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": torch.get_num_threads(),
        }
        return openvino.Core().compile_model(model, "CPU", wanted).create_infer_request()


def _convert(function: TensorFunction, inputs: Sequence[tuple[Shape, torch.dtype]]) -> Any:  # noqa: ANN401
    """Trace a torch function and return its OpenVINO model."""
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

    # Tensors of inference mode cannot be traced, and autocast must leave no casts in the trace, whatever mode
    # the caller is in. TorchScript is deprecated; OpenVINO still reads it.
    no_autocast = torch.autocast("cpu", enabled=False)
    with torch.inference_mode(mode=False), torch.no_grad(), no_autocast, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        example = tuple(
            torch.zeros([2 if size == DYNAMIC else size for size in shape], dtype=dtype)
            for shape, dtype in inputs
        )
        once = {"check_trace": False}  # tests compare the results; tracing twice would double the start
        traced = TorchScriptPythonDecoder(_AsModule(function), example_input=example, trace_kwargs=once)
    frontend = FrontEndManager().load_by_framework("pytorch")
    return frontend.convert(frontend.load(traced))


class _AsModule(nn.Module):
    """A function as a module, which is what can be traced."""

    def __init__(self, function: TensorFunction) -> None:
        super().__init__()
        self._function = function

    def forward(self, *given: Tensor) -> tuple[Tensor, ...]:
        return self._function(*given)
