"""The reference network behind the runtime's interface, so that one beam search captions with either."""

from __future__ import annotations

from typing import cast

import numpy as np
import torch

from engine.reference.network import Network
from engine.runtime.kv_cache import KVCache
from engine.runtime.network import ImageFeatures, RuntimeNetwork, TextFeatures


class ReferenceDecoder:
    """Has of `RuntimeNetwork` what encodes, decodes and re-ranks; computes with torch."""

    def __init__(self, network: Network) -> None:
        """Take a network in eval mode."""
        self._network, self.config = network, network.config

    def as_network(self) -> RuntimeNetwork:
        """Return this for a beam search."""
        return cast(RuntimeNetwork, self)

    @torch.inference_mode()
    def encode_image(self, pixels: np.ndarray) -> ImageFeatures:
        """See `RuntimeNetwork.encode_image`."""
        patches, image = self._network.encode_image_features(torch.from_numpy(pixels))
        none = torch.zeros(len(pixels), 0)
        classes = none if image.classes is None else image.classes
        return ImageFeatures(image.grid.numpy(), image.joint.numpy(), classes.numpy(), patches.numpy())

    @torch.inference_mode()
    def encode_text(self, token_ids: np.ndarray) -> TextFeatures:
        """See `RuntimeNetwork.encode_text`."""
        states, joint = self._network.encode_text(torch.from_numpy(token_ids))
        return TextFeatures(states.numpy(), joint.numpy())

    @torch.inference_mode()
    def pool_text(self, token_ids: np.ndarray, states: np.ndarray) -> np.ndarray:
        """See `RuntimeNetwork.pool_text`."""
        tokens = torch.from_numpy(token_ids)
        embedded = self._network.word_embedding(tokens)
        return self._network.pool_text(torch.from_numpy(states), embedded, tokens).numpy()

    @torch.inference_mode()
    def prepare_decoder(self, grid: np.ndarray) -> np.ndarray:
        """See `RuntimeNetwork.prepare_decoder`."""
        self._context = self._network.prepare_decoder(torch.from_numpy(grid))
        return self._context.image_kv.numpy()

    @torch.inference_mode()
    def decode_step(self, token_ids: np.ndarray, cache: KVCache, image_kv: np.ndarray) -> np.ndarray:
        """See `RuntimeNetwork.decode_step`; `image_kv` is that of the last `prepare_decoder`."""
        visible = torch.from_numpy(cache.mask[:, 0, :, : cache.keys_values.shape[-2]] == 0)
        log_probabilities, keys_values, states = self._network.step(
            torch.from_numpy(token_ids),
            torch.tensor(cache.position),
            torch.from_numpy(cache.keys_values),
            visible,
            self._context,
        )
        cache.append(keys_values.numpy(), states.numpy())
        return log_probabilities.numpy()
