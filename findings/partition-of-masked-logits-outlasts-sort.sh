#!/usr/bin/env bash
# NumPy: np.partition, which is linear, finds the greatest four of masked logits (three quarters of them are -inf, or any
# one low value) more slowly than np.sort sorts them all, and ten times more slowly than in logits without a mask. It is
# the many equal values below the wanted ones that cost it time. So a top-k over beams of which all but one are -inf is
# quicker over that one. Seen with NumPy 2.4.6 on x86-64, with AVX-512 (there np.argpartition does the same) and with AVX2
# alone; not with NPY_DISABLE_CPU_FEATURES="X86_V3 X86_V4 AVX512_ICL", where its older code runs.
set -euo pipefail

expected=$(cat <<'OUTPUT'
the greatest 4 of 14,496 logits, of which 10,872 are -inf:
partition takes longer than sort: True
partition takes more than five times as long as without the mask: True
of logits without a mask, partition takes longer than sort: False
OUTPUT
)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TMPDIR="$folder"
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check numpy==2.4.6
found=$("$folder/venv/bin/python" - <<'PYTHON_CODE'
import time

import numpy as np

logits = np.random.default_rng(0).standard_normal((4, 3624)).astype(np.float32)
masked = logits.copy()
masked[1:] = -np.inf  # the first step of a beam search: one beam of four continues


def milliseconds(choose, values):
    best = float("inf")
    for _ in range(200):
        start = time.perf_counter()
        choose(values.ravel())
        best = min(best, time.perf_counter() - start)
    return best * 1e3


def partition(values):
    return np.partition(values, -4)[-4:]


def sort(values):
    return np.sort(values)[-4:]


assert (np.sort(partition(masked.ravel())) == sort(masked.ravel())).all()
times = {(choose.__name__, name): milliseconds(choose, values) for choose in (partition, sort)
         for name, values in (("masked", masked), ("plain", logits))}
print("the greatest 4 of 14,496 logits, of which 10,872 are -inf:")
print("partition takes longer than sort:", times["partition", "masked"] > times["sort", "masked"])
print("partition takes more than five times as long as without the mask:",
      times["partition", "masked"] > 5 * times["partition", "plain"])
print("of logits without a mask, partition takes longer than sort:",
      times["partition", "plain"] > times["sort", "plain"])
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
