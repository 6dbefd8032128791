"""Graphs that encode photos: image encoder, recognizer, and what the decoder reads of both.

The encoder is an EfficientNet-Lite (Tan and Le 2019, arXiv 1905.11946, without squeeze-and-excitation) whose
batch norms are folded into its convolutions. The recognizer shares its first stages.

Shapes: B photos, S image size, P patches, M patches and names, C encoder width, W width, J joint width,
K classes, N names.
"""

from __future__ import annotations

import numpy as np
from openvino import Model, Type
from openvino import opset13 as ops

from engine.model.config import (
    MIN_NAME_PROBABILITY,
    NAME_LOG_SCALE,
    NO_NAME,
    SHARED_STAGES,
    NetworkConfig,
)
from engine.model.vocabulary import PAD
from engine.runtime.layers import DYNAMIC, Layers, Node, constant, reshape, transpose
from engine.runtime.weights import Weights
from engine.runtime.word_table import WordTable

CHANNELS = 3
STAGE_STRIDES = (1, 2, 2, 2, 1, 2, 1)  # of the first block of each stage; the others have 1
RELU6 = (0.0, 6.0)
LENGTH_EPSILON = 1e-24  # of a squared length


def image_model(weights: Weights, config: NetworkConfig, words: WordTable) -> Model:
    """Return the graph of `encode_image`.

    Input: pixels (B, 3, S, S). Outputs: grid (B, M, W), joint vectors (B, J), with a recognizer the
    probabilities (B, K) of classes, and the encoder's features (B, P, C).
    """
    return _ImageGraph(weights, config).encode(words)


def focus_model(weights: Weights, config: NetworkConfig) -> Model:
    """Return the graph of `focus`.

    Inputs: the encoder's features (1, P, C), a text's joint vector (J,). Output: the
    photo's joint vector (1, J). Positions are weighted by their similarity to the text, scaled as in the
    contrastive loss.
    """
    return _ImageGraph(weights, config).focus()


