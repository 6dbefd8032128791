from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from engine.evaluation.word_sets import analogy_accuracy, three_cos_add, unseen_word_search, word_relatedness
from engine.gallery.image_classes import unknown
from engine.model.prototypes import WordPrototypes
from engine.model.vocabulary import SPECIALS, Vocabulary

VOCABULARY = Vocabulary((*SPECIALS, "man", "men", "woman", "women", "dog", "violin", "cello"), output_size=9)
TABLE = np.array(
    [[0] * 4] * 4 + [[1, 0, 0, 0], [1, 0, 1, 0], [0, 1, 0, 0], [0, 1, 1, 0], [0, 0, 0, 1]] + [[1] * 4] * 2
)


def vectors(token_ids: Sequence[int]) -> np.ndarray:
    return TABLE[list(token_ids)].astype(float)


def test_relatedness_uses_only_pairs_of_output_words(tmp_path: Path) -> None:
    file = tmp_path / "pairs.txt"
    file.write_text("man\tmen\t50\nwoman\twomen\t45\nman\tdog\t3\nviolin\tcello\t50\nman\tzebra\t1\n")
    result = word_relatedness(file, VOCABULARY, vectors)
    assert result["pairs"] == 3
    assert result["spearman"] == pytest.approx(0.866, abs=1e-3)


def test_only_the_best_answer_of_an_analogy_counts(tmp_path: Path) -> None:
    file = tmp_path / "questions.txt"
    file.write_text(
        ": plural\nMan men Woman women\nman woman men women\nman men dog woman\nman men king kings\n"
    )
    result = analogy_accuracy(file, VOCABULARY, three_cos_add(vectors, VOCABULARY))
    assert result == {"quadruples": 3, "accuracy": 66.7}


def test_unseen_words_have_a_prototype_and_occur_in_no_training_caption() -> None:
    captions = {"a": ["a man"], "b": ["a violin"], "c": ["a cello , a dog"], "d": ["a zebra"]}
    codes = 100 * np.eye(3, dtype=np.int8)
    prototypes = WordPrototypes(["violin", "cello", "dog"], codes, np.eye(3, dtype=np.float32))
    photos = np.array([[0.9, 0.9, 0.0], [0.0, 0.1, 0.5], [0.1, 0.9, 0.9]], dtype=np.float32)
    result = unseen_word_search(
        prototypes, captions, ["a"], ["b", "c", "d"], joint=photos, classes=unknown(3)
    )
    # The photo of the violin ranks first, that of the cello last, that of the dog second; there is no zebra.
    assert result == {"of": 4, "words": 3, "median_rank": 2.0, "among_first_ten": 1.0}
