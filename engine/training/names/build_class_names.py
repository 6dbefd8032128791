"""Collecting the names of ImageNet's classes, from timm, WordNet, and what captions call things."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

from engine.model.class_names import ClassNames, name_key, singular
from engine.model.vocabulary import tokenize
from engine.reference.image_encoder import declare_torchvision_operators
from engine.training.names.wordnet import WordNet

EVERYDAY_NAMES = Path(__file__).parent / "everyday_names.txt"
CLASSES = 1_000
MIN_COUNT = 12  # captions that use a name before it is a common one
MAX_WORDS = 3  # of a name
# What people call all of their kind in a sentence, though some kinds have names that are common, too.
BASIC = ("dog", "cat", "horse", "elephant", "bird", "monkey", "airplane", "television", "train", "bus")
NOT_COMMON = frozenset(
    [
        "beam",
        "bars",
        "can",
        "container",
        "machine",
        "mini",
        "pick",
        "plant",
        "produce",
        "racer",
        "stick",
        "tool",
    ]
)
# Kinds too wide, or too technical, to be what people call a thing.
TOO_WIDE = frozenset((Path(__file__).parent / "kinds_too_wide.txt").read_text("utf-8").split())


def build_class_names(wordnet: WordNet, captions: Iterable[str]) -> ClassNames:
    """Collect the names of ImageNet's 1,000 classes.

    Args:
        wordnet: for the kinds of each class.
        captions: show what people call things.
    """
    declare_torchvision_operators()
    from timm.data.imagenet_info import ImageNetInfo

    info = ImageNetInfo()
    lemmas = [info.index_to_description(n).split(", ") for n in range(CLASSES)]
    definitions = [info.index_to_description(n, detailed=True).split(": ")[-1] for n in range(len(lemmas))]
    return name_classes(lemmas, definitions, wordnet, captions)


def name_classes(
    lemmas: Sequence[Sequence[str]], definitions: Sequence[str], wordnet: WordNet, captions: Iterable[str]
) -> ClassNames:
    """Collect the names of classes that are given by their lemmas, the usual one first, and definitions."""
    everyday = read_everyday_names()
    names = [
        _names(own, everyday.get(own[0], ()), definition, wordnet)
        for own, definition in zip(lemmas, definitions, strict=True)
    ]
    counts = count_names(captions, {name for of_class in names for name in of_class})
    return ClassNames(
        tuple(everyday.get(own[0], own)[0].lower() for own in lemmas),
        tuple(_common_name(of_class, counts) for of_class in names),
        tuple(tuple(of_class) for of_class in names),
    )


def count_names(captions: Iterable[str], names: set[str]) -> Counter[str]:
    """Count the captions that contain each name, in the singular or the plural."""
    counts: Counter[str] = Counter()
    for caption in captions:
        words = [singular(word) for word in tokenize(caption)]
        starts = range(len(words))
        counts.update({" ".join(words[n : n + size]) for size in range(1, MAX_WORDS + 1) for n in starts})
    return Counter({name: counts[name_key(name)] for name in names})


def read_everyday_names() -> dict[str, tuple[str, ...]]:
    """Return the everyday names that WordNet lacks, by a class's first lemma."""
    lines = EVERYDAY_NAMES.read_text("utf-8").splitlines()
    pairs = (line.split(": ") for line in lines if not line.startswith("#"))
    return {lemma: tuple(names.split(", ")) for lemma, names in pairs}


def _names(own: Sequence[str], everyday: Sequence[str], definition: str, wordnet: WordNet) -> list[str]:
    offset = wordnet.find(own, definition)
    kinds = [
        lemma
        for kind in (wordnet.hypernyms(offset) if offset else ())
        for lemma in kind.lemmas
        if lemma.lower() not in TOO_WIDE
    ]
    readable = (name.replace("_", " ").lower() for name in (*everyday, *own, *kinds))
    return list(dict.fromkeys(name for name in readable if len(name.split()) <= MAX_WORDS))


def _common_name(names: Sequence[str], counts: Counter[str]) -> str:
    basic = (name for name in BASIC if name in names)
    used = (name for name in names if counts[name] >= MIN_COUNT and name not in NOT_COMMON)
    return next(chain(basic, used), "")
