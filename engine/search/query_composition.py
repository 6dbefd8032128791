"""What a search looks for: words, several of them added and taken away, a photo, a part of a photo.

    a dog on the beach      one text
    cat + sofa              both in one photo
    ship - sail             the first without the second
    - grass + beach         beside a photo: like it, on other ground

Vectors are those of the joint space, J wide and of length 1.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from engine.errors import EmptyQueryError
from engine.model.network import Network
from engine.model.vocabulary import tokenize
from engine.words.word_similarity import unit_rows

MINUS = (
    0.5  # weight of what is taken away; with 1 what remains suffers, too: few photos look like "not grass"
)

# Signs stand alone: the hyphen of "t-shirt" belongs to its word.
_SIGN = re.compile(r"(?:^|(?<=\s))([+\-−])(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Part:
    """Attributes: text of one part of a question; whether it is taken away."""

    text: str
    minus: bool = False


def parse(text: str, *, with_photo: bool = False) -> tuple[Part, ...]:
    """Split a question at its signs.

    Args:
        text: parts with a + or - between them, spaces around each sign; the first sign may be left out.
        with_photo: whether the parts change a photo, or have to say everything themselves.

    Raises:
        EmptyQuery: there is nothing to look for, or nothing beside a sign.
    """
    first, *rest = _SIGN.split(text.strip())
    signed = [("+", first)] if first.strip() or not rest else []
    signed += zip(rest[::2], rest[1::2], strict=True)
    parts = tuple(Part(said.strip(), sign != "+") for sign, said in signed)
    if not all(tokenize(part.text) for part in parts):
        raise EmptyQueryError(key=_nothing(len(parts), with_photo=with_photo))
    if not with_photo and all(part.minus for part in parts):
        raise EmptyQueryError(key="only-minus")
    return parts


def combine(vectors: np.ndarray, parts: Sequence[Part], shared: np.ndarray) -> np.ndarray:
    """One vector that says all parts.

    What all words share is taken out before they are added: it would count once for each part, and
    says nothing.

    Args:
        vectors: (N, J) of the parts' texts.
        parts: the parts.
        shared: (J,) mean of the vectors of single words.

    Returns:
        (J,), not of length 1.
    """
    weights = np.array([-MINUS if part.minus else 1.0 for part in parts], dtype=np.float32)
    return weights @ unit_rows(vectors - shared)


def focused_query(network: Network, features: Tensor, text: Tensor) -> np.ndarray:
    """A photo as it is where it shows what a text says, and that text.

    The places are weighed by how well each fits the text, as the network weighs photos against texts,
    and pooled anew. A place alone is seen dimly, so the text itself joins in.

    Args:
        network: in eval mode.
        features: (1, P, C) from `Network.image_features`.
        text: (J,).

    Returns:
        (J,), length 1.
    """
    places = network.image_head.patch_joints(features)[0]  # (P, J)
    weights = (network.logit_scale.exp() * places @ text).softmax(0)
    joint = network.image_head(features, focus=weights.unsqueeze(0)).joint[0]
    return unit_rows((joint + text).numpy())


def label_probabilities(network: Network, photo: Tensor, texts: Tensor) -> np.ndarray:
    """How likely each of some texts (N, J) is the one that goes with a photo (J,): (N,), sums to 1.

    As training asked (Radford et al. 2021, arXiv 2103.00020), among these texts alone.
    """
    return (network.logit_scale.exp() * texts @ photo).softmax(0).numpy()


def _nothing(parts: int, *, with_photo: bool) -> str:
    if parts > 1:
        return "nothing-beside-sign"
    return "change-what" if with_photo else "look-for-what"
