"""What a message asks for: from a text in one of seven languages to an `Intent`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.errors import BadInputError, EmptyQueryError
from engine.language import notation
from engine.language.cleaning import clean, without_addresses
from engine.language.intents import IntentBuilder, nothing
from engine.language.known_words import KnownWords, RelatedWords, known_words
from engine.language.parts import described_after_all, split, tokens_in, words_asked
from engine.language.spelling import SpellingCorrector
from engine.language.tagger import Tagger, shipped_tagger
from engine.language.tagging import Tag, Tagging
from engine.language.tokens import Token, tokens_of
from engine.model.checkpoint import Checkpoint
from engine.model.class_names import ClassNames
from engine.model.vocabulary import tokenize
from engine.results import Intent, IntentKind, Problem
from engine.words.stopwords import is_content
from engine.words.word_context import shipped_word_context

WORD_COUNTS = {IntentKind.SIMILAR: 1, IntentKind.ALIKE: 2, IntentKind.ANALOGY: 3}
# Codes of errors of a command without its words, and with too few or too many of them.
WITHOUT_WORDS = {
    IntentKind.DESCRIPTION: "find-what",
    IntentKind.SIMILAR: "similar-of-what",
    IntentKind.ALIKE: "alike-what",
    IntentKind.ANALOGY: "analogy-of-what",
}
WRONG_COUNT = {
    IntentKind.SIMILAR: "one-word-only",
    IntentKind.ALIKE: "two-words-only",
    IntentKind.ANALOGY: "three-words-only",
}
CERTAIN = 0.5  # probability from which a known word is taken for talk
CERTAIN_OF_UNKNOWN = 0.75  # the same for words of which none is known
_READABLE = re.compile(r"[a-z\u00c0-\u024f\u0400-\u04ff]", re.IGNORECASE)  # Latin and Cyrillic


class Understanding:
    """Reads messages; immutable, so threads may share it."""

    def __init__(
        self, words: KnownWords, tagger: Tagger, spelling: SpellingCorrector, names: ClassNames
    ) -> None:
        """Take what reads messages.

        Args:
            words: those that the network knows.
            tagger: reads which words say what.
            spelling: corrects slips.
            names: of what the recognizer tells apart: words that are found though no caption holds them.
        """
        self._tagger = tagger
        self._intents = IntentBuilder(words, spelling, names)
        self.unfamiliar = self._intents.unfamiliar
        self.spelling = spelling

    def understand(self, text: str, language: str | None = None, *, with_photo: bool = False) -> Intent:
        """Return what a message asks for; see `engine.api.EngineAPI.understand`."""
        cleaned = clean(text)
        if command := notation.command(cleaned):
            return self._of_command(*command, language, with_photo=with_photo)
        if not (bare := without_addresses(cleaned)):
            return nothing(Problem.ADDRESS)
        if words := notation.analogy(bare):
            return self._intents.of_words(IntentKind.ANALOGY, words, language)
        if not with_photo and (words := notation.word_arithmetic(bare)):
            return self._intents.of_words(IntentKind.ANALOGY, words, language)
        if (parts := notation.signed_parts(bare)) and not self._is_dash(bare, parts):
            return self._of_signed_parts(parts, language, with_photo=with_photo)
        return self._of_sentence(bare, language, with_photo=with_photo)

    def describe(self, text: str, language: str | None = None, *, with_photo: bool = False) -> Intent:
        """Return the description in a text that is known to be one: a search box has no small talk."""
        bare = without_addresses(clean(text)) or clean(text)
        if (parts := notation.signed_parts(bare)) and not self._is_dash(bare, parts):
            return self._of_signed_parts(parts, language, with_photo=with_photo)
        tokens = tokens_in(bare, language)
        positive, negative = split(bare, tokens, self._tagger(tokens)) if tokens else ([], [])
        if not positive and not (negative and with_photo):
            positive, negative = [bare], []
        return self._intents.description(positive, negative, language, with_photo=with_photo)

    def _of_command(
        self, kind: IntentKind, arguments: str, language: str | None, *, with_photo: bool
    ) -> Intent:
        """Return what a command asks for.

        Raises:
            EmptyQueryError: it lacks its words.
            BadInputError: it has too few or too many.
        """
        if kind not in WITHOUT_WORDS:
            return Intent(kind)
        if not arguments:
            raise EmptyQueryError(key=WITHOUT_WORDS[kind])
        if kind is IntentKind.DESCRIPTION:
            return self.describe(arguments, language, with_photo=with_photo)
        words = notation.words(arguments)
        if kind is IntentKind.ANALOGY:
            words = list(notation.analogy(arguments) or words)
        if len(words) != WORD_COUNTS[kind]:
            raise BadInputError(key=WRONG_COUNT[kind])
        intent = self._intents.of_words(kind, words, language)
        if kind is IntentKind.SIMILAR and intent.words[0] not in self._intents.known:
            described = self._intents.description(words, [], language, with_photo=False)
            return described if described.translated else intent  # a compound: "Hundestrand"
        return intent

    def _of_signed_parts(
        self, parts: Sequence[tuple[str, bool]], language: str | None, *, with_photo: bool
    ) -> Intent:
        positive: list[str] = []
        negative: list[str] = []
        for text, is_negative in parts:
            if tokens := tokens_in(text, language):
                kept, excluded = split(text, tokens, self._tagger(tokens))
                (negative if is_negative else positive).append(" ".join(kept) or " ".join(excluded) or text)
                if kept and not is_negative:
                    negative += excluded
        return self._intents.description(positive, negative, language, with_photo=with_photo, joined=False)

    def _is_dash(self, text: str, parts: Sequence[tuple[str, bool]]) -> bool:
        """Return True if a minus only parts a description from a remark: "a dog - have you got one?"."""
        if [is_negative for _, is_negative in parts] != [False, True]:
            return False
        tokens = tokens_of(text)
        tagged = list(zip(tokens, self._tagger(tokens).description_tags(), strict=True))
        first, second = (part for part, _ in parts)
        before = all(tag is Tag.DROPPED for token, tag in tagged if token.start < len(first))
        after = all(tag is Tag.DROPPED for token, tag in tagged if token.start >= len(first))
        return (before and " " in first) or (after and " " in second)

    def _of_sentence(self, text: str, language: str | None, *, with_photo: bool) -> Intent:
        tokens = tokens_in(text, language)
        if problem := _unreadable(text):
            return nothing(problem)
        tagging = self._tagger(tokens)
        if word := notation.bare_word(text):
            return self._of_bare_word(word, tagging, language, with_photo=with_photo)
        if tagging.kind in WORD_COUNTS and (intent := self._of_tagged_words(tokens, tagging, language)):
            return intent
        if tagging.kind in (IntentKind.DESCRIPTION, *WORD_COUNTS):
            positive, negative = split(text, tokens, tagging)
            return self._intents.description(positive, negative, language, with_photo=with_photo)
        if tagging.kind is not IntentKind.NOTHING and self._is_talk(text, tagging):
            return Intent(tagging.kind)
        positive, negative = described_after_all(text, tokens, tagging)
        return self._intents.description(positive, negative, language, with_photo=with_photo)

    def _is_talk(self, text: str, tagging: Tagging) -> bool:
        """Return True if a text holds a word that is known, or is surely talk without one."""
        is_known = any(word in self._intents.known for word in tokenize(text))
        return is_known or float(tagging.kinds.max()) >= CERTAIN_OF_UNKNOWN

    def _of_tagged_words(
        self, tokens: Sequence[Token], tagging: Tagging, language: str | None
    ) -> Intent | None:
        """Return an intent about the words that are tagged as such; None if they are too many or too few."""
        words = words_asked(tokens, tagging, tagging.kind)
        if len(words) == WORD_COUNTS[tagging.kind]:
            return self._intents.of_words(tagging.kind, words, language)
        return nothing(Problem.INCOMPLETE_ANALOGY) if tagging.kind is IntentKind.ANALOGY else None

    def _of_bare_word(self, word: str, tagging: Tagging, language: str | None, *, with_photo: bool) -> Intent:
        """Return what one word asks for: talk, photos by a photo that it steers, or the words near it."""
        kind, bare = tagging.kind, word.lower()
        is_talk = kind not in WORD_COUNTS and kind is not IntentKind.DESCRIPTION
        is_visible = bare in self._intents.familiar and is_content(bare)
        if kind in (IntentKind.CAPTION, IntentKind.NOTHING) and bare not in self._intents.known:  # gibberish?
            is_talk = tagging.kinds.max() >= CERTAIN_OF_UNKNOWN
        if is_talk and not (is_visible and (kind is IntentKind.NOTHING or tagging.kinds.max() < CERTAIN)):
            return nothing(Problem.NO_DESCRIPTION) if kind is IntentKind.NOTHING else Intent(kind)
        if with_photo or word.isdigit():
            return self._intents.description([word], [], language, with_photo=with_photo)
        intent = self._intents.of_words(IntentKind.SIMILAR, [word], language)
        if intent.words[0] not in self._intents.known:
            return self._intents.description([word], [], language, with_photo=False)
        return intent


def _unreadable(text: str) -> Problem | None:
    """Return why the tagger cannot read a text; it would take an unknown number for talk."""
    if not any(map(str.isalpha, text)):
        return Problem.NO_DESCRIPTION
    return None if _READABLE.search(text) else Problem.UNKNOWN_WORDS


def of_checkpoint(checkpoint: Checkpoint) -> Understanding:
    """Return the understanding that fits a network's vocabulary and prototypes."""
    words, related = known_words(checkpoint), RelatedWords(checkpoint)
    spelling = SpellingCorrector(
        words.of_captions, words.others, frozenset(words.rare), shipped_word_context(), related.cosine
    )
    return Understanding(words, shipped_tagger(), spelling, checkpoint.class_names)
