"""What this processor can do."""

from __future__ import annotations

import os
import platform
from functools import cache
from pathlib import Path

INT8_FEATURES = frozenset({"avx512_vnni", "avx_vnni", "amx_int8"})
CPU_INFO = Path("/proc/cpuinfo")
# Names the greatest instruction set that oneDNN, and with it OpenVINO, may use (oneDNN's "CPU dispatcher
# control"). Those that are not listed have int8 dot products.
ISA_CAP = "ONEDNN_MAX_CPU_ISA"
CAPS_WITHOUT_INT8 = frozenset({"SSE41", "AVX", "AVX2", "AVX512_CORE"})


def has_int8_dot_product() -> bool:
    """Return whether there are instructions that make int8 exact and faster than float32.

    Elsewhere pairs of products are added in 16 bits, which overflow.
    """
    return os.environ.get(ISA_CAP, "").upper() not in CAPS_WITHOUT_INT8 and bool(INT8_FEATURES & _flags())


def description() -> str:
    """Return what machine code depends on: the architecture, and the features that may be used."""
    return " ".join((platform.machine(), os.environ.get(ISA_CAP, ""), *sorted(_flags())))


@cache
def _flags() -> frozenset[str]:
    """Return the features that Linux lists; none elsewhere."""
    try:
        lines = CPU_INFO.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return frozenset()
    return frozenset(next((line.split(":")[1].split() for line in lines if line.startswith("flags")), ()))
