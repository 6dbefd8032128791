#!/usr/bin/env bash
# Pillow 13.0.0 opens an animated WebP whose frames are opaque patches smaller than the canvas as RGB, and the rest
# of the canvas is black. The same drawing as a still is RGBA, and transparent there.
# Seen with Pillow 13.0.0 on Python 3.11; `expected` holds the output.
set -euo pipefail

expected=$(cat <<'OUTPUT'
still: RGBA (0, 0, 0, 0) around the patch
animation: RGB (0, 0, 0) around the patch
OUTPUT
)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TMPDIR="$folder"
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pillow==13.0.0
found=$("$folder/venv/bin/python" - <<'PYTHON_CODE'
import io
from PIL import Image

frames = []
for left in (24, 26):
    frame = Image.new("RGBA", (96, 96))
    frame.paste((200, 60, 40, 255), (left, 24, left + 36, 60))
    frames.append(frame)
for name, options in (("still", {}), ("animation", {"save_all": True, "append_images": frames[1:], "duration": 100})):
    file = io.BytesIO()
    frames[0].save(file, "WEBP", lossless=True, **options)
    image = Image.open(io.BytesIO(file.getvalue()))
    print(f"{name}: {image.mode} {image.getpixel((0, 0))} around the patch")
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
