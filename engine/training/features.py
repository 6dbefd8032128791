"""What the frozen image encoder sees in every photo, computed once and kept on disk."""

from __future__ import annotations

import copy
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.lib.format import open_memmap
from tqdm import tqdm

from engine import images
from engine.network import Network

log = logging.getLogger(__name__)

BATCH = 8  # a depthwise network runs fastest while a batch fits the processor's cache
PRECISION = torch.bfloat16  # 2.5 times as fast as float32 where the processor has it
VIEWS = 2  # the photo, and the photo mirrored


def grid_features(network: Network, folder: Path, names: Sequence[str], file: Path) -> np.ndarray:
    """Encode photos as they are and mirrored.

    A killed run goes on where it stopped: rows already computed are counted in a file beside.

    Args:
        network: with its image encoder, in eval mode.
        folder: where the photos lie.
        names: their file names; row i is photo i.
        file: .npy file to write, mapped into memory.

    Returns:
        (len(names), 2, P, C) float16: view 0 is the photo, view 1 its mirror image.
    """
    config = network.config
    shape = (len(names), VIEWS, config.places, config.encoder_width)
    counter = file.with_suffix(".done")
    done = int(counter.read_text()) if counter.is_file() and file.is_file() else 0
    file.parent.mkdir(parents=True, exist_ok=True)
    features = open_memmap(file, mode="r+" if done else "w+", dtype=np.float16, shape=None if done else shape)
    if features.shape != shape:
        raise ValueError(f"{file} holds other features; remove it to begin anew")
    seer = copy.deepcopy(network).to(dtype=PRECISION, memory_format=torch.channels_last)  # type: ignore[call-overload]
    with torch.inference_mode(), tqdm(total=len(names), initial=done, desc="photos", unit="") as bar:
        for first in range(done, len(names), BATCH):
            batch = names[first : first + BATCH]
            pixels = torch.stack([images.load((folder / n).read_bytes(), config.image_side) for n in batch])
            for view, seen in enumerate((pixels, pixels.flip(-1))):
                grid = seer.see(seen.to(dtype=PRECISION, memory_format=torch.channels_last))
                features[first : first + len(batch), view] = grid.half().numpy()
            bar.update(len(batch))
            counter.write_text(str(first + len(batch)))
    return features
