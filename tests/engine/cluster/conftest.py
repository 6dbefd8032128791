"""What the tests of Ray share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of two versions of weights."""
    folder = tmp_path_factory.mktemp("weights")
    for version in ("first", "second"):
        (folder / version).mkdir()
        (folder / version / "manifest.json").write_text(f'"{version}"')
    return folder
