from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.model import calibration
from engine.training.fit_calibration import CalibrationData, fit_calibration

PHOTOS, CAPTIONS, WIDTH = 36, 3, 12


def unit(x: np.ndarray) -> np.ndarray:
    return (x / np.linalg.norm(x, axis=-1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def data() -> CalibrationData:
    """Photos of six topics; half of the generated captions are correct, and those are more confident."""
    rng = np.random.default_rng(0)
    topics = unit(rng.normal(size=(6, WIDTH)))
    topic = rng.integers(6, size=PHOTOS)
    generated = np.where(rng.random(PHOTOS) < 0.5, topic, (topic + 1) % 6)
    vary = lambda rows: unit(topics[rows] + 0.15 * rng.normal(size=(len(rows), WIDTH)))  # noqa: E731
    references = vary(np.repeat(topic, CAPTIONS))
    return CalibrationData(
        photos=vary(topic),
        references=references,
        teacher_references=references.reshape(PHOTOS, CAPTIONS, WIDTH),
        generated=vary(generated),
        teacher_generated=vary(generated),
        log_probabilities=np.where(generated == topic, -1.0, -1.5) + 0.3 * rng.normal(size=PHOTOS),
    )


def test_correct_results_get_higher_probabilities(data: CalibrationData) -> None:
    fitted, fits = fit_calibration(data)
    assert set(fits) == {"caption", "find", "lookalike"}
    assert all(fit.auc > 0.8 for fit in fits.values())
    photo = data.photos[0]
    near, far = fitted.of_lookalikes(photo, np.array([0.9, -0.2]))
    assert near > 0.5 > far
    caption = fitted.of_captions(np.stack((photo, -photo)), photo, np.array([-1.2, -1.2]))
    assert caption[0] > caption[1]


def test_a_calibration_is_saved_and_loaded_unchanged(data: CalibrationData, tmp_path: Path) -> None:
    fitted, _ = fit_calibration(data)
    fitted.save(tmp_path / "calibration.safetensors")
    loaded = calibration.load(tmp_path / "calibration.safetensors")
    query, cosines = data.photos[3], np.linspace(-1, 1, 5)
    np.testing.assert_allclose(loaded.of_find(query, cosines), fitted.of_find(query, cosines), rtol=1e-5)


def test_an_uncalibrated_network_has_probabilities_of_one_half() -> None:
    initial = calibration.uncalibrated(4)
    assert initial.of_find(np.ones(4), np.array([0.1, 0.9])).tolist() == [0.5, 0.5]
