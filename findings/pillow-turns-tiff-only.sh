#!/usr/bin/env bash
# Pillow 13.0.0 applies the EXIF orientation of a TIFF while it loads the pixels, but not that of a JPEG or PNG.
# Code that reads the orientation before loading and turns the picture itself turns TIFFs twice;
# ImageOps.exif_transpose after loading is right for all three.
# Seen with Pillow 13.0.0 on Python 3.11; `expected` holds the output.
set -euo pipefail

expected=$(cat <<'OUTPUT'
JPEG: stored 20 x 10, loaded (20, 10), exif_transpose (10, 20)
PNG: stored 20 x 10, loaded (20, 10), exif_transpose (10, 20)
TIFF: stored 20 x 10, loaded (10, 20), exif_transpose (10, 20)
OUTPUT
)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TMPDIR="$folder"
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pillow==13.0.0
found=$("$folder/venv/bin/python" - <<'PYTHON_CODE'
import io
from PIL import Image, ImageOps

for kind in ("JPEG", "PNG", "TIFF"):
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    Image.new("RGB", (20, 10)).save(file, kind, exif=exif)
    image = Image.open(io.BytesIO(file.getvalue()))
    image.load()
    print(f"{kind}: stored 20 x 10, loaded {image.size}, exif_transpose {ImageOps.exif_transpose(image).size}")
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
