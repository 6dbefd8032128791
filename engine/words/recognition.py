"""What the recognizer saw, as words: names for people, tags, and a bonus for words of captions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.model.class_names import ClassNames, name_key
from engine.model.vocabulary import Vocabulary, tokenize
from engine.results import Recognised

MIN_PROBABILITY = 0.2  # of what is worth telling
SURE = 0.6  # from it on a dog is called a beagle
ONE_NAME = ("cat",)  # whose kinds people do not name
MIN_TAG_PROBABILITY = 0.05
# Nats that a recognised thing's words gain in beam search, times its probability; not the words that captions
# use most, which the decoder says by itself where they fit. On everyday photos, 4 or 5 times the root of the
# probability for all words is as good; on Flickr8K, it costs four points of CIDEr.
BONUS = 3.0
FREQUENT_WORDS = 400
# What captions mention too often and the recognizer hardly misses: nats that it costs where it is not seen.
OVERUSED, ABSENT, ABSENT_PENALTY = "dog", 0.02, 2.0


def recognise(names: ClassNames, probabilities: np.ndarray, count: int) -> tuple[Recognised, ...]:
    """Name what is in a photo, the likeliest first; nothing where nothing is likely.

    Classes with a common name are summed; where one of them alone is likely, its own name stands for it.

    Args:
        names: of the K classes.
        probabilities: (K,).
        count: at most.
    """
    sums = names.sum_by_common_name(probabilities)
    for number in np.flatnonzero(probabilities >= MIN_PROBABILITY).tolist():
        probability, common = float(probabilities[number]), names.common[number]
        if not common or (probability >= SURE and common not in ONE_NAME):
            sums.pop(common, None)
            sums[names.own[number]] = probability
    likely = sorted((pair for pair in sums.items() if pair[1] >= MIN_PROBABILITY), key=lambda pair: -pair[1])
    return tuple(Recognised(name, probability) for name, probability in likely[:count])


def tag_words(names: ClassNames, probabilities: np.ndarray) -> dict[str, float]:
    """Return single words for what is in a photo, with their probabilities, the likeliest class first.

    A name of several words is cut to its last one where that is its kind: a house finch is a finch, but a hot
    dog is no dog.
    """
    words: dict[str, float] = {}
    for number in np.argsort(-probabilities, kind="stable").tolist():
        probability = float(probabilities[number])
        if probability < MIN_TAG_PROBABILITY:
            break
        for name in (names.own[number], names.names[number][0], names.common[number]):
            word = head(name, names.names[number])
            if word:
                words.setdefault(word, probability)
    return words


def head(name: str, kinds: Sequence[str]) -> str:
    """Return the last word of a name if it is one of the kinds, else the whole name."""
    last = name.replace("-", " ").split()[-1:]
    return last[0] if last and last[0] in kinds else name


class CaptionBonus:
    """Turns probabilities of classes into a bonus for the words that name them.

    Attributes:
        names: of the classes.
    """

    def __init__(
        self, names: ClassNames, vocabulary: Vocabulary, frequent_words: int = FREQUENT_WORDS
    ) -> None:
        """Look up the words of each common name, in the singular and the plural.

        Args:
            names: of the classes.
            vocabulary: the most frequent words first.
            frequent_words: how many of them get no bonus.
        """
        self.names, self._size, self._frequent = names, vocabulary.caption_size, frequent_words
        by_key: dict[str, list[int]] = {}

        def _forms(word: str) -> list[int]:
            return by_key.get(name_key(word), [])

        for token_id, word in enumerate(vocabulary.words[: vocabulary.caption_size]):
            by_key.setdefault(name_key(word), []).append(token_id)
        common = set(names.common) - {""}
        self._token_ids = {
            # A hot dog is no reason to speak of a dog.
            name: [n for word in tokenize(name) if word == name or word not in common for n in _forms(word)]
            for name in common
        }

    def of(self, probabilities: np.ndarray) -> np.ndarray | None:
        """Return the bonus (B, V) in nats for photos with these class probabilities (B, K).

        None if there is no recognizer.
        """
        if not probabilities.shape[1] or not self._token_ids:
            return None
        return np.stack([self._of_photo(photo) for photo in probabilities])

    def _of_photo(self, probabilities: np.ndarray) -> np.ndarray:
        bonus = np.zeros(self._size, np.float32)
        sums = self.names.sum_by_common_name(probabilities)
        for name, probability in sums.items():
            if probability >= MIN_TAG_PROBABILITY:
                rows = [token_id for token_id in self._token_ids[name] if token_id >= self._frequent]
                bonus[rows] = np.maximum(bonus[rows], BONUS * probability)
        if sums.get(OVERUSED, 1.0) < ABSENT:
            bonus[self._token_ids[OVERUSED]] = -ABSENT_PENALTY
        return bonus
