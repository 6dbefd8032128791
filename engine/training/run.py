"""The whole training, from a Flickr8K folder to an artifact ready to ship."""

from __future__ import annotations

import logging
from pathlib import Path

import torch

from data.flickr8k import Flickr8k
from engine import artifact
from engine.network import Network, NetworkConfig
from engine.training.corpus import build_vocabulary, encode_captions, general_vectors
from engine.training.features import grid_features
from engine.training.teachers import load_imagenet, read_word_vectors
from engine.training.train import Split, TrainConfig, Trainer
from engine.vocabulary import Vocabulary

log = logging.getLogger(__name__)


def train(flickr8k: Flickr8k, vectors: Path, work: Path, target: Path, config: TrainConfig) -> None:
    """Train a network on the training split, watching dev, and save it.

    Args:
        flickr8k: the data.
        vectors: general word vectors, see `read_word_vectors`.
        work: folder for features (2 GB) and the state that a killed run goes on from.
        target: folder of the artifact.
        config: the recipe.
    """
    torch.manual_seed(config.seed)
    network, vocabulary = _begin(flickr8k, vectors)
    names = flickr8k.splits["train"] + flickr8k.splits["dev"]
    features = grid_features(network.eval(), flickr8k.folder, names, work / "features.npy")
    sentences = encode_captions(vocabulary, names, flickr8k.captions, network.config.length)
    border = len(flickr8k.splits["train"])
    trained = Trainer(
        network,
        config,
        Split(features[:border], sentences[:border]),
        Split(features[border:], sentences[border:]),
        work / "state.pt",
    ).run()
    recipe = {"data": "Flickr8K train", "photos": border, **config.to_dict()}
    artifact.save(target, trained, vocabulary, recipe)
    log.info("saved %s", target)


def _begin(flickr8k: Flickr8k, vectors: Path) -> tuple[Network, Vocabulary]:
    """A network with its ImageNet weights and general word vectors, everything else random."""
    log.info("reading word vectors from %s", vectors)
    general, table = read_word_vectors(vectors)
    captions = [text for name in flickr8k.splits["train"] for text in flickr8k.captions[name]]
    vocabulary = build_vocabulary(captions, general, NetworkConfig.known)
    network = Network(NetworkConfig(known=len(vocabulary), spoken=vocabulary.spoken))
    load_imagenet(network)
    network.words.general.weight.data.copy_(general_vectors(vocabulary, general, table))
    return network, vocabulary
