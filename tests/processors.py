"""Kinds of processors, as parameters of tests.

The network computes in int8 where there are int8 dot products, in float32 elsewhere
(`engine.runtime.processor.has_int8_dot_product`). The `processor` fixture of `tests/engine/conftest.py` runs
a test once for each kind. Where `ONEDNN_MAX_CPU_ISA` takes the dot products away (`make test-processors`),
all tests see a processor without them.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from engine.runtime import processor as processors
from engine.runtime.processor import has_int8_dot_product

# Two products of 255 and 127 exceed 32,767: 256 ones times 256 ones make 129.5 there.
NO_INT8 = "no int8 dot product: pairs of products are added in 16 bits, which overflow"


@dataclass(frozen=True)
class Processor:
    """A kind of processor.

    Attributes:
        name: what it computes in.
        features: as Linux names them.
    """

    name: str
    features: frozenset[str]


PROCESSORS = (
    # Intel since Cascade Lake and Alder Lake, AMD since Zen 4
    Processor("int8", frozenset({"avx512_vnni"})),
    # x86 before, and ARM: the engine uses no int8 there
    Processor("float32", frozenset()),
)

# Marks a test that takes `processor` and computes in int8.
with_int8 = pytest.mark.parametrize(
    "processor", [kind for kind in PROCESSORS if kind.name == "int8"], ids=["int8"], indirect=True
)


@pytest.fixture(params=PROCESSORS, ids=lambda kind: kind.name)
def processor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Processor:
    """Run the test as on this kind of processor.

    int8 is left out where there are no int8 dot products: no engine uses it there, and its sums are wrong.
    """
    kind: Processor = request.param
    if kind.features and not has_int8_dot_product():
        pytest.skip(NO_INT8)
    simulate(kind, monkeypatch)
    return kind


def simulate(kind: Processor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the engine see the features of a kind of processor: enough for tests that compute nothing."""
    monkeypatch.delenv(processors.ISA_CAP, raising=False)
    monkeypatch.setattr(processors, "_flags", lambda: kind.features)
