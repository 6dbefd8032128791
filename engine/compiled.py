"""An image encoder, compiled for the processor it runs on by OpenVINO: the same sums in a third of the time.

PyTorch runs a convolution network layer by layer and puts all that a layer gives into memory and takes it
back; OpenVINO joins layers and plans that memory once.
"""

from __future__ import annotations

import sys
import warnings
from threading import Lock
from typing import Any

import torch
from torch import Tensor, nn

# OpenVINO tells its makers who uses it, where this package is to be had. Nobody is told anything here.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]

CHANNELS = 3
NAMES = {torch.float32: "f32", torch.bfloat16: "bf16"}  # of precisions


class CompiledEncoder(nn.Module):
    """An encoder that learns no more, beside itself as it is compiled when it first sees a photo.

    Inference mode takes the compiled one; gradients pass through the plain one.
    """

    def __init__(self, plain: nn.Module, side: int, precision: torch.dtype) -> None:
        """Take an encoder, the pixels a side of its photos, and what precision it may multiply in."""
        super().__init__()
        self.plain, self.side, self.precision = plain, side, precision
        self._request: Any = None  # OpenVINO's; it answers one at a time
        self._lock = Lock()

    def forward_features(self, pixels: Tensor) -> Tensor:
        """Photos (B, 3, S, S) to their grids (B, C, H, W), as `engine.vision.create_encoder` says."""
        if not torch.is_inference_mode_enabled() or pixels.shape[-1] != self.side:
            features: Tensor = self.plain.forward_features(pixels)  # type: ignore[operator]
            return features
        with self._lock:
            if self._request is None:
                self._request = self._compile()
            found = self._request.infer([pixels.contiguous().numpy()], share_inputs=True)
        return torch.from_numpy(found[0])

    def _compile(self) -> Any:  # noqa: ANN401
        import openvino
        from openvino.frontend import FrontEndManager
        from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

        shape = [CHANNELS, self.side, self.side]
        # What inference mode makes cannot be traced, and what autocast adds should not be: whatever the
        # caller is about, the encoder is the same. Tracing is torch's old way; OpenVINO still takes it.
        exact = torch.autocast("cpu", enabled=False)
        with torch.inference_mode(mode=False), torch.no_grad(), exact, warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            traced = TorchScriptPythonDecoder(_Features(self.plain), example_input=(torch.zeros(1, *shape),))
        reader = FrontEndManager().load_by_framework("pytorch")
        model = reader.convert(reader.load(traced))
        model.reshape({0: [-1, *shape]})
        wanted = {
            "INFERENCE_PRECISION_HINT": NAMES[self.precision],
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_NUM_THREADS": torch.get_num_threads(),
        }
        return openvino.Core().compile_model(model, "CPU", wanted).create_infer_request()


class _Features(nn.Module):
    """What is compiled: the encoder's `forward_features`, as a module's own function."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, pixels: Tensor) -> Tensor:
        features: Tensor = self.encoder.forward_features(pixels)  # type: ignore[operator]
        return features
