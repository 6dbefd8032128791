from __future__ import annotations

import pytest

from engine.training.cider import CiderD

REFERENCES = [
    [[5, 6, 7, 8, 9, 2], [5, 6, 8, 9, 10, 11, 2]],
    [[12, 6, 13, 14, 2], [12, 15, 13, 2]],
    [[5, 6, 16, 17, 18, 2], [19, 6, 16, 18, 2]],
]
GENERATED = [[5, 6, 7, 9, 2], [12, 6, 13, 13, 2], [20, 20, 6, 2]]


def test_cider_d_equals_the_reference_scorer() -> None:
    scorer = pytest.importorskip("pycocoevalcap.cider.cider", reason="no scorer: pycocoevalcap").Cider()
    references = {i: [" ".join(map(str, c)) for c in captions] for i, captions in enumerate(REFERENCES)}
    generated = {i: [" ".join(map(str, caption))] for i, caption in enumerate(GENERATED)}
    _, expected = scorer.compute_score(references, generated)
    ours = [CiderD(REFERENCES).score(i, caption) for i, caption in enumerate(GENERATED)]
    assert ours == pytest.approx(list(expected))
    assert ours[0] > ours[2]


def test_a_truncated_caption_scores_less() -> None:
    cider = CiderD(REFERENCES)
    assert cider.score(0, [5, 6, 7, 8, 9, 2]) > cider.score(0, [5, 6, 7, 8, 9])
