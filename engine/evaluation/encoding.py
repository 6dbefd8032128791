"""The photos and captions of a Flickr8K split as token ids, grids and joint embeddings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from tqdm import tqdm

from data.flickr8k import Flickr8k
from engine.errors import GalleryError
from engine.model.checkpoint import Checkpoint
from engine.model.vocabulary import Vocabulary, pad, tokenize
from engine.photos import preprocess
from engine.runtime.network import ImageFeatures, RuntimeNetwork


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


def embed_captions(
    network: RuntimeNetwork, captions: Sequence[Sequence[int]], batch_size: int = 500
) -> np.ndarray:
    """Return the joint embeddings (N, J) of N captions, given as token ids."""
    parts = [
        network.encode_text(pad(captions[first : first + batch_size])).joint
        for first in range(0, len(captions), batch_size)
    ]
    return np.concatenate(parts)


def encode_photos(checkpoint: Checkpoint, flickr8k: Flickr8k, names: Sequence[str]) -> ImageFeatures:
    """Return grids (N, M, W), joint embeddings (N, J) and classes (N, K) of N photos, without patches.

    Photos are encoded one at a time, as the bot encodes them.
    """
    network = checkpoint.network
    parts = []
    for name in tqdm(names, desc="photos", unit=""):
        pixels = preprocess.decode_to_pixels((flickr8k.folder / name).read_bytes(), network.config.image_size)
        parts.append(network.encode_image(pixels[None])._replace(patches=np.zeros((1, 0, 0), np.float32)))
    return ImageFeatures(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))
