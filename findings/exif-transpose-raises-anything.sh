#!/usr/bin/env bash
# ImageOps.exif_transpose of Pillow 13.0.0 turns the picture and then writes the whole EXIF block back. A tag whose
# type is not the one that is usual for it, next to an orientation, makes it raise whatever packing that tag raises:
# struct.error or TypeError here, not OSError, which callers catch for damaged images. The picture itself decodes
# without complaint.
# Seen with Pillow 13.0.0 on Python 3.11; `expected` holds the output.
set -euo pipefail

expected=$(cat <<'OUTPUT'
bits per sample as text: loads, exif_transpose raises struct.error
resolution as text: loads, exif_transpose raises builtins.TypeError
strip offsets as a fraction: loads, exif_transpose raises struct.error
orientation alone: loads, exif_transpose works
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
from PIL import Image, ImageOps


def tiff(*entries):
    body, beyond = struct.pack("<H", len(entries)), b""
    end = 8 + 2 + 12 * len(entries) + 4
    for tag, kind, count, value in entries:
        field = value.ljust(4, b"\0") if len(value) <= 4 else struct.pack("<I", end + len(beyond))
        beyond += b"" if len(value) <= 4 else value
        body += struct.pack("<HHI", tag, kind, count) + field
    return b"Exif\0\0II*\0" + struct.pack("<I", 8) + body + struct.pack("<I", 0) + beyond


turned = (0x0112, 3, 1, struct.pack("<H", 6))
tags = (
    ("bits per sample as text", ((0x0102, 2, 4, b"8,8\0"), turned)),
    ("resolution as text", (turned, (0x011A, 2, 4, b"300\0"))),
    ("strip offsets as a fraction", ((0x0111, 5, 1, struct.pack("<II", 1, 0)), turned)),
    ("orientation alone", (turned,)),
)
for name, entries in tags:
    file = io.BytesIO()
    Image.new("RGB", (20, 10)).save(file, "JPEG", exif=tiff(*entries))
    image = Image.open(io.BytesIO(file.getvalue()))
    image.load()
    try:
        ImageOps.exif_transpose(image)
    except Exception as error:
        print(f"{name}: loads, exif_transpose raises {type(error).__module__}.{type(error).__name__}")
    else:
        print(f"{name}: loads, exif_transpose works")
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
