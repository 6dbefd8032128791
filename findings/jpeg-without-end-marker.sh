#!/usr/bin/env bash
# Pillow 13.0.0 refuses a JPEG that lacks only its two-byte end marker, although every pixel is there. Its switch
# LOAD_TRUNCATED_IMAGES accepts it, but also a file of which half is missing, without a sign.
# Appending the marker is no test either: half a file with a marker is decoded, and the rest filled with grey.
# What tells them apart: a whole picture does not change when other bytes stand before the appended marker.
# Seen with Pillow 13.0.0 on Python 3.11; `expected` holds the output.
set -euo pipefail

expected=$(cat <<'OUTPUT'
as it is: OSError
with the marker appended: loads
half of it, LOAD_TRUNCATED_IMAGES: loads
half of it, with the marker appended: loads
whole, bytes before the marker change the picture: False
half, bytes before the marker change the picture: True
OUTPUT
)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export TMPDIR="$folder"
"${PYTHON:-python3}" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pillow==13.0.0
found=$("$folder/venv/bin/python" - <<'PYTHON_CODE'
import io
from PIL import Image, ImageFile

file = io.BytesIO()
Image.effect_noise((64, 64), 90).convert("RGB").save(file, "JPEG")
whole, end = file.getvalue()[:-2], b"\xff\xd9"
half = whole[: len(whole) // 2]


def load(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    return image.tobytes()


def outcome(data):
    try:
        load(data)
    except OSError as error:
        return type(error).__name__
    return "loads"


print("as it is:", outcome(whole))
print("with the marker appended:", outcome(whole + end))
ImageFile.LOAD_TRUNCATED_IMAGES = True
print("half of it, LOAD_TRUNCATED_IMAGES:", outcome(half))
ImageFile.LOAD_TRUNCATED_IMAGES = False
print("half of it, with the marker appended:", outcome(half + end))
for name, data in (("whole", whole), ("half", half)):
    changes = load(data + end) != load(data + b"\x5a\xa5" * 64 + end)
    print(f"{name}, bytes before the marker change the picture: {changes}")
PYTHON_CODE
)
echo "$found"
[ "$found" = "$expected" ] || { echo "This has changed. Before:" >&2; echo "$expected" >&2; exit 1; }
