"""Stem features: the output of the encoder's frozen stages for several views of a photo, cached on disk."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.lib.format import open_memmap
from PIL import Image
from torch import Tensor
from tqdm import tqdm

from engine.files import create_array
from engine.photos import decoding, preprocess
from engine.reference.image_encoder import declare_torchvision_operators
from engine.reference.layers import ImageFeatures
from engine.reference.network import Network
from engine.training.fine_tuning import stem, tail

BATCH_SIZE = 8  # views; a depthwise network runs fastest while a batch fits the processor's cache
PRECISION = torch.bfloat16  # 2.5 times as fast as float32 on processors that have it
MIN_CROP_AREA = 0.5  # share of a photo that a cropped view shows at least
PHOTOS_PER_CHECKPOINT = 100
PROGRESS_SUFFIX = ".done"  # of the file with the number of finished rows


def cache_stem_features(
    network: Network, folder: Path, names: Sequence[str], file: Path, *, views: int, seed: int
) -> np.ndarray:
    """Compute the stem features of photos: the photo, its mirror image, then random crops.

    A killed run resumes: the number of finished rows is kept in a file next to the features.

    Args:
        network: with its image encoder.
        folder: folder of the photos.
        names: file names of N photos; row i is photo i.
        file: .npy file to write, then memory-mapped.
        views: number of views V of each photo.
        seed: of the crops.

    Returns:
        (N, V, S / 8, S / 8, C) float16.

    Raises:
        ValueError: the file holds features of another shape.
    """
    encoder = copy.deepcopy(network.encoder).to(dtype=PRECISION, memory_format=torch.channels_last)  # type: ignore[union-attr, call-overload]
    side = network.config.image_size
    with torch.inference_mode():
        one = stem(encoder, torch.zeros(1, 3, side, side, dtype=PRECISION))
    features, done = _open_cache(file, (len(names), views, *one.shape[1:]))
    progress_file = file.with_suffix(PROGRESS_SUFFIX)
    with torch.inference_mode(), tqdm(total=len(names), initial=done, desc="photos", unit="") as progress:
        for row in range(done, len(names)):
            photo = decoding.decode((folder / names[row]).read_bytes(), side)
            pixels = torch.stack(_make_views(photo, side, views, seed + row))
            for first in range(0, views, BATCH_SIZE):
                batch = pixels[first : first + BATCH_SIZE].to(
                    dtype=PRECISION, memory_format=torch.channels_last
                )
                features[row, first : first + BATCH_SIZE] = stem(encoder, batch).half().numpy()
            progress.update()
            if (row + 1) % PHOTOS_PER_CHECKPOINT == 0:
                progress_file.write_text(str(row + 1))
    progress_file.write_text(str(len(names)))
    return features


def _open_cache(file: Path, shape: tuple[int, ...]) -> tuple[np.ndarray, int]:
    """Open or create the cache file; return the memory-mapped features and the number of finished rows."""
    progress_file = file.with_suffix(PROGRESS_SUFFIX)
    done = int(progress_file.read_text()) if progress_file.is_file() and file.is_file() else 0
    file.parent.mkdir(parents=True, exist_ok=True)
    if not done:
        create_array(file, shape, np.float16)  # with its room: a full disk would end the work with SIGBUS
    features = open_memmap(file, mode="r+")
    if features.shape != shape:
        raise ValueError(f"{file} holds other features; remove it to begin anew")
    return features, done


def encode_stem_features(network: Network, features: np.ndarray, batch_size: int = 100) -> ImageFeatures:
    """Return the grids and joint embeddings of N photos from the first view's stem features.

    Args:
        network: with its image encoder.
        features: (N, V, H, W, C).
        batch_size: photos at once.
    """
    parts = []
    for first in range(0, len(features), batch_size):
        x = torch.from_numpy(np.array(features[first : first + batch_size, 0])).bfloat16()
        with torch.autocast("cpu", torch.bfloat16):
            encoded = tail(network.encoder, x)
        image = network.image_head(encoded.float())
        if network.recognizer is not None:
            image = network.add_names(image, network.recognizer(x.float().permute(0, 3, 1, 2)))
        parts.append(image)
    return ImageFeatures(torch.cat([p.grid for p in parts]), torch.cat([p.joint for p in parts]))


def _make_views(photo: Image.Image, side: int, count: int, seed: int) -> list[Tensor]:
    """Return views of a photo, each (3, side, side): the photo, its mirror image, then random crops."""
    whole = torch.from_numpy(preprocess.to_pixels(photo, side))
    views = [whole, whole.flip(-1)][:count]
    if count > len(views):
        declare_torchvision_operators()
        from torchvision.transforms import v2

        crop = v2.Compose(
            [
                v2.RandomResizedCrop(side, (MIN_CROP_AREA, 1.0), interpolation=v2.InterpolationMode.BICUBIC),
                v2.RandomHorizontalFlip(),
                v2.ColorJitter(brightness=0.3, contrast=0.3, saturation=0.3),
            ]
        )
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            views += [
                torch.from_numpy(preprocess.to_pixels(crop(photo), side)) for _ in range(count - len(views))
            ]
    return views
