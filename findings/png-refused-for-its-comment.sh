#!/usr/bin/env bash
# Pillow 13.0.0 refuses to open a PNG for its metadata alone: a compressed comment, or a colour profile, that unfolds
# to more than a megabyte. No pixel is concerned, and Image.open raises before one could ask for less.
# Seen with Pillow 13.0.0 on Python 3.11; `expected` holds the output.
set -euo pipefail

expected=$(cat <<'OUTPUT'
a comment of 1.2 MB: ValueError
a colour profile of 1.2 MB: ValueError
without them: opens
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
from PIL import Image, ImageCms

file = io.BytesIO()
Image.new("RGB", (8, 8)).save(file, "PNG")
png = file.getvalue()


def with_chunk(kind, body):
    return png[:33] + struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) + png[33:]


def large_profile():
    """sRGB with a private tag of 1.2 MB (ICC.1: a tag table of signature, offset and size follows the header)."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    (count,) = struct.unpack_from(">I", profile, 128)
    table = b""
    for tag in range(count):
        name, offset, size = struct.unpack_from(">4sII", profile, 132 + 12 * tag)
        table += struct.pack(">4sII", name, offset + 12, size)
    extra = b"data" + bytes(1_200_000)
    table += struct.pack(">4sII", b"priv", len(profile) + 12, len(extra))
    body = profile[4:128] + struct.pack(">I", count + 1) + table + profile[132 + 12 * count :] + extra
    whole = struct.pack(">I", len(body) + 4) + body
    ImageCms.ImageCmsProfile(io.BytesIO(whole))  # valid: littlecms opens it
    return whole


files = {
    "a comment of 1.2 MB": with_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"scanned by a scanner" * 60_000)),
    "a colour profile of 1.2 MB": with_chunk(b"iCCP", b"printer\0\0" + zlib.compress(large_profile())),
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
