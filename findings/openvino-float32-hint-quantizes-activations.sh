#!/usr/bin/env bash
# OpenVINO: INFERENCE_PRECISION_HINT=f32 does not make a product float32 where the weights are stored in int8 (a constant
# that is converted and scaled before a MatMul, as weight-only compression leaves it). The activations are rounded to int8
# in groups of 32, by default, and the profile still says "brgemm_avx512_f32". DYNAMIC_QUANTIZATION_GROUP_SIZE=0 or
# EXECUTION_MODE_HINT=ACCURACY gives what the hint promises. Seen with OpenVINO 2026.4.1 on x86-64 with AVX-512 and int8 dot
# products.
set -euo pipefail

expected=$(cat <<'OUTPUT'
one vector times 288 x 1280 weights in int8, relative error beside float64:
hint f32: over 1 in 1,000: True
hint f32, groups of 0: under 1 in 100,000: True
hint f32, mode ACCURACY: under 1 in 100,000: True
hint f32, weights as float32: under 1 in 100,000: True
OUTPUT
)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TMPDIR="$folder"
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check openvino==2026.4.1 numpy==2.4.6
found=$("$folder/venv/bin/python" - <<'PYTHON_CODE'
import numpy as np
import openvino
from openvino import opset13 as ops

OUTPUTS, INPUTS = 288, 1280
random = np.random.default_rng(0)
stored = random.integers(-127, 128, (OUTPUTS, INPUTS)).astype(np.int8)
scales = np.full((OUTPUTS, 1), 0.001, np.float32)
vector = random.standard_normal((1, INPUTS)).astype(np.float32)
exact = vector.astype(float) @ (stored * scales.astype(float)).T


def error(weights, **options):
    given = ops.parameter([1, INPUTS], openvino.Type.f32)
    graph = openvino.Model([ops.matmul(given, weights, False, True)], [given], "product")
    options |= {"INFERENCE_PRECISION_HINT": "f32"}
    (product,) = openvino.Core().compile_model(graph, "CPU", options)([vector]).values()
    return np.linalg.norm(product - exact) / np.linalg.norm(exact)


def compressed():
    return ops.multiply(ops.convert(ops.constant(stored), openvino.Type.f32), ops.constant(scales))


print("one vector times 288 x 1280 weights in int8, relative error beside float64:")
print("hint f32: over 1 in 1,000:", error(compressed()) > 1e-3)
print("hint f32, groups of 0: under 1 in 100,000:", error(compressed(), DYNAMIC_QUANTIZATION_GROUP_SIZE=0) < 1e-5)
print("hint f32, mode ACCURACY: under 1 in 100,000:", error(compressed(), EXECUTION_MODE_HINT="ACCURACY") < 1e-5)
print("hint f32, weights as float32: under 1 in 100,000:", error(ops.constant(stored * scales)) < 1e-5)
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
