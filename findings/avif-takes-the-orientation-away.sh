#!/usr/bin/env bash
# Saving an AVIF with exif=Image.Exif takes the orientation out of the caller's object (Pillow 13.0.0 moves it to the
# image's irot property). Whatever is saved with the same object afterwards lies on its side. A JPEG leaves it alone.
# Seen with Pillow 13.0.0 on Python 3.11; `expected` holds the output.
set -euo pipefail

expected=$(cat <<'OUTPUT'
after a JPEG: 6
after an AVIF: None
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

exif = Image.Exif()
exif[0x0112] = 6
for name, kind in (("a JPEG", "JPEG"), ("an AVIF", "AVIF")):
    Image.new("RGB", (20, 10)).save(io.BytesIO(), kind, exif=exif)
    print(f"after {name}: {exif.get(0x0112)}")
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
