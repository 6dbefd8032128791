#!/usr/bin/env bash
# OpenVINO: Interpolate has a mode "bicubic_pillow", after Pillow's filter, but its pixels are not Pillow's. Pillow rounds
# and clips to 8 bits after the horizontal pass, before the vertical one; OpenVINO computes both in float32. At edges, where
# the filter overshoots, they are ten levels apart, so a network that was trained on photos resized by Pillow sees others.
# "bilinear_pillow", which cannot overshoot, is within a level. Nor does resizing in the graph save time: on one thread
# either takes longer than Pillow. Seen with OpenVINO 2026.4.1 and Pillow 13.0.0 on x86-64 with AVX-512.
set -euo pipefail

expected=$(cat <<'OUTPUT'
bars of 640 x 480 pixels, resized to 288 x 288 by OpenVINO and by Pillow:
bicubic: within one level: False; more than five levels apart somewhere: True
bilinear: within one level: True
bicubic in two passes, exact: OpenVINO's within one level: True
bicubic in two passes, rounded and clipped between them: Pillow's within one level: True
OpenVINO takes longer, bicubic: True, bilinear: True
OUTPUT
)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TMPDIR="$folder"
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check openvino==2026.4.1 pillow==13.0.0 numpy==2.4.6
found=$("$folder/venv/bin/python" - <<'PYTHON_CODE'
import time

import numpy as np
import openvino
from openvino import opset13 as ops
from PIL import Image

WIDTH, HEIGHT, SIDE = 640, 480, 288
y, x = np.mgrid[:HEIGHT, :WIDTH]
bars = ((x // 7 + y // 11) % 2 * 255).astype(np.uint8)
picture = np.stack((bars, 255 - bars, bars // 2 + 60), axis=-1)


def by_openvino(mode):
    given = ops.parameter([1, HEIGHT, WIDTH, 3], openvino.Type.u8)
    resized = ops.interpolate(
        ops.convert(given, openvino.Type.f32), ops.constant(np.array([SIDE, SIDE])), mode, "sizes",
        pads_begin=[0] * 4, pads_end=[0] * 4, cube_coeff=-0.5, axes=ops.constant(np.array([1, 2])),
    )
    options = {"INFERENCE_NUM_THREADS": 1, "INFERENCE_PRECISION_HINT": "f32"}
    model = openvino.Core().compile_model(openvino.Model([resized], [given], "resize"), "CPU", options)
    request = model.create_infer_request()
    request.set_input_tensor(0, openvino.Tensor(picture[None].copy()))

    def resize():
        request.infer()
        return levels(request.get_output_tensor(0).data[0])

    return resize, request.infer


def by_pillow(filter):
    image = Image.fromarray(picture)
    return lambda: np.asarray(image.resize((SIDE, SIDE), filter)).astype(int)


def levels(values):
    return np.clip(np.rint(values), 0, 255).astype(int)


def cubic(distance):
    t = np.abs(distance)
    near, far = (1.5 * t - 2.5) * t * t + 1, ((-0.5 * t + 2.5) * t - 4) * t + 2
    return np.where(t < 1, near, np.where(t < 2, far, 0))


def along(size):
    """The weights (SIDE, size) of the input's pixels in each output pixel."""
    scale = size / SIDE
    centres = (np.arange(SIDE) + 0.5) * scale
    weights = cubic((np.arange(size) + 0.5 - centres[:, None]) / scale)
    return weights / weights.sum(axis=1, keepdims=True)


def milliseconds(function):
    best = float("inf")
    for _ in range(20):
        start = time.perf_counter()
        function()
        best = min(best, time.perf_counter() - start)
    return best


def apart(one, other):
    return np.abs(one - other).max()


pillow = {name: by_pillow(Image.Resampling[name.upper()]) for name in ("bicubic", "bilinear")}
graphs = {name: by_openvino(f"{name}_pillow") for name in pillow}
pixels = {name: (graphs[name][0](), pillow[name]()) for name in pillow}
horizontal = np.einsum("ow,hwc->hoc", along(WIDTH), picture.astype(float))
exact, rounded = (np.einsum("oh,hpc->opc", along(HEIGHT), one) for one in (horizontal, levels(horizontal)))
bicubic = apart(*pixels["bicubic"])
slower = {name: milliseconds(graphs[name][1]) > milliseconds(pillow[name]) for name in pillow}
print("bars of 640 x 480 pixels, resized to 288 x 288 by OpenVINO and by Pillow:")
print(f"bicubic: within one level: {bicubic <= 1}; more than five levels apart somewhere: {bicubic > 5}")
print("bilinear: within one level:", apart(*pixels["bilinear"]) <= 1)
print("bicubic in two passes, exact: OpenVINO's within one level:", apart(levels(exact), pixels["bicubic"][0]) <= 1)
print("bicubic in two passes, rounded and clipped between them: Pillow's within one level:",
      apart(levels(rounded), pixels["bicubic"][1]) <= 1)
print(f"OpenVINO takes longer, bicubic: {slower['bicubic']}, bilinear: {slower['bilinear']}")
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
