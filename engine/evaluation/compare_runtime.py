"""Comparison of the runtime with the reference network: the same captions, the same joint vectors?"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from data.flickr8k import Flickr8k
from engine.evaluation.encoding import captioned_photos
from engine.model import checkpoint
from engine.model.checkpoint import Checkpoint
from engine.photos import preprocess
from engine.reference.decoder import ReferenceDecoder
from engine.reference.int8 import quantized
from engine.reference.storage import load_reference
from engine.runtime.beam_search import generate
from engine.runtime.network import ImageFeatures, RuntimeNetwork
from engine.words.recognition import CaptionBonus


def compare_runtime(loaded: Checkpoint, flickr8k: Flickr8k, split: str, photos: int) -> dict[str, Any]:
    """Encode and caption photos with both networks.

    Where the runtime computes in int8, the reference rounds as int8 does, and computes in float32.

    Args:
        loaded: the network that serves.
        flickr8k: the data set.
        split: of it.
        photos: how many, the first ones.

    Returns:
        The precision; the number of photos; percent of captions that are identical; least and mean cosine of
        the joint vectors; the greatest difference of a class's probability.

    Raises:
        GalleryError: the list, the photos or the captions of the split are missing.
    """
    names = captioned_photos(flickr8k, split)[:photos]
    reference = load_reference(loaded.folder)
    if loaded.network.is_int8:
        ranges, means = checkpoint.read_ranges(loaded.folder), checkpoint.read_means(loaded.folder)
        reference = quantized(reference, ranges, means)
    exact = ReferenceDecoder(reference).as_network()
    bonuses = CaptionBonus(loaded.class_names, loaded.vocabulary)
    torch.set_num_threads(1)  # of one photo there is little to share, and threads wait for each other
    same, cosines, classes = [], [], []
    for name in tqdm(names, desc="photos", unit=""):
        photo = (flickr8k.folder / name).read_bytes()
        pixels = preprocess.decode_to_pixels(photo, loaded.network.config.image_size)[None]
        ours, theirs = (network.encode_image(pixels) for network in (loaded.network, exact))
        captions = [_caption(*pair, bonuses) for pair in ((loaded.network, ours), (exact, theirs))]
        same.append(captions[0] == captions[1])
        cosines.append(float(ours.joint[0] @ theirs.joint[0]))
        classes.append(float(np.abs(ours.classes - theirs.classes).max(initial=0)))
    return {
        "precision": "int8" if loaded.network.is_int8 else "float32",
        "photos": len(names),
        "identical_captions": round(100 * float(np.mean(same)), 1),
        "joint_cosine": {"least": round(min(cosines), 5), "mean": round(float(np.mean(cosines)), 6)},
        "class_difference": round(max(classes), 4),
    }


def _caption(network: RuntimeNetwork, photo: ImageFeatures, bonuses: CaptionBonus) -> tuple[int, ...]:
    """Return the token ids of a photo's caption."""
    found = generate(network, photo.grid, photo.joint, bonus=bonuses.of(photo.classes))
    return found[0][0].token_ids
