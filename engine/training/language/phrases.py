"""Sentences that ask for something, made from the phrases of each language, with the tag of every token.

`phrases/` holds one file a language. Its sections are named after kinds of intents; each line is a phrase:

    (a|b)          one of them; may be empty
    [please]       with it or without
    <find>         one of the phrases that a line "find = ..." names
    {} {-} {w}     a description; what photos should not show; a word that is asked about
    {n}            any noun: it stands around a description and says nothing about photos
    {-nobody}      what photos should not show, word for word
    _what_         the unknown of an analogy

Words of a phrase are dropped from a query; in section [kept] they belong to the description, and so does an
article right before one everywhere: "von einem {}".
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.language.small_words import small_words
from engine.language.tagging import Tag
from engine.language.tokens import tokens_of
from engine.results import IntentKind

FOLDER = Path(__file__).with_name("phrases")
KEPT, WITH_PHOTO = "kept", "description with a photo"
NEGATION = "negation"  # a description that says what photos should not show
BEFORE, AFTER = "before", "after"  # a request: reasons, small talk
_SECTION_KINDS = {
    KEPT: IntentKind.DESCRIPTION,
    WITH_PHOTO: IntentKind.DESCRIPTION,
    NEGATION: IntentKind.DESCRIPTION,
    BEFORE: IntentKind.NOTHING,
    AFTER: IntentKind.NOTHING,
    "talk": IntentKind.NOTHING,
}
_JOINTS = ((".",), (".",), ("!",), (",",), (",",), (";",), ("-",), (":",), (), ())  # between two sentences
_ENDS = frozenset(".!?,;:-)")
# In the text: \x01 begins what a slot was filled with, \x02 ends it; between them the tag's number.
_PART = re.compile(r"\x01(\d)([^\x02]*)\x02")
_CHOICE = re.compile(r"\(([^()\[\]]*)\)|\[([^()\[\]]*)\]")
_SLOT = re.compile(r"\{(-|w|n|)\}|_(\w+)_|\{-([^{}]+)\}")
_SLOT_TAGS = {"": Tag.KEPT, "-": Tag.NEGATIVE, "w": Tag.WORD, "n": Tag.DROPPED}

# Returns a description, what is not shown, a word that is asked about, or a noun that says nothing.
Filler = Callable[[random.Random, Tag], str]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with what it asks for.

    Attributes:
        words: its tokens, lower case.
        tags: of each token.
        kind: what is asked for.
    """

    words: tuple[str, ...]
    tags: tuple[Tag, ...]
    kind: IntentKind


class Phrasebook:
    """The phrases of one language."""

    def __init__(self, file: Path) -> None:
        """Read the phrases of a file."""
        self.sections: dict[str, list[str]] = {}
        self._articles = small_words("articles", file.stem)
        self._named: dict[str, str] = {}
        section: list[str] = []
        for line in file.read_text("utf-8").splitlines():
            name, equals, phrase = line.partition(" = ")
            if line.startswith("[") and line.endswith("]") and line[1:-1] in _section_names():
                section = self.sections.setdefault(line[1:-1], [])
            elif equals and name.isidentifier():
                self._named[name] = phrase
            elif line and not line.startswith("#"):
                section.append(line)

    def sentence(self, rng: random.Random, section: str, phrase: str, fill: Filler) -> Sentence:
        """Return one of the sentences of a phrase, its slots filled."""
        text = self._expand(rng, phrase)

        def filled(slot: re.Match[str]) -> str:
            if slot[2]:
                return f"\x01{Tag.PLACEHOLDER.value}{slot[2]}\x02"
            if slot[3]:
                return f"\x01{Tag.NEGATIVE.value}{slot[3]}\x02"
            tag = _SLOT_TAGS[slot[1]]
            return f"\x01{tag.value}{fill(rng, tag)}\x02"

        outside = Tag.KEPT if section == KEPT else Tag.DROPPED
        words, tags = _tagged(_SLOT.sub(filled, text), outside)
        kind = _SECTION_KINDS.get(section) or IntentKind(section)
        return Sentence(words, self._with_articles(words, tags), kind)

    def _with_articles(self, words: Sequence[str], tags: Sequence[Tag]) -> tuple[Tag, ...]:
        """Keep the articles right before a description."""
        pairs = zip(words, tags, (*tags[1:], Tag.DROPPED), strict=True)
        return tuple(
            Tag.KEPT if following is Tag.KEPT and word in self._articles else tag
            for word, tag, following in pairs
        )

    def words(self) -> set[str]:
        """Return all words of the phrases."""
        sections = (phrase for phrases in self.sections.values() for phrase in phrases)
        return {token.text for phrase in (*sections, *self._named.values()) for token in tokens_of(phrase)}

    def _expand(self, rng: random.Random, phrase: str) -> str:
        """Replace names and choices, the innermost first."""
        while True:
            named = re.sub(r"<(\w+)>", lambda name: self._named[name[1]], phrase)
            chosen = _CHOICE.sub(lambda choice: _choose(rng, choice), named)
            if chosen == phrase:
                return chosen
            phrase = chosen


def joined(rng: random.Random, first: Sentence, second: Sentence, kind: IntentKind) -> Sentence:
    """Return two sentences as one, mostly with a sign between them."""
    ended = bool(first.words) and first.words[-1] in _ENDS
    joint = () if ended or not first.words else rng.choice(_JOINTS)
    tags = (*first.tags, *(Tag.DROPPED for _ in joint), *second.tags)
    return Sentence((*first.words, *joint, *second.words), tags, kind)


def _section_names() -> set[str]:
    return {*map(str, IntentKind), *_SECTION_KINDS}


def _choose(rng: random.Random, choice: re.Match[str]) -> str:
    if choice[1] is not None:
        return rng.choice(choice[1].split("|"))
    return rng.choice(choice[2].split("|")) if rng.random() < 0.5 else ""


def _tagged(text: str, outside: Tag) -> tuple[tuple[str, ...], tuple[Tag, ...]]:
    """Return the tokens of a text with marked parts, and their tags."""
    spans, plain, end = [], "", 0
    for part in _PART.finditer(text):
        plain += text[end : part.start()]
        spans.append((len(plain), len(plain) + len(part[2]), Tag(int(part[1]))))
        plain, end = plain + part[2], part.end()
    tokens = tokens_of(plain + text[end:])
    tags = (next((tag for a, b, tag in spans if a <= token.start < b), outside) for token in tokens)
    return tuple(token.text for token in tokens), tuple(tags)
