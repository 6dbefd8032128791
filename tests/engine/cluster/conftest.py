"""What the tests of Ray share."""

from __future__ import annotations

import gc
import os
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from importlib.util import find_spec
from pathlib import Path

import pytest

from data import bucket_folder
from engine.cluster.connection import connected
from engine.settings import EngineSettings
from tests.object_store import NO_STORE, ObjectStore, running_store


@pytest.fixture(scope="package")
def environment() -> Iterator[None]:
    """Give back the environment as it was before Ray, and with it a bucket of S3, changed it."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="package")
def bucket(environment: None) -> Iterator[ObjectStore | None]:
    """A store that the environment names, of which Ray's processes have a copy; None where there is none."""
    with ExitStack() as running:
        store = None
        with suppress(pytest.skip.Exception):  # of those who ask for it, not of all that need Ray
            store = running.enter_context(running_store())
            os.environ.update(store.environment)
        bucket_folder._files.cache_clear()
        yield store
        bucket_folder._files.cache_clear()


@pytest.fixture
def store(bucket: ObjectStore | None) -> ObjectStore:
    """That store."""
    return bucket or pytest.skip(NO_STORE)


# Not of the session: its ten processes are never idle.
@pytest.fixture(scope="package")
def on_ray(
    environment: None, bucket: ObjectStore | None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EngineSettings]:
    """Settings of a process that is connected to a Ray of its own, one for all tests of this folder."""
    if find_spec("ray") is None:  # imported later: it reads the environment when it is
        pytest.skip("no Ray")
    home = tmp_path_factory.mktemp("home")
    settings = EngineSettings(engine="ray", home=home, replicas=2, max_replicas=3, waiting=4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Ray itself
        with connected(settings):
            yield settings
        gc.collect()  # Ray does not wait for its processes, of which Python warns


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of two versions of weights."""
    folder = tmp_path_factory.mktemp("weights")
    for version in ("first", "second"):
        (folder / version).mkdir()
        (folder / version / "manifest.json").write_text(f'"{version}"')
    return folder
