"""The name memory: what the decoder reads of what is recognised."""

from __future__ import annotations

import torch

from engine.reference.name_memory import NameMemory
from engine.reference.network import Network
from tests.engine.conftest import NAMED, TINY


def memory_of(network: Network) -> NameMemory:
    assert network.name_memory is not None
    return network.name_memory


def test_probabilities_of_one_name_are_summed_and_nothing_is_made_of_classes_without(named: Network) -> None:
    rows, probabilities = memory_of(named).likeliest(
        torch.tensor([[0.2, 0.1, 0.7, 0.25], [0.6, 0.6, 0, 0.9]])
    )
    assert rows.tolist() == [[1, 2], [1, 2]]
    torch.testing.assert_close(probabilities, torch.tensor([[0.3, 0.25], [1.0, 0.9]]))


def test_the_decoder_reads_the_joint_vector_and_the_names_beside_the_patches(named: Network) -> None:
    photos = torch.rand(2, 3, TINY.image_size, TINY.image_size)
    image = named.encode_image(photos)
    assert image.grid.shape == (2, NAMED.memory_size, NAMED.width)
    assert NAMED.memory_size == TINY.num_patches + 1 + 2
    assert image.classes is not None
    assert image.classes.shape == (2, 3)  # detected words are for the decoder alone


def test_a_caption_depends_on_the_names(named: Network) -> None:
    image = named.encode_image(torch.rand(1, 3, TINY.image_size, TINY.image_size))
    patches = image._replace(grid=image.grid[:, : TINY.num_patches])
    states = named.encode_text(torch.tensor([[1, 4]])).states
    dog, beach = (
        named.caption_logits(states, named.prepare_decoder(named.add_names(patches, recognised).grid))
        for recognised in torch.tensor([[[0.9, 0.0, 0.1, 0.0]], [[0.0, 0.0, 0.1, 0.9]]])
    )
    assert not torch.allclose(dog, beach)


def test_words_that_only_sentences_taught_are_read_as_before(named: Network) -> None:
    words = torch.tensor([[1, 12, 13, 2]])
    before = named.encode_text(words).joint
    written = named.word_embedding.written
    assert written is not None
    output = named.word_embedding.output_table()
    written += 1
    try:
        assert torch.equal(named.encode_text(words).joint, before)
        assert len(output) == NAMED.caption_vocab_size == 14
        assert not torch.allclose(named.word_embedding.output_table()[12:], output[12:])
        assert torch.equal(named.word_embedding.output_table()[:12], output[:12])
    finally:
        written -= 1
