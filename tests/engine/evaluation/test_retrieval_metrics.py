from __future__ import annotations

import numpy as np

from engine.evaluation.retrieval_metrics import Recall, caption_retrieval_ranks, image_search_ranks, recall

# Two photos with two captions each. Caption 1 scores higher with the wrong photo.
SCORES = np.array([[0.9, 0.2, 0.1, 0.3], [0.5, 0.6, 0.8, 0.4]])
OWNER = np.array([0, 0, 1, 1])


def test_image_search_ranks_the_photo_of_each_caption() -> None:
    assert image_search_ranks(SCORES, OWNER).tolist() == [1, 2, 1, 1]


def test_caption_retrieval_ranks_the_best_own_caption_of_each_photo() -> None:
    assert caption_retrieval_ranks(SCORES, OWNER).tolist() == [1, 1]
    assert caption_retrieval_ranks(SCORES[:, [1, 1, 2, 0]], OWNER).tolist() == [2, 1]


def test_recall_counts_ranks_up_to_one_five_and_ten() -> None:
    assert recall(np.array([1, 3, 7, 40])) == Recall(25.0, 50.0, 75.0, 5.0)


def test_random_scores_have_chance_recall() -> None:
    scores = np.random.default_rng(1).normal(size=(200, 1000))
    result = recall(image_search_ranks(scores, np.repeat(np.arange(200), 5)))
    assert 3 < result.r10 < 7
    assert 90 < result.median_rank < 110
