"""What a message asks for: from a text in one of seven languages to an `Intent`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from engine.language import notation
from engine.language.cleaning import clean, without_addresses
from engine.language.dictionary import detect_language, translate
from engine.language.known_words import KnownWords, RelatedWords, known_words
from engine.language.parts import described_after_all, split, tokens_in, words_asked
from engine.language.spelling import SpellingCorrector
from engine.language.tagger import Tag, Tagger, Tagging, shipped_tagger
from engine.language.tokens import Token, tokens_of
from engine.model.checkpoint import Checkpoint
from engine.model.class_names import ClassNames
from engine.model.vocabulary import tokenize
from engine.results import Correction, Intent, IntentKind, Problem
from engine.words.stopwords import FUNCTION_WORDS, is_content
from engine.words.word_context import shipped_word_context

WORD_COUNTS = {IntentKind.SIMILAR: 1, IntentKind.ALIKE: 2, IntentKind.ANALOGY: 3}
CERTAIN = 0.5  # probability from which a known word is taken for talk
CERTAIN_OF_UNKNOWN = 0.75  # the same for words of which none is known
# What is left of a request: "photo of a dog"; "of" is missing after a translation from Russian, "photo dog".
_PHOTO = r"^(?:(?:a|an|the|some|any) )?(?:photo|picture|image|pic|snapshot|photograph)s?"
_PHOTO_OF = re.compile(rf"{_PHOTO} (?:of|with|showing) ", re.I)
_TRANSLATED_PHOTO_OF = re.compile(rf"{_PHOTO} (?:(?:of|with|showing) )?(?=\w)", re.I)
_WITH = re.compile(r"^(?:with|of|about) (?=\w)", re.I)  # "photos with a dog" without the photos
_READABLE = re.compile(r"[a-z0-9\u00c0-\u024f\u0400-\u04ff]", re.IGNORECASE)  # Latin and Cyrillic
_CONJUNCTION = re.compile(r"\s*(?:,|\b(?:or|and|nor)\b)\s*")
_LEADING = re.compile(r"^(?:(?:any|a|an|the|of|with|no)\s+)+")


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
        self._tagger, self._names = tagger, names
        self._familiar = frozenset(words.of_captions)
        self._known = self._familiar.union(words.others, words.rare)
        self.spelling = spelling

    def understand(self, text: str, language: str | None = None, *, with_photo: bool = False) -> Intent:
        """Return what a message asks for; see `engine.api.EngineAPI.understand`."""
        cleaned = clean(text)
        if command := notation.command(cleaned):
            return self._of_command(*command, language)
        if not (bare := without_addresses(cleaned)):
            return _nothing(Problem.ADDRESS)
        if words := notation.analogy(bare):
            return self._of_words(IntentKind.ANALOGY, words, language)
        if not with_photo and (words := notation.word_arithmetic(bare)):
            return self._of_words(IntentKind.ANALOGY, words, language)
        if (parts := notation.signed_parts(bare)) and not self._is_dash(bare, parts):
            return self._of_signed_parts(parts, language, with_photo=with_photo)
        return self._of_sentence(bare, language, with_photo=with_photo)

    def describe(self, text: str, language: str | None = None, *, with_photo: bool = False) -> Intent:
        """Return the description in a text that is known to be one: a search box has no small talk."""
        bare = without_addresses(clean(text)) or clean(text)
        if parts := notation.signed_parts(bare):
            return self._of_signed_parts(parts, language, with_photo=with_photo)
        tokens = tokens_in(bare, language)
        positive, negative = split(bare, tokens, self._tagger(tokens)) if tokens else ([], [])
        if not positive and not (negative and with_photo):
            positive, negative = [bare], []
        return self._description(positive, negative, language, with_photo=with_photo)

    def _of_command(self, kind: IntentKind, arguments: str, language: str | None) -> Intent:
        if kind is IntentKind.DESCRIPTION and arguments:
            return self.describe(arguments, language)
        if kind in WORD_COUNTS:
            if kind is IntentKind.ANALOGY and (words := notation.analogy(arguments)):
                return self._of_words(kind, words, language)
            given = [word for word in re.split(r"[\s,;:]+", arguments.rstrip(" ?")) if word]
            return self._of_words(kind, given, language)
        return _nothing(Problem.NO_DESCRIPTION) if kind is IntentKind.DESCRIPTION else Intent(kind)

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
        return self._description(positive, negative, language, with_photo=with_photo, joined=False)

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
        if not _READABLE.search(text):
            is_foreign = any(map(str.isalpha, text))
            return _nothing(Problem.UNKNOWN_WORDS if is_foreign else Problem.NO_DESCRIPTION)
        tagging = self._tagger(tokens)
        if word := notation.bare_word(text):
            return self._of_bare_word(word, tagging, language, with_photo=with_photo)
        if tagging.kind in WORD_COUNTS and (intent := self._of_tagged_words(tokens, tagging, language)):
            return intent
        if tagging.kind in (IntentKind.DESCRIPTION, *WORD_COUNTS):
            positive, negative = split(text, tokens, tagging)
            return self._description(positive, negative, language, with_photo=with_photo)
        if tagging.kind is not IntentKind.NOTHING and self._is_talk(text, tagging):
            return Intent(tagging.kind)
        positive, negative = described_after_all(text, tokens, tagging)
        return self._description(positive, negative, language, with_photo=with_photo)

    def _is_talk(self, text: str, tagging: Tagging) -> bool:
        """Return True if a text holds a word that is known, or is surely talk without one."""
        is_known = any(word in self._known for word in tokenize(text))
        return is_known or float(tagging.kinds.max()) >= CERTAIN_OF_UNKNOWN

    def _of_tagged_words(
        self, tokens: Sequence[Token], tagging: Tagging, language: str | None
    ) -> Intent | None:
        """Return an intent about the words that are tagged as such; None if they are too many or too few."""
        words = words_asked(tokens, tagging, tagging.kind)
        if len(words) == WORD_COUNTS[tagging.kind]:
            return self._of_words(tagging.kind, words, language)
        return _nothing(Problem.INCOMPLETE_ANALOGY) if tagging.kind is IntentKind.ANALOGY else None

    def _of_bare_word(self, word: str, tagging: Tagging, language: str | None, *, with_photo: bool) -> Intent:
        """Return what one word asks for: talk, photos by a photo that it steers, or the words near it."""
        kind = tagging.kind
        is_talk = kind not in WORD_COUNTS and kind is not IntentKind.DESCRIPTION
        is_visible = word in self._familiar and is_content(word)
        if kind is IntentKind.CAPTION and word not in self._known:  # gibberish is no request for a caption
            is_talk = tagging.kinds.max() >= CERTAIN_OF_UNKNOWN
        if is_talk and not (is_visible and (kind is IntentKind.NOTHING or tagging.kinds.max() < CERTAIN)):
            return _nothing(Problem.NO_DESCRIPTION) if kind is IntentKind.NOTHING else Intent(kind)
        if with_photo or word.isdigit():
            return self._description([word], [], language, with_photo=with_photo)
        intent = self._of_words(IntentKind.SIMILAR, [word], language)
        if " " in intent.words[0] or (intent.words[0] not in self._known):
            return self._description([word], [], language, with_photo=False)
        return intent

    def _of_words(self, kind: IntentKind, words: Sequence[str], language: str | None) -> Intent:
        """Return an intent about words, each in English and as it is spelt."""
        lowered = [word.lower() for word in words]
        found = detect_language(" ".join(lowered), language, self._is_english)
        english: list[str] = []
        corrections: list[Correction] = []
        translated = False
        for word in lowered:
            translation = translate(word, found, certain=True)
            is_word = translation.changed and " " not in translation.text
            translated |= is_word
            corrections += translation.corrections if is_word else ()
            spelt, slips = self._spelt(translation.text if is_word else word)
            english.append(spelt)
            corrections += slips
        return Intent(kind, tuple(english), corrections=tuple(corrections), translated=translated)

    def _description(
        self,
        positive: Sequence[str],
        negative: Sequence[str],
        language: str | None,
        *,
        with_photo: bool,
        joined: bool = True,
    ) -> Intent:
        """Return a DESCRIPTION in English, or why it is none.

        Args:
            positive: what photos show.
            negative: what they do not show.
            language: of the user's app.
            with_photo: whether a photo is described by what to leave out, too.
            joined: whether the positive parts are one description.
        """
        shown = [" ".join(positive)] if joined and positive else list(positive)
        found = detect_language(" ".join((*shown, *negative)), language, self._is_english)
        corrections: list[Correction] = []
        photo_of = _TRANSLATED_PHOTO_OF if found else _PHOTO_OF
        shown = [
            _WITH.sub("", photo_of.sub("", self._in_english(part, found, corrections))) for part in shown
        ]
        hidden = [self._in_english(part, found, corrections) for part in negative]
        hidden = [_LEADING.sub("", one) for part in hidden for one in _CONJUNCTION.split(part) if one]
        hidden = [part for part in hidden if part]
        problem = self._problem([*shown, *hidden] if with_photo else shown, hidden)
        if problem:
            return _nothing(problem)
        unfamiliar, share = self._unfamiliar(shown)
        return Intent(
            IntentKind.DESCRIPTION,
            positive=tuple(shown),
            negative=tuple(hidden),
            corrections=tuple(corrections),
            translated=found is not None,
            unfamiliar=unfamiliar,
            familiarity=share,
        )

    def _in_english(self, text: str, language: str | None, corrections: list[Correction]) -> str:
        """Translate a part into English and correct its slips, which are added to `corrections`."""
        translation = translate(text, language, certain=True)
        corrections += translation.corrections
        spelt, slips = self._spelt(translation.text)
        corrections += slips
        return spelt

    def _spelt(self, text: str) -> tuple[str, list[Correction]]:
        """Correct the slips of an English text."""
        corrections = []
        words = [token for token in tokens_of(text) if token.is_word]
        read = self.spelling.correct([word.text for word in words])
        for token, correct in reversed(list(zip(words, read, strict=True))):
            if correct:
                corrections.append(Correction(text[token.start : token.end], correct))
                text = text[: token.start] + correct + text[token.end :]
        return text, corrections[::-1]

    def _problem(self, parts: Sequence[str], negative: Sequence[str]) -> Problem | None:
        """Return why parts are nothing that can be looked for."""
        words = [word for part in parts for word in tokenize(part)]
        if not parts and negative:
            return Problem.ONLY_NEGATIVE
        if not any(map(str.isalnum, "".join(parts))):
            return Problem.NO_DESCRIPTION
        if not any(word in self._known for word in words):
            return Problem.UNKNOWN_WORDS if any(map(str.isalpha, "".join(parts))) else Problem.NO_DESCRIPTION
        return None

    def _unfamiliar(self, parts: Iterable[str]) -> tuple[tuple[str, ...], float]:
        """Return the content words that cannot be found, and the share of those that can.

        What captions hold can be found, and what the recognizer has a name for.
        """
        unnamed = [part for part in parts if not self._names.classes(part)]
        words = [word for part in unnamed for word in tokenize(part) if is_content(word)]
        unfamiliar = [word for word in words if word not in self._familiar and not self._names.classes(word)]
        share = 1 - len(unfamiliar) / len(words) if words else 1.0
        return tuple(dict.fromkeys(unfamiliar)), share

    def _is_english(self, word: str) -> bool:
        return word in FUNCTION_WORDS or word in self._familiar


def of_checkpoint(checkpoint: Checkpoint) -> Understanding:
    """Return the understanding that fits a network's vocabulary and prototypes."""
    words, related = known_words(checkpoint), RelatedWords(checkpoint)
    spelling = SpellingCorrector(
        words.of_captions, words.others, frozenset(words.rare), shipped_word_context(), related.cosine
    )
    return Understanding(words, shipped_tagger(), spelling, checkpoint.class_names)


def _nothing(problem: Problem) -> Intent:
    return Intent(IntentKind.NOTHING, problem=problem)
