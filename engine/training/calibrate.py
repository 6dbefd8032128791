"""Fitting `engine.model.calibration` on a split: a sentence encoder judges, logistic regression fits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.model_selection import cross_val_predict

from engine.model.calibration import Calibration, uncalibrated

ANSWERS = 10  # of each query that are judged
DISAGREE = 5  # percent of people's captions that may say something else than all others of their photo
FOLDS = 5  # at most, of the cross-validation


@dataclass(frozen=True)
class Judged:
    """What a network answered on a split and what a sentence encoder thinks of it.

    Attributes:
        photos: (N, J) joint vectors.
        texts: (N * K, J) joint vectors of people's captions, the K of each photo side by side.
        teacher: (N, K, D) unit vectors of the same captions by the sentence encoder.
        said: (N, J) joint vectors of the network's captions.
        said_teacher: (N, D) what the sentence encoder makes of them.
        log_probabilities: (N,) of the network's captions, mean over the words.
    """

    photos: np.ndarray
    texts: np.ndarray
    teacher: np.ndarray
    said: np.ndarray
    said_teacher: np.ndarray
    log_probabilities: np.ndarray


@dataclass(frozen=True)
class Fit:
    """Attributes: weights; share of right answers; AUC of a flat cut-off and of the fit; Brier score."""

    weights: np.ndarray
    right: float
    flat_auc: float
    auc: float
    brier: float

    def to_dict(self) -> dict[str, float]:
        """Give the figures for a manifest."""
        figures = {"right": self.right, "flat_auc": self.flat_auc, "auc": self.auc, "brier": self.brier}
        return {name: round(value, 3) for name, value in figures.items()}


def calibrate(judged: Judged) -> tuple[Calibration, dict[str, Fit]]:
    """Fit all three; the figures are cross-validated."""
    mean, covariance = judged.photos.mean(axis=0), np.cov(judged.photos.T)
    bare = uncalibrated(len(mean))
    bare = Calibration(mean, covariance, bare.caption, bare.find, bare.lookalike)
    agreed = _agreement(judged.teacher)
    fits = {
        "caption": _fit(*_captions(judged, bare, agreed)),
        "find": _fit(*_answers(judged.texts, judged.photos, bare, lambda q: _shown(judged, q, agreed))),
        "lookalike": _fit(*_answers(judged.photos, judged.photos, bare, lambda q: _alike(judged, q, agreed))),
    }
    return Calibration(mean, covariance, *(fit.weights for fit in fits.values())), fits


def _agreement(teacher: np.ndarray) -> float:
    """The cosine that nearly all of people's captions have at least with another of the same photo."""
    cosines = np.einsum("nkd,nld->nkl", teacher, teacher)
    cosines[:, range(cosines.shape[1]), range(cosines.shape[1])] = -1
    return float(np.percentile(cosines.max(axis=2), DISAGREE))


def _captions(judged: Judged, bare: Calibration, agreed: float) -> tuple[np.ndarray, np.ndarray]:
    cosines = np.einsum("nj,nj->n", judged.said, judged.photos)
    standing = [
        float(bare.z_score(text, np.array(cosine))) for text, cosine in zip(judged.said, cosines, strict=True)
    ]
    right = np.einsum("nkd,nd->nk", judged.teacher, judged.said_teacher).max(axis=1) >= agreed
    return np.stack((judged.log_probabilities, np.array(standing)), axis=1), right


def _answers(
    queries: np.ndarray, photos: np.ndarray, bare: Calibration, judge: Callable[[int], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Best answers to each query; a query that is a photo does not answer itself."""
    features: list[np.ndarray] = []
    right: list[np.ndarray] = []
    for number, query in enumerate(queries):
        cosines = photos @ query
        if queries is photos:
            cosines[number] = -1
        best = np.argsort(-cosines)[:ANSWERS]
        features.append(np.stack((cosines[best], bare.z_score(query, cosines[best])), axis=1))
        right.append(judge(number)[best])
    return np.concatenate(features), np.concatenate(right)


def _shown(judged: Judged, query: int, agreed: float) -> np.ndarray:
    """Which photos (N,) show what a caption says: its own, and those described much alike."""
    owner, place = divmod(query, judged.teacher.shape[1])
    right = (judged.teacher @ judged.teacher[owner, place]).max(axis=1) >= agreed
    right[owner] = True
    return right


def _alike(judged: Judged, photo: int, agreed: float) -> np.ndarray:
    """Which photos (N,) have a caption much like one of this photo's."""
    cosines = judged.teacher.reshape(-1, judged.teacher.shape[2]) @ judged.teacher[photo].T
    return cosines.max(axis=1).reshape(len(judged.teacher), -1).max(axis=1) >= agreed


def _fit(features: np.ndarray, right: np.ndarray) -> Fit:
    folds = min(FOLDS, int(right.sum()), int((~right).sum()))
    if folds < 2:  # nothing to tell right from wrong by
        return Fit(np.zeros(3, np.float32), float(right.mean()), 0.5, 0.5, 0.25)
    model = LogisticRegression()
    predicted = cross_val_predict(model, features, right, cv=folds, method="predict_proba")[:, 1]
    model.fit(features, right)
    return Fit(
        np.append(model.coef_[0], model.intercept_[0]).astype(np.float32),
        float(np.mean(right)),
        float(roc_auc_score(right, features[:, 0])),
        float(roc_auc_score(right, predicted)),
        float(brier_score_loss(right, predicted)),
    )
