"""Arrays of a safetensors file that stay on the disk until they are used: its own library copies them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import numpy as np

_LENGTH: Final = 8  # bytes of the header's length at the start of a file
_DTYPES: Final = {"F16": "<f2", "F32": "<f4", "I8": "i1", "U8": "u1", "I32": "<i4", "I64": "<i8"}


def map_arrays(file: Path) -> dict[str, np.ndarray]:
    """Return the arrays of a file by name, read-only.

    Raises:
        KeyError: an array has a type that no network has.
        OSError: the file cannot be read.
        ValueError: it is damaged.
    """
    with file.open("rb") as content:
        length = int.from_bytes(content.read(_LENGTH), "little")
        header = json.loads(content.read(length))
    stored = np.asarray(np.memmap(file, np.uint8, "r", offset=_LENGTH + length))
    return {
        name: stored[slice(*entry["data_offsets"])].view(_DTYPES[entry["dtype"]]).reshape(entry["shape"])
        for name, entry in header.items()
        if name != "__metadata__"
    }
