"""Texts as both stages of search take them."""

from __future__ import annotations

import numpy as np

from engine.model.checkpoint import Checkpoint
from engine.search.reranking import likelihood_of_images
from engine.words.text_embedding import TextEmbedder


def test_the_second_stage_needs_not_encode_a_text_again(shipped: Checkpoint) -> None:
    texts, config = TextEmbedder(shipped), shipped.network.config
    (joint,), states = texts.embed_and_read(["a dog on the beach"])
    np.testing.assert_array_equal(joint, texts.embed(["a dog on the beach"])[0])
    assert states is not None
    grids = np.random.default_rng(1).standard_normal((2, config.memory_size, config.width), np.float32)
    token_ids = texts.token_ids("a dog on the beach")
    likelihood = likelihood_of_images(shipped.network, token_ids, grids.astype(np.float16), states)
    again = likelihood_of_images(shipped.network, token_ids, grids.astype(np.float16))
    np.testing.assert_array_equal(likelihood, again)


def test_states_without_the_words_that_have_prototypes_are_none_for_the_decoder(shipped: Checkpoint) -> None:
    texts = TextEmbedder(shipped)
    word = shipped.prototypes.words[0]
    assert texts.embed_and_read([f"a man with a {word}"])[1] is None
