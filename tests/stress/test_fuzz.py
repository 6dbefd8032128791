"""The short form of `make fuzz`, and tests that it finds faults."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest

from engine.photos import containers, decoding
from engine.results import WordMatch
from engine.search import indexing
from tests.bot.playground import schema
from tests.stress.fuzz import mutations
from tests.stress.fuzz.run import DecodingEngine, fuzz

CASES, IMAGES = 150, 36  # a case is an update or an album; images are two of each recipe
VARIANTS, FILES = 600, 96  # of EXIF tags; of gallery files two of each format and kind of damage


class BrokenEngine(DecodingEngine):
    """An engine that fails on single words."""

    async def similar(self, *args: Any, **kwargs: Any) -> tuple[WordMatch, ...]:
        raise RuntimeError("out of order")


def test_mutated_updates_and_malformed_images_cause_no_crash_and_no_traceback() -> None:
    report = fuzz(1, CASES, IMAGES, nullcontext(DecodingEngine()))
    assert not report.failures, "\n".join(report.lines)
    assert report.outcome.updates >= CASES
    assert min(report.outcome.answered, report.outcome.declined, report.decoded) > 0


def test_without_a_schema_types_are_inferred_from_the_seeds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(schema.VARIABLE, "/no/such/file")
    report = fuzz(1, 30, 0, nullcontext(DecodingEngine()))
    assert not report.failures, "\n".join(report.lines)
    assert {field["name"] for field in mutations.known_types()["chat"]["fields"]} >= {"id", "type", "title"}


def test_an_escaped_exception_is_found_shrunk_and_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mutations, "MAX_CHANGES", 1)  # few changes of few seeds are shrunk quickly
    monkeypatch.setattr(mutations, "UPDATES", mutations.UPDATES[:3])
    report = fuzz(1, 6, 0, nullcontext(DecodingEngine()), BrokenEngine())
    assert "RuntimeError: out of order (test_fuzz.py, similar)" in report.failures[0]
    assert report.failures[0].startswith("seed 1, round 1: ")
    assert len(report.failures[0]) < 1_000
    assert not report.passed


def test_an_image_that_crashes_the_decoder_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "check_size", lambda photo: {}[photo])
    report = fuzz(1, 0, 1, nullcontext(DecodingEngine()))
    assert "malformed_images.make_image(1, 0), valid: crash: KeyError" in report.failures[0]


def test_odd_exif_and_damaged_gallery_files_end_nothing() -> None:
    report = fuzz(1, 0, 0, nullcontext(), variants=VARIANTS, files=FILES)
    assert report.passed, "\n".join(report.lines)
    disk = report.disk
    assert (disk.variants > VARIANTS / 2, disk.files) == (True, FILES)
    assert min(disk.indexed, disk.refused) > FILES / 5


def test_a_photo_that_its_exif_makes_unreadable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "hide_exif", lambda photo: photo)
    report = fuzz(1, 0, 0, nullcontext(), variants=VARIANTS)
    assert not report.passed
    assert report.disk.failures[0].startswith("AVIF, tag 0x")
    assert "UnreadablePhotoError" in report.lines[-1]


def test_a_gallery_that_ends_the_indexing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "read_image", lambda gallery, name, side, decode=None: {}[side])
    report = fuzz(1, 0, 0, nullcontext(), files=2)
    assert not report.passed
    assert report.disk.failures[0].startswith("gallery of the files range(0, 2) of seed 1: KeyError: 32")
