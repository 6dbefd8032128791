#!/usr/bin/env bash
# Phones write several JPEGs into one file (MPO: a gain map, a second lens). Pillow 13.0.0 opens one when asked for
# JPEG and then calls its format MPO, so a check for format == "JPEG" refuses phones' photos. Asking for MPO by name
# instead is a KeyError before the JPEG plugin has been loaded.
# Seen with Pillow 13.0.0 on Python 3.11; `expected` holds the output.
set -euo pipefail

expected=$(cat <<'OUTPUT'
formats=['PNG', 'MPO']: KeyError
formats=['JPEG']: MPO, 2 frames
OUTPUT
)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TMPDIR="$folder"
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pillow==13.0.0
found=$("$folder/venv/bin/python" - <<'PYTHON_CODE'
import subprocess
import sys
import tempfile
from PIL import Image, MpoImagePlugin

code = "from PIL import Image; image = Image.open(%r, formats=%r); print(f'{image.format}, {image.n_frames} frames')"
with tempfile.TemporaryDirectory() as folder:
    file = f"{folder}/two.jpg"
    frames = [Image.new("RGB", (16, 16)), Image.new("RGB", (8, 8))]
    frames[0].save(file, "MPO", save_all=True, append_images=frames[1:])
    for formats in (["PNG", "MPO"], ["JPEG"]):
        done = subprocess.run([sys.executable, "-c", code % (file, formats)], capture_output=True, text=True)
        last = (done.stdout or done.stderr).strip().splitlines()[-1]
        print(f"formats={formats}: {last.split(':')[0]}")
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
