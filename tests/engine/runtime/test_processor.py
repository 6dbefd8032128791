"""What the engine sees of a processor."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.runtime import processor
from engine.runtime.processor import ISA_CAP, has_int8_dot_product

CPU_INFO = "processor\t: 0\nmodel name\t: Some: CPU\nflags\t\t: fpu sse avx2 {}\nbugs\t\t: mds\n"


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Read the processor's features anew, before and after a test."""
    monkeypatch.delenv(ISA_CAP, raising=False)
    processor._flags.cache_clear()
    yield
    processor._flags.cache_clear()


def run_on(feature: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cpuinfo").write_text(CPU_INFO.format(feature) * 2)
    monkeypatch.setattr(processor, "CPU_INFO", tmp_path / "cpuinfo")


@pytest.mark.parametrize(
    ("feature", "expected"),
    [("avx512_vnni", True), ("avx_vnni", True), ("amx_int8", True), ("avx512bw", False), ("vnni", False)],
)
def test_int8_needs_dot_products(
    feature: str, expected: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_on(feature, tmp_path, monkeypatch)
    assert has_int8_dot_product() is expected


@pytest.mark.parametrize(
    ("cap", "expected"),
    [("avx2", False), ("AVX512_CORE", False), ("AVX512_CORE_VNNI", True), ("AVX2_VNNI", True), ("", True)],
)
def test_a_cap_hides_dot_products(
    cap: str, expected: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_on("avx512_vnni", tmp_path, monkeypatch)
    monkeypatch.setenv(ISA_CAP, cap)
    assert has_int8_dot_product() is expected


def test_without_linux_there_is_no_int8(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processor, "CPU_INFO", tmp_path / "nowhere")
    assert not has_int8_dot_product()