class _ImageGraph:
    def __init__(self, weights: Weights, config: NetworkConfig) -> None:
        self._weights, self._config = weights, config
        self._layers = Layers(weights, config)

    def encode(self, words: WordTable) -> Model:
        side = self._config.image_size
        pixels = ops.parameter([DYNAMIC, CHANNELS, side, side], Type.f32, "pixels")
        stem = self._activation(self._layers.convolution(pixels, "encoder.conv_stem", stride=2))
        for stage in range(SHARED_STAGES):
            stem = self._stage(stem, "encoder", stage)
        features = self._patches(self._later_stages(stem, "encoder"))
        x = self._layers.norm(features, "image_head.norm")
        grid = self._layers.linear(x, "image_head.grid_projection")
        grid = grid + self._layers.constant("image_head.position_embedding")
        joint = self._joint(x)
        outputs = [grid, joint, features]
        if self._config.classes:
            recognised = self._recognise(stem)
            classes = _columns(recognised, 0, self._config.classes)
            if self._config.names:
                outputs[0] = ops.concat([grid, self._names(joint, recognised, words)], axis=1)
            outputs.insert(2, classes)
        return Model(outputs, [pixels], "encode_image")

    def focus(self) -> Model:
        config, layers = self._config, self._layers
        features = ops.parameter([1, config.num_patches, config.encoder_width], Type.f32, "features")
        text = ops.parameter([config.joint_width], Type.f32, "text")
        x = layers.norm(features, "image_head.norm")
        alone = self._joint(reshape(x, (config.num_patches, 1, config.encoder_width)))  # (P, J)
        scale = ops.exp(layers.constant("logit_scale"))
        cosines = ops.matmul(alone, text, transpose_a=False, transpose_b=False)
        weights = ops.softmax(cosines * scale, 0)
        return Model([self._joint(x, reshape(weights, (1, config.num_patches)))], [features, text], "focus")

    def _later_stages(self, x: Node, part: str) -> Node:
        """Run a part's stages after the shared ones, and the last convolution: (B, C, height, width)."""
        for stage in range(SHARED_STAGES, len(STAGE_STRIDES)):
            x = self._stage(x, part, stage)
        return self._activation(self._layers.convolution(x, f"{part}.conv_head"))

    def _stage(self, x: Node, part: str, stage: int) -> Node:
        block, stride = 0, STAGE_STRIDES[stage]
        while self._layers.has(f"{part}.blocks.{stage}.{block}.conv_dw"):
            x = self._block(x, f"{part}.blocks.{stage}.{block}", stride)
            block, stride = block + 1, 1
        return x

    def _block(self, x: Node, name: str, stride: int) -> Node:
        """Run a depthwise separable block, or an inverted residual one, which has three convolutions."""
        layers, y = self._layers, x
        is_inverted = layers.has(f"{name}.conv_pwl")
        if is_inverted:
            y = self._activation(layers.convolution(y, f"{name}.conv_pw"))
        y = self._activation(layers.convolution(y, f"{name}.conv_dw", stride))
        y = layers.convolution(y, f"{name}.conv_pwl" if is_inverted else f"{name}.conv_pw")
        return x + y if y.get_output_partial_shape(0) == x.get_output_partial_shape(0) else y

    @staticmethod
    def _activation(x: Node) -> Node:
        return ops.clamp(x, *RELU6)

    @staticmethod
    def _patches(features: Node) -> Node:
        """Flatten positions: (B, C, height, width) to (B, P, C)."""
        return transpose(reshape(features, (0, 0, -1)), (0, 2, 1))

    def _joint(self, x: Node, focus: Node | None = None) -> Node:
        """Pool normalised features (B, P, C), weighted by `focus` (B, P), to joint vectors (B, J)."""
        scores = self._layers.linear(x, "image_head.pooling")  # (B, P, 2)
        if focus is None:
            mean = ops.reduce_mean(x, constant([1], np.int64), keep_dims=True)  # (B, 1, C)
        else:
            scores = scores + ops.log(ops.unsqueeze(focus, constant([2], np.int64)))
            share = focus / ops.reduce_sum(focus, constant([1], np.int64), keep_dims=True)
            mean = ops.matmul(ops.unsqueeze(share, constant([1], np.int64)), x, False, False)
        learned = ops.matmul(ops.softmax(scores, 1), x, True, False)  # (B, 2, C)
        pooled = reshape(ops.concat([mean, learned], axis=1), (0, -1))
        hidden = ops.gelu(self._layers.linear(pooled, "image_head.joint_projection.0"), "erf")
        return unit_length(self._layers.linear(hidden, "image_head.joint_projection.3"))

    def _recognise(self, stem: Node) -> Node:
        """Return probabilities (B, K) of classes, then of detected words."""
        features = self._later_stages(stem, "recognizer")
        features = ops.reduce_mean(features, constant([2, 3], np.int64), keep_dims=False)
        logits = self._layers.linear(features, "recognizer.classifier")
        classes = ops.softmax(logits / self._layers.constant("recognizer.temperature"), -1)
        if not self._config.detected_words:
            return classes
        detected = ops.sigmoid(self._layers.linear(features, "recognizer.detector"))
        return ops.concat([classes, detected], axis=1)

    def _names(self, joint: Node, recognised: Node, words: WordTable) -> Node:
        """Return what the decoder reads beside the grid: (B, 1 + N, W), as `NameMemory` does."""
        config, arrays = self._config, self._weights.arrays
        row_of_class = arrays["name_memory.name_of_class"]
        is_named = np.eye(config.common_names, dtype=np.float32)[row_of_class]
        is_named[:, NO_NAME] = 0
        sums = ops.clamp(ops.matmul(recognised, constant(is_named), False, False), 0.0, 1.0)
        best = ops.topk(sums, constant(config.names, np.int64), -1, "max", "value", "i64")
        vectors = constant(_name_vectors(arrays["name_memory.token_ids"], words))
        names = ops.gather(vectors, best.output(1), constant(0, np.int64))  # (B, N, W)
        p = ops.unsqueeze(
            ops.maximum(best.output(0), constant(MIN_NAME_PROBABILITY)), constant([2], np.int64)
        )
        seen = ops.concat([p, ops.sqrt(p), ops.log(p) / constant(NAME_LOG_SCALE)], axis=2)
        layers = self._layers
        centred = joint - layers.constant("name_memory.joint_mean")
        photo = ops.unsqueeze(layers.linear(centred, "name_memory.joint_projection"), constant([1], np.int64))
        named = layers.linear(names, "name_memory.word_projection")
        named = named + layers.linear(seen, "name_memory.probability_projection")
        return ops.concat([photo, named], axis=1)


def unit_length(x: Node) -> Node:
    """Scale vectors (B, J) to length 1."""
    return ops.normalize_l2(x, constant([-1], np.int64), LENGTH_EPSILON, "max")


def _columns(x: Node, first: int, end: int) -> Node:
    step, axis = constant([1], np.int64), constant([1], np.int64)
    return ops.slice(x, constant([first], np.int64), constant([end], np.int64), step, axis)


def _name_vectors(token_ids: np.ndarray, words: WordTable) -> np.ndarray:
    """Return the mean vector (names, W) of each name's words (names, words)."""
    is_word = (token_ids != PAD)[..., None]
    return np.asarray((words.embed(token_ids) * is_word).sum(1) / np.maximum(is_word.sum(1), 1))
