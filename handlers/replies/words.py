"""Texts of answers about words."""

from __future__ import annotations

import html
from collections.abc import Sequence

from engine.results import WordMatch, WordSimilarity
from handlers.i18n.texts import Texts
from handlers.messages.html import MAX_WORD_UNITS, escape_html, format_score, truncate

WEAK_COSINE = 0.45  # answers whose best word scores lower are said to be weak; set by eye
# The lowest percentile of each degree of similarity.
LEVELS = ((99, "alike-very"), (90, "alike-quite"), (60, "alike-little"), (-1, "alike-not"))
WORD_WIDTH = 14  # letters, and
BAR_WIDTH = 8  # blocks: with the score between them a row fits a narrow phone


def similar_words(texts: Texts, word: str, words: Sequence[WordMatch], *, hint: bool = False) -> str:
    """List the words most similar to a word."""
    shown = escape_html(word, MAX_WORD_UNITS)
    parts = [texts("words-near", word=shown), _table(texts, words)]
    if hint:
        parts.append(texts("hint-after-words", query=shown))
    return "\n\n".join(parts)


def analogy(texts: Texts, a: str, b: str, c: str, words: Sequence[WordMatch], *, hint: bool = False) -> str:
    """Complete an analogy with the best word, and list the runners-up."""
    given = {name: escape_html(word, MAX_WORD_UNITS) for name, word in (("a", a), ("b", b), ("c", c))}
    best = escape_html(words[0].word, MAX_WORD_UNITS) if words else "…"
    parts = [texts("analogy", best=best, **given), _table(texts, words)]
    if hint:
        parts.append(texts("hint-after-analogy"))
    return "\n\n".join(parts)


def word_similarity(texts: Texts, similarity: WordSimilarity) -> str:
    """Describe how similar two words are, by their cosine and in words."""
    a, b = escape_html(similarity.a, MAX_WORD_UNITS), escape_html(similarity.b, MAX_WORD_UNITS)
    lines = [texts("alike", a=a, b=b, score=format_score(similarity.cosine))]
    if a == b:
        return "\n".join([*lines, texts("alike-same")])
    level = next(key for percentile, key in LEVELS if similarity.percentile >= percentile)
    share = min(int(similarity.percentile), 99)  # of random pairs: a nearer one can always exist
    return "\n".join([*lines, texts(level, share=share)])


def _table(texts: Texts, words: Sequence[WordMatch]) -> str:
    if not words:
        return texts("no-words")
    names = [truncate(match.word, MAX_WORD_UNITS) for match in words]
    width = min(max(map(len, names)), WORD_WIDTH)
    rows = [
        f"{name:<{width}} {format_score(match.score)} {_bar(match.score)}".rstrip()
        for name, match in zip(names, words, strict=True)
    ]
    table = "<pre>" + html.escape("\n".join(rows), quote=False) + "</pre>"
    return table if words[0].score >= WEAK_COSINE else f"{texts('not-sure')}\n{table}"


def _bar(score: float) -> str:
    return "▮" * round(BAR_WIDTH * min(max(score, 0.0), 1.0))
