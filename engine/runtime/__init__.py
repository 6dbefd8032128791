"""The network as it serves: OpenVINO graphs built from the stored weights, called with NumPy arrays.

Nothing here needs torch. `engine.reference` holds the same network in torch, which training changes and the
runtime is held to (`python -m engine compare-runtime`).
"""

from __future__ import annotations

import sys

# OpenVINO reports its use to its makers where this package is installed. Kindred reports nothing to anyone.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
