"""The network for inference; it computes what `engine.reference.network.Network` does.

Where activation ranges are given, the encoder and the layers that read and write captions are computed in
int8. All else, joint vectors of texts among it, is float32.

Shapes: B photos, S image size, P patches, M patches and names, C encoder width, Q sentences, T tokens,
R sentences decoded side by side about each photo, N cached tokens, L layers, W width, J joint width,
K classes, V words of captions.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import NamedTuple

import numpy as np
from openvino import Type

from engine.model.config import NetworkConfig
from engine.model.vocabulary import END, PAD, UNKNOWN
from engine.runtime.compiled_graph import CompiledGraph
from engine.runtime.graph_cache import GraphCache
from engine.runtime.image_graph import focus_model, image_model
from engine.runtime.kv_cache import KVCache
from engine.runtime.layers import HIDDEN
from engine.runtime.text_graph import TextGraphs
from engine.runtime.weights import Weights
from engine.runtime.word_table import WordTable

# Numbers of sentences and of tokens are padded to multiples of it: OpenVINO caches kernels for each shape.
PADDING_MULTIPLE = 4
EPSILON = 1e-12  # the least length that a vector is divided by
STEP_SHAPES = 3  # compilations of `step`: for one caption of a photo, for three, and for one more


class ImageFeatures(NamedTuple):
    """Photos as the decoder and the joint space see them.

    Attributes:
        grid: (B, M, W) for cross-attention: a vector per patch, then those of a name memory.
        joint: (B, J), length 1.
        classes: (B, K), probabilities of the recognizer's classes; K is 0 without a recognizer.
        patches: (B, P, C), the encoder's features, for `RuntimeNetwork.focus`.
    """

    grid: np.ndarray
    joint: np.ndarray
    classes: np.ndarray
    patches: np.ndarray


class TextFeatures(NamedTuple):
    """Texts as the caption layers and the joint space see them.

    Attributes:
        states: (Q, T, W), one per token, each blind to later tokens.
        joint: (Q, J), length 1.
    """

    states: np.ndarray
    joint: np.ndarray


class RuntimeNetwork:
    """Encodes photos and texts, and decodes captions.

    Attributes:
        config: its shape.
        words: vectors of words.
        logit_scale: inverse temperature of cosines, as CLIP has it.
        parameters: the number of its weights.
        is_int8: whether some layers are computed in int8.
        streams: photos that it encodes side by side.
    """

    def __init__(
        self,
        config: NetworkConfig,
        weights: Weights,
        threads: int = 1,
        compiled: GraphCache | None = None,
        *,
        streams: int = 1,
    ) -> None:
        """Take a network's weights; each graph is compiled at its first call.

        Args:
            config: the network's shape.
            weights: its weights.
            threads: of the processor, for each call.
            compiled: where compiled graphs are kept for the next start, if anywhere.
            streams: photos that are encoded side by side, and share the threads.
        """
        self.streams = streams
        self.config, self.words = config, WordTable(weights, config)
        self.logit_scale = float(np.exp(weights["logit_scale"]))
        self.parameters, self.is_int8 = weights.parameters, bool(weights.ranges)
        self._projections = [
            (weights[f"{layer}.weight"].T, weights[f"{layer}.bias"])
            for layer in ("text_projection", "bag_of_words_projection")
        ]
        texts = TextGraphs(weights, config, self.words)
        graph = partial(CompiledGraph, threads=threads, compiled=compiled)
        encode_image = partial(image_model, weights, config, self.words)
        self._encode_image = graph("encode_image", encode_image, streams=streams, static_shapes=1)
        self._focus = graph("focus", partial(focus_model, weights, config))
        self._encode_text = graph("encode_text", texts.encode_text)
        self._prepare_decoder = graph("prepare_decoder", texts.prepare_decoder)
        log_probabilities = texts.caption_log_probabilities
        self._log_probabilities = graph("caption_log_probabilities", partial(log_probabilities, Type.f32))
        self._of_stored = graph("log_probabilities_of_stored", partial(log_probabilities, Type.f16))
        self._step = graph("step", texts.step, static_shapes=STEP_SHAPES)

    def load_graphs(self, sentences: Iterable[int]) -> None:
        """Load the graphs that answer a photo, as far as a former start compiled them.

        Args:
            sentences: numbers of sentences that are decoded side by side.
        """
        config, size = self.config, self.config.image_size
        self._encode_image.load((1, 3, size, size))
        self._prepare_decoder.load()
        kv = (config.caption_layers, 2, 1, config.heads, config.memory_size, config.width // config.heads)
        for count in sentences:
            cache = KVCache(config, 1, count)
            self._step.load((1, count, config.width), cache.keys_values.shape, cache.mask.shape, kv)

    def encode_image(self, pixels: np.ndarray) -> ImageFeatures:
        """Encode photos (B, 3, S, S) in [-1, 1], one after the other.

        Compiled for any number of photos, OpenVINO 2026.4 leaves out parts of int8 convolutions whose result
        is added to a residual.
        """
        each = [self._encode_image(pixels[place : place + 1]) for place in range(len(pixels))]
        grid, joint, *classes, patches = (np.concatenate(part) for part in zip(*each, strict=True))
        none = np.zeros((len(grid), 0), np.float32)
        return ImageFeatures(grid, joint, classes[0] if classes else none, patches)

    def focus(self, patches: np.ndarray, text: np.ndarray) -> np.ndarray:
        """Return a photo's joint vector (J,) with a focus on what a text names.

        Args:
            patches: (1, P, C), see `ImageFeatures`.
            text: (J,), joint vector.
        """
        (joint,) = self._focus(patches, text)
        return joint[0]

    def encode_text(self, token_ids: np.ndarray) -> TextFeatures:
        """Encode padded sentences (Q, T), start ... end."""
        count, length = token_ids.shape
        rows = 0 if count == 1 else -count % PADDING_MULTIPLE  # what is searched for is one text
        columns = min(-length % PADDING_MULTIPLE, len(self.words.positions) - length)
        padded = np.pad(token_ids, ((0, rows), (0, columns)), constant_values=PAD)
        tokens = self.words.embed(padded) + self.words.positions[: padded.shape[1]]
        (states,) = self._encode_text(tokens, _causal_mask(padded.shape[1]))
        states = states[:count, :length]
        return TextFeatures(states, self.pool_text(token_ids, states))

    def pool_text(self, token_ids: np.ndarray, states: np.ndarray) -> np.ndarray:
        """Return the joint vectors (Q, J) of texts (Q, T), whose states (Q, T, W) are known.

        Each is made of the text's last state, the mean of its states, and its bag of words.
        """
        pooling = _pooling(token_ids)
        pooled = np.matmul(pooling, states).reshape(len(states), -1)  # (Q, 2 * W)
        bag = np.matmul(pooling[:, 1:], self.words.embed(token_ids))[:, 0]  # (Q, W)
        (of_states, bias), (of_words, of_words_bias) = self._projections
        joint = pooled @ of_states + bias + bag @ of_words + of_words_bias
        return np.asarray(joint / np.maximum(np.linalg.norm(joint, axis=1, keepdims=True), EPSILON))

    def prepare_decoder(self, grid: np.ndarray) -> np.ndarray:
        """Return keys and values (L, 2, B, heads, M, W / heads) of grids (B, M, W), for all steps."""
        (image_kv,) = self._prepare_decoder(grid)
        return image_kv

    def decode_step(self, token_ids: np.ndarray, cache: KVCache, image_kv: np.ndarray) -> np.ndarray:
        """Read one more token of each sentence and append it to the cache.

        Args:
            token_ids: (B, R), the tokens.
            cache: of the tokens before.
            image_kv: of the B photos.

        Returns:
            Log probabilities (B, R, V) of the token after.
        """
        tokens = self.words.embed(token_ids) + self.words.positions[cache.position]
        log_probabilities, keys_values, states = self._step(tokens, cache.keys_values, cache.mask, image_kv)
        cache.append(keys_values, states)
        return log_probabilities

    def caption_log_probabilities(
        self, states: np.ndarray, grid: np.ndarray, token_ids: np.ndarray
    ) -> np.ndarray:
        """Return the log probability of each token of captions, given photos.

        Captions and photos are paired in order, or there is one of either for all of the other. Words outside
        the output vocabulary count as unknown.

        Args:
            states: (Q, T, W), from `encode_text`.
            grid: (B, M, W), float16 or float32.
            token_ids: (Q, T), the token after each state.

        Returns:
            (Q or B, T), in nats.
        """
        # Not padded as texts are: given many images, each token takes a millisecond or more.
        targets = np.where(token_ids < self.config.caption_vocab_size, token_ids, UNKNOWN)
        graph = self._of_stored if grid.dtype == np.float16 else self._log_probabilities
        (log_probabilities,) = graph(states, _causal_mask(states.shape[1]), grid, targets)
        return log_probabilities


def _causal_mask(length: int) -> np.ndarray:
    """Return a mask (T, T) that hides later tokens from each token."""
    return np.triu(np.full((length, length), HIDDEN, np.float32), k=1)


def _pooling(token_ids: np.ndarray) -> np.ndarray:
    """Return the weights (Q, 2, T) of tokens in a text's last state, and in the mean over its words."""
    is_content = (token_ids >= END).astype(np.float32)  # neither padding nor start
    mean = is_content / np.maximum(is_content.sum(1, keepdims=True), 1)
    last = np.maximum((token_ids != PAD).sum(1) - 1, 0)
    return np.stack((np.eye(token_ids.shape[1], dtype=np.float32)[last], mean), axis=1)
