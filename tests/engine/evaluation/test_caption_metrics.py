from __future__ import annotations

import math
import shutil

import pytest

from engine.evaluation.caption_metrics import caption_metrics

pytest.importorskip("pycocoevalcap", reason="no scorer: pycocoevalcap is not installed")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pycocoevalcap


def test_bleu_equals_the_worked_example_of_its_paper() -> None:
    """Papineni et al. 2002, section 2: candidate 1 and its three references."""
    generated = {
        "a": "It is a guide to action which ensures that the military always obeys the commands of the party."
    }
    references = {
        "a": [
            "It is a guide to action that ensures that the military will forever heed Party commands.",
            "It is the guiding principle which guarantees the military forces always being "
            "under the command of the Party.",
            "It is the practical guide for the army always to heed the directions of the party.",
        ]
    }
    scores = caption_metrics(generated, references)
    assert scores["BLEU-1"] == pytest.approx(100 * 17 / 18, abs=0.01)  # the paper's 17/18
    assert scores["BLEU-2"] == pytest.approx(100 * math.sqrt(17 / 18 * 10 / 17), abs=0.01)  # and 10/17


def test_rouge_l_equals_the_worked_example_of_its_paper() -> None:
    """Lin 2004, section 3.1: "police kill the gunman" against "police killed the gunman", P = R = 3/4."""
    scores = caption_metrics({"a": "police kill the gunman"}, {"a": ["police killed the gunman"]})
    assert scores["ROUGE-L"] == pytest.approx(75.0)


def test_the_words_of_the_references_score_best_regardless_of_case_and_punctuation() -> None:
    references = {"a": ["A dog runs on the beach ."], "b": ["Two boys play football ."], "c": ["A red car ."]}
    right = caption_metrics(
        {"a": "a dog runs on the beach", "b": "two boys play football", "c": "a red car"}, references
    )
    wrong = caption_metrics(
        {"a": "two boys play football", "b": "a red car", "c": "a dog runs on the beach"}, references
    )
    assert right["BLEU-1"] == right["ROUGE-L"] == 100
    assert (right["CIDEr"] or 0) > 100 * (wrong["CIDEr"] or 0)


def test_meteor_is_none_without_java_and_a_score_with_it() -> None:
    score = caption_metrics({"a": "a dog runs"}, {"a": ["a dog runs"]})["METEOR"]
    assert (score is None) == (shutil.which("java") is None)
    assert score is None or score > 90
