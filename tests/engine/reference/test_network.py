from __future__ import annotations

import torch

from engine.model.vocabulary import Vocabulary
from engine.reference.network import Network
from tests.engine.conftest import TINY


def test_shapes_are_as_documented(network: Network) -> None:
    image = network.encode_image(torch.rand(2, 3, TINY.image_size, TINY.image_size))
    text = network.encode_text(torch.tensor([[1, 4, 5, 6, 2], [1, 4, 2, 0, 0], [1, 3, 13, 2, 0]]))
    assert image.grid.shape == (2, TINY.num_patches, TINY.width)
    assert image.joint.shape == (2, TINY.joint_width)
    assert text.states.shape == (3, 5, TINY.width)
    assert text.joint.shape == (3, TINY.joint_width)
    grid = image.grid[[0, 0, 1]]
    assert network.caption_logits(text.states, network.prepare_decoder(grid)).shape == (
        3,
        5,
        TINY.output_vocab_size,
    )


def test_joint_vectors_have_length_one(network: Network) -> None:
    joint = network.encode_text(torch.tensor([[1, 4, 2], [1, 5, 2]])).joint
    torch.testing.assert_close(joint.norm(dim=-1), torch.ones(2))


def test_a_state_does_not_attend_to_later_tokens(network: Network) -> None:
    one = network.encode_text(torch.tensor([[1, 4, 5, 6, 2]])).states
    other = network.encode_text(torch.tensor([[1, 4, 5, 9, 11]])).states
    torch.testing.assert_close(one[:, :3], other[:, :3])
    assert not torch.allclose(one[:, 3], other[:, 3])


def test_padding_changes_nothing(network: Network) -> None:
    short = network.encode_text(torch.tensor([[1, 4, 5, 2]])).joint
    padded = network.encode_text(torch.tensor([[1, 4, 5, 2, 0, 0]])).joint
    torch.testing.assert_close(short, padded)


def test_words_outside_the_output_vocabulary_differ_by_their_pretrained_vectors(
    network: Network, vocabulary: Vocabulary
) -> None:
    ocean, violin = vocabulary.token_id("ocean"), vocabulary.token_id("violin")
    assert ocean >= vocabulary.output_size
    joint = network.encode_text(torch.tensor([[1, ocean, 2], [1, violin, 2]])).joint
    assert (joint[0] @ joint[1]).item() < 0.999


def test_the_decoder_attends_to_the_photo(network: Network) -> None:
    states = network.encode_text(torch.tensor([[1, 4, 5]])).states
    photos = (
        torch.rand(2, 3, TINY.image_size, TINY.image_size) * torch.tensor([0.1, 2.0])[:, None, None, None]
    )
    grid = network.encode_image(photos).grid
    one, other = (network.caption_logits(states, network.prepare_decoder(g.unsqueeze(0))) for g in grid)
    assert not torch.allclose(one, other)


def test_pretrained_word_vectors_are_frozen() -> None:
    network = Network(TINY, with_encoder=False)
    assert not network.word_embedding.pretrained.weight.requires_grad
    assert network.word_embedding.projection.weight.requires_grad
