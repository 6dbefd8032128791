"""Texts of answers about words."""

from __future__ import annotations

from collections.abc import Sequence

from engine.results import WordMatch, WordSimilarity
from handlers.i18n.texts import Texts
from handlers.messages.html import MAX_WORD_UNITS, escape_html, format_score
from handlers.replies.closeness import WEAK_COSINE, by_closeness, of_cosine

# The lowest percentile of each degree of similarity.
LEVELS = ((99, "alike-very"), (90, "alike-quite"), (60, "alike-little"), (-1, "alike-not"))
RUNNERS_UP = 3  # of an analogy: the others are further away


def similar_words(texts: Texts, word: str, words: Sequence[WordMatch], *, numbers: bool = False) -> str:
    """List the words most similar to a word, by their closeness or with their cosines."""
    title = texts("words-near", word=escape_html(word, MAX_WORD_UNITS))
    if not words:
        return f"{title}\n{texts('no-words')}"
    note = [texts("not-sure-words")] if words[0].score < WEAK_COSINE else []
    if numbers:
        return "\n".join([title, *note, _scored(words)])
    levels = by_closeness(texts, ((of_cosine(match.score), _word(match)) for match in words))
    return "\n".join([title, *note, levels])


def analogy(
    texts: Texts, a: str, b: str, c: str, words: Sequence[WordMatch], *, numbers: bool = False
) -> str:
    """Complete an analogy with the best word, and name the runners-up."""
    given = {name: escape_html(word, MAX_WORD_UNITS) for name, word in (("a", a), ("b", b), ("c", c))}
    if not words:
        return f"{texts('analogy', best='…', **given)}\n{texts('no-words')}"
    parts = [texts("analogy", best=_word(words[0]), **given)]
    if words[0].score < WEAK_COSINE:
        parts.append(texts("not-sure-words"))
    if numbers:
        parts.append(_scored(words))
    elif others := words[1 : 1 + RUNNERS_UP]:
        parts.append(texts("runners-up", words=", ".join(map(_word, others))))
    return "\n".join(parts)


def word_similarity(texts: Texts, similarity: WordSimilarity, *, numbers: bool = False) -> str:
    """Say how similar two words are, compared with random pairs."""
    a, b = escape_html(similarity.a, MAX_WORD_UNITS), escape_html(similarity.b, MAX_WORD_UNITS)
    if a == b:
        return texts("alike-same")
    level = next(key for percentile, key in LEVELS if similarity.percentile >= percentile)
    share = min(int(similarity.percentile), 99)  # of random pairs: a nearer one can always exist
    verdict = f"{texts('alike', a=a, b=b)} {texts(level, share=share)}"
    return f"{verdict}\n{texts('alike-score', score=format_score(similarity.cosine))}" if numbers else verdict


def _scored(words: Sequence[WordMatch]) -> str:
    return " · ".join(f"{_word(match)} {format_score(match.score)}" for match in words)


def _word(match: WordMatch) -> str:
    return escape_html(match.word, MAX_WORD_UNITS)
