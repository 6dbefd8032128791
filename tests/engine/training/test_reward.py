from __future__ import annotations

import pytest

from engine.training.reward import Cider

REFERENCES = [
    [[5, 6, 7, 8, 9, 2], [5, 6, 8, 9, 10, 11, 2]],
    [[12, 6, 13, 14, 2], [12, 15, 13, 2]],
    [[5, 6, 16, 17, 18, 2], [19, 6, 16, 18, 2]],
]
SAID = [[5, 6, 7, 9, 2], [12, 6, 13, 13, 2], [20, 20, 6, 2]]


def test_captions_score_what_the_reference_scorer_gives_them() -> None:
    scorer = pytest.importorskip("pycocoevalcap.cider.cider", reason="no scorer: pycocoevalcap").Cider()
    as_text = {i: [" ".join(map(str, s)) for s in captions] for i, captions in enumerate(REFERENCES)}
    _, expected = scorer.compute_score(as_text, {i: [" ".join(map(str, s))] for i, s in enumerate(SAID)})
    ours = [Cider(REFERENCES).score(i, said) for i, said in enumerate(SAID)]
    assert ours == pytest.approx(list(expected))
    assert ours[0] > ours[2]


def test_a_caption_that_breaks_off_scores_less() -> None:
    cider = Cider(REFERENCES)
    assert cider.score(0, [5, 6, 7, 8, 9, 2]) > cider.score(0, [5, 6, 7, 8, 9])
