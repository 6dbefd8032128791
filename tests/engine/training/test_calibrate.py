from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.model import calibration
from engine.training.calibrate import Judged, calibrate

PHOTOS, CAPTIONS, WIDTH = 36, 3, 12


def unit(x: np.ndarray) -> np.ndarray:
    return (x / np.linalg.norm(x, axis=-1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def judged() -> Judged:
    """Photos of six things; half of what is said about them is true, and said with more confidence."""
    rng = np.random.default_rng(0)
    things = unit(rng.normal(size=(6, WIDTH)))
    kind = rng.integers(6, size=PHOTOS)
    said = np.where(rng.random(PHOTOS) < 0.5, kind, (kind + 1) % 6)
    vary = lambda numbers: unit(things[numbers] + 0.15 * rng.normal(size=(len(numbers), WIDTH)))  # noqa: E731
    captions = vary(np.repeat(kind, CAPTIONS))
    return Judged(
        photos=vary(kind),
        texts=captions,
        teacher=captions.reshape(PHOTOS, CAPTIONS, WIDTH),
        said=vary(said),
        said_teacher=vary(said),
        log_probabilities=np.where(said == kind, -1.0, -1.5) + 0.3 * rng.normal(size=PHOTOS),
    )


def test_answers_that_are_right_are_surer(judged: Judged) -> None:
    fitted, fits = calibrate(judged)
    assert set(fits) == {"caption", "find", "lookalike"}
    assert all(fit.auc > 0.8 for fit in fits.values())
    photo = judged.photos[0]
    near, far = fitted.of_lookalikes(photo, np.array([0.9, -0.2]))
    assert near > 0.5 > far
    caption = fitted.of_captions(np.stack((photo, -photo)), photo, np.array([-1.2, -1.2]))
    assert caption[0] > caption[1]


def test_a_calibration_comes_back_as_it_was_saved(judged: Judged, tmp_path: Path) -> None:
    fitted, _ = calibrate(judged)
    fitted.save(tmp_path / "calibration.safetensors")
    loaded = calibration.load(tmp_path / "calibration.safetensors")
    query, cosines = judged.photos[3], np.linspace(-1, 1, 5)
    np.testing.assert_allclose(loaded.of_find(query, cosines), fitted.of_find(query, cosines), rtol=1e-5)


def test_what_was_not_measured_is_as_likely_right_as_wrong() -> None:
    bare = calibration.uncalibrated(4)
    assert bare.of_find(np.ones(4), np.array([0.1, 0.9])).tolist() == [0.5, 0.5]
