"""The grammar of the six languages that queries are translated from, as far as single words need it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

# Sloppy spellings are accepted: without accents (but й is not и), or "ue" for "ü".
WITHOUT_ACCENTS = {code: unicodedata.normalize("NFD", chr(code))[0] for code in range(0xC0, 0x180)}
WITHOUT_ACCENTS |= {ord("ё"): "е", ord("ß"): "ss", ord("œ"): "oe"}
UMLAUTS = WITHOUT_ACCENTS | {ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue"}
# Endings of Russian nouns, and the vowel before the last consonant that some forms have and others lack.
CASE_ENDING = re.compile(
    r"(?:иями|ями|ами|ьми|ией|ьей|ией|иях|ям|ам|ях|ах|ов|ев|ей|ой|ом|ем|ою|ею|ью|ия|ии|ию|ие|[аяуюыиеоьй])$"
)
_FLEETING = re.compile(r"(?<=[бвгджзклмнпрстфхцчшщ])[ео](?=[бвгджзклмнпрстфхцчшщ]$)")


@dataclass(frozen=True, slots=True)
class Language:
    """The grammar of one language.

    Attributes:
        stemmer: Snowball's name of the language.
        plural_endings: endings by which an unlisted form is taken for a plural.
        compounds: whether words are joined without a blank.
        elides: whether articles are elided before vowels ("l'eau").
        noun_first: whether adjectives follow their noun.
        fleeting: whether a vowel of the stem comes and goes with the case.
    """

    stemmer: str
    plural_endings: tuple[str, ...]
    compounds: bool = False
    elides: bool = False
    noun_first: bool = False
    fleeting: bool = False


GRAMMARS = {
    "de": Language("german", ("n",), compounds=True),
    "es": Language("spanish", ("s",), noun_first=True),
    "fr": Language("french", ("s", "x"), elides=True, noun_first=True),
    "it": Language("italian", ("i",), elides=True, noun_first=True),
    "pt": Language("portuguese", ("s",), noun_first=True),
    "ru": Language("russian", ("ам", "ям", "ами", "ями", "ьми", "ах", "ях", "ов", "ев"), fleeting=True),
}
LANGUAGES = frozenset(GRAMMARS)


@lru_cache(maxsize=20_000)
def stem(stemmer: str, word: str) -> str:
    """Stem a word with a new stemmer: a stemmer holds its current word, so threads must not share one."""
    bare = snowballstemmer.stemmer(stemmer).stemWord(word).translate(WITHOUT_ACCENTS)
    return bare.replace("ae", "a").replace("oe", "o").replace("ue", "u")


def consonant_stem(word: str) -> str:
    """Return a Russian noun without its case: "щенк" of "щенок", "щенка" and "щенками"."""
    bare = CASE_ENDING.sub("", word.replace("ё", "е")) if len(word) > 3 else word.replace("ё", "е")
    return _FLEETING.sub("", bare).replace("ь", "")
