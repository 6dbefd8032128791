"""The runtime computes what the reference network computes that it was made from."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.model.config import NetworkConfig
from engine.model.vocabulary import UNKNOWN
from engine.reference.kv_cache import KVCache as ReferenceCache
from engine.reference.network import Network
from engine.reference.storage import as_runtime
from engine.runtime.kv_cache import KVCache
from engine.runtime.network import PADDING_MULTIPLE, RuntimeNetwork
from tests.engine.conftest import NAMED, TINY

# With words that are only read, a word that only sentences taught, an unknown one, and padding.
TEXTS = np.array([[1, 4, 5, 6, 13, 2], [1, 12, 3, 2, 0, 0], [1, 2, 0, 0, 0, 0]])


@pytest.fixture(params=["plain", "named"])
def both(
    request: pytest.FixtureRequest,
    network: Network,
    runtime: RuntimeNetwork,
    named: Network,
    named_runtime: RuntimeNetwork,
) -> tuple[Network, RuntimeNetwork]:
    """The tiny network, without and with names, and its runtime."""
    return (network, runtime) if request.param == "plain" else (named, named_runtime)


def photos(count: int = 2) -> np.ndarray:
    shape = (count, 3, TINY.image_size, TINY.image_size)
    return np.random.default_rng(1).uniform(-1, 1, shape).astype(np.float32)


def grids(network: Network, count: int) -> np.ndarray:
    shape = (count, network.config.memory_size, network.config.width)
    return np.random.default_rng(2).normal(size=shape).astype(np.float32)


def assert_close(found: np.ndarray, expected: Tensor, atol: float = 1e-5) -> None:
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected.numpy(), rtol=1e-4, atol=atol)


def assert_near(found: np.ndarray, expected: Tensor) -> None:
    """Compare whole vectors: where a sum of a deep network nearly cancels, its order shows in one number."""
    assert found.dtype == np.float32
    lengths = np.linalg.norm(expected, axis=-1)
    assert (np.linalg.norm(found - expected.numpy(), axis=-1) < 1e-5 * lengths).all()


@pytest.mark.parametrize("count", [1, 2, 3, 1])
def test_photos_are_encoded_as_by_the_reference(both: tuple[Network, RuntimeNetwork], count: int) -> None:
    reference, runtime = both
    found = runtime.encode_image(photos(count))
    patches, expected = reference.encode_image_features(torch.from_numpy(photos(count)))
    assert_close(found.grid, expected.grid)
    assert_close(found.joint, expected.joint)
    assert_near(found.patches, patches)
    assert found.classes.shape == (count, reference.config.classes)
    if expected.classes is not None:
        assert_close(found.classes, expected.classes)


def test_texts_are_encoded_as_by_the_reference(both: tuple[Network, RuntimeNetwork]) -> None:
    reference, runtime = both
    for rows in (TEXTS, TEXTS[1:2, :4], TEXTS[2:, :2]):
        found, expected = runtime.encode_text(rows), reference.encode_text(torch.from_numpy(rows))
        assert_close(found.states, expected.states)
        assert_close(found.joint, expected.joint)


def test_a_photo_is_prepared_for_the_decoder_as_by_the_reference(
    both: tuple[Network, RuntimeNetwork],
) -> None:
    reference, runtime = both
    grid = grids(reference, 3)
    assert_close(runtime.prepare_decoder(grid), reference.prepare_decoder(torch.from_numpy(grid)).image_kv)


@pytest.mark.parametrize(("captions", "count"), [(3, 3), (1, 3), (3, 1)])
def test_captions_are_scored_as_by_the_reference(
    both: tuple[Network, RuntimeNetwork], captions: int, count: int
) -> None:
    reference, runtime = both
    grid, texts = grids(reference, count), torch.from_numpy(TEXTS[:captions])
    states = reference.encode_text(texts).states[:, :-1]
    logits = reference.caption_logits(states, reference.prepare_decoder(torch.from_numpy(grid)))
    targets = texts[:, 1:].where(texts[:, 1:] < logits.shape[-1], UNKNOWN).expand(len(logits), -1)
    expected = logits.log_softmax(-1).gather(2, targets[..., None])[..., 0]
    assert_close(
        runtime.caption_log_probabilities(states.numpy(), grid, TEXTS[:captions, 1:]), expected, 1e-4
    )


def test_a_photo_is_focused_as_by_the_reference(both: tuple[Network, RuntimeNetwork]) -> None:
    reference, runtime = both
    patches, _ = reference.encode_image_features(torch.from_numpy(photos(1)))
    text = reference.encode_text(torch.from_numpy(TEXTS[:1])).joint[0]
    cosines = reference.image_head.patch_joints(patches)[0] @ text
    focus = (reference.logit_scale.exp() * cosines).softmax(0)[None]
    expected = reference.image_head(patches, focus).joint[0]
    assert_close(runtime.focus(patches.numpy(), text.numpy()), expected)
    assert not np.allclose(expected, reference.image_head(patches).joint[0], atol=1e-4)


@torch.inference_mode()
@pytest.mark.parametrize("sentences", [1, TINY.heads, 4])
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("config", [TINY, NAMED], ids=["plain", "named"])
def test_every_token_of_a_long_sentence_is_decoded_as_by_the_reference(
    config: NetworkConfig, count: int, sentences: int
) -> None:
    """OpenVINO mixed up tokens from the sixteenth on, and as many sentences as heads."""
    torch.manual_seed(0)
    config, random = replace(config, max_length=24), np.random.default_rng(3)
    reference = Network(config, with_encoder=False).eval()
    if reference.word_embedding.written is not None:
        reference.word_embedding.written.normal_()
    runtime, grid = as_runtime(reference, threads=1), grids(reference, count)
    ours, theirs = KVCache(config, count, sentences), ReferenceCache(config, count, sentences)
    image_kv, context = runtime.prepare_decoder(grid), reference.prepare_decoder(torch.from_numpy(grid))
    for _ in range(25):
        token_ids = random.integers(4, config.caption_vocab_size, (count, sentences))
        found = runtime.decode_step(token_ids, ours, image_kv)
        assert_close(found, reference.decode_step(torch.from_numpy(token_ids), theirs, context), 1e-4)
        parents = random.integers(0, sentences, (count, sentences))
        ours.reorder(parents)
        theirs.reorder(torch.from_numpy(parents))


@pytest.mark.parametrize("length", [1, TINY.max_length + 2])
def test_the_decoder_keeps_the_states_that_encoding_the_same_sentences_gives(
    runtime: RuntimeNetwork, network: Network, length: int
) -> None:
    random, count, beams = np.random.default_rng(5), 2, 3
    cache, image_kv = KVCache(TINY, count, beams), runtime.prepare_decoder(grids(network, count))
    sentences = np.zeros((count, beams, 0), int)
    for _ in range(length):
        parents = random.integers(0, beams, (count, beams))
        cache.reorder(parents)
        token_ids = random.integers(4, TINY.caption_vocab_size, (count, beams))
        runtime.decode_step(token_ids, cache, image_kv)
        kept = sentences[np.arange(count)[:, None], parents]
        sentences = np.concatenate((kept, token_ids[..., None]), axis=-1)
    texts = sentences.reshape(count * beams, length)
    states = cache.text_states().reshape(count * beams, length, -1)
    encoded = runtime.encode_text(texts)
    np.testing.assert_allclose(states, encoded.states, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(runtime.pool_text(texts, states), encoded.joint, rtol=1e-4, atol=1e-5)


def test_the_runtime_does_not_follow_later_changes_of_the_reference(network_copy: Network) -> None:
    runtime = as_runtime(network_copy, threads=1)
    before = network_copy.encode_text(torch.from_numpy(TEXTS)).joint.clone()
    network_copy.text_projection.weight.neg_()
    assert_close(runtime.encode_text(TEXTS).joint, before)


def test_photos_encoded_side_by_side_are_encoded_as_one_after_the_other(network: Network) -> None:
    alone, both = (as_runtime(network, threads=2), as_runtime(network, threads=2, streams=2))
    pixels = photos(8)
    with ThreadPoolExecutor(4) as threads:
        found = [*threads.map(both.encode_image, (pixels[row : row + 1] for row in range(8)))]
    for row, features in enumerate(found):
        expected = alone.encode_image(pixels[row : row + 1])
        np.testing.assert_allclose(features.joint, expected.joint, atol=1e-6)
        np.testing.assert_allclose(features.grid, expected.grid, atol=1e-5)


def test_it_has_as_many_parameters_as_the_reference(network: Network, runtime: RuntimeNetwork) -> None:
    assert runtime.parameters == sum(weight.numel() for weight in network.state_dict().values())
    assert runtime.logit_scale == pytest.approx(float(network.logit_scale.exp()))


def test_openvino_meets_few_shapes_of_texts(network: Network) -> None:
    runtime = as_runtime(network, threads=1)
    shapes = _record_shapes(runtime, "_encode_text")
    longest, most_rows = TINY.max_length + 2, 9
    for length in range(2, longest + 1):
        for rows in range(1, most_rows + 1):
            text = runtime.encode_text(np.full((rows, length), 5))
            assert text.states.shape == (rows, length, TINY.width)
            assert text.joint.shape == (rows, TINY.joint_width)
    lengths, batches = (math.ceil(size / PADDING_MULTIPLE) for size in (longest, most_rows))
    assert len(shapes) <= lengths * (batches + 1)  # one text alone is not padded to four


def _record_shapes(runtime: RuntimeNetwork, name: str) -> set[tuple[int, ...]]:
    """Return the set, growing from now on, of the shapes that a graph is called with."""
    shapes: set[tuple[int, ...]] = set()
    graph: Callable[..., tuple[np.ndarray, ...]] = getattr(runtime, name)

    def recording(*given: np.ndarray) -> tuple[np.ndarray, ...]:
        shapes.add(given[0].shape)
        return graph(*given)

    setattr(runtime, name, recording)
    return shapes
