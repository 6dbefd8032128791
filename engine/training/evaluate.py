"""How good the network is on a split, measured through the same code that serves people."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from data.flickr8k import Flickr8k
from engine import images
from engine.artifact import Artifact
from engine.captioning import Sentence, generate
from engine.errors import GalleryError
from engine.network import ImageFeatures
from engine.training.corpus import encode_captions
from engine.training.retrieval import caption_retrieval_ranks, image_search_ranks, recall
from engine.training.scores import caption_scores
from engine.training.train import embed_sentences

log = logging.getLogger(__name__)

BATCH = 50  # photos captioned side by side


def evaluate(artifact: Artifact, flickr8k: Flickr8k, split: str) -> dict[str, Any]:
    """Caption a split and search it both ways.

    Returns:
        The split and its counts; caption metrics; R@1/5/10 in percent and median rank for image
        search (each caption looks for its photo) and caption retrieval (each photo for its captions);
        and the scores that one in twenty best answers stays below: lower ones are called weak.

    Raises:
        GalleryError: the split's list, photos or captions are not there.
    """
    names = [name for name in flickr8k.splits[split] if flickr8k.captions.get(name)]
    if not names:
        raise GalleryError(
            f"The {split} split is not in {flickr8k.folder.parent}: no list, photos or captions."
        )
    features = _encode(artifact, flickr8k, names)
    sentences = _caption(artifact, features)
    said = {n: artifact.vocabulary.decode(s.numbers) for n, s in zip(names, sentences, strict=True)}
    numbers = encode_captions(artifact.vocabulary, names, flickr8k.captions, artifact.network.config.length)
    with torch.inference_mode():
        texts = embed_sentences(artifact.network, [s for one in numbers for s in one])
    owner = np.repeat(np.arange(len(names)), [len(one) for one in numbers])
    similarity = (features.joint @ texts.T).numpy()
    return {
        "split": split,
        "photos": len(names),
        "captions": len(owner),
        "caption": caption_scores(said, flickr8k.captions),
        "image_search": asdict(recall(image_search_ranks(similarity, owner))),
        "caption_retrieval": asdict(recall(caption_retrieval_ranks(similarity, owner))),
        "weak_below": {
            "caption": _twentieth([sentence.confidence for sentence in sentences]),
            "find": _twentieth(similarity.max(axis=0)),
            "lookalike": _twentieth((features.joint @ features.joint.T).fill_diagonal_(-1).amax(1)),
        },
    }


def _twentieth(scores: Sequence[float] | np.ndarray | torch.Tensor) -> float:
    return round(float(np.percentile(np.asarray(scores), 5)), 2)


@torch.inference_mode()
def _encode(artifact: Artifact, flickr8k: Flickr8k, names: Sequence[str]) -> ImageFeatures:
    network = artifact.network
    parts = []
    for name in tqdm(names, desc="photos", unit=""):
        pixels = images.load((flickr8k.folder / name).read_bytes(), network.config.image_side)
        parts.append(network.encode_image(pixels.unsqueeze(0)))
    return ImageFeatures(torch.cat([p.grid for p in parts]), torch.cat([p.joint for p in parts]))


def _caption(artifact: Artifact, features: ImageFeatures) -> list[Sentence]:
    best: list[Sentence] = []
    for grid in tqdm(features.grid.split(BATCH), desc="captions", unit=f" x {BATCH}"):
        best.extend(sentences[0] for sentences in generate(artifact.network, grid))
    return best
