"""Graphs that encode texts and decode captions.

Words come as vectors (`engine.runtime.word_table`), so that no graph holds the vocabulary.

Shapes: B photos, Q sentences, T tokens, R sentences decoded side by side about each photo, N cached tokens,
M patches and names, L layers, H heads, W width, J joint width, V words of captions.
"""

from __future__ import annotations

import numpy as np
from openvino import Model, Type
from openvino import opset13 as ops

from engine.model.config import NetworkConfig
from engine.runtime.layers import DYNAMIC, Layers, Node, constant, parts, stack
from engine.runtime.weights import Weights
from engine.runtime.word_table import WordTable


class TextGraphs:
    """Builds the graphs of one network."""

    def __init__(self, weights: Weights, config: NetworkConfig, words: WordTable) -> None:
        self._config, self._words = config, words
        self._layers = Layers(weights, config)
        self._exact = Layers(Weights(weights.arrays), config)
        self._lm_bias = weights["lm_bias"]

    def encode_text(self) -> Model:
        """Return the graph of `encode_text`, exact: joint vectors of texts are compared with one another.

        Inputs: the tokens' vectors with their positions (Q, T, W); a causal mask (T, T). Output: states
        (Q, T, W).
        """
        tokens = ops.parameter([DYNAMIC, DYNAMIC, self._config.width], Type.f32, "tokens")
        mask = ops.parameter([DYNAMIC, DYNAMIC], Type.f32, "mask")
        states: Node = tokens
        for layer in range(self._config.text_layers):
            states = self._exact.block(states, f"text_layers.{layer}", mask)
        return Model([states], [tokens, mask], "encode_text")

    def prepare_decoder(self) -> Model:
        """Return the graph of `prepare_decoder`: grid (B, M, W) to keys and values (L, 2, B, H, M, W / H)."""
        grid = self._grid()
        return Model([stack([stack(pair) for pair in self._image_kv(grid)])], [grid], "prepare_decoder")

    def caption_log_probabilities(self, precision: Type) -> Model:
        """Return the graph of `caption_log_probabilities` for grids of some precision.

        Inputs: states (Q, T, W); a causal mask (T, T); grid (B, M, W); the next token of each state
        (Q, T). Q is B, or one of both is 1. Output: log probabilities (B or Q, T).
        """
        states = ops.parameter([DYNAMIC, DYNAMIC, self._config.width], Type.f32, "states")
        mask = ops.parameter([DYNAMIC, DYNAMIC], Type.f32, "mask")
        grid, targets = self._grid(precision), ops.parameter([DYNAMIC, DYNAMIC], Type.i64, "targets")
        x: Node = states
        exact_grid = ops.convert(grid, Type.f32)
        for layer in range(self._config.caption_layers):
            x = self._layers.block(x, f"caption_layers.{layer}", mask, exact_grid)
        logits, of_words = self._logits(x), constant([2], np.int64)  # (B or Q, T, V)
        shape = ops.concat([_size(logits, 0), _size(targets, 1)], axis=0)
        places = ops.unsqueeze(ops.broadcast(targets, shape), of_words)
        # Softmax of the tokens asked for alone: the others' takes as long as an attention.
        greatest = ops.reduce_max(logits, of_words, keep_dims=True)
        chosen = ops.squeeze(ops.gather_elements(logits, places, 2) - greatest, of_words)
        chosen = chosen - ops.log(ops.reduce_sum(ops.exp(logits - greatest), of_words))
        return Model([chosen], [states, mask, grid, targets], "caption_log_probabilities")

    def step(self) -> Model:
        """Return the graph of `step`.

        Inputs: the tokens' vectors with their positions (B, R, W); past keys and values
        (L, 2, B, H, N, W / H); the mask of `KVCache`; `image_kv`. Outputs: log probabilities (B, R, V)
        of the next token, the tokens' own keys and values (L, 2, B, H, R, W / H), and their states after the
        text layers (B, R, W).
        """
        config = self._config
        head, captions = config.width // config.heads, config.caption_layers
        x = tokens = ops.parameter([DYNAMIC, DYNAMIC, config.width], Type.f32, "tokens")
        layers = config.text_layers + captions
        past = ops.parameter([layers, 2, DYNAMIC, config.heads, DYNAMIC, head], Type.f32, "past")
        mask = ops.parameter([DYNAMIC, 1, DYNAMIC, DYNAMIC], Type.f32, "mask")
        image_kv = ops.parameter(
            [captions, 2, DYNAMIC, config.heads, config.memory_size, head], Type.f32, "image_kv"
        )
        of_layers, kept = iter(parts(past, layers)), []
        for layer in range(config.text_layers):
            x, new = self._layers.step(x, f"text_layers.{layer}", next(of_layers), mask)
            kept.append(new)
        states = x
        for layer, of_photo in enumerate(parts(image_kv, captions)):
            x, new = self._layers.step(x, f"caption_layers.{layer}", next(of_layers), mask, of_photo)
            kept.append(new)
        log_probabilities = ops.log_softmax(self._logits(x), -1)
        return Model([log_probabilities, stack(kept), states], [tokens, past, mask, image_kv], "step")

    def _grid(self, precision: Type = Type.f32) -> Node:
        return ops.parameter([DYNAMIC, self._config.memory_size, self._config.width], precision, "grid")

    def _image_kv(self, grid: Node) -> list[tuple[Node, ...]]:
        names = [f"caption_layers.{n}.cross_attention" for n in range(self._config.caption_layers)]
        return [self._layers.project_kv(grid, name) for name in names]

    def _logits(self, states: Node) -> Node:
        states = self._layers.norm(states, "norm")
        return self._layers.linear_with(states, "lm_head", self._words.output_table, self._lm_bias)


def _size(x: Node, dimension: int) -> Node:
    shape = ops.shape_of(x, "i64")
    return ops.gather(shape, constant([dimension], np.int64), constant(0, np.int64))
