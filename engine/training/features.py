"""What the frozen stages of the image encoder see in several views of every photo, kept on disk."""

from __future__ import annotations

import copy
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.lib.format import open_memmap
from PIL import Image
from torch import Tensor
from tqdm import tqdm

from engine.model.image_encoder import declare_torchvision_operators
from engine.model.network import Network
from engine.photos import preprocess
from engine.training.train import TrainConfig
from engine.training.tuning import stem

log = logging.getLogger(__name__)

BATCH = 8  # a depthwise network runs fastest while a batch fits the processor's cache
PRECISION = torch.bfloat16  # 2.5 times as fast as float32 where the processor has it
LEAST = 0.5  # share of a photo that a cropped view shows at least


def stem_features(
    network: Network, folder: Path, names: Sequence[str], file: Path, config: TrainConfig
) -> np.ndarray:
    """Run the frozen stages over views of photos: as it is, mirrored, and then cropped ones.

    A killed run goes on where it stopped: rows already computed are counted in a file beside.

    Args:
        network: with its image encoder.
        folder: where the photos lie.
        names: their file names; row i is photo i.
        file: .npy file to write, mapped into memory.
        config: how many views of each photo, and the seed of the crops.

    Returns:
        (len(names), views, S / 8, S / 8, channels) float16.
    """
    views = config.views
    encoder = copy.deepcopy(network.encoder).to(dtype=PRECISION, memory_format=torch.channels_last)  # type: ignore[union-attr, call-overload]
    side = network.config.image_size
    with torch.inference_mode():
        one = stem(encoder, torch.zeros(1, 3, side, side, dtype=PRECISION))
    shape = (len(names), views, *one.shape[1:])
    counter = file.with_suffix(".done")
    done = int(counter.read_text()) if counter.is_file() and file.is_file() else 0
    file.parent.mkdir(parents=True, exist_ok=True)
    features = open_memmap(file, mode="r+" if done else "w+", dtype=np.float16, shape=None if done else shape)
    if features.shape != shape:
        raise ValueError(f"{file} holds other features; remove it to begin anew")
    with torch.inference_mode(), tqdm(total=len(names), initial=done, desc="photos", unit="") as bar:
        for row in range(done, len(names)):
            photo = preprocess.decode((folder / names[row]).read_bytes(), side)
            pixels = torch.stack(_views(photo, side, views, config.seed + row))
            for first in range(0, views, BATCH):
                batch = pixels[first : first + BATCH].to(dtype=PRECISION, memory_format=torch.channels_last)
                features[row, first : first + BATCH] = stem(encoder, batch).half().numpy()
            bar.update()
            if row % 100 == 99:
                counter.write_text(str(row + 1))
    counter.write_text(str(len(names)))
    return features


def _views(photo: Image.Image, side: int, views: int, seed: int) -> list[Tensor]:
    whole = preprocess.to_tensor(photo, side)
    seen = [whole, whole.flip(-1)][:views]
    if views > len(seen):
        declare_torchvision_operators()
        from torchvision.transforms import v2

        crop = v2.Compose(
            [
                v2.RandomResizedCrop(side, (LEAST, 1.0), interpolation=v2.InterpolationMode.BICUBIC),
                v2.RandomHorizontalFlip(),
                v2.ColorJitter(brightness=0.3, contrast=0.3, saturation=0.3),
            ]
        )
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            seen += [preprocess.to_tensor(crop(photo), side) for _ in range(views - len(seen))]
    return seen
