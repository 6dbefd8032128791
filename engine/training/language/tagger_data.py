"""Training sentences of the tagger: phrases of seven languages around descriptions.

Descriptions come from captions: whole, cut short, or without their function words. In other languages they
are captions translated word by word with the engine's own dictionaries, read backwards. What people say
before and after a request is put around some sentences, and English words give way to words near them, so
that neither is learned by heart. In other languages some words of phrases get the beginning or the end of
another: what nobody listed there rather asks than describes.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from engine.language.grammar import LANGUAGES
from engine.language.tagging import Tag
from engine.model.vocabulary import tokenize
from engine.results import IntentKind
from engine.training.language.descriptions import DescriptionSampler, Translator
from engine.training.language.general_vectors import GeneralVectors
from engine.training.language.phrases import (
    AFTER,
    BEFORE,
    FOLDER,
    KEPT,
    NEGATION,
    WITH_PHOTO,
    Phrasebook,
    Sentence,
    joined,
)
from engine.words.stopwords import is_content

ENGLISH_SHARE = 0.4  # of the sentences
SECTION_WEIGHTS = {
    "description": 70, NEGATION: 18, KEPT: 3, WITH_PHOTO: 4, "similar": 5, "alike": 5, "analogy": 5,
    "caption": 4, "greeting": 4, "thanks": 4, "goodbye": 3, "help": 5, "talk": 6,
}  # fmt: skip
PLAIN_SHARE = 0.25  # of the descriptions: without any phrase
COMMON = 150  # words of captions that are too frequent to tell anything
MISSPELT_SHARE = 0.35  # of the sentences
TYPO_SHARE = 0.1  # of the words of such a sentence
SURROUNDED_SHARE = 0.25  # of the descriptions: with something said before or after
GREETED_SHARE = 0.1  # of the other requests: with a greeting before
REWORDED_SHARE = 0.3  # of the English descriptions: with words near those of the phrase and the caption
COINED_SHARE = 0.3  # of the descriptions in other languages: with words of the phrase that nobody listed
MAX_REWORDED = 0.4  # of the words of such a sentence
NEIGHBOURS, MIN_COSINE = 8, 0.6  # of general vectors: words that may replace another
MIN_COUNT = 20  # of a word of captions that is replaced
MIN_REWORDED = 4  # letters of a word that is replaced, or replaces another
# Words that make a phrase negative, or would: no other word stands for them.
NEGATING = frozenset(
    [
        "no", "not", "without", "nobody", "none", "nothing", "never", "neither", "nor", "minus", "except",
        "excluding", "lacking", "free", "omit", "avoid", "skip", "exclude", "leave", "instead", "rather",
        "remove", "delete", "drop", "zero", "hold", "forget", "less", "other", "apart", "away",
    ]
)  # fmt: skip
GREETED_KINDS = (
    IntentKind.HELP, IntentKind.CAPTION, IntentKind.SIMILAR, IntentKind.ALIKE, IntentKind.ANALOGY,
)  # fmt: skip


class TaggerData:
    """Draws tagged sentences in seven languages."""

    def __init__(
        self, captions: Sequence[str], seed: int, general: GeneralVectors, names: Sequence[str] = ()
    ) -> None:
        """Read the phrases of all languages.

        Args:
            captions: sentences that describe photos, in English.
            seed: of all draws.
            general: vectors of English words.
            names: of things that captions need not hold.
        """
        self._rng = random.Random(seed)
        self._books = {code: Phrasebook(FOLDER / f"{code}.txt") for code in ("en", *sorted(LANGUAGES))}
        counts = Counter(word for caption in captions for word in tokenize(caption))
        common = {word for word, _ in counts.most_common(COMMON)}
        phrase_words = self._books["en"].words()
        books = self._books.items()
        self._words = {code: sorted(filter(_may_be_coined, book.words())) for code, book in books}
        self._sampler = DescriptionSampler(captions, phrase_words - common, names)
        self._translators = {code: Translator(code) for code in sorted(LANGUAGES)}
        frequent = {word for word, count in counts.items() if count >= MIN_COUNT}
        near = general.neighbours(filter(_is_replaceable, frequent | phrase_words), NEIGHBOURS, MIN_COSINE)
        self._near = {word: others for word, words in near.items() if (others := _replaceable(words))}

    def sentence(self) -> Sentence:
        """Draw a sentence."""
        rng = self._rng
        language = "en" if rng.random() < ENGLISH_SHARE else rng.choice(sorted(self._translators))
        (section,) = rng.choices(list(SECTION_WEIGHTS), list(SECTION_WEIGHTS.values()))
        plain = section == "description" and rng.random() < PLAIN_SHARE
        sentence = self._of_section(language, section, "{}" if plain else None)
        if section in ("description", NEGATION):
            if rng.random() < SURROUNDED_SHARE:
                sentence = self._surrounded(sentence, language)
            if language == "en" and rng.random() < REWORDED_SHARE:
                sentence = self._reworded(sentence)
            if language != "en" and section == "description" and rng.random() < COINED_SHARE:
                sentence = self._coined(sentence, language)
        elif sentence.kind in GREETED_KINDS and rng.random() < GREETED_SHARE:
            sentence = joined(rng, self._of_section(language, "greeting"), sentence, sentence.kind)
        return self._with_typos(sentence) if rng.random() < MISSPELT_SHARE else sentence

    def _of_section(self, language: str, section: str, phrase: str | None = None) -> Sentence:
        rng, book = self._rng, self._books[language]
        return book.sentence(
            rng, section, phrase or rng.choice(book.sections[section]), partial(self._fill, language)
        )

    def _fill(self, language: str, rng: random.Random, tag: Tag) -> str:
        text = self._sampler.fill(rng, tag)
        return text if language == "en" else self._translators[language](rng, text)

    def _surrounded(self, sentence: Sentence, language: str) -> Sentence:
        """Return a request with what people say before it, after it, or both."""
        rng, kind = self._rng, sentence.kind
        where = rng.random()
        if where < 0.6:
            before = self._of_section(language, rng.choice((BEFORE, BEFORE, "greeting", "talk")))
            sentence = joined(rng, before, sentence, kind)
        if where > 0.4:
            after = self._of_section(language, rng.choice((AFTER, AFTER, "thanks", "goodbye")))
            sentence = joined(rng, sentence, after, kind)
        return sentence

    def _reworded(self, sentence: Sentence) -> Sentence:
        """Replace words by words near them, which stand where nobody listed them."""
        rate = self._rng.random() * MAX_REWORDED
        pairs = zip(sentence.words, sentence.tags, strict=True)
        words = [
            self._rng.choice(self._near[word])
            if tag in (Tag.DROPPED, Tag.KEPT) and word in self._near and self._rng.random() < rate
            else word
            for word, tag in pairs
        ]
        return replace(sentence, words=tuple(words))

    def _coined(self, sentence: Sentence, language: str) -> Sentence:
        """Replace words that are dropped by such as the language may have, and nobody listed."""
        rate = self._rng.random() * MAX_REWORDED
        words = [
            coin(self._rng, word, self._rng.choice(self._words[language]))
            if tag is Tag.DROPPED and _may_be_coined(word) and self._rng.random() < rate
            else word
            for word, tag in zip(sentence.words, sentence.tags, strict=True)
        ]
        return replace(sentence, words=tuple(words))

    def _with_typos(self, sentence: Sentence) -> Sentence:
        words = [self._typo(word) if self._rng.random() < TYPO_SHARE else word for word in sentence.words]
        return replace(sentence, words=tuple(words))

    def _typo(self, word: str) -> str:
        """Swap two letters, or leave one out."""
        if len(word) < 4:
            return word
        at = self._rng.randrange(len(word) - 1)
        if self._rng.random() < 0.5:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        return word[:at] + word[at + 1 :]


def coin(rng: random.Random, word: str, other: str) -> str:
    """Return the first half of a word with the second half of another, or the other way round."""
    first, second = (other, word) if rng.random() < 0.5 else (word, other)
    return first[: len(first) // 2] + second[len(second) // 2 :]


def _may_be_coined(word: str) -> bool:
    return len(word) >= MIN_REWORDED and word.isalpha()


def _is_replaceable(word: str) -> bool:
    return len(word) >= MIN_REWORDED and word.isalpha() and is_content(word) and word not in NEGATING


def _replaceable(words: Sequence[str]) -> list[str]:
    return [word for word in words if _is_replaceable(word)]
