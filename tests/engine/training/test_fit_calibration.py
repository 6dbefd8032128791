from __future__ import annotations

from dataclasses import replace
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
    right = rng.random(PHOTOS) < 0.5
    vary = lambda rows: unit(topics[rows] + 0.15 * rng.normal(size=(len(rows), WIDTH)))  # noqa: E731
    references = vary(np.repeat(topic, CAPTIONS))
    return CalibrationData(
        photos=vary(topic),
        references=references,
        teacher_references=references.reshape(PHOTOS, CAPTIONS, WIDTH),
        evidence=np.stack((np.where(right, -1.0, -1.5), np.where(right, 40.0, -40.0)), axis=1)
        + rng.normal(size=(PHOTOS, 2)) * (0.3, 40.0),
        right=right,
        weights=np.ones(PHOTOS),
    )


def test_correct_results_get_higher_probabilities(data: CalibrationData) -> None:
    fitted, fits = fit_calibration(data)
    assert set(fits) == {"caption", "find", "lookalike"}
    assert all(fit.auc > 0.8 for fit in fits.values())
    photo = data.photos[0]
    near, far = fitted.of_lookalikes(photo, np.array([0.9, -0.2]))
    assert near > 0.5 > far
    likely, unlikely = fitted.of_captions(np.array([[-1.0, 40.0], [-1.5, -40.0]]))
    assert likely > 0.5 > unlikely


def test_photos_that_weigh_more_move_the_confidence_of_captions(data: CalibrationData) -> None:
    plain, _ = fit_calibration(data)
    surer, _ = fit_calibration(replace(data, weights=np.where(data.right, 9.0, 1.0)))
    means = [fitted.of_captions(data.evidence).mean() for fitted in (plain, surer)]
    assert means[0] == pytest.approx(data.right.mean(), abs=0.02)
    assert means[1] > means[0] + 0.05


def test_a_calibration_of_fewer_numbers_weighs_the_first_ones(data: CalibrationData) -> None:
    older = replace(calibration.uncalibrated(4), caption=np.array([2.0, 0.0, 1.0], np.float32))
    found = older.of_captions(np.array([[-0.5, 7.0, 1e6], [0.0, 7.0, -1e6]]))
    np.testing.assert_allclose(found, [0.5, 1 / (1 + np.exp(-1))])


def test_a_calibration_is_saved_and_loaded_unchanged(data: CalibrationData, tmp_path: Path) -> None:
    fitted, _ = fit_calibration(data)
    fitted.save(tmp_path / "calibration.safetensors")
    loaded = calibration.load(tmp_path / "calibration.safetensors")
    query, cosines = data.photos[3], np.linspace(-1, 1, 5)
    np.testing.assert_allclose(loaded.of_find(query, cosines), fitted.of_find(query, cosines), rtol=1e-5)


def test_an_uncalibrated_network_has_probabilities_of_one_half() -> None:
    initial = calibration.uncalibrated(4)
    assert initial.of_find(np.ones(4), np.array([0.1, 0.9])).tolist() == [0.5, 0.5]
