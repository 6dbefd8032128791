"""Sentences that understanding is measured on: those of `asked/`, and captions with a slip of the pen.

`asked/` holds four sets of ways of asking, negations and sentences with an intent. The phrases of training
were written with the development set at hand and can make many of its sentences; the validation set was held
out from them, and what fails in it has been read; the test set was held out, was read once, and the phrases
that were written since come from a hand that has not read it. Of the blind set, only the scores have been
read; it was written later, without having read the phrases or the other sets.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

from engine.model.vocabulary import tokenize
from engine.words.stopwords import is_content

FOLDER = Path(__file__).with_name("asked")
SETS = ("development", "validation", "test", "blind")
WAYS, NEGATIONS, INTENTS = "ways.txt", "negations.txt", "intents.txt"
MIN_SLIP = 4  # letters of a word in which a slip is made
# What negations exclude, and the words of captions that name it.
THINGS = {
    "people": "people person man men woman women boy boys girl girls child children kid kids couple crowd "
    "lady guy group someone baby toddler player players",
    "grass": "grass grassy lawn",
    "cars": "car cars truck van traffic taxi",
    "dogs": "dog dogs puppy puppies",
    "snow": "snow snowy snowing",
    "woman": "woman women lady girl girls",
    "ball": "ball balls football soccer basketball",
}

Slip = Callable[[random.Random, str], str]


def rows(of_set: str, name: str) -> Iterator[list[str]]:
    """Return the fields of each line of a set's file."""
    lines = (FOLDER / of_set / name).read_text("utf-8").splitlines()
    return (line.split("\t") for line in lines if line and not line.startswith("#"))


def content(text: str) -> list[str]:
    """Return the content words of a text in English."""
    return [word for word in tokenize(text) if is_content(word)]


def misspell(rng: random.Random, caption: str, slip: Slip) -> str:
    """Return a caption with a slip in one of its longer content words, if it has one."""
    words = caption.split()
    places = [n for n, word in enumerate(words) if _can_slip(word)]
    if places:
        place = rng.choice(places)
        words[place] = slip(rng, words[place])
    return " ".join(words)


def swap(rng: random.Random, word: str) -> str:
    """Swap two different neighbouring letters, not the first."""
    at = rng.choice([n for n in range(1, len(word) - 1) if word[n] != word[n + 1]])
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def omit(rng: random.Random, word: str) -> str:
    """Leave out a letter, not the first."""
    at = rng.randrange(1, len(word))
    return word[:at] + word[at + 1 :]


SLIPS: dict[str, Slip] = {"two letters swapped": swap, "a letter left out": omit}


def _can_slip(word: str) -> bool:
    return len(word) >= MIN_SLIP and word.isalpha() and is_content(word) and len(set(word[1:])) > 1
