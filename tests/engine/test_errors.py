"""The engine's errors."""

from __future__ import annotations

import pickle

import pytest

from engine.errors import (
    BadInputError,
    BusyError,
    ClusterError,
    EngineError,
    PhotosAwayError,
    UnknownWordError,
)

ERRORS = [
    BadInputError(key="photo-too-wide", width="9", height="1"),
    UnknownWordError("xyzzy", ("fuzzy",)),
    BusyError(),
    PhotosAwayError(),
    ClusterError("One line."),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_crosses_processes_as_it_is(error: EngineError) -> None:
    arrived = pickle.loads(pickle.dumps(error))
    assert type(arrived) is type(error)
    assert str(arrived) == str(error)
    assert vars(arrived) == vars(error)
