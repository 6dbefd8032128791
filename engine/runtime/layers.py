"""The layers of the network (`engine.reference.layers`) as nodes of OpenVINO graphs.

Shapes: B photos or sentences, P patches, M patches and names, T tokens, R sentences decoded side by side
about each photo, N cached tokens, W width, H heads.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from openvino import Type
from openvino import opset13 as ops

from engine.model.config import NetworkConfig
from engine.runtime.weights import UINT8_MAX, Weights, bias_shift, quantize_rows, quantized_range

Node = Any  # OpenVINO's nodes have no types

EPSILON = 1e-5  # of layer normalisation
DYNAMIC = -1  # a dimension of any size
HIDDEN = -1e9  # in a mask: softmax makes it 0, and a row of it alone no NaN


def constant(values: Any, dtype: type = np.float32) -> Node:  # noqa: ANN401
    """Return a constant node."""
    return ops.constant(np.array(values, dtype=dtype, order="C"))


def reshape(x: Node, shape: Sequence[int]) -> Node:
    """Reshape; -1 stands for what is left, 0 keeps a dimension."""
    return ops.reshape(x, constant(shape, np.int64), special_zero=True)


def transpose(x: Node, order: Sequence[int]) -> Node:
    """Reorder dimensions."""
    return ops.transpose(x, constant(order, np.int64))


class Layers:
    """Builds layers from a network's weights; those with activation ranges compute in int8."""

    def __init__(self, weights: Weights, config: NetworkConfig) -> None:
        self._weights, self._heads, self._width = weights, config.heads, config.width

    def constant(self, name: str) -> Node:
        """Return a weight as a constant node, in float32."""
        return constant(self._weights[name])

    def has(self, layer: str) -> bool:
        """Return whether the network has this linear or convolution layer."""
        return f"{layer}.weight" in self._weights

    def linear(self, x: Node, layer: str) -> Node:
        """Multiply (..., inputs) by a layer's weight and add its bias: (..., outputs)."""
        return self.linear_with(x, layer, self._weights[f"{layer}.weight"], self._weights[f"{layer}.bias"])

    def linear_with(self, x: Node, layer: str, weight: np.ndarray, bias: np.ndarray) -> Node:
        """Do the same with a weight (outputs, inputs) and a bias (outputs,) that are computed, not stored."""
        stored = self._stored(layer, weight)
        product = ops.matmul(self._input(x, layer), stored, transpose_a=False, transpose_b=True)
        return product + constant(self._corrected(layer, weight, bias))

    def convolution(self, x: Node, layer: str, stride: int = 1) -> Node:
        """Convolve (B, C, height, width); as many groups as channels if the kernels have one channel."""
        x, weight = self._input(x, layer), self._weights[f"{layer}.weight"]
        window = {"strides": [stride] * 2, "pads_begin": [0, 0], "pads_end": [0, 0], "dilations": [1, 1]}
        if weight.shape[1] == 1:
            kernels = self._stored(layer, weight[:, None])  # (groups, 1, 1, height, width)
            convolved = ops.group_convolution(x, kernels, **window, auto_pad="same_upper")
        else:
            convolved = ops.convolution(x, self._stored(layer, weight), **window, auto_pad="same_upper")
        bias = self._corrected(layer, weight, self._weights[f"{layer}.bias"])
        return convolved + constant(bias.reshape(1, -1, 1, 1))

    def norm(self, x: Node, layer: str) -> Node:
        """Normalise (..., W) over its last dimension, and scale it."""
        centred = ops.mvn(x, constant([-1], np.int64), True, EPSILON, "inside_sqrt")
        return centred * self.constant(f"{layer}.weight") + self.constant(f"{layer}.bias")

    def project_kv(self, x: Node, attention: str) -> tuple[Node, ...]:
        """Project (B, N, W) to keys and values, each (B, H, N, W / H)."""
        return self._heads_of(self.linear(x, f"{attention}.key_value"), 2)

    def project_qkv(self, x: Node, attention: str) -> tuple[Node, ...]:
        """Project (B, N, W) to queries, keys and values, each (B, H, N, W / H), by one product for all."""
        query, key_value = f"{attention}.query", f"{attention}.key_value"
        weight, bias = (
            np.concatenate((self._weights[f"{query}.{kind}"], self._weights[f"{key_value}.{kind}"]))
            for kind in ("weight", "bias")
        )
        return self._heads_of(self.linear_with(x, key_value, weight, bias), 3)

    def attend_unprojected(self, queries: Node, grid: Node, attention: str) -> Node:
        """Attend from queries (B, H, T, W / H) to a grid (B, M, W): (B, T, W); B may be 1 on one side.

        A caption is short and images are many. Their keys and values are not computed: the keys' weight is
        applied to the queries, the values' weight to what was mixed ("absorbed", as in multi-head latent
        attention, arXiv 2405.04434). The keys' bias is the same for all positions; softmax removes it.
        """
        layer, heads, width = f"{attention}.key_value", self._heads, self._width
        keys, values = self._weights[f"{layer}.weight"].reshape(2, heads, width // heads, width)
        bias = self._weights[f"{layer}.bias"][width:].reshape(heads, 1, -1)
        scale = (width / heads) ** -0.5
        absorbed = reshape(ops.matmul(queries, constant(keys * scale), False, False), (0, -1, width))
        scores = ops.matmul(absorbed, grid, transpose_a=False, transpose_b=True)  # (B, H * T, M)
        mixed = reshape(ops.matmul(ops.softmax(scores, -1), grid, False, False), (0, heads, -1, width))
        mixed = ops.matmul(mixed, constant(values), transpose_a=False, transpose_b=True) + constant(bias)
        return self._out(mixed, attention)

    def attend(
        self, queries: Node, keys: Node, values: Node, attention: str, mask: Node | None = None
    ) -> Node:
        """Attend from queries (B, H, T, W / H) to keys and values (B, H, N, W / H): (B, T, W).

        Args:
            queries: of T tokens.
            keys: of N positions.
            values: of the same.
            attention: the layer's name.
            mask: added to the scores (B, H, T, N); `HIDDEN` where attention is not allowed.
        """
        # Without transposed copies of the keys, which OpenVINO's own operator for attention makes.
        scale = constant((self._width / self._heads) ** -0.5)
        scores = ops.matmul(queries * scale, keys, transpose_a=False, transpose_b=True)
        if mask is not None:
            scores = scores + mask
        mixed = ops.matmul(ops.softmax(scores, -1), values, transpose_a=False, transpose_b=False)
        return self._out(mixed, attention)

    def _out(self, mixed: Node, attention: str) -> Node:
        """Join the heads of (B, H, T, W / H): (B, T, W)."""
        return self.linear(reshape(transpose(mixed, (0, 2, 1, 3)), (0, 0, -1)), f"{attention}.out")

    def feed_forward(self, x: Node, block: str) -> Node:
        """Apply two linear layers with a GELU between them."""
        hidden = ops.gelu(self.linear(x, f"{block}.feed_forward.0"), "erf")
        return self.linear(hidden, f"{block}.feed_forward.2")

    def block(self, x: Node, block: str, mask: Node, grid: Node | None = None) -> Node:
        """Run whole sentences (B, T, W) through a block.

        Args:
            x: (B, T, W).
            block: its name.
            mask: (T, T), `HIDDEN` for later tokens.
            grid: (B, M, W), for a block with cross-attention.
        """
        attention = f"{block}.self_attention"
        queries, keys, values = self.project_qkv(self.norm(x, f"{block}.norms.0"), attention)
        x = x + self.attend(queries, keys, values, attention, mask)
        if grid is not None:
            attention = f"{block}.cross_attention"
            x = x + self.attend_unprojected(self._cross_queries(x, block), grid, attention)
        return self._add_feed_forward(x, block)

    def step(
        self, x: Node, block: str, past: Node, mask: Node, image_kv: Node | None = None
    ) -> tuple[Node, Node]:
        """Run the next token of R sentences through a block; see `engine.reference.layers.Block.step`.

        Args:
            x: (B, R, W).
            block: its name.
            past: (2, B, H, N, W / H).
            mask: (B, 1, R, N + R).
            image_kv: (2, B, H, M, W / H).
        """
        attention = f"{block}.self_attention"
        queries, *new = self.project_qkv(self.norm(x, f"{block}.norms.0"), attention)
        keys, values = (ops.concat([old, now], axis=2) for old, now in zip(parts(past, 2), new, strict=True))
        x = x + self.attend(queries, keys, values, attention, mask)
        if image_kv is not None:
            keys, values = parts(image_kv, 2)
            x = x + self.attend(self._cross_queries(x, block), keys, values, f"{block}.cross_attention")
        return self._add_feed_forward(x, block), stack(new)

    def _cross_queries(self, x: Node, block: str) -> Node:
        projected = self.linear(self.norm(x, f"{block}.norms.1"), f"{block}.cross_attention.query")
        return self._heads_of(projected, 1)[0]

    def _add_feed_forward(self, x: Node, block: str) -> Node:
        last = 2 if self.has(f"{block}.cross_attention.query") else 1
        return x + self.feed_forward(self.norm(x, f"{block}.norms.{last}"), block)

    def _heads_of(self, projected: Node, count: int) -> tuple[Node, ...]:
        """Split (B, N, count * W) into `count` parts of H heads, each (B, H, N, W / H).

        Each is transposed alone: after one transposition of all, OpenVINO 2026.4 takes heads for positions
        where there are as many of both.
        """
        if count == 1:
            each = [reshape(projected, (0, 0, self._heads, -1))]
        else:
            split, axis = reshape(projected, (0, 0, count, self._heads, -1)), constant(2, np.int64)
            each = [ops.gather(split, constant(n, np.int64), axis) for n in range(count)]
        return tuple(transpose(one, (0, 2, 1, 3)) for one in each)

    def _input(self, x: Node, layer: str) -> Node:
        """Round a layer's input to the levels of int8, if the layer is computed in it."""
        if layer not in self._weights.ranges:
            return x
        low, high = (constant(bound) for bound in quantized_range(self._weights.ranges[layer]))
        return ops.fake_quantize(x, low, high, low, high, UINT8_MAX + 1)

    def _stored(self, layer: str, weight: np.ndarray) -> Node:
        """Return a weight (rows, ...) as a constant, in int8 if the layer is computed in it."""
        if layer not in self._weights.ranges:
            return constant(weight)
        rows = quantize_rows(weight)
        return ops.convert(ops.constant(rows.values), Type.f32) * constant(rows.scales)

    def _corrected(self, layer: str, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
        """Return a bias (rows,) that makes up for the rounding of the weight, if the layer is rounded."""
        if layer not in self._weights.ranges or layer not in self._weights.means:
            return bias
        return np.asarray(bias + bias_shift(weight, self._weights.means[layer]))


def parts(stacked: Node, count: int) -> tuple[Node, ...]:
    """Split (count, ...) into its parts (...)."""
    axis = constant(0, np.int64)
    return tuple(ops.gather(stacked, constant(n, np.int64), axis) for n in range(count))


def stack(nodes: Sequence[Node]) -> Node:
    """Join nodes of one shape (...) into (count, ...)."""
    return ops.concat([ops.unsqueeze(node, constant([0], np.int64)) for node in nodes], axis=0)
