#!/usr/bin/env bash
# Pillow's writers take exif= as bytes or as an Image.Exif, alike for JPEG, PNG, WebP and AVIF. pillow-heif 1.8.1 takes
# both, too, but turns the picture (irot) only for bytes: with an Image.Exif the HEIC says in its EXIF that it lies on
# its side, readers rightly ignore that (ISO/IEC 23008-12: irot decides), and the photo stays on its side.
# Seen with Pillow 13.0.0 and pillow-heif 1.8.1 on Python 3.11; `expected` holds the output.
set -euo pipefail

expected=$(cat <<'OUTPUT'
HEIF, exif as bytes: shown 10 x 20
HEIF, exif as Image.Exif: shown 20 x 10
AVIF, exif as bytes: shown 10 x 20
AVIF, exif as Image.Exif: shown 10 x 20
JPEG, exif as bytes: shown 10 x 20
JPEG, exif as Image.Exif: shown 10 x 20
PNG, exif as bytes: shown 10 x 20
PNG, exif as Image.Exif: shown 10 x 20
WEBP, exif as bytes: shown 10 x 20
WEBP, exif as Image.Exif: shown 10 x 20
OUTPUT
)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TMPDIR="$folder"
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pillow==13.0.0 pillow-heif==1.8.1
found=$("$folder/venv/bin/python" - <<'PYTHON_CODE'
import io
from PIL import Image, ImageOps
import pillow_heif

pillow_heif.register_heif_opener()
for kind in ("HEIF", "AVIF", "JPEG", "PNG", "WEBP"):
    exif = Image.Exif()
    exif[0x0112] = 6
    for name, given in (("bytes", exif.tobytes()), ("Image.Exif", exif)):
        file = io.BytesIO()
        Image.new("RGB", (20, 10), "red").save(file, kind, exif=given)
        shown = ImageOps.exif_transpose(Image.open(io.BytesIO(file.getvalue())))
        print(f"{kind}, exif as {name}: shown {shown.width} x {shown.height}")
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
