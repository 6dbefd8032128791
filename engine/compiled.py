"""Parts of a network, compiled for the processor they run on by OpenVINO: the same sums, sooner.

PyTorch runs a network operator by operator, and each gives what it has to memory, from where the next one
takes it; OpenVINO joins operators and plans that memory once.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from threading import Lock
from typing import Any

import torch
from torch import Tensor, nn

# OpenVINO tells its makers who uses it, where this package is to be had. Nobody is told anything here.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]

CHANNELS = 3
FREE = -1  # of a side of a tensor: any size
NAMES = {torch.float32: "f32", torch.bfloat16: "bf16"}  # of precisions

Shape = tuple[int, ...]


class Compiled:
    """A module that learns no more, compiled when it is first asked: tensors to tensors."""

    def __init__(
        self, plain: nn.Module, inputs: Sequence[tuple[Shape, torch.dtype]], precision: torch.dtype
    ) -> None:
        """Take a module, what it is given (see `FREE`), and what precision it may multiply in."""
        self._plain, self._inputs, self._precision = plain, inputs, precision
        self._request: Any = None  # OpenVINO's; it answers one at a time
        self._lock = Lock()

    def __call__(self, *given: Tensor) -> list[Tensor]:
        with self._lock:
            if self._request is None:
                self._request = self._compile()
            found = self._request.infer([one.contiguous().numpy() for one in given], share_inputs=True)
        return [torch.from_numpy(one) for one in found.to_tuple()]

    def _compile(self) -> Any:  # noqa: ANN401
        import openvino
        from openvino.frontend import FrontEndManager
        from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

        # What inference mode makes cannot be traced, and what autocast adds should not be: whatever the
        # caller is about, the network is the same. Tracing is torch's old way; OpenVINO still takes it.
        exact = torch.autocast("cpu", enabled=False)
        with torch.inference_mode(mode=False), torch.no_grad(), exact, warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            given = tuple(
                torch.zeros([2 if side == FREE else side for side in shape], dtype=kind)
                for shape, kind in self._inputs
            )
            traced = TorchScriptPythonDecoder(self._plain, example_input=given)
        reader = FrontEndManager().load_by_framework("pytorch")
        model = reader.convert(reader.load(traced))
        model.reshape({place: list(shape) for place, (shape, _) in enumerate(self._inputs)})
        wanted = {
            "INFERENCE_PRECISION_HINT": NAMES[self._precision],
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": torch.get_num_threads(),
        }
        return openvino.Core().compile_model(model, "CPU", wanted).create_infer_request()


class CompiledEncoder(nn.Module):
    """An encoder that learns no more, beside itself as it is compiled.

    Inference mode takes the compiled one; gradients pass through the plain one.
    """

    def __init__(self, plain: nn.Module, side: int, precision: torch.dtype) -> None:
        """Take an encoder, the pixels a side of its photos, and what precision it may multiply in."""
        super().__init__()
        self.plain, self.side = plain, side
        self._compiled = Compiled(
            _Features(plain), [((FREE, CHANNELS, side, side), torch.float32)], precision
        )

    def forward_features(self, pixels: Tensor) -> Tensor:
        """Photos (B, 3, S, S) to their grids (B, C, H, W), as `engine.vision.create_encoder` says."""
        if not torch.is_inference_mode_enabled() or pixels.shape[-1] != self.side:
            features: Tensor = self.plain.forward_features(pixels)  # type: ignore[operator]
            return features
        return self._compiled(pixels)[0]


class _Features(nn.Module):
    """What is compiled: the encoder's `forward_features`, as a module's own function."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, pixels: Tensor) -> Tensor:
        features: Tensor = self.encoder.forward_features(pixels)  # type: ignore[operator]
        return features
