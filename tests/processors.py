"""Kinds of processors, as parameters of tests.

What the network computes in depends on what the processor can do: int8 where there are int8 dot products,
bfloat16 where it is fast, float32 otherwise (`has_int8_dot_product`, `fast_precision`). Both ask
`torch.cpu.get_capabilities()`, which these fixtures of `tests/engine/conftest.py` replace:

- `processor` runs a test once for each kind of processor.
- `capped_processor` follows `ONEDNN_MAX_CPU_ISA`: where oneDNN, and with it torch and OpenVINO, has to leave
  features unused (`make test-processors`), the whole run sees a processor without them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import torch

from engine.model.int8 import has_int8_dot_product
from engine.model.openvino_backend import fast_precision

ISA_CAP = os.environ.get("ONEDNN_MAX_CPU_ISA", "DEFAULT").upper()
VNNI, BFLOAT16 = "avx512_vnni", "avx512_bf16"
# Whether this processor computes in bfloat16: elsewhere OpenVINO may ignore the hint, and compute exactly.
HAS_BFLOAT16 = fast_precision() is torch.bfloat16 and ISA_CAP in {"DEFAULT", "AVX512_CORE_BF16"}
# Two products of 255 and 127 exceed 32,767: 256 ones times 256 ones make 129.5 there.
NO_INT8 = "no int8 dot product: pairs of products are added in 16 bits, which overflow"
# oneDNN's names of instruction sets: the features among those the engine asks for that each leaves.
FEATURES_UNDER_CAP = {
    "AVX512_CORE": (),
    "AVX512_CORE_VNNI": (VNNI,),
    "AVX512_CORE_BF16": (VNNI, BFLOAT16),
}


@dataclass(frozen=True)
class Processor:
    """A kind of processor, and how far from exact the network may be on it.

    Attributes:
        name: what it computes in.
        features: as torch names them.
        joint_tolerance: greatest difference of one component of the tiny network's joint vectors of photos
            after saving and loading. Weights are saved as float16, which alone makes 0.0013; with bfloat16,
            0.010 was measured (three networks, four photos each).
        cosine: least cosine between a photo's joint vector and the exact one, with the network that ships.
            Measured with one photo: 1.0 in float32, 0.9997 in bfloat16, 0.9988 in int8.
    """

    name: str
    features: tuple[str, ...]
    joint_tolerance: float
    cosine: float


PROCESSORS = (
    # Intel since Cooper Lake, AMD since Zen 4
    Processor("int8+bfloat16", (VNNI, BFLOAT16), joint_tolerance=0.02, cosine=0.997),
    # Intel Cascade Lake, Ice Lake, Alder Lake
    Processor("int8", (VNNI,), joint_tolerance=0.002, cosine=0.997),
    # ARM since Neoverse V1: the engine uses no int8 there
    Processor("bfloat16", ("bf16",), joint_tolerance=0.02, cosine=0.999),
    # all before
    Processor("float32", (), joint_tolerance=0.002, cosine=0.9999),
)
# For tests in which nothing can be int8: two kinds differ.
by_precision = pytest.mark.parametrize(
    "processor", [p for p in PROCESSORS if VNNI not in p.features], ids=lambda p: p.name, indirect=True
)


@pytest.fixture(scope="session", autouse=True)
def capped_processor() -> Iterator[None]:
    """Hide what `ONEDNN_MAX_CPU_ISA` takes away: `get_capabilities` asks the processor itself."""
    with pytest.MonkeyPatch.context() as patch:
        if ISA_CAP in FEATURES_UNDER_CAP:
            able = torch.cpu.get_capabilities()
            left = {name: bool(able.get(name)) for name in FEATURES_UNDER_CAP[ISA_CAP]}
            patch.setattr(torch.cpu, "get_capabilities", lambda: left)
        yield


@pytest.fixture(params=PROCESSORS, ids=lambda processor: processor.name)
def processor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Processor:
    """Run the test as on this kind of processor.

    int8 is left out where there are no int8 dot products: no engine uses it there, and its sums are wrong.
    bfloat16 is right everywhere: OpenVINO emulates or ignores it on processors without it.
    """
    kind: Processor = request.param
    if VNNI in kind.features and not has_int8_dot_product():
        pytest.skip(NO_INT8)
    simulate(kind, monkeypatch)
    return kind


def simulate(kind: Processor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the engine see the features of a kind of processor: enough for tests that compute nothing."""
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: dict.fromkeys(kind.features, True))
