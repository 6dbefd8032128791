#!/usr/bin/env bash
# Pillow 13.0.0 opens a 16-bit grey PNG as I;16, and convert("L") every value above 255 to white instead of
# scaling; a 16-bit colour PNG is scaled. Saving the grey one as GIF or AVIF clips as well, without a warning.
# Seen with Pillow 13.0.0 on Python 3.11; `expected` holds the output.
set -euo pipefail

expected=$(cat <<'OUTPUT'
grey, 16 bits: I;16, middle grey as L: 255
colour, 16 bits: RGB, middle grey: 128
saved as GIF: middle grey 255
saved as AVIF: middle grey 255
OUTPUT
)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TMPDIR="$folder"
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pillow==13.0.0
found=$("$folder/venv/bin/python" - <<'PYTHON_CODE'
import io
import struct
import zlib
from PIL import Image


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(colour, channels):
    rows = (b"\0" + struct.pack(">H", 32896) * channels * 4) * 4
    head = struct.pack(">IIBBBBB", 4, 4, 16, colour, 0, 0, 0)
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b""))
    return Image.open(io.BytesIO(b"\x89PNG\r\n\x1a\n" + b"".join(parts)))


grey, colour = png(0, 1), png(2, 3)
print(f"grey, 16 bits: {grey.mode}, middle grey as L: {grey.convert('L').getpixel((1, 1))}")
print(f"colour, 16 bits: {colour.mode}, middle grey: {colour.getpixel((1, 1))[0]}")
for kind in ("GIF", "AVIF"):
    file = io.BytesIO()
    grey.save(file, kind)
    print(f"saved as {kind}: middle grey {Image.open(io.BytesIO(file.getvalue())).convert('L').getpixel((1, 1))}")
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
