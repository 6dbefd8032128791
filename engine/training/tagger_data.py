"""Training sentences of the tagger: phrases of seven languages around descriptions.

Descriptions come from captions: whole, cut short, or without their function words. In other languages they
are captions translated word by word with the engine's own dictionaries, read backwards.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import replace

from engine.language.dictionary import LANGUAGES, english_to_foreign
from engine.language.tagger import Tag
from engine.model.vocabulary import tokenize
from engine.training.phrases import FOLDER, KEPT, WITH_PHOTO, Phrasebook, Sentence
from engine.words.stopwords import is_content

ENGLISH_SHARE = 0.45  # of the sentences
SECTION_WEIGHTS = {
    "description": 60, KEPT: 3, WITH_PHOTO: 4, "similar": 5, "alike": 5, "analogy": 5, "caption": 4,
    "greeting": 3, "thanks": 3, "goodbye": 3, "help": 4, "talk": 4,
}  # fmt: skip
PLAIN_SHARE = 0.25  # of the descriptions: without any phrase
COMMON = 150  # words of captions that are too frequent to tell anything
AMBIGUOUS_SHARE = 0.15  # of the captions: with words that also occur in phrases
TYPO_SHARE = 0.1  # of the words of a quarter of the sentences
_NEGATED = re.compile(r"\b(no|not|without|nobody|nothing|none)\b|n't")
_CHUNK = re.compile(r"\b(?:a|an|the|two|three|some) ((?:[a-z-]+ ){0,2}[a-z-]+)")
_BEFORE_CUT = frozenset(
    [
        "in",
        "on",
        "at",
        "with",
        "while",
        "near",
        "next",
        "by",
        "through",
        "over",
        "into",
        "from",
        "behind",
        "wearing",
        "and",
    ]
)


class DescriptionSampler:
    """Draws descriptions, their parts and single words from captions."""

    def __init__(self, captions: Sequence[str], phrase_words: Set[str]) -> None:
        """Read the captions; those with a negation are left out.

        Args:
            captions: sentences that describe photos.
            phrase_words: words of the phrases. Captions that hold one ("taking pictures", "a dog show") are
                drawn more often: the tagger has to tell both uses apart.
        """
        lowered = (caption.lower().strip(" .") for caption in captions)
        self._captions = [caption for caption in lowered if caption and not _NEGATED.search(caption)]
        self._ambiguous = [c for c in self._captions if not phrase_words.isdisjoint(tokenize(c))]
        self._words = [word for caption in self._captions for word in tokenize(caption) if is_content(word)]

    def fill(self, rng: random.Random, tag: Tag) -> str:
        """Return a description, what is not to be shown, or a word."""
        if tag is Tag.WORD:
            return rng.choice(self._words)
        ambiguous = self._ambiguous and rng.random() < AMBIGUOUS_SHARE
        caption = rng.choice(self._ambiguous if ambiguous else self._captions)
        if tag is Tag.NEGATIVE or rng.random() < 0.2:
            return self._chunk(rng, caption, with_article=tag is Tag.KEPT or rng.random() < 0.25)
        draw = rng.random()
        if draw < 0.5:
            return caption
        if draw < 0.8:
            return self._cut(rng, caption)
        words = [word for word in tokenize(caption) if is_content(word)]
        return " ".join(words[: rng.randint(1, 5)])

    @staticmethod
    def _chunk(rng: random.Random, caption: str, *, with_article: bool) -> str:
        """Return a noun with what stands before it."""
        chunks = list(_CHUNK.finditer(caption))
        if not chunks:
            return caption
        chunk = rng.choice(chunks)
        words = chunk[1].split()
        kept = next((n for n, word in enumerate(words) if not is_content(word)), len(words))
        text = " ".join(words[: max(kept, 1)])
        return f"{chunk[0].split()[0]} {text}" if with_article else text

    @staticmethod
    def _cut(rng: random.Random, caption: str) -> str:
        words = caption.split()
        cuts = [n for n, word in enumerate(words) if n > 1 and word in _BEFORE_CUT]
        if not cuts:
            return caption
        cut = rng.choice(cuts)
        return " ".join(words[:cut] if rng.random() < 0.7 or len(words) - cut < 4 else words[cut + 1 :])


class Translator:
    """Translates captions into another language word by word, to look like what people write."""

    def __init__(self, language: str) -> None:
        self._foreign = english_to_foreign(language)

    def __call__(self, rng: random.Random, text: str) -> str:
        """Return the text with every phrase that the dictionary holds replaced."""
        words, result = text.split(), []
        while words:
            size = next((n for n in (3, 2, 1) if " ".join(words[:n]) in self._foreign), 0)
            result.append(rng.choice(self._foreign[" ".join(words[:size])]) if size else words[0])
            del words[: size or 1]
        return " ".join(result)


class TaggerData:
    """Draws tagged sentences in seven languages."""

    def __init__(self, captions: Sequence[str], seed: int) -> None:
        """Read the phrases of all languages."""
        self._rng = random.Random(seed)
        self._books = {code: Phrasebook(FOLDER / f"{code}.txt") for code in ("en", *sorted(LANGUAGES))}
        common = {word for word, _ in Counter(w for c in captions for w in tokenize(c)).most_common(COMMON)}
        self._sampler = DescriptionSampler(captions, self._books["en"].words() - common)
        self._translators = {code: Translator(code) for code in sorted(LANGUAGES)}

    def sentence(self) -> Sentence:
        """Draw a sentence."""
        rng = self._rng
        language = "en" if rng.random() < ENGLISH_SHARE else rng.choice(sorted(self._translators))
        book = self._books[language]
        (section,) = rng.choices(list(SECTION_WEIGHTS), list(SECTION_WEIGHTS.values()))
        plain = section == "description" and rng.random() < PLAIN_SHARE
        phrase = "{}" if plain else rng.choice(book.sections[section])

        def fill(rng: random.Random, tag: Tag) -> str:
            text = self._sampler.fill(rng, tag)
            return text if language == "en" else self._translators[language](rng, text)

        sentence = book.sentence(rng, section, phrase, fill)
        return self._with_typos(sentence) if rng.random() < 0.25 else sentence

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
