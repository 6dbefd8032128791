"""Fitting `engine.model.calibration`: logistic regressions on a split and on everyday photos.

Captions are judged by the words of reference captions, on everyday photos as on the split; results of
searches by a sentence encoder.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from engine.model.calibration import Calibration, uncalibrated

RESULTS_PER_QUERY = 10
DISAGREEMENT = 5  # percent of reference captions allowed below the threshold of agreement
MAX_FOLDS = 5  # of the cross-validation
MIN_SCALE = 1e-6  # of a feature


@dataclass(frozen=True)
class CalibrationData:
    """The outputs of a network on a split of N photos, and their embeddings by a sentence encoder.

    Attributes:
        photos: (N, J) joint embeddings.
        references: (N * K, J) joint embeddings of the reference captions, the K of each photo side by side.
        teacher_references: (N, K, D) unit embeddings of these captions by the sentence encoder.
        evidence: (M, E), what speaks for captions of these photos and of others, see
            `engine.words.caption_evidence`.
        right: (M,), whether these captions are right.
        weights: (M,), of them in the fit.
    """

    photos: np.ndarray
    references: np.ndarray
    teacher_references: np.ndarray
    evidence: np.ndarray
    right: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True)
class CalibrationFit:
    """A fitted logistic regression and its cross-validated quality.

    Attributes:
        weights: of the features, and the intercept.
        positive_share: share of correct results.
        baseline_auc: AUC of a threshold on the first feature alone.
        auc: AUC of the fit.
        brier: Brier score of the fit.
    """

    weights: np.ndarray
    positive_share: float
    baseline_auc: float
    auc: float
    brier: float

    def to_dict(self) -> dict[str, float]:
        """Return the metrics under their names in a manifest."""
        metrics = {
            "right": self.positive_share,
            "flat_auc": self.baseline_auc,
            "auc": self.auc,
            "brier": self.brier,
        }
        return {name: round(value, 3) for name, value in metrics.items()}


def fit_calibration(data: CalibrationData) -> tuple[Calibration, dict[str, CalibrationFit]]:
    """Fit the calibrations of captions, search results and similar images; return them and their fits."""
    initial = photos_in_general(data.photos)
    threshold = _agreement_threshold(data.teacher_references)

    def is_described(query: int) -> np.ndarray:
        return _matches_caption(data, query, threshold)

    def is_similar(query: int) -> np.ndarray:
        return _matches_photo(data, query, threshold)

    fits = {
        "caption": _fit(data.evidence, data.right, data.weights),
        "find": _fit(*_result_features(data.references, data.photos, initial, is_described)),
        "lookalike": _fit(*_result_features(data.photos, data.photos, initial, is_similar)),
    }
    return Calibration(initial.mean, initial.covariance, *(fit.weights for fit in fits.values())), fits


def photos_in_general(photos: np.ndarray) -> Calibration:
    """Return a calibration that knows joint vectors of photos (N, J), and has no weights yet."""
    initial = uncalibrated(photos.shape[1])
    return replace(initial, mean=photos.mean(axis=0), covariance=np.cov(photos.T))


def _agreement_threshold(teacher: np.ndarray) -> float:
    """Return the cosine that nearly all captions reach with at least one other caption of the same photo."""
    cosines = np.einsum("nkd,nld->nkl", teacher, teacher)
    cosines[:, range(cosines.shape[1]), range(cosines.shape[1])] = -1
    return float(np.percentile(cosines.max(axis=2), DISAGREEMENT))


def _result_features(
    queries: np.ndarray,
    photos: np.ndarray,
    initial: Calibration,
    judge: Callable[[int], np.ndarray],
) -> tuple[np.ndarray, np.ndarray]:
    """Return cosine and z-score of each query's best results (R, 2), and whether they are correct (R,).

    A query that is itself a photo is not among its own results.
    """
    features: list[np.ndarray] = []
    correct: list[np.ndarray] = []
    for number, query in enumerate(queries):
        cosines = photos @ query
        if queries is photos:
            cosines[number] = -1
        best = np.argsort(-cosines)[:RESULTS_PER_QUERY]
        features.append(np.stack((cosines[best], initial.z_score(query, cosines[best])), axis=1))
        correct.append(judge(number)[best])
    return np.concatenate(features), np.concatenate(correct)


def _matches_caption(data: CalibrationData, query: int, threshold: float) -> np.ndarray:
    """Return which photos (N,) a reference caption describes: its own, and those with similar captions."""
    owner, number = divmod(query, data.teacher_references.shape[1])
    caption = data.teacher_references[owner, number]
    correct = (data.teacher_references @ caption).max(axis=1) >= threshold
    correct[owner] = True
    return correct


def _matches_photo(data: CalibrationData, photo: int, threshold: float) -> np.ndarray:
    """Return which photos (N,) have a caption similar to one of this photo's."""
    teacher = data.teacher_references
    cosines = teacher.reshape(-1, teacher.shape[2]) @ teacher[photo].T
    return cosines.max(axis=1).reshape(len(teacher), -1).max(axis=1) >= threshold


def _fit(
    features: np.ndarray, correct: np.ndarray, sample_weights: np.ndarray | None = None
) -> CalibrationFit:
    folds = min(MAX_FOLDS, int(correct.sum()), int((~correct).sum()))
    if folds < 2:  # too few correct or too few wrong results to fit
        none = np.zeros(features.shape[1] + 1, np.float32)
        return CalibrationFit(none, float(correct.mean()), 0.5, 0.5, 0.25)
    mean, scale = features.mean(axis=0), np.maximum(features.std(axis=0), MIN_SCALE)
    model, scaled = LogisticRegression(), (features - mean) / scale
    fold_of = StratifiedKFold(folds, shuffle=True, random_state=0)
    parameters = None if sample_weights is None else {"sample_weight": sample_weights}
    predicted = cross_val_predict(
        model, scaled, correct, cv=fold_of, method="predict_proba", params=parameters
    )[:, 1]
    model.fit(scaled, correct, sample_weights)
    weights = model.coef_[0] / scale
    return CalibrationFit(
        np.append(weights, model.intercept_[0] - weights @ mean).astype(np.float32),
        float(np.mean(correct)),
        float(roc_auc_score(correct, features[:, 0])),
        float(roc_auc_score(correct, predicted)),
        float(brier_score_loss(correct, predicted)),
    )
