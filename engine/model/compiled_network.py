"""The network for inference: frozen, and compiled for this processor (`engine.model.openvino_backend`)."""

from __future__ import annotations

from copy import deepcopy
from functools import partial
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model.int8 import ActivationRanges, quantize
from engine.model.kv_cache import DecoderContext
from engine.model.layers import ImageFeatures
from engine.model.network import Network, TextFeatures
from engine.model.openvino_backend import DYNAMIC, OpenVINOFunction, Shape, TensorFunction
from engine.model.vocabulary import PAD

M = TypeVar("M", bound=nn.Module)

# Numbers of sentences and of tokens are padded to multiples of it: OpenVINO caches kernels for each shape.
PADDING_MULTIPLE = 4
CHANNELS = 3
STEP_SHAPES = 3  # compilations of `step`: for one caption of a photo, for three, and for one more
FLOAT32_ONLY = ("encode_text", "step")  # where not int8


class CompiledNetwork(Network):
    """A trained network ready for inference.

    Where activation ranges are given, the encoder and the layers that read and write captions are computed in
    int8. Joint vectors of texts stay float32. What else is not int8 has the given precision, except decoding
    steps: the scores of beams are often as close as bfloat16 rounds.
    """

    def __init__(
        self,
        network: Network,
        precision: torch.dtype = torch.float32,
        ranges: ActivationRanges | None = None,
    ) -> None:
        """Copy a trained network with its image encoder.

        Args:
            network: is left as it is.
            precision: floating-point type where exactness is not needed.
            ranges: activation ranges of the layers to quantize, by name.
        """
        super().__init__(network.config, with_encoder=False)
        self.encoder, self.recognizer = deepcopy(network.encoder), deepcopy(network.recognizer)
        self.load_state_dict(network.state_dict())
        self.requires_grad_(requires_grad=False).eval()
        self._output_table = self.word_embedding.output_table()
        self._compiled = self._compile(precision, ranges or {})

    def image_features(self, pixels: Tensor) -> Tensor:
        """See `Network.image_features`."""
        return self._compiled["encode_image"](pixels)[0]

    def encode_image(self, pixels: Tensor) -> ImageFeatures:
        """See `Network.encode_image`."""
        return ImageFeatures(*self._compiled["encode_image"](pixels)[1:])

    def encode_text(self, token_ids: Tensor) -> TextFeatures:
        """See `Network.encode_text`."""
        count, length = token_ids.shape
        rows, columns = _padding(count, count + PADDING_MULTIPLE), self._token_padding(length)
        padded = F.pad(token_ids, (0, columns, 0, rows), value=PAD)
        states, joint = self._compiled["encode_text"](padded)
        return TextFeatures(states[:count, :length], joint[:count])

    def prepare_decoder(self, grid: Tensor) -> DecoderContext:
        """See `Network.prepare_decoder`."""
        return DecoderContext(self._compiled["prepare_decoder"](grid)[0], self._output_table)

    def caption_logits(self, states: Tensor, context: DecoderContext) -> Tensor:
        """See `Network.caption_logits`."""
        length = states.shape[1]
        states = F.pad(states, (0, 0, 0, self._token_padding(length)))
        return self._compiled["caption_logits"](states, context.image_kv)[0][:, :length]

    def step(
        self, token_ids: Tensor, position: Tensor, past: Tensor, visible: Tensor, context: DecoderContext
    ) -> tuple[Tensor, Tensor]:
        """See `Network.step`."""
        log_probabilities, keys_values = self._compiled["step"](
            token_ids, position, past, visible, context.image_kv
        )
        return log_probabilities, keys_values

    def _token_padding(self, length: int) -> int:
        return _padding(length, len(self.position_embedding))

    def _compile(self, precision: torch.dtype, ranges: ActivationRanges) -> dict[str, OpenVINOFunction]:
        """Wrap the network's entry points, by the names of its methods; each compiles at its first call."""
        functions = quantized = _entry_points(self, self._output_table)
        if ranges:
            fixed = FixedHeadNetwork(self)
            quantize(fixed, ranges)
            quantized = _entry_points(fixed, self._output_table) | {"encode_text": functions["encode_text"]}
        return {
            name: OpenVINOFunction(
                functions[name],
                inputs,
                torch.float32 if name in FLOAT32_ONLY else precision,
                quantized=quantized[name],
                static_shapes=STEP_SHAPES if name == "step" else 0,
            )
            for name, inputs in self._inputs().items()
        }

    def _inputs(self) -> dict[str, list[tuple[Shape, torch.dtype]]]:
        """Return shape and type of each argument of each entry point."""
        config, size, ids, real = self.config, self.config.image_size, torch.int64, torch.float32
        captions, head = config.caption_layers, config.width // config.heads
        image_kv = ((captions, 2, DYNAMIC, config.heads, config.memory_size, head), real)
        past = ((config.text_layers + captions, 2, DYNAMIC, config.heads, DYNAMIC, head), real)
        visible = ((DYNAMIC, DYNAMIC, DYNAMIC), torch.bool)
        return {
            "encode_image": [((DYNAMIC, CHANNELS, size, size), real)],
            "encode_text": [((DYNAMIC, DYNAMIC), ids)],
            "prepare_decoder": [((DYNAMIC, config.memory_size, config.width), real)],
            "caption_logits": [((DYNAMIC, DYNAMIC, config.width), real), image_kv],
            "step": [((DYNAMIC, DYNAMIC), ids), ((), ids), past, visible, image_kv],
        }


