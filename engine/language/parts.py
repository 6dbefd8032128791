"""The parts of a message, by the tags of its tokens: what it describes, excludes, or asks about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from engine.language.dictionary import base_language
from engine.language.small_words import small_words
from engine.language.tagging import WORD_TAGS, Tag, Tagging
from engine.language.tokens import Token, tokens_of
from engine.results import IntentKind

MIN_DESCRIPTION = 0.7  # share of the words that describe, from which talk is read as a description
MIN_TALK = 0.9  # probability below which "a unicorn on the moon" is no talk, as it begins with an article
FREE = ("-free", "-frei")  # endings of words that exclude: "snow-free"
_ARTICLES = frozenset(("a", "an"))


def tokens_in(text: str, language: str | None) -> list[Token]:
    """Return the tokens of a text; the Portuguese "no", in the, is told from the English one."""
    tokens = tokens_of(text)
    if base_language(language) != "pt" and not any(
        token.text in small_words("distinctive", "pt") for token in tokens
    ):
        return tokens
    return [replace(token, text="na") if token.text == "no" else token for token in tokens]


def split(text: str, tokens: Sequence[Token], tagging: Tagging) -> tuple[list[str], list[str]]:
    """Return the runs of a text that are kept, and those that photos should not show."""
    runs: list[tuple[Tag, int, int]] = []
    previous = Tag.DROPPED
    for token, tag in zip(tokens, _consistent(tokens, tagging.description_tags()), strict=True):
        if tag is not Tag.DROPPED:
            if tag is previous:
                runs[-1] = (tag, runs[-1][1], token.end)
            else:
                runs.append((tag, token.start, token.end))
        previous = tag
    texts = [(tag, text[start:end].strip(" .,;:!?-")) for tag, start, end in runs]
    kept = [part for tag, part in texts if tag is Tag.KEPT and part]
    negative = [_excluded(part) for tag, part in texts if tag is Tag.NEGATIVE and part]
    if kept and not negative and any(token.text in small_words("nobody") for token in tokens):
        negative = ["people"]
    return kept, negative


def _consistent(tokens: Sequence[Token], tags: Sequence[Tag]) -> list[Tag]:
    """Give determiners the tag of their noun; "only the cat" alone excludes nothing."""
    result = list(tags)
    _keep_parts(tokens, result)
    for place in reversed(range(len(tokens) - 1)):
        if result[place + 1] is Tag.NEGATIVE and tokens[place].text in small_words("determiners"):
            result[place] = Tag.NEGATIVE
    _drop_photos(tokens, result)
    if Tag.KEPT not in result and Tag.NEGATIVE in result:
        first = result.index(Tag.NEGATIVE)
        if first and tokens[first - 1].text in small_words("only"):
            return [Tag.KEPT if tag is Tag.NEGATIVE else tag for tag in result]
    return result


def _keep_parts(tokens: Sequence[Token], tags: list[Tag]) -> None:
    """Exclude nothing right after a kept word, without a word that says so: "a steep hill"."""
    for place in range(1, len(tokens)):
        is_part = tags[place] is Tag.NEGATIVE and tags[place - 1] is Tag.KEPT
        if is_part and tokens[place - 1].is_word and not _excludes_by_itself(tokens[place].text):
            tags[place] = Tag.KEPT


def _drop_photos(tokens: Sequence[Token], tags: list[Tag]) -> None:
    """Exclude no photos by the word for them with which a message begins: "the picture in mind: a dog"."""
    beginning = [*takewhile(lambda place: tags[place] is Tag.NEGATIVE, range(len(tokens)))]
    if {tokens[place].text for place in beginning} <= small_words("photos") | small_words("articles"):
        tags[: len(beginning)] = [Tag.DROPPED] * len(beginning)


def _excludes_by_itself(word: str) -> bool:
    return word.endswith(FREE) or word in small_words("nobody") | small_words("anybody")


def _excluded(part: str) -> str:
    """Return what photos should not show: people for "nobody", snow for "snow-free"."""
    if part.lower() in small_words("nobody") | small_words("anybody"):
        return "people"
    for ending in FREE:
        part = part.removesuffix(ending)
    return part


def words_asked(tokens: Sequence[Token], tagging: Tagging, kind: IntentKind) -> list[str]:
    """Return the words that are asked about, those of an analogy as a, b and c."""
    tagged = list(zip(tokens, tagging.best(WORD_TAGS), strict=True))
    words = [token.text for token, tag in tagged if tag is Tag.WORD and token.is_word]
    if kind is not IntentKind.ANALOGY or len(words) != 3:
        return words
    placeholder = next((n for n, (_, tag) in enumerate(tagged) if tag is Tag.PLACEHOLDER), len(tagged))
    before = sum(tag is Tag.WORD for _, tag in tagged[:placeholder])
    first, second, third = words
    # Which of "a : b :: c : d" is asked for decides how the others are arranged.
    arranged = {
        0: [third, second, first],  # what is to 1 as 2 is to 3
        1: [second, third, first],  # 1 is to what as 2 is to 3
        2: [second, first, third],  # 1 is to 2 as what is to 3
    }
    return arranged.get(before, words)


def described_after_all(text: str, tokens: Sequence[Token], tagging: Tagging) -> tuple[list[str], list[str]]:
    """Return the parts of a description that was taken for talk; none if it is talk."""
    positive, negative = split(text, tokens, tagging)
    if _share(positive, tokens) > MIN_DESCRIPTION:
        return positive, negative
    return ([text], []) if tagging.kinds.max() < MIN_TALK and tokens[0].text in _ARTICLES else ([], [])


def _share(parts: Sequence[str], tokens: Sequence[Token]) -> float:
    """Return the share of a message's words that are in some of its parts."""
    return sum(len(part.split()) for part in parts) / max(sum(token.is_word for token in tokens), 1)
