"""A full disk, for real: whatever is mapped or replaced raises an error, and nothing ends the process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.small_disk import run_on_small_disk

PHOTOS = 60  # their grids take several pages


@pytest.fixture(scope="module")
def report(tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a process found that ran on a small disk."""
    from PIL import Image

    folder = tmp_path_factory.mktemp("full")
    (folder / "mine").mkdir()
    for number in range(PHOTOS):
        colour = (37 * number % 256, 91 * number % 256, 4 * number)
        Image.new("RGB", (40, 30), colour).save(folder / "mine" / f"{number}.png")
    ended = run_on_small_disk(
        folder / "disk", "tests.engine.search.full_disk", str(tiny_folder), str(folder / "mine")
    )
    assert ended.returncode == 0, ended
    report: dict[str, Any] = json.loads(ended.stdout)
    return report


def test_grids_whose_room_was_allocated_are_filled_on_a_full_disk(report: dict[str, Any]) -> None:
    assert report["allocated"]["prepared"] == PHOTOS
    assert report["allocated"]["found"] > 1
    assert not report["allocated_one_stage"]


def test_sparse_grids_of_an_older_version_cost_the_second_stage_and_not_the_process(
    report: dict[str, Any],
) -> None:
    assert report["sparse_one_stage"]
    assert report["sparse"]["found"] == report["allocated"]["found"]


def test_what_finds_no_room_raises_and_leaves_nothing_behind(report: dict[str, Any]) -> None:
    assert report["array"] == "ENOSPC"
    assert report["index"] == "an OSError"  # Annoy raises it without a number
    assert report["vectors"] == "an OSError"
    assert report["left"] == []
