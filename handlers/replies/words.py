"""What people read about words."""

from __future__ import annotations

import html
from collections.abc import Sequence

from engine.results import WordMatch, WordSimilarity
from handlers.i18n.texts import Texts
from handlers.messages.html import WORD_UNITS, quoted, score, shortened

WEAK_WORD = 0.45  # cosine of two words; lower ones are said to be weak. Set by eye
LEVELS = ((99, "alike-very"), (90, "alike-quite"), (60, "alike-little"), (-1, "alike-not"))  # percentiles
WORD_WIDTH = 14  # letters, and
BAR_WIDTH = 8  # blocks: with the score between them a row fits a narrow phone


def similar_words(texts: Texts, word: str, words: Sequence[WordMatch], *, hint: bool = False) -> str:
    """List the words near a word."""
    shown = quoted(word, WORD_UNITS)
    parts = [texts("words-near", word=shown), _table(texts, words)]
    if hint:
        parts.append(texts("hint-after-words", query=shown))
    return "\n\n".join(parts)


def analogy(texts: Texts, a: str, b: str, c: str, words: Sequence[WordMatch], *, hint: bool = False) -> str:
    """Fill in the last word of a riddle, and list the runners-up."""
    asked = {name: quoted(word, WORD_UNITS) for name, word in (("a", a), ("b", b), ("c", c))}
    best = quoted(words[0].word, WORD_UNITS) if words else "…"
    parts = [texts("riddle", best=best, **asked), _table(texts, words)]
    if hint:
        parts.append(texts("hint-after-riddle"))
    return "\n\n".join(parts)


def word_similarity(texts: Texts, answer: WordSimilarity) -> str:
    """Tell how alike two words are, as a number and in plain words."""
    a, b = quoted(answer.a, WORD_UNITS), quoted(answer.b, WORD_UNITS)
    said = [texts("alike", a=a, b=b, score=score(answer.cosine))]
    if a == b:
        return "\n".join([*said, texts("alike-same")])
    level = next(name for least, name in LEVELS if answer.percentile >= least)
    share = min(int(answer.percentile), 99)  # of random pairs: there may always be a nearer one
    return "\n".join([*said, texts(level, share=share)])


def _table(texts: Texts, words: Sequence[WordMatch]) -> str:
    if not words:
        return texts("no-words")
    names = [shortened(match.word, WORD_UNITS) for match in words]
    width = min(max(map(len, names)), WORD_WIDTH)
    rows = [
        f"{name:<{width}} {score(match.score)} {_bar(match.score)}".rstrip()
        for name, match in zip(names, words, strict=True)
    ]
    table = "<pre>" + html.escape("\n".join(rows), quote=False) + "</pre>"
    return table if words[0].score >= WEAK_WORD else f"{texts('not-sure')}\n{table}"


def _bar(value: float) -> str:
    return "▮" * round(BAR_WIDTH * min(max(value, 0.0), 1.0))
