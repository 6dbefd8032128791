"""The network in int8 is nearly what it is in float32, and rounds as the reference simulates it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from openvino import Model, Type
from openvino import opset13 as ops

from engine.model import checkpoint
from engine.model.checkpoint import Checkpoint
from engine.model.vocabulary import END, START
from engine.photos import preprocess
from engine.reference import int8, storage
from engine.reference.kv_cache import KVCache as ReferenceCache
from engine.reference.network import Network
from engine.runtime.compiled_graph import CompiledGraph
from engine.runtime.kv_cache import KVCache
from engine.runtime.layers import DYNAMIC, Layers
from engine.runtime.network import RuntimeNetwork
from engine.runtime.weights import ActivationRanges, Weights
from engine.settings import ARTIFACT_DIR
from engine.training.int8_calibration import calibrate_int8
from tests.engine.conftest import TINY
from tests.processors import Processor, with_int8

TEXT = np.array([[START, 4, 5, END]])


def photos(count: int = 4) -> np.ndarray:
    shape = (count, 3, TINY.image_size, TINY.image_size)
    return np.random.default_rng(1).uniform(-1, 1, shape).astype(np.float32)


def cosine(one: np.ndarray, other: np.ndarray) -> float:
    return float((one * other).sum() / np.linalg.norm(one) / np.linalg.norm(other))


@pytest.fixture(scope="module")
def ranges() -> ActivationRanges:
    return checkpoint.read_ranges(ARTIFACT_DIR)


@pytest.fixture(scope="module")
def exact(shipped: Checkpoint) -> RuntimeNetwork:
    """The network that ships, in float32."""
    config = shipped.network.config
    return RuntimeNetwork(config, Weights(checkpoint.read_weights(ARTIFACT_DIR, config)))


@pytest.fixture(scope="module")
def rounded(shipped: Checkpoint, ranges: ActivationRanges) -> RuntimeNetwork:
    """The network that ships, in int8."""
    config = shipped.network.config
    return RuntimeNetwork(config, Weights(checkpoint.read_weights(ARTIFACT_DIR, config), ranges))


def first_word(network: RuntimeNetwork, grid: np.ndarray) -> np.ndarray:
    """Return the log probabilities (V,) of the first word of a caption."""
    cache = KVCache(network.config, 1, 1)
    return network.decode_step(np.array([[START]]), cache, network.prepare_decoder(grid)).ravel()


@with_int8
def test_the_network_that_ships_answers_nearly_alike_in_int8_and_float32(
    processor: Processor, exact: RuntimeNetwork, rounded: RuntimeNetwork, cat: bytes
) -> None:
    pixels = preprocess.decode_to_pixels(cat, exact.config.image_size)[None]
    before, after = (one.encode_image(pixels) for one in (exact, rounded))
    assert 0.997 < cosine(before.joint, after.joint) < 1  # 0.9989 was measured
    np.testing.assert_array_equal(rounded.encode_text(TEXT).joint, exact.encode_text(TEXT).joint)
    words = [first_word(one, before.grid) for one in (exact, rounded)]
    assert cosine(*words) > 0.9999
    assert not np.array_equal(*words)


@with_int8
@torch.inference_mode()
def test_int8_rounds_as_the_reference_does(
    processor: Processor, rounded: RuntimeNetwork, ranges: ActivationRanges, cat: bytes
) -> None:
    reference = int8.quantized(storage.load_reference(ARTIFACT_DIR), ranges)
    pixels = preprocess.decode_to_pixels(cat, rounded.config.image_size)[None]
    found, expected = rounded.encode_image(pixels), reference.encode_image(torch.from_numpy(pixels))
    assert expected.classes is not None
    # What lies between two integers may be rounded to either, and that changes what later layers round.
    assert cosine(found.joint, expected.joint.numpy()) > 0.9995
    assert cosine(found.grid, expected.grid.numpy()) > 0.99
    np.testing.assert_allclose(found.classes, expected.classes.numpy(), atol=0.01)
    context, cache = reference.prepare_decoder(expected.grid), ReferenceCache(reference.config, 1, 1)
    words = reference.decode_step(torch.tensor([[START]]), cache, context).ravel()
    np.testing.assert_allclose(first_word(rounded, expected.grid.numpy()), words.numpy(), atol=0.01)
    states = reference.encode_text(torch.from_numpy(TEXT)).states[:, :-1]
    words = reference.caption_logits(states, context).log_softmax(-1)[0, [0, 1, 2], TEXT[0, 1:]]
    scores = rounded.caption_log_probabilities(states.numpy(), expected.grid.numpy(), TEXT[:, 1:])
    np.testing.assert_allclose(scores[0], words.numpy(), atol=0.02)


@with_int8
@pytest.mark.parametrize("rows", [1, 16])
def test_the_largest_int8_values_are_summed_without_overflow(processor: Processor, rows: int) -> None:
    weights = Weights(
        {"one.weight": np.ones((8, 256), np.float32), "one.bias": np.zeros(8, np.float32)},
        {"one": (0.0, 1.0)},
    )

    def layer() -> Model:
        x = ops.parameter([DYNAMIC, 256], Type.f32, "x")
        return Model([Layers(weights, TINY).linear(x, "one")], [x], "layer")

    (sums,) = CompiledGraph("layer", layer)(np.ones((rows, 256), np.float32))
    np.testing.assert_allclose(sums, np.full((rows, 8), 256.0))


@with_int8
def test_a_photo_is_encoded_alike_alone_and_in_a_batch(processor: Processor, network: Network) -> None:
    observed = calibrate_int8(network, list(torch.from_numpy(photos())), [[1, 4, 5, 6, 7, 2]] * 4)
    quantized = storage.as_runtime(network, observed.ranges, threads=1)
    together, alone = quantized.encode_image(photos()).joint, quantized.encode_image(photos()[:1]).joint
    np.testing.assert_allclose(together[:1], alone, rtol=1e-3, atol=1e-3)
    exact = storage.as_runtime(network, threads=1).encode_image(photos()).joint
    assert not np.array_equal(together, exact)


def test_the_ranges_that_ship_name_every_convolution(shipped: Checkpoint, ranges: ActivationRanges) -> None:
    arrays = checkpoint.read_weights(ARTIFACT_DIR, shipped.network.config)
    convolutions = {name.removesuffix(".weight") for name, array in arrays.items() if array.ndim == 4}
    assert convolutions
    assert convolutions < set(ranges)