class FixedHeadNetwork(Network):
    """A network whose output table is a constant linear layer, which can be quantized as any other.

    It shares its weights with the network it is made of.
    """

    def __init__(self, network: Network) -> None:
        super().__init__(network.config, with_encoder=False)
        self.encoder = _sharing_weights(network.encoder) if network.encoder else None
        self.recognizer = _sharing_weights(network.recognizer) if network.recognizer else None
        self.load_state_dict(network.state_dict(), assign=True)
        self.lm_head = nn.Linear(self.config.width, self.config.caption_vocab_size)
        self.lm_head.weight = nn.Parameter(network.word_embedding.output_table())
        self.lm_head.bias = self.lm_bias
        self.requires_grad_(requires_grad=False).eval()

    def _lm_head(self, states: Tensor, context: DecoderContext) -> Tensor:
        return self.lm_head(self.norm(states))


def _sharing_weights(module: M) -> M:
    """Copy a module's structure; its weights stay shared."""
    shared = [*module.parameters(), *module.buffers()]
    return deepcopy(module, {id(tensor): tensor for tensor in shared})


def _padding(size: int, limit: int) -> int:
    return min(-size % PADDING_MULTIPLE, limit - size)


def _entry_points(network: Network, output_table: Tensor) -> dict[str, TensorFunction]:
    """Return a network's methods as functions of tensors alone, which can be traced."""

    def encode_image(pixels: Tensor) -> tuple[Tensor, ...]:
        features, image = Network.encode_image_features(network, pixels)
        return features, *(part for part in image if part is not None)

    def prepare_decoder(grid: Tensor) -> tuple[Tensor]:
        return (Network.prepare_decoder(network, grid).image_kv,)

    def caption_logits(states: Tensor, image_kv: Tensor) -> tuple[Tensor]:
        return (Network.caption_logits(network, states, DecoderContext(image_kv, output_table)),)

    def step(
        token_ids: Tensor, position: Tensor, past: Tensor, visible: Tensor, image_kv: Tensor
    ) -> tuple[Tensor, Tensor]:
        context = DecoderContext(image_kv, output_table)
        return Network.step(network, token_ids, position, past, visible, context)

    return {
        "encode_image": encode_image,
        "encode_text": partial(Network.encode_text, network),
        "prepare_decoder": prepare_decoder,
        "caption_logits": caption_logits,
        "step": step,
    }
