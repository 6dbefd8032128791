"""The sentences that the tagger learns from."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from engine.language.tagging import Tag
from engine.training.language import tagger_data
from engine.training.language.general_vectors import GeneralVectors
from engine.training.language.phrases import Phrasebook
from engine.training.language.tagger_data import TaggerData, coin

GENERAL = GeneralVectors(("dog",), np.ones((1, 2), np.float32))
CAPTIONS = ("A dog runs on the grass .", "Two boys play in the snow .", "A woman is taking pictures .")
DRAWN = 1500  # sentences


@pytest.mark.parametrize(
    ("language", "phrase", "kept"),
    [
        ("de", "ein bild von einem {}", ["einem", "hund"]),
        ("fr", "je voudrais le {} ici", ["le", "hund"]),
        ("es", "vamos a {}", ["hund"]),
        ("ru", "а {}", ["hund"]),
    ],
)
def test_an_article_right_before_a_description_belongs_to_it(
    tmp_path: Path, language: str, phrase: str, kept: list[str]
) -> None:
    file = tmp_path / f"{language}.txt"
    file.write_text(f"[description]\n{phrase}\n", "utf-8")
    sentence = Phrasebook(file).sentence(random.Random(1), "description", phrase, lambda rng, tag: "hund")
    pairs = zip(sentence.words, sentence.tags, strict=True)
    assert [word for word, tag in pairs if tag is Tag.KEPT] == kept


def test_a_coined_word_has_one_half_of_each_of_two_words() -> None:
    coined = {coin(random.Random(seed), "zeigen", "raussuchst") for seed in range(10)}
    assert coined == {"zeiuchst", "raussgen"}


def test_some_words_of_phrases_in_other_languages_are_coined_and_no_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tagger_data, "MISSPELT_SHARE", 0)
    monkeypatch.setattr(tagger_data, "coin", lambda rng, word, other: f"{word}coined")
    data = TaggerData(CAPTIONS, 1, GENERAL)
    drawn = [data.sentence() for _ in range(DRAWN)]
    tags = {
        tag
        for sentence in drawn
        for word, tag in zip(sentence.words, sentence.tags, strict=True)
        if word.endswith("coined")
    }
    assert tags == {Tag.DROPPED}
