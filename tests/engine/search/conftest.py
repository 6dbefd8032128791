"""What tests of buckets share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.object_store import ObjectStore, named_store


@pytest.fixture(scope="module")
def store() -> Iterator[ObjectStore]:
    """A store that the environment names."""
    with named_store() as store:
        yield store
