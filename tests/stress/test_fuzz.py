"""The short form of `make fuzz`, and that it can fail."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from engine.photos import preprocess
from tests.bot.playground import schema
from tests.stress.fuzz import SeeingEngine, fuzz
from tests.stress.mutations import known_types


def test_rubbish_brings_neither_a_crash_nor_a_traceback() -> None:
    report = fuzz(1, 300, 60, nullcontext(SeeingEngine()))
    assert not report.failures, "\n".join(report.lines)
    assert report.outcome.updates >= 300
    assert min(report.outcome.answered, report.outcome.declined, report.opened) > 0


def test_without_a_schema_the_seeds_tell_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(schema.VARIABLE, "/no/such/file")
    report = fuzz(1, 60, 0, nullcontext(SeeingEngine()))
    assert not report.failures, "\n".join(report.lines)
    assert {field["name"] for field in known_types()["chat"]["fields"]} >= {"id", "type", "title"}


def test_an_error_is_found_made_small_and_told() -> None:
    broken = SeeingEngine()
    broken.error = RuntimeError("out of order")
    report = fuzz(1, 20, 0, nullcontext(SeeingEngine()), broken)
    assert "RuntimeError: out of order (stage.py, _ask)" in report.failures[0]
    assert report.failures[0].startswith("seed 1, round 1: ")
    assert len(report.failures[0]) < 1_000
    assert not report.good


def test_an_image_that_brings_the_decoder_down_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preprocess, "FORMATS", ("NO SUCH",))
    report = fuzz(1, 0, 1, nullcontext(SeeingEngine()))
    assert "hostile.picture(1, 0), whole: crash: KeyError" in report.failures[0]
