"""Functions of a network, compiled for the processor they run on by OpenVINO: the same sums, sooner.

PyTorch runs a network operator by operator, and each gives what it has to memory, from where the next one
takes it; OpenVINO joins operators and plans that memory once.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any

import torch
from torch import Tensor, nn

# OpenVINO tells its makers who uses it, where this package is to be had. Nobody is told anything here.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]

FREE = -1  # of a side of a tensor: any size
NAMES = {torch.float32: "f32", torch.bfloat16: "bf16"}  # of precisions
HALF = ("avx512_bf16", "amx_bf16", "bf16")  # processors that compute bfloat16 faster than float32

Shape = tuple[int, ...]
Sizes = tuple[Shape, ...]
Function = Callable[..., tuple[Tensor, ...]]


def fast_precision() -> torch.dtype:
    """Tell what this processor multiplies fastest."""
    can = torch.cpu.get_capabilities()
    return torch.bfloat16 if any(can.get(name) for name in HALF) else torch.float32


class Compiled:
    """A function of a module that learns no more, compiled when it is first asked: tensors to tensors.

    It is taken in inference mode alone: gradients pass through the plain function.
    """

    def __init__(
        self,
        plain: Function,
        inputs: Sequence[tuple[Shape, torch.dtype]],
        precision: torch.dtype,
        *,
        rounded: Function | None = None,
        sizes: int = 0,
    ) -> None:
        """Take a function.

        Args:
            plain: itself.
            inputs: what it is given, see `FREE`.
            precision: what it may multiply in.
            rounded: the same where it is compiled, with some of it rounded to bytes (`engine.model.int8`).
            sizes: for so many sizes of what it is given, the first that come, it is compiled each: where
                they are free, each of many small operators has to ask for its own.
        """
        self._plain, self._inputs, self._precision = plain, inputs, precision
        self._rounded, self._sizes = rounded or plain, sizes
        self._free = tuple(shape for shape, _ in inputs)
        self._requests: dict[Sizes, Any] = {}  # OpenVINO's; each answers one at a time
        self._lock = Lock()

    def __call__(self, *given: Tensor) -> Sequence[Tensor]:
        if not torch.is_inference_mode_enabled():
            return self._plain(*given)
        with self._lock:
            request = self._request(tuple(tuple(one.shape) for one in given))
            found = request.infer([one.contiguous().numpy() for one in given], share_inputs=True)
        return [torch.from_numpy(one) for one in found.to_tuple()]

    def _request(self, sizes: Sizes) -> Any:  # noqa: ANN401
        if sizes not in self._requests and len(self._requests) >= self._sizes:
            sizes = self._free
        if sizes not in self._requests:
            self._requests[sizes] = self._compile(sizes)
        return self._requests[sizes]

    def _compile(self, sizes: Sizes) -> Any:  # noqa: ANN401
        import openvino
        from openvino.frontend import FrontEndManager
        from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder
        from openvino.passes import ConstantFolding, Manager

        # What inference mode makes cannot be traced, and what autocast adds should not be: whatever the
        # caller is about, the network is the same. Tracing is torch's old way; OpenVINO still takes it.
        exact = torch.autocast("cpu", enabled=False)
        with torch.inference_mode(mode=False), torch.no_grad(), exact, warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            given = tuple(
                torch.zeros([2 if side == FREE else side for side in shape], dtype=kind)
                for shape, kind in self._inputs
            )
            once = {"check_trace": False}  # tests compare; to trace twice more doubles the time of a start
            traced = TorchScriptPythonDecoder(_Traced(self._rounded), example_input=given, trace_kwargs=once)
        reader = FrontEndManager().load_by_framework("pytorch")
        model = reader.convert(reader.load(traced))
        passes = Manager()  # bytes are seen where their ranges are numbers, no sums that come to them
        passes.register_pass(ConstantFolding())
        passes.run_passes(model)
        model.reshape({place: list(shape) for place, shape in enumerate(sizes)})
        wanted = {
            "INFERENCE_PRECISION_HINT": NAMES[self._precision],
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": torch.get_num_threads(),
        }
        return openvino.Core().compile_model(model, "CPU", wanted).create_infer_request()


class _Traced(nn.Module):
    """A function of a module as a module, which is what can be traced."""

    def __init__(self, plain: Function) -> None:
        super().__init__()
        self._plain = plain

    def forward(self, *given: Tensor) -> tuple[Tensor, ...]:
        return self._plain(*given)
