#!/usr/bin/env bash
# Pillow 13.0.0 refuses to open a PNG for its metadata alone: a compressed comment, or a colour profile, that unfolds
# to more than a megabyte. Scanners write such comments, and printers' profiles are as large. No pixel is concerned,
# and Image.open raises before one could ask for less.
set -euo pipefail

expected=$(cat <<'OUTPUT'
a comment of 1.2 MB: ValueError
a colour profile of 1.2 MB: ValueError
without them: opens
OUTPUT
)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pillow==13.0.0
found=$("$folder/venv/bin/python" - <<'PYTHON_CODE'
import io
import os
import struct
import zlib
from PIL import Image

file = io.BytesIO()
Image.new("RGB", (8, 8)).save(file, "PNG")
png = file.getvalue()


def with_chunk(kind, body):
    return png[:33] + struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) + png[33:]


files = {
    "a comment of 1.2 MB": with_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"scanned by a scanner" * 60_000)),
    "a colour profile of 1.2 MB": with_chunk(b"iCCP", b"printer\0\0" + zlib.compress(bytes(1_200_000))),
    "without them": png,
}
for name, data in files.items():
    try:
        Image.open(io.BytesIO(data))
    except ValueError as error:
        print(f"{name}: {type(error).__name__}")
    else:
        print(f"{name}: opens")
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
