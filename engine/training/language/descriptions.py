"""Descriptions for training: parts of captions, in English and word by word in other languages."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence, Set
from functools import partial

from engine.language.entries import english_to_foreign, replace_words
from engine.language.tagging import Tag
from engine.model.vocabulary import tokenize
from engine.words.stopwords import is_content

AMBIGUOUS_SHARE = 0.15  # of the captions: with words that also occur in phrases
CASE_ENDINGS = {"ru": ("а", "у", "е", "ы", "и", "ом", "ой", "ам", "ами", "ах", "ов", "ей", "")}
VOWELS = "аеёиоуыэюяьй"
MIN_INFLECTED = 4  # letters
NAMED_SHARE = 0.2  # of the descriptions: about something that no caption holds
BARE_SHARE = 0.1  # of the descriptions: one thing alone
CLAUSE_SHARE = 0.15  # of the descriptions: "children who are playing" for "children playing"
CLAUSE = "who are"
# What stands for `CLAUSE` in other languages.
PRONOUNS = {
    "de": (", die", ", der", ", das", "die", "der"),
    "es": ("que", "que están", "que está"),
    "fr": ("qui", "qui est en train de", "qui sont en train de"),
    "it": ("che", "che stanno", "che sta"),
    "pt": ("que", "que estão", "que está"),
    "ru": (", который", ", которая", ", которые", "которые"),
}
GIBBERISH_SHARE = 0.03  # of the descriptions: words that nobody knows are no talk
CONSONANTS, OTHER_LETTERS = "bcdfghjklmnpqrstvwxz", "aeiouy"
_NEGATED = re.compile(r"\b(no|not|without|nobody|nothing|none)\b|n't")
_CHUNK = re.compile(r"\b(?:a|an|the|two|three|some) ((?:[a-z-]+ ){0,2}[a-z-]+)")
# Two words with a preposition between them: "dog with a ball".
_PAIR = re.compile(
    r"(?:\b(?:a|an|the|two) )?\b\w{3,} "
    r"(?:with|in|on|near|by|at|under|behind) (?:(?:a|an|the|his|her) )?\w{3,}"
)
_ACTION = re.compile(r"(?<=\w) (?=\w+ing\b)")
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

    def __init__(self, captions: Sequence[str], phrase_words: Set[str], names: Sequence[str] = ()) -> None:
        """Read the captions; those with a negation are left out.

        Args:
            captions: sentences that describe photos.
            phrase_words: words of the phrases. Captions that hold one ("taking pictures", "a dog show") are
                drawn more often: the tagger has to tell both uses apart.
            names: of things, which take the place of some nouns: people look for more than captions hold.
        """
        self._names = names
        lowered = (caption.lower().strip(" .") for caption in captions)
        self._captions = [caption for caption in lowered if caption and not _NEGATED.search(caption)]
        self._ambiguous = [c for c in self._captions if not phrase_words.isdisjoint(tokenize(c))]
        chunks = (chunk for caption in self._captions for chunk in _CHUNK.findall(caption))
        self._nouns = [noun for chunk in chunks if (noun := _noun(chunk))] or ["thing"]
        self._distinct_nouns = frozenset(self._nouns)
        self._words = [word for caption in self._captions for word in tokenize(caption) if is_content(word)]

    def fill(self, rng: random.Random, tag: Tag) -> str:
        """Return a description, what is not to be shown, a word, or a noun."""
        if tag is Tag.DROPPED:
            return rng.choice(self._nouns)
        if tag is Tag.WORD:
            return rng.choice(self._words)
        if tag is Tag.KEPT and rng.random() < GIBBERISH_SHARE:
            return " ".join(_gibberish(rng) for _ in range(rng.randint(1, 3)))
        if self._names and rng.random() < BARE_SHARE:
            return rng.choice(("", "", "a ", "the ")) + rng.choice(self._names)
        text = self.description(rng, tag)
        if rng.random() < CLAUSE_SHARE:
            text = self._with_clause(text)
        return self._renamed(rng, text) if self._names and rng.random() < NAMED_SHARE else text

    def _renamed(self, rng: random.Random, text: str) -> str:
        """Return a description with a name in place of one of its nouns."""
        ends = [chunk.start(1) + len(_noun_phrase(chunk[1])) for chunk in _CHUNK.finditer(text)]
        if not ends:
            return text
        end = rng.choice(ends)
        return text[: text.rfind(" ", 0, end) + 1] + rng.choice(self._names) + text[end:]

    def _with_clause(self, text: str) -> str:
        """Return a description with a clause for what its first noun before a participle does."""
        for gap in _ACTION.finditer(text):
            if text[: gap.start()].rpartition(" ")[2] in self._distinct_nouns:
                return f"{text[: gap.start()]} {CLAUSE}{text[gap.start() :]}"
        return text

    def description(self, rng: random.Random, tag: Tag) -> str:
        """Return a caption, a part of one, or its content words."""
        ambiguous = self._ambiguous and rng.random() < AMBIGUOUS_SHARE
        caption = rng.choice(self._ambiguous if ambiguous else self._captions)
        if tag is Tag.NEGATIVE or rng.random() < 0.2:
            return self._chunk(rng, caption, with_article=tag is Tag.KEPT or rng.random() < 0.25)
        draw = rng.random()
        if draw < 0.15 and (pairs := _PAIR.findall(caption)):
            return str(rng.choice(pairs))
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
        text = _noun_phrase(chunk[1])
        return f"{chunk[0].split()[0]} {text}" if with_article else text

    @staticmethod
    def _cut(rng: random.Random, caption: str) -> str:
        words = caption.split()
        cuts = [n for n, word in enumerate(words) if n > 1 and word in _BEFORE_CUT]
        if not cuts:
            return caption
        cut = rng.choice(cuts)
        return " ".join(words[:cut] if rng.random() < 0.7 or len(words) - cut < 4 else words[cut + 1 :])


def _noun(words: str) -> str:
    """Return the noun of the words after an article: "dog" of "brown dog running through"."""
    named = [word for word in _noun_phrase(words).split() if not word.endswith("ing")]
    return named[-1] if named else ""


def _gibberish(rng: random.Random) -> str:
    """Return letters in an order that few words have."""
    letters = CONSONANTS * rng.randint(1, 3) + OTHER_LETTERS
    return "".join(rng.choices(letters, k=rng.randint(3, 8)))


def _noun_phrase(words: str) -> str:
    """Return the first words up to one that is no content word."""
    listed = words.split()
    kept = next((n for n, word in enumerate(listed) if not is_content(word)), len(listed))
    return " ".join(listed[: max(kept, 1)])


class Translator:
    """Translates captions into another language word by word, to look like what people write."""

    def __init__(self, language: str) -> None:
        self._foreign = english_to_foreign(language) | {CLAUSE: list(PRONOUNS.get(language, ()))}
        self._endings = CASE_ENDINGS.get(language, ())

    def __call__(self, rng: random.Random, text: str) -> str:
        """Return the text with every phrase that the dictionary holds replaced."""
        return replace_words(text, self._foreign, partial(self._inflected, rng))

    def _inflected(self, rng: random.Random, spellings: Sequence[str]) -> str:
        """Return one of the spellings, in languages with cases often with the ending of some case."""
        word = rng.choice(spellings)
        if not self._endings or len(word) < MIN_INFLECTED or rng.random() < 0.5:
            return word
        return word.rstrip(VOWELS) + rng.choice(self._endings)
