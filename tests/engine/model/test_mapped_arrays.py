"""Arrays that stay on the disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from engine.model.mapped_arrays import map_arrays


def test_arrays_are_as_they_were_stored(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    arrays = {
        name: np.asarray(100 * rng.standard_normal(shape)).astype(kind)
        for name, shape, kind in (
            ("matrix", (3, 5), np.float16),
            ("number", (), np.float32),
            ("rows", (7, 1), np.int8),
            ("table", (2, 2, 2), np.int64),
            ("nothing", (0, 4), np.float32),
        )
    }
    file = tmp_path / "arrays.safetensors"
    save_file(arrays, file, {"of": "a test"})
    mapped = map_arrays(file)
    assert mapped.keys() == arrays.keys()
    for name, expected in arrays.items():
        assert mapped[name].dtype == expected.dtype
        np.testing.assert_array_equal(mapped[name], expected)
    file.unlink()  # as a network that is saved again does
    np.testing.assert_array_equal(mapped["matrix"], arrays["matrix"])


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_file_that_is_cut_off_is_refused(tmp_path: Path, share: float) -> None:
    file = tmp_path / "arrays.safetensors"
    save_file({"matrix": np.ones((30, 30), np.float32)}, file)
    content = file.read_bytes()
    file.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ValueError, match=r"."):
        map_arrays(file)
