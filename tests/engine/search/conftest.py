"""What tests of buckets share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from data import bucket_folder
from tests.object_store import ObjectStore, running_store


@pytest.fixture(scope="module")
def store() -> Iterator[ObjectStore]:
    """A store that the environment names."""
    with running_store() as store, pytest.MonkeyPatch.context() as changed:
        for name, value in store.environment.items():
            changed.setenv(name, value)
        bucket_folder._files.cache_clear()
        yield store
        bucket_folder._files.cache_clear()
