#!/usr/bin/env bash
# OpenVINO 2026.4.1: a program that builds two graphs and compiles one after the other finds the second one in
# CACHE_DIR at its third start, not at its second. Nodes without names are numbered over the whole process, the
# numbers are part of a cache file's name, and compiling the first graph takes numbers that loading it does not.
# Names for all nodes, or a cache of one's own by export_model and import_model, avoid it.
# Seen with OpenVINO 2026.4.1 and NumPy 2.4.6 on Python 3.11; `expected` holds the output.
set -euo pipefail

expected=$(cat <<'OUTPUT'
start 1: first False, second False
start 2: first True, second False
start 3: first True, second True
files for two graphs: 3
OUTPUT
)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TMPDIR="$folder"
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check openvino==2026.4.1 numpy==2.4.6
cat > "$folder/start.py" <<'PYTHON_CODE'
import sys
import numpy as np
import openvino
from openvino import Model, Type
from openvino import opset13 as ops


def graph(size):
    x = ops.parameter([1, size], Type.f32)
    weight = ops.constant(np.eye(size, dtype=np.float32))
    return Model([ops.relu(ops.matmul(x, weight, False, False))], [x])


core = openvino.Core()
core.set_property({"CACHE_DIR": sys.argv[1]})
hits = [core.compile_model(graph(size), "CPU").get_property("LOADED_FROM_CACHE") for size in (8, 16)]
print(f"first {hits[0]}, second {hits[1]}")
PYTHON_CODE
found=$(
    for start in 1 2 3; do
        echo "start $start: $("$folder/venv/bin/python" "$folder/start.py" "$folder/cache")"
    done
    echo "files for two graphs: $(find "$folder/cache" -name '*.blob' | wc -l | tr -d ' ')"
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
