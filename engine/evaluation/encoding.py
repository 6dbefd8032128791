"""The photos and captions of a Flickr8K split as token ids, grids and joint embeddings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from tqdm import tqdm

from data.flickr8k import Flickr8k
from engine.errors import GalleryError
from engine.model.checkpoint import Checkpoint
from engine.model.layers import ImageFeatures
from engine.model.network import Network
from engine.model.vocabulary import Vocabulary, pad, tokenize
from engine.photos import preprocess


def captioned_photos(flickr8k: Flickr8k, split: str) -> list[str]:
    """Return the file names of a split's photos that have captions.

    Raises:
        GalleryError: the list, the photos or the captions of the split are missing.
    """
    names = [name for name in flickr8k.splits[split] if flickr8k.captions.get(name)]
    if not names:
        raise GalleryError(
            f"The {split} split is not in {flickr8k.folder.parent}: no list, photos or captions."
        )
    return names


def encode_captions(
    vocabulary: Vocabulary, names: Sequence[str], captions: Mapping[str, Sequence[str]], max_length: int
) -> list[list[list[int]]]:
    """Return the token ids of each photo's captions, in the order of `names`.

    Captions longer than `max_length` words are truncated and have no end token.
    """

    def encode(text: str) -> list[int]:
        token_ids = vocabulary.encode(text, max_length)
        return token_ids[:-1] if len(tokenize(text)) > max_length else token_ids

    return [[encode(text) for text in captions[name]] for name in names]


def embed_captions(network: Network, captions: Sequence[Sequence[int]], batch_size: int = 500) -> Tensor:
    """Return the joint embeddings (N, J) of N captions, given as token ids."""
    parts = [
        network.encode_text(pad(captions[first : first + batch_size])).joint
        for first in range(0, len(captions), batch_size)
    ]
    return torch.cat(parts)


@torch.inference_mode()
def encode_photos(checkpoint: Checkpoint, flickr8k: Flickr8k, names: Sequence[str]) -> ImageFeatures:
    """Return the grids (N, P, W) and joint embeddings (N, J) of N photos.

    Photos are encoded one at a time, as the bot encodes them.
    """
    network = checkpoint.network
    parts = []
    for name in tqdm(names, desc="photos", unit=""):
        pixels = preprocess.decode_to_tensor((flickr8k.folder / name).read_bytes(), network.config.image_size)
        parts.append(network.encode_image(pixels.unsqueeze(0)))
    classes = [part.classes for part in parts if part.classes is not None]
    return ImageFeatures(
        torch.cat([part.grid for part in parts]),
        torch.cat([part.joint for part in parts]),
        torch.cat(classes) if classes else None,
    )
