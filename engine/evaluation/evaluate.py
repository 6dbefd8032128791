"""Evaluation of a checkpoint on a split (captions, retrieval, words) by the code that serves people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from data.flickr8k import Flickr8k
from engine.evaluation.caption_metrics import caption_metrics
from engine.evaluation.encoding import captioned_photos, embed_captions, encode_captions, encode_photos
from engine.evaluation.near_duplicates import near_duplicate_metrics
from engine.evaluation.retrieval_metrics import caption_retrieval_ranks, image_search_ranks, recall
from engine.evaluation.word_sets import (
    ANALOGIES_FILE,
    MEN_FILE,
    analogy_accuracy,
    three_cos_add,
    unseen_word_search,
    word_relatedness,
)
from engine.gallery.image_classes import likeliest
from engine.model.checkpoint import Checkpoint
from engine.runtime.beam_search import generate
from engine.runtime.network import ImageFeatures
from engine.runtime.sentence import Sentence
from engine.search.reranking import rerank_caption_retrieval, rerank_image_search
from engine.words.recognition import CaptionBonus
from engine.words.word_similarity import word_space

BATCH_SIZE = 50  # photos captioned at once


def evaluate(
    checkpoint: Checkpoint, flickr8k: Flickr8k, split: str, word_sets: Path | None = None
) -> dict[str, Any]:
    """Measure every use of a network on a split.

    Args:
        checkpoint: the network to evaluate.
        flickr8k: the data set.
        split: `train`, `dev` or `test`.
        word_sets: folder with the MEN pairs and Google's analogies; None skips the word metrics.

    Returns:
        The split and its counts; the number of parameters; caption metrics; recall@1/5/10 in percent and
        median rank of image search (each caption searches for its photo) and caption retrieval (each photo
        searches for its captions), by the joint space alone and after re-ranking by the decoder; search by
        words that no training caption contains; the recognition of near-duplicates; relatedness and analogies
        of words, next to those of the pretrained word vectors alone.

    Raises:
        GalleryError: the list, the photos or the captions of the split are missing.
    """
    names = captioned_photos(flickr8k, split)
    network, vocabulary = checkpoint.network, checkpoint.vocabulary
    features = encode_photos(checkpoint, flickr8k, names)
    sentences = _generate_captions(checkpoint, features)
    generated = {n: vocabulary.decode(s.token_ids) for n, s in zip(names, sentences, strict=True)}
    classes = np.stack([likeliest(features._replace(classes=row[None])) for row in features.classes])
    unseen = unseen_word_search(
        checkpoint.prototypes,
        flickr8k.captions,
        flickr8k.splits["train"],
        names,
        joint=features.joint,
        classes=classes,
    )
    return {
        "split": split,
        "photos": len(names),
        "captions": sum(len(flickr8k.captions[name]) for name in names),
        "parameters": network.parameters,
        "caption": caption_metrics(generated, flickr8k.captions),
        **_retrieval_metrics(checkpoint, flickr8k, names, features),
        "unseen_words": unseen,
        "near_duplicates": near_duplicate_metrics(checkpoint, flickr8k, names, features.joint),
        **(_word_metrics(checkpoint, word_sets) if word_sets else {}),
    }


def _generate_captions(checkpoint: Checkpoint, features: ImageFeatures) -> list[Sentence]:
    """Return the best beam-search caption of each photo."""
    best: list[Sentence] = []
    bonuses = CaptionBonus(checkpoint.class_names, checkpoint.vocabulary)
    for first in tqdm(range(0, len(features.grid), BATCH_SIZE), desc="captions", unit=f" x {BATCH_SIZE}"):
        rows = slice(first, first + BATCH_SIZE)
        bonus = bonuses.of(features.classes[rows])
        captions = generate(checkpoint.network, features.grid[rows], features.joint[rows], bonus=bonus)
        best.extend(candidates[0] for candidates in captions)
    return best


def _retrieval_metrics(
    checkpoint: Checkpoint, flickr8k: Flickr8k, names: Sequence[str], features: ImageFeatures
) -> dict[str, Any]:
    network = checkpoint.network
    token_ids = encode_captions(checkpoint.vocabulary, names, flickr8k.captions, network.config.max_length)
    captions = [caption for of_photo in token_ids for caption in of_photo]
    owner = np.repeat(np.arange(len(names)), [len(of_photo) for of_photo in token_ids])
    cosines = features.joint @ embed_captions(network, captions).T
    image_scores = rerank_image_search(network, captions, features.grid, cosines)
    caption_scores = rerank_caption_retrieval(network, captions, features.grid, cosines)
    return {
        "image_search": {
            "joint": asdict(recall(image_search_ranks(cosines, owner))),
            "two_stages": asdict(recall(image_search_ranks(image_scores, owner))),
        },
        "caption_retrieval": {
            "joint": asdict(recall(caption_retrieval_ranks(cosines, owner))),
            "two_stages": asdict(recall(caption_retrieval_ranks(caption_scores, owner))),
        },
    }


def _word_metrics(checkpoint: Checkpoint, folder: Path) -> dict[str, Any]:
    """Measure relatedness and analogies, by the network's word space and by pretrained vectors alone."""
    vocabulary = checkpoint.vocabulary
    pretrained = checkpoint.network.words.pretrained.astype(np.float32)
    space = word_space(checkpoint)
    embeddings = {"kindred": space.vectors, "general": lambda token_ids: pretrained[list(token_ids)]}
    solvers = {"kindred": space.analogy_scores, "general": three_cos_add(embeddings["general"], vocabulary)}
    return {
        "relatedness": {
            name: word_relatedness(folder / MEN_FILE, vocabulary, embed) for name, embed in embeddings.items()
        },
        "analogies": {
            name: analogy_accuracy(folder / ANALOGIES_FILE, vocabulary, solve)
            for name, solve in solvers.items()
        },
    }
