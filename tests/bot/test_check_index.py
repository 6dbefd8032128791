"""`python -m bot check` tries the bucket by which processes share grids."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.check.index import check_shared_grids
from bot.finding import Mark
from data import bucket_folder
from data.bucket_folder import BucketFolder
from tests.object_store import ObjectStore, running_store


@pytest.fixture(scope="module")
def store() -> Iterator[ObjectStore]:
    with running_store() as store, pytest.MonkeyPatch.context() as changed:
        for name, value in store.environment.items():
            changed.setenv(name, value)
        bucket_folder._files.cache_clear()
        yield store
        bucket_folder._files.cache_clear()


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
