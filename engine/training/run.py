"""The whole training, from a Flickr8K folder to an artifact ready to ship."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from data.flickr8k import Flickr8k
from engine.model import checkpoint
from engine.model.beam_search import generate
from engine.model.calibration import Calibration
from engine.model.config import NetworkConfig
from engine.model.int8 import ActivationRange
from engine.model.network import Network
from engine.model.prototypes import WordPrototypes
from engine.model.vocabulary import END, START, Vocabulary
from engine.photos import preprocess
from engine.training.calibrate import Judged, calibrate
from engine.training.corpus import build_vocabulary, encode_captions, general_vectors
from engine.training.enlarge import enlarge
from engine.training.features import stem_features
from engine.training.int8_calibration import find_ranges
from engine.training.prototypes import predict_prototypes
from engine.training.refine import RefineConfig, Refiner
from engine.training.teachers import encode_sentences, load_imagenet, read_word_vectors, sentence_vectors
from engine.training.train import Split, TrainConfig, Trainer, embed_photos, embed_sentences

log = logging.getLogger(__name__)

RANGED = 200  # photos that bounds are noted of


@dataclass(frozen=True, kw_only=True)
class Sources:
    """What training learns from.

    Attributes:
        flickr8k: photos and captions.
        words: general word vectors, see `read_word_vectors`.
        sentences: folder of the sentence encoder that teaches, see `sentence_vectors`.
        work: folder for features (8 GB) and the states that a killed run goes on from.
    """

    flickr8k: Flickr8k
    words: Path
    sentences: Path
    work: Path


def train(sources: Sources, target: Path, parts: Sequence[TrainConfig], refine: RefineConfig) -> None:
    """Train a network on the training split, watching dev, fit its calibration on dev, and save it.

    Args:
        sources: what is learned from.
        target: folder of the artifact.
        parts: of the training with all losses at once, each with photos of its own size.
        refine: the last part.

    Raises:
        ValueError: the work folder holds features of other photos.
    """
    sources.work.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(parts[0].seed)
    network, vocabulary = _begin(sources)
    for part in parts:
        network = enlarge(network, part.side)
        train, dev = (_split(sources, name, network, vocabulary, part) for name in ("train", "dev"))
        log.info("%d epochs over %d photos of %d pixels", part.epochs, len(train.sentences), part.side)
        network = Trainer(network, part, train, dev, sources.work / f"state-{part.side}.pt").run()
    log.info("%d epochs of refining", refine.epochs)
    network = Refiner(network, refine, train, dev, sources.work / "refined.pt").run()
    calibration, fits = _calibrate(network, vocabulary, dev, sources)
    word_prototypes = _predict_prototypes(network, train, sources)
    ranges = _find_ranges(network, train, sources)
    recipe = {
        "data": "Flickr8K train",
        "photos": len(train.sentences),
        "train": [part.to_dict() for part in parts],
        "refine": refine.to_dict(),
        "calibration": fits,
    }
    checkpoint.save(
        target,
        network,
        vocabulary,
        recipe,
        calibration=calibration,
        word_prototypes=word_prototypes,
        ranges=ranges,
    )
    log.info("saved %s", target)


def _split(
    sources: Sources, name: str, network: Network, vocabulary: Vocabulary, config: TrainConfig
) -> Split:
    flickr8k, work = sources.flickr8k, sources.work
    names, captions = flickr8k.splits[name], flickr8k.captions
    config = config if name == "train" else replace(config, views=1)
    texts = [text for photo in names for text in captions[photo]]
    teacher = sentence_vectors(texts, sources.sentences, work / f"{name}-teacher.npy")
    return Split(
        stem_features(network, flickr8k.folder, names, work / f"{name}-{config.side}.npy", config),
        encode_captions(vocabulary, names, captions, network.config.max_length),
        teacher.reshape(len(names), -1, teacher.shape[-1]),
    )


@torch.inference_mode()
def _calibrate(
    network: Network, vocabulary: Vocabulary, dev: Split, sources: Sources
) -> tuple[Calibration, dict[str, Any]]:
    """Judge the network's answers on dev, and fit what makes probabilities of their scores."""
    photos = embed_photos(network, dev.features)
    batches = zip(photos.grid.split(50), photos.joint.split(50), strict=True)
    said = [found[0] for grid, joint in batches for found in generate(network, grid, joint)]
    told = encode_sentences([vocabulary.decode(s.token_ids) for s in said], sources.sentences)
    # As the captions' vectors: around their mean.
    told = told - np.load(sources.work / "dev-teacher-mean.npy")
    calibration, fits = calibrate(
        Judged(
            photos=photos.joint.numpy(),
            texts=embed_sentences(network, [s for one in dev.sentences for s in one]).numpy(),
            teacher=np.asarray(dev.teacher, dtype=np.float32),
            said=embed_sentences(network, [[START, *s.token_ids, END] for s in said]).numpy(),
            said_teacher=told / np.linalg.norm(told, axis=1, keepdims=True),
            log_probabilities=np.array([s.log_probability / (len(s.token_ids) + 1) for s in said]),
        )
    )
    figures = {name: fit.to_dict() for name, fit in fits.items()}
    log.info("calibration: %s", figures)
    return calibration, figures


@torch.inference_mode()
def _predict_prototypes(network: Network, train: Split, sources: Sources) -> WordPrototypes:
    """Learn from the training photos what words look like that their captions lack."""
    flickr8k = sources.flickr8k
    names = flickr8k.splits["train"]
    joint = embed_photos(network, train.features).joint.numpy()
    general, table = read_word_vectors(sources.words)
    captions = {name: flickr8k.captions[name] for name in names}
    photos = dict(zip(names, joint, strict=True))
    return predict_prototypes(captions, photos, dict(zip(general, table, strict=True)), sources.sentences)


def _find_ranges(network: Network, train: Split, sources: Sources) -> dict[str, ActivationRange]:
    """Note between which bounds the layers compute, on some of the training photos."""
    flickr8k = sources.flickr8k
    names = flickr8k.splits["train"]
    rows = range(0, len(names), max(1, len(names) // RANGED))
    pixels = [
        preprocess.load((flickr8k.folder / names[row]).read_bytes(), network.config.image_size)
        for row in rows
    ]
    return find_ranges(network, pixels, [train.sentences[row][0] for row in rows])


def _begin(sources: Sources) -> tuple[Network, Vocabulary]:
    """A network with its ImageNet weights and general word vectors, everything else random."""
    log.info("reading word vectors from %s", sources.words)
    general, table = read_word_vectors(sources.words)
    flickr8k = sources.flickr8k
    captions = [text for name in flickr8k.splits["train"] for text in flickr8k.captions[name]]
    vocabulary = build_vocabulary(captions, general, NetworkConfig.vocab_size)
    network = Network(NetworkConfig(vocab_size=len(vocabulary), output_vocab_size=vocabulary.output_size))
    load_imagenet(network)
    network.word_embedding.pretrained.weight.data.copy_(general_vectors(vocabulary, general, table))
    return network, vocabulary
