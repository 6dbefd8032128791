"""Samples of what can be asked, by name: which there are, and which follow an error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

# Sample queries by name, with the keys of their texts.
SAMPLES: Final[Mapping[str, str]] = {
    "word": "sample-word",
    "riddle": "sample-analogy",
    "scene": "sample-description",
    "pair": "sample-pair",
    "both": "sample-sum",
    "without": "sample-difference",
}
MAPS: Final = (("words-map", "images-map"),)
# The suggestions under an error, by `EngineError.key`.
AFTER_ERRORS: Final[Mapping[str, Sequence[Sequence[str]]]] = {
    "nothing-to-read": (("word", "scene"),),
    "similar-of-what": (("word",),),
    "which-word": (("word",),),
    "one-word-only": (("word", "scene"),),
    "alike-what": (("pair",),),
    "which-two-words": (("pair",),),
    "two-words-only": (("pair",),),
    "map-of-what": MAPS,
    "analogy-of-what": (("riddle",),),
    "three-words-only": (("riddle",),),
    "find-what": (("scene",), ("both", "without")),
    "look-for-what": (("scene",),),
    "problem-address": (("scene",),),
    "problem-incomplete-analogy": (("riddle",),),
    "problem-only-negative": (("without",),),
    "problem-no-description": (("word", "scene"),),
    "unknown-words": (("word", "scene"),),
    "unknown-script": (("word", "scene"),),
    "nothing-beside-sign": (("both",),),
    "only-minus": (("without",),),
}
