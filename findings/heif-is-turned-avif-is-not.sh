#!/usr/bin/env bash
# The two formats share a container, and both store the orientation as a property of the image (irot). pillow-heif
# 1.8.1 turns a HEIC while decoding and resets the EXIF tag; Pillow 13.0.0 hands an AVIF out as it is stored, with
# the orientation as an EXIF tag. Code that treats AVIF as a kind of HEIF shows phones' AVIFs on their side.
# Seen with Pillow 13.0.0 and pillow-heif 1.8.1 on Python 3.11; `expected` holds the output.
set -euo pipefail

expected=$(cat <<'OUTPUT'
HEIF: irot in the file True, opened as (10, 20), orientation 1
AVIF: irot in the file True, opened as (20, 10), orientation 6
OUTPUT
)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TMPDIR="$folder"
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pillow==13.0.0 pillow-heif==1.8.1
found=$("$folder/venv/bin/python" - <<'PYTHON_CODE'
import io
from PIL import Image
import pillow_heif

pillow_heif.register_heif_opener()
exif = Image.Exif()
exif[0x0112] = 6
for kind in ("HEIF", "AVIF"):
    file = io.BytesIO()
    Image.new("RGB", (20, 10), "red").save(file, kind, exif=exif.tobytes())
    image = Image.open(io.BytesIO(file.getvalue()))
    image.load()
    opened = f"opened as {image.size}, orientation {image.getexif().get(0x0112)}"
    print(f"{kind}: irot in the file {b'irot' in file.getvalue()}, {opened}")
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
