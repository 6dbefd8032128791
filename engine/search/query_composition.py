"""Composition of a query: texts that are added and subtracted, a photo, a focus on part of a photo.

    a dog on the beach      one text
    cat + sofa              both in one photo
    ship - sail             the first without the second
    - grass + beach         with a photo: similar to it, but with other ground

Vectors are joint vectors of width J and length 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.errors import EmptyQueryError, UnfitLabelsError
from engine.model.class_names import ClassNames
from engine.model.vocabulary import tokenize
from engine.results import SIGN
from engine.runtime.network import RuntimeNetwork
from engine.words.word_similarity import unit_rows

MAX_LABELS = 100  # each is a text to embed, and a longer list is usually a mistake

# Weight of a subtracted part; with 1 the rest of the query suffers, because few photos look like "not grass".
NEGATIVE_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class QueryPart:
    """One part of a query.

    Attributes:
        text: its words.
        negative: True if the part is subtracted.
    """

    text: str
    negative: bool = False


def parse_query(text: str, *, with_photo: bool = False) -> tuple[QueryPart, ...]:
    """Split a query at its signs.

    Args:
        text: parts with + or - between them, spaces around each sign; the first sign may be omitted.
        with_photo: True if the parts modify a photo, False if they are the whole query.

    Raises:
        EmptyQueryError: there is nothing to search for, or nothing beside a sign.
    """
    first, *rest = SIGN.split(text.strip())
    signed = [("+", first)] if first.strip() or not rest else []
    signed += zip(rest[::2], rest[1::2], strict=True)
    parts = tuple(QueryPart(words.strip(), sign != "+") for sign, words in signed)
    if not all(tokenize(part.text) for part in parts):
        raise EmptyQueryError(key=_empty_query_key(len(parts), with_photo=with_photo))
    if not with_photo and all(part.negative for part in parts):
        raise EmptyQueryError(key="only-minus")
    return parts


def combine(vectors: np.ndarray, parts: Sequence[QueryPart], mean: np.ndarray) -> np.ndarray:
    """Return one vector for all parts of a query.

    The mean of all words is subtracted from each part first: otherwise it would count once for each part,
    and it carries no meaning.

    Args:
        vectors: (N, J) of the parts' texts.
        parts: the N parts.
        mean: (J,) of the vectors of single words.

    Returns:
        (J,), not of length 1.
    """
    weights = np.array([-NEGATIVE_WEIGHT if part.negative else 1.0 for part in parts], dtype=np.float32)
    return weights @ unit_rows(vectors - mean)


def focused_query(network: RuntimeNetwork, patches: np.ndarray, text: np.ndarray) -> np.ndarray:
    """Return a query (J,) for a photo with a focus on what a text names.

    A single position is blurred, so the text itself is added to what `RuntimeNetwork.focus` returns.

    Args:
        network: the network.
        patches: (1, P, C), see `ImageFeatures`.
        text: (J,).
    """
    return unit_rows(network.focus(patches, text) + text)


def distinct_labels(labels: Sequence[str]) -> list[str]:
    """Return labels without blanks and repetitions.

    Raises:
        UnfitLabelsError: too few or too many are left.
    """
    stripped = [label.strip() for label in labels if label.strip()]
    names = list({label.lower(): label for label in reversed(stripped)}.values())  # the first of each
    if len(names) < 2:
        raise UnfitLabelsError(key="too-few-labels")
    if len(names) > MAX_LABELS:
        raise UnfitLabelsError(key="too-many-labels", count=len(names), limit=MAX_LABELS)
    return names


def label_probabilities(logit_scale: float, photo: np.ndarray, texts: np.ndarray) -> np.ndarray:
    """Return the zero-shot probability of each label for a photo (Radford et al. 2021, arXiv 2103.00020).

    Args:
        logit_scale: of the network.
        photo: (J,).
        texts: (N, J) of the labels.

    Returns:
        (N,), sums to 1.
    """
    logits = logit_scale * (texts @ photo)
    odds = np.exp(logits - logits.max())
    return np.asarray(odds / odds.sum())


def add_recognised(
    by_text: np.ndarray, labels: Sequence[str], names: ClassNames, classes: np.ndarray
) -> np.ndarray:
    """Let what is recognised in a photo decide between labels that name it, as far as it is sure.

    Args:
        by_text: (N,), probabilities of the labels by their texts.
        labels: N labels.
        names: of the K classes.
        classes: (K,), their probabilities for the photo.

    Returns:
        (N,), sums to 1.
    """
    by_class = np.array([classes[list(names.classes(label))].sum() for label in labels])
    sure = min(1.0, float(by_class.sum()))
    mixed = (1 - sure) * by_text + by_class
    return np.asarray(mixed / mixed.sum())


def _empty_query_key(parts: int, *, with_photo: bool) -> str:
    if parts > 1:
        return "nothing-beside-sign"
    return "change-what" if with_photo else "look-for-what"
