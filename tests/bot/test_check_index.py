"""`python -m bot check` tries the bucket by which processes share grids."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.check.index import check_shared_grids, check_vectors
from bot.finding import Mark
from bot.settings import Settings
from data.bucket_folder import BucketFolder
from engine.gallery.galleries import open_gallery
from engine.model.checkpoint import Checkpoint
from tests.object_store import ObjectStore, named_store


@pytest.fixture(scope="module")
def store() -> Iterator[ObjectStore]:
    with named_store() as store:
        yield store


def test_a_bucket_that_takes_and_gives_is_right(store: ObjectStore) -> None:
    address = f"s3://{store.bucket}/checked"  # other tests of this process have the other folders
    finding = check_shared_grids(BucketFolder(address))
    assert (finding.mark, finding.message) == (Mark.RIGHT, f"{address} can be written and read.")
    assert [*store.contents("checked")] == ["checked/check"]


def test_a_bucket_that_does_not_exist_is_wrong(store: ObjectStore) -> None:
    finding = check_shared_grids(BucketFolder("s3://no-such-bucket/grids"))
    assert finding.mark is Mark.WRONG
    assert finding.message.startswith("s3://no-such-bucket/grids cannot be used: ")
    assert finding.message.endswith(". Without it, each process computes all grids itself.")


def test_a_bucket_that_gives_something_else_is_wrong(
    store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BucketFolder, "read", lambda *_: b"a page that asks to log in")
    finding = check_shared_grids(BucketFolder(f"s3://{store.bucket}/grids"))
    assert finding.mark is Mark.WRONG
    assert "comes back changed" in finding.message


def test_the_bucket_that_the_settings_name_is_tried(
    store: ObjectStore, settings: Settings, shipped: Checkpoint, tmp_path: Path
) -> None:
    named = settings.model_copy(update={"home": tmp_path, "features": f"s3://{store.bucket}/named"})
    findings = [*check_vectors(open_gallery(named), shipped, named)]
    assert [finding.subject for finding in findings] == ["index", "room", "shared grids"]
    assert [*store.contents("named")] == ["named/check"]
