from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from engine.model.prototypes import WordPrototypes
from engine.model.vocabulary import SPECIALS, Vocabulary
from engine.training.wordsets import analogies, relatedness, three_cos_add, unseen_words

VOCABULARY = Vocabulary((*SPECIALS, "man", "men", "woman", "women", "dog", "violin", "cello"), output_size=9)
TABLE = np.array(
    [[0] * 4] * 4 + [[1, 0, 0, 0], [1, 0, 1, 0], [0, 1, 0, 0], [0, 1, 1, 0], [0, 0, 0, 1]] + [[1] * 4] * 2
)


def vectors(numbers: Sequence[int]) -> np.ndarray:
    return TABLE[list(numbers)].astype(float)


def test_relatedness_asks_only_about_spoken_words(tmp_path: Path) -> None:
    file = tmp_path / "pairs.txt"
    file.write_text("man\tmen\t50\nwoman\twomen\t45\nman\tdog\t3\nviolin\tcello\t50\nman\tzebra\t1\n")
    found = relatedness(file, VOCABULARY, vectors)
    assert found["pairs"] == 3
    assert found["spearman"] == pytest.approx(0.866, abs=1e-3)


def test_analogies_count_only_the_first_answer(tmp_path: Path) -> None:
    file = tmp_path / "questions.txt"
    file.write_text(
        ": plural\nMan men Woman women\nman woman men women\nman men dog woman\nman men king kings\n"
    )
    found = analogies(file, VOCABULARY, three_cos_add(vectors, VOCABULARY))
    assert found == {"quadruples": 3, "accuracy": 66.7}


def test_unseen_words_are_known_ones_that_no_training_caption_holds() -> None:
    captions = {"a": ["a man"], "b": ["a violin"], "c": ["a cello , a dog"], "d": ["a zebra"]}

    codes = 100 * np.eye(3, dtype=np.int8)
    looks = WordPrototypes(["violin", "cello", "dog"], codes, np.eye(3, dtype=np.float32))
    photos = np.array([[0.9, 0.9, 0.0], [0.0, 0.1, 0.5], [0.1, 0.9, 0.9]], dtype=np.float32)
    found = unseen_words(looks, captions, ["a"], ["b", "c", "d"], photos)
    # The violin's photo comes first, the cello's last, the dog's second; of a zebra nothing is known.
    assert found == {"of": 4, "words": 3, "median_rank": 2.0}
