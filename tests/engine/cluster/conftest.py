"""What the tests of Ray share."""

from __future__ import annotations

import gc
import os
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from engine.cluster.connection import connected
from engine.settings import EngineSettings


# Not of the session: its ten processes are never idle.
@pytest.fixture(scope="package")
def on_ray(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineSettings]:
    """Settings of a process that is connected to a Ray of its own, one for all tests of this folder."""
    if find_spec("ray") is None:  # imported later: it reads the environment when it is
        pytest.skip("no Ray")
    home = tmp_path_factory.mktemp("home")
    settings = EngineSettings(engine="ray", home=home, replicas=2, max_replicas=3, waiting=4)
    before = dict(os.environ)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Ray itself
        with connected(settings):
            yield settings
        gc.collect()  # Ray does not wait for its processes, of which Python warns
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of two versions of weights."""
    folder = tmp_path_factory.mktemp("weights")
    for version in ("first", "second"):
        (folder / version).mkdir()
        (folder / version / "manifest.json").write_text(f'"{version}"')
    return folder
