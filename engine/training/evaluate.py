"""How good the network is on a split, measured through the same code that serves people."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from data.flickr8k import Flickr8k
from engine.errors import GalleryError
from engine.model.beam_search import Sentence, generate
from engine.model.checkpoint import Checkpoint
from engine.model.layers import ImageFeatures
from engine.model.network import Network
from engine.photos import preprocess
from engine.search.reranking import retrieve_captions, search_images
from engine.training.corpus import encode_captions
from engine.training.retrieval import caption_retrieval_ranks, image_search_ranks, recall
from engine.training.scores import caption_scores
from engine.training.train import embed_sentences
from engine.training.wordsets import ANALOGIES, MEN, analogies, relatedness, three_cos_add, unseen_words
from engine.words.word_similarity import word_space

log = logging.getLogger(__name__)

BATCH = 50  # photos captioned side by side


def evaluate(
    artifact: Checkpoint, flickr8k: Flickr8k, split: str, word_sets: Path | None = None
) -> dict[str, Any]:
    """Measure every use of the network on a split.

    Args:
        artifact: the network.
        flickr8k: the data.
        split: its photos are captioned, and searched both ways.
        word_sets: folder with MEN's pairs and Google's analogies; without it words are not measured.

    Returns:
        The split and its counts; the network's size; caption metrics; R@1/5/10 in percent and median
        rank for image search (each caption looks for its photo) and caption retrieval (each photo for
        its captions), by the joint space alone and with the decoder's likelihood as a second stage;
        words no training caption holds; relatedness and analogies of words, beside those of the
        general vectors alone.

    Raises:
        GalleryError: the split's list, photos or captions are not there.
    """
    names = photos_of(flickr8k, split)
    network, vocabulary = artifact.network, artifact.vocabulary
    features = encode_photos(artifact, flickr8k, names)
    sentences = _caption(artifact, features)
    said = {n: vocabulary.decode(s.token_ids) for n, s in zip(names, sentences, strict=True)}
    unseen = unseen_words(
        artifact.prototypes, flickr8k.captions, flickr8k.splits["train"], names, features.joint.numpy()
    )
    return {
        "split": split,
        "photos": len(names),
        "captions": sum(len(flickr8k.captions[name]) for name in names),
        "parameters": sum(p.numel() for p in Network(network.config).parameters()),
        "caption": caption_scores(said, flickr8k.captions),
        **_search(artifact, flickr8k, names, features),
        "unseen_words": unseen,
        **(_words(artifact, word_sets) if word_sets else {}),
    }


def photos_of(flickr8k: Flickr8k, split: str) -> list[str]:
    """Names of a split's photos that have captions.

    Raises:
        GalleryError: the split's list, photos or captions are not there.
    """
    names = [name for name in flickr8k.splits[split] if flickr8k.captions.get(name)]
    if not names:
        raise GalleryError(
            f"The {split} split is not in {flickr8k.folder.parent}: no list, photos or captions."
        )
    return names


def _search(
    artifact: Checkpoint, flickr8k: Flickr8k, names: Sequence[str], features: ImageFeatures
) -> dict[str, Any]:
    network = artifact.network
    numbers = encode_captions(artifact.vocabulary, names, flickr8k.captions, network.config.max_length)
    sentences = [sentence for one in numbers for sentence in one]
    owner = np.repeat(np.arange(len(names)), [len(one) for one in numbers])
    with torch.inference_mode():
        cosines = features.joint @ embed_sentences(network, sentences).T
    searched = search_images(network, sentences, features.grid, cosines)
    retrieved = retrieve_captions(network, sentences, features.grid, cosines)
    return {
        "image_search": {
            "joint": asdict(recall(image_search_ranks(cosines.numpy(), owner))),
            "two_stages": asdict(recall(image_search_ranks(searched.numpy(), owner))),
        },
        "caption_retrieval": {
            "joint": asdict(recall(caption_retrieval_ranks(cosines.numpy(), owner))),
            "two_stages": asdict(recall(caption_retrieval_ranks(retrieved.numpy(), owner))),
        },
    }


def _words(artifact: Checkpoint, folder: Path) -> dict[str, Any]:
    """Relatedness and analogies, by the word space that answers people and by general vectors alone."""
    vocabulary, general = artifact.vocabulary, artifact.network.word_embedding.pretrained.weight.numpy()
    space = word_space(artifact)
    ways = {"kindred": space.vectors, "general": lambda numbers: general[list(numbers)]}
    solvers = {"kindred": space.solve, "general": three_cos_add(ways["general"], vocabulary)}
    return {
        "relatedness": {way: relatedness(folder / MEN, vocabulary, vectors) for way, vectors in ways.items()},
        "analogies": {
            way: analogies(folder / ANALOGIES, vocabulary, solve) for way, solve in solvers.items()
        },
    }


@torch.inference_mode()
def encode_photos(artifact: Checkpoint, flickr8k: Flickr8k, names: Sequence[str]) -> ImageFeatures:
    """Grids and joint vectors of photos, one at a time, as people's photos come."""
    network = artifact.network
    parts = []
    for name in tqdm(names, desc="photos", unit=""):
        pixels = preprocess.load((flickr8k.folder / name).read_bytes(), network.config.image_size)
        parts.append(network.encode_image(pixels.unsqueeze(0)))
    return ImageFeatures(torch.cat([p.grid for p in parts]), torch.cat([p.joint for p in parts]))


def _caption(artifact: Checkpoint, features: ImageFeatures) -> list[Sentence]:
    best: list[Sentence] = []
    batches = zip(features.grid.split(BATCH), features.joint.split(BATCH), strict=True)
    for grid, joint in tqdm(
        batches, total=-(-len(features.grid) // BATCH), desc="captions", unit=f" x {BATCH}"
    ):
        best.extend(sentences[0] for sentences in generate(artifact.network, grid, joint))
    return best
