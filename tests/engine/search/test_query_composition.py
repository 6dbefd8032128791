from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.errors import EmptyQueryError
from engine.model.network import Network
from engine.search.query_composition import Part, combine, focused_query, label_probabilities, parse

SHARED = np.array([0.0, 0.0, 1.0], dtype=np.float32)
CAT, SHIP = np.array([[0.6, 0.0, 1.0], [0.0, 0.3, 1.0]], dtype=np.float32)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a dog on the beach", [Part("a dog on the beach")]),
        ("cat + sofa", [Part("cat"), Part("sofa")]),
        ("ship - sail", [Part("ship"), Part("sail", minus=True)]),
        ("ship − sail", [Part("ship"), Part("sail", minus=True)]),
        (" + a cat  -  the sofa + sun ", [Part("a cat"), Part("the sofa", minus=True), Part("sun")]),
        ("a t-shirt", [Part("a t-shirt")]),
        ("1+1", [Part("1+1")]),
    ],
)
def test_signs_that_stand_alone_split_a_question(text: str, parts: list[Part]) -> None:
    assert parse(text) == tuple(parts)


def test_a_photo_can_be_changed_by_taking_away_alone() -> None:
    parts = parse("- grass", with_photo=True)
    assert parts == (Part("grass", minus=True),)
    with pytest.raises(EmptyQueryError, match="such as: ship - sail"):
        parse("- grass")


@pytest.mark.parametrize("text", ["cat +", "cat + + dog", "cat - ?", "+", "-", "- ", "cat + - dog"])
def test_a_sign_without_words_is_named(text: str) -> None:
    with pytest.raises(EmptyQueryError, match="such as"):
        parse(text, with_photo=True)


@pytest.mark.parametrize("text", ["", "  ", "?!"])
def test_nothing_says_what_to_say_and_so_it_does_beside_a_photo(text: str) -> None:
    with pytest.raises(EmptyQueryError, match="a dog running"):
        parse(text)
    with pytest.raises(EmptyQueryError, match="add to the photo"):
        parse(text, with_photo=True)


def test_parts_count_alike_whatever_they_share() -> None:
    both = combine(np.stack((CAT, SHIP)), parse("cat + ship"), SHARED)
    np.testing.assert_allclose(both, (1, 1, 0), atol=1e-6)


def test_what_is_taken_away_counts_less_than_what_is_asked_for() -> None:
    x, y, _ = combine(np.stack((CAT, SHIP)), parse("cat - ship"), SHARED)
    assert x > -y > 0


def test_a_text_that_fits_better_is_likelier_and_all_add_up_to_one(network: Network) -> None:
    texts = torch.nn.functional.normalize(torch.randn(3, 16), dim=-1)
    probabilities = label_probabilities(network, texts[1], texts)
    assert probabilities.sum() == pytest.approx(1)
    assert probabilities.argmax() == 1


@torch.inference_mode()
def test_focus_follows_the_place_that_fits(network_copy: Network) -> None:
    torch.manual_seed(1)
    features = torch.randn(1, 4, network_copy.config.encoder_width)
    network_copy.logit_scale.fill_(6.0)  # as good as a choice of one place
    places = network_copy.image_head.patch_joints(features)[0]
    for place in places:
        expected = torch.nn.functional.normalize(2 * place, dim=0)
        np.testing.assert_allclose(focused_query(network_copy, features, place), expected.numpy(), atol=1e-3)
