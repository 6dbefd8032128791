"""Composition of queries: signs, combination, focus, zero-shot labels."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.errors import EmptyQueryError
from engine.reference.network import Network
from engine.reference.storage import as_runtime
from engine.search.query_composition import (
    QueryPart,
    combine,
    focused_query,
    label_probabilities,
    parse_query,
)
from engine.words.word_similarity import unit_rows
from tests.engine.conftest import TINY

MEAN = np.array([0.0, 0.0, 1.0], dtype=np.float32)
CAT, SHIP = np.array([[0.6, 0.0, 1.0], [0.0, 0.3, 1.0]], dtype=np.float32)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a dog on the beach", [QueryPart("a dog on the beach")]),
        ("cat + sofa", [QueryPart("cat"), QueryPart("sofa")]),
        ("ship - sail", [QueryPart("ship"), QueryPart("sail", negative=True)]),
        ("ship − sail", [QueryPart("ship"), QueryPart("sail", negative=True)]),
        (
            " + a cat  -  the sofa + sun ",
            [QueryPart("a cat"), QueryPart("the sofa", negative=True), QueryPart("sun")],
        ),
        ("a t-shirt", [QueryPart("a t-shirt")]),
        ("1+1", [QueryPart("1+1")]),
    ],
)
def test_signs_between_spaces_split_a_query(text: str, parts: list[QueryPart]) -> None:
    assert parse_query(text) == tuple(parts)


def test_a_photo_can_be_modified_by_subtraction_alone() -> None:
    parts = parse_query("- grass", with_photo=True)
    assert parts == (QueryPart("grass", negative=True),)
    with pytest.raises(EmptyQueryError, match="only-minus"):
        parse_query("- grass")


@pytest.mark.parametrize("text", ["cat +", "cat + + dog", "cat - ?", "+", "-", "- ", "cat + - dog"])
def test_a_sign_without_words_is_an_error(text: str) -> None:
    with pytest.raises(EmptyQueryError, match=r"nothing-beside-sign|change-what"):
        parse_query(text, with_photo=True)


@pytest.mark.parametrize("text", ["", "  ", "?!"])
def test_an_empty_query_is_an_error_with_or_without_a_photo(text: str) -> None:
    with pytest.raises(EmptyQueryError, match="look-for-what"):
        parse_query(text)
    with pytest.raises(EmptyQueryError, match="change-what"):
        parse_query(text, with_photo=True)


def test_parts_count_equally_whatever_they_have_in_common() -> None:
    both = combine(np.stack((CAT, SHIP)), parse_query("cat + ship"), MEAN)
    np.testing.assert_allclose(both, (1, 1, 0), atol=1e-6)


def test_a_subtracted_part_counts_less_than_an_added_one() -> None:
    x, y, _ = combine(np.stack((CAT, SHIP)), parse_query("cat - ship"), MEAN)
    assert x > -y > 0


def test_a_text_that_fits_better_is_likelier_and_all_add_up_to_one() -> None:
    texts = unit_rows(np.random.default_rng(1).normal(size=(3, 16)))
    probabilities = label_probabilities(20.0, texts[1], texts)
    assert probabilities.sum() == pytest.approx(1)
    assert probabilities.argmax() == 1


def test_focus_follows_the_position_that_fits(network_copy: Network) -> None:
    patches = torch.randn(1, TINY.num_patches, TINY.encoder_width)
    network_copy.logit_scale.fill_(6.0)  # nearly a hard choice of one position
    joints = network_copy.image_head.patch_joints(patches)[0].numpy()
    runtime = as_runtime(network_copy, threads=1)
    for joint in joints:
        found = focused_query(runtime, patches.numpy(), joint)
        np.testing.assert_allclose(found, unit_rows(2 * joint), atol=1e-3)
