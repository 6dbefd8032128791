#!/usr/bin/env bash
# OpenVINO 2026.4.1 on a CPU: attention whose queries, keys and values come from one product (reshape, one transposition,
# one gather each) is wrong where a graph of fixed shape has as many tokens as heads and a batch of one; other numbers of
# tokens, and dynamic shapes, are right. Transposing each of the three after its gather avoids it.
# Seen with OpenVINO 2026.4.1 and NumPy 2.4.6 on Python 3.11; `expected` holds the output.
set -euo pipefail

expected=$(cat <<'OUTPUT'
fixed, 6 heads, 5 tokens: right
fixed, 6 heads, 6 tokens: wrong
fixed, 6 heads, 7 tokens: right
dynamic, 6 heads, 6 tokens: right
transposed apart, 6 heads, 6 tokens: right
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
from openvino import Model, Type
from openvino import opset13 as ops

HEADS, WIDTH = 6, 8


def integers(*values):
    return ops.constant(np.array(values, np.int64))


def scalar(value):
    return ops.constant(np.int64(value))


def graph(tokens, apart):
    x = ops.parameter([1, tokens, 3 * HEADS * WIDTH], Type.f32)
    split = ops.reshape(x, integers(0, 0, 3, HEADS, WIDTH), special_zero=True)
    if apart:
        parts = [ops.gather(split, scalar(n), scalar(2)) for n in range(3)]
        q, k, v = (ops.transpose(part, integers(0, 2, 1, 3)) for part in parts)
    else:
        together = ops.transpose(split, integers(2, 0, 3, 1, 4))
        q, k, v = (ops.gather(together, scalar(n), scalar(0)) for n in range(3))
    mixed = ops.matmul(ops.softmax(ops.matmul(q, k, False, True), -1), v, False, False)
    return Model([ops.transpose(mixed, integers(0, 2, 1, 3))], [x])


def attention(x):
    q, k, v = x.reshape(1, -1, 3, HEADS, WIDTH).transpose(2, 0, 3, 1, 4)
    scores = np.exp(q @ k.swapaxes(-1, -2))
    return (scores / scores.sum(-1, keepdims=True) @ v).transpose(0, 2, 1, 3)


core = openvino.Core()
for name, tokens, shape, apart in (
    ("fixed", 5, 5, False),
    ("fixed", 6, 6, False),
    ("fixed", 7, 7, False),
    ("dynamic", 6, -1, False),
    ("transposed apart", 6, 6, True),
):
    x = np.random.default_rng(0).standard_normal((1, tokens, 3 * HEADS * WIDTH)).astype(np.float32)
    compiled = core.compile_model(graph(shape, apart), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    difference = abs(compiled(x)[0] - attention(x)).max()
    print(f"{name}, {HEADS} heads, {tokens} tokens: {'right' if difference < 1e-4 else 'wrong'}")
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
