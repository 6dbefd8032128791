"""The name memory: what the decoder reads of what is recognised."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from engine.model.compiled_network import CompiledNetwork
from engine.model.name_memory import NameMemory
from engine.model.network import Network
from tests.engine.conftest import TINY

NAMED = replace(TINY, unpaired_words=2, classes=3, detected_words=1, common_names=4, names=2)


@pytest.fixture(scope="module")
def named() -> Network:
    """The tiny network with a name memory: two classes of dogs, one without a name, and a detected beach."""
    torch.manual_seed(1)
    network = Network(NAMED).eval().requires_grad_(requires_grad=False)
    memory = network.name_memory
    assert memory is not None
    memory.token_ids[1, 0], memory.token_ids[2, 0] = 5, 9
    memory.name_of_class.copy_(torch.tensor([1, 1, 0, 2]))
    return network


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


def test_it_answers_alike_when_compiled(named: Network) -> None:
    photos, token_ids = torch.rand(2, 3, TINY.image_size, TINY.image_size), torch.tensor([[1, 4, 12, 2]] * 2)
    compiled = CompiledNetwork(named)
    with torch.inference_mode():
        expected, image = named.encode_image(photos), compiled.encode_image(photos)
        torch.testing.assert_close(image.grid, expected.grid, atol=1e-3, rtol=1e-3)
        logits = [
            network.caption_logits(network.encode_text(token_ids).states, network.prepare_decoder(image.grid))
            for network in (named, compiled)
        ]
    torch.testing.assert_close(*logits, atol=1e-3, rtol=1e-3)
