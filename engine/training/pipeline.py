"""The training pipeline: from Flickr8K and pretrained models to a checkpoint ready to ship."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from data.flickr8k import Flickr8k
from data.wild import WildPhotos
from engine.evaluation.encoding import embed_captions, encode_captions
from engine.model.calibration import Calibration
from engine.model.class_names import ClassNames
from engine.model.config import NetworkConfig
from engine.model.prototypes import WordPrototypes
from engine.model.vocabulary import Vocabulary
from engine.photos import preprocess
from engine.reference.int8 import ObservedActivations
from engine.reference.network import Network
from engine.reference.storage import as_runtime, save
from engine.runtime.network import RuntimeNetwork
from engine.training.build_vocabulary import build_vocabulary, pretrained_embedding
from engine.training.config import NameConfig, SelfCriticalConfig, TrainingConfig
from engine.training.fit_calibration import CalibrationData, fit_calibration, photos_in_general
from engine.training.int8_calibration import calibrate_int8
from engine.training.judge_captions import judge_captions
from engine.training.names.build_class_names import build_class_names
from engine.training.names.stage import read_names
from engine.training.names.wordnet import WordNet
from engine.training.predict_prototypes import predict_prototypes
from engine.training.resize_position_embedding import resize_position_embedding
from engine.training.self_critical import SelfCriticalTrainer
from engine.training.stem_features import cache_stem_features, encode_stem_features
from engine.training.teachers import (
    cached_sentence_embeddings,
    load_imagenet,
    read_word_vectors,
)
from engine.training.trainer import Split, Trainer

log = logging.getLogger(__name__)

INT8_CALIBRATION_PHOTOS = 200
EVERYDAY_WEIGHT = 3.0  # of an everyday photo in the fit of confidences; there are few of them


@dataclass(frozen=True, kw_only=True)
class TrainingSources:
    """The inputs of training.

    Attributes:
        flickr8k: photos and captions.
        word_vectors: file of pretrained word vectors, see `read_word_vectors`.
        wordnet: folder of WordNet's data files, see `WordNet`.
        everyday_captions: file of captions of everyday photos, one a line, those of a photo near each other.
        wild: everyday photos with captions, on which confidences are fitted, too; none may do.
        sentence_encoder: folder of the teacher, see `cached_sentence_embeddings`.
        work: folder for stem features (8 GB) and the states that a killed run resumes from.
    """

    flickr8k: Flickr8k
    word_vectors: Path
    wordnet: Path
    everyday_captions: Path
    sentence_encoder: Path
    work: Path
    wild: WildPhotos | None = None

    @property
    def everyday_sentences(self) -> list[str]:
        """The captions of everyday photos."""
        return self.everyday_captions.read_text("utf-8").splitlines()


def train(
    sources: TrainingSources,
    target: Path,
    stages: Sequence[TrainingConfig],
    self_critical: SelfCriticalConfig,
    names: NameConfig,
) -> None:
    """Train a network on the training split, fit its calibration on dev, and save the checkpoint.

    Args:
        sources: data and pretrained models.
        target: folder of the checkpoint.
        stages: stages of joint training, each at its own image size.
        self_critical: the stage after them.
        names: the last stage.

    Raises:
        ValueError: the work folder holds stem features of other photos.
    """
    sources.work.mkdir(parents=True, exist_ok=True)
    class_names = _build_class_names(sources)
    network, vocabulary, train, dev = _train_network(sources, stages, self_critical)
    network = read_names(
        network,
        vocabulary,
        class_names,
        train,
        sources.everyday_sentences,
        config=names,
        state_file=sources.work / "names.pt",
    )
    activations = _calibrate_int8(network, train, sources)
    in_int8 = as_runtime(network, activations.ranges, means=activations.means)
    calibration, calibration_metrics = _fit_calibration(
        network, in_int8, vocabulary, class_names, dev=dev, sources=sources
    )
    recipe = {
        "data": "Flickr8K train",
        "photos": len(train.captions),
        "train": [stage.to_dict() for stage in stages],
        "refine": self_critical.to_dict(),
        "names": names.to_dict(),
        "calibration": calibration_metrics,
    }
    save(
        target,
        network,
        vocabulary,
        recipe,
        calibration=calibration,
        word_prototypes=_predict_prototypes(network, train, class_names, sources),
        ranges=activations.ranges,
        means=activations.means,
        class_names=class_names,
    )
    log.info("saved %s", target)


def _train_network(
    sources: TrainingSources, stages: Sequence[TrainingConfig], self_critical: SelfCriticalConfig
) -> tuple[Network, Vocabulary, Split, Split]:
    """Run all stages; return the network, its vocabulary, and both splits at the last image size."""
    torch.manual_seed(stages[0].seed)
    network, vocabulary = _initial_network(sources)
    for stage in stages:
        network = resize_position_embedding(network, stage.image_size)
        train, dev = (_load_split(sources, name, network, vocabulary, stage) for name in ("train", "dev"))
        log.info("%d epochs over %d photos of %d pixels", stage.epochs, len(train.captions), stage.image_size)
        state_file = sources.work / f"stage-{stage.image_size}.pt"
        network = Trainer(network, stage, train, dev, state_file).run()
    log.info("%d epochs of self-critical training", self_critical.epochs)
    network = SelfCriticalTrainer(network, self_critical, train, dev, sources.work / "self-critical.pt").run()
    return network, vocabulary, train, dev


def _build_class_names(sources: TrainingSources) -> ClassNames:
    flickr8k = sources.flickr8k
    captions = [text for name in flickr8k.splits["train"] for text in flickr8k.captions[name]]
    captions += sources.everyday_sentences
    return build_class_names(WordNet(sources.wordnet), captions)


def _initial_network(sources: TrainingSources) -> tuple[Network, Vocabulary]:
    """Create a network with ImageNet weights and pretrained word vectors, everything else random."""
    log.info("reading word vectors from %s", sources.word_vectors)
    words, vectors = read_word_vectors(sources.word_vectors)
    flickr8k = sources.flickr8k
    captions = [text for name in flickr8k.splits["train"] for text in flickr8k.captions[name]]
    vocabulary = build_vocabulary(captions, words, NetworkConfig.vocab_size, sources.everyday_sentences)
    config = NetworkConfig(
        vocab_size=len(vocabulary),
        output_vocab_size=vocabulary.output_size,
        unpaired_words=vocabulary.caption_size - vocabulary.output_size,
    )
    network = Network(config)
    load_imagenet(network)
    network.word_embedding.pretrained.weight.data.copy_(pretrained_embedding(vocabulary, words, vectors))
    return network, vocabulary


def _load_split(
    sources: TrainingSources, name: str, network: Network, vocabulary: Vocabulary, config: TrainingConfig
) -> Split:
    flickr8k, work = sources.flickr8k, sources.work
    names, captions = flickr8k.splits[name], flickr8k.captions
    texts = [text for photo in names for text in captions[photo]]
    teacher = cached_sentence_embeddings(texts, sources.sentence_encoder, work / f"{name}-teacher.npy")
    features = cache_stem_features(
        network,
        flickr8k.folder,
        names,
        work / f"{name}-{config.image_size}.npy",
        views=config.views if name == "train" else 1,
        seed=config.seed,
    )
    return Split(
        features,
        encode_captions(vocabulary, names, captions, network.config.max_length),
        teacher.reshape(len(names), -1, teacher.shape[-1]),
    )


@torch.inference_mode()
def _fit_calibration(
    network: Network,
    runtime: RuntimeNetwork,
    vocabulary: Vocabulary,
    class_names: ClassNames,
    *,
    dev: Split,
    sources: TrainingSources,
) -> tuple[Calibration, dict[str, Any]]:
    """Caption dev photos and everyday photos as people will see it, in int8, and fit the calibration.

    Args:
        network: embeds the dev photos.
        runtime: the same network as it serves; writes the captions.
        vocabulary: its words.
        class_names: of the recognizer's classes.
        dev: the dev split.
        sources: the photos.
    """
    captions = sources.flickr8k.captions
    known = [(sources.flickr8k.folder / name, captions[name]) for name in sources.flickr8k.splits["dev"]]
    everyday = list(sources.wild.captions.items()) if sources.wild else []
    photos = encode_stem_features(network, dev.features).joint.numpy()
    general = photos_in_general(photos)
    evidence, right = judge_captions(runtime, vocabulary, class_names, general, [*known, *everyday])
    references = [caption for of_photo in dev.captions for caption in of_photo]
    calibration, fits = fit_calibration(
        CalibrationData(
            photos=photos,
            references=embed_captions(runtime, references),
            teacher_references=np.asarray(dev.teacher, dtype=np.float32),
            evidence=evidence,
            right=right,
            weights=np.repeat([1.0, EVERYDAY_WEIGHT], [len(known), len(everyday)]),
        )
    )
    metrics = {name: fit.to_dict() for name, fit in fits.items()}
    log.info("calibration: %s", metrics)
    return calibration, metrics


@torch.inference_mode()
def _predict_prototypes(
    network: Network, train: Split, class_names: ClassNames, sources: TrainingSources
) -> WordPrototypes:
    """Predict the joint vectors of words that no training caption contains."""
    flickr8k = sources.flickr8k
    names = flickr8k.splits["train"]
    joint = encode_stem_features(network, train.features).joint.numpy()
    words, vectors = read_word_vectors(sources.word_vectors)
    captions = {name: flickr8k.captions[name] for name in names}
    photos = dict(zip(names, joint, strict=True))
    pretrained = dict(zip(words, vectors, strict=True))
    return predict_prototypes(captions, photos, pretrained, class_names.own, sources.sentence_encoder)


def _calibrate_int8(network: Network, train: Split, sources: TrainingSources) -> ObservedActivations:
    """Observe the inputs of layers on a sample of the training photos."""
    flickr8k = sources.flickr8k
    names = flickr8k.splits["train"]
    rows = range(0, len(names), max(1, len(names) // INT8_CALIBRATION_PHOTOS))
    pixels = [_pixels(flickr8k.folder / names[row], network) for row in rows]
    return calibrate_int8(network, pixels, [train.captions[row][0] for row in rows])


def _pixels(photo: Path, network: Network) -> Tensor:
    """Return the network's input (3, S, S) for a photo."""
    return torch.from_numpy(preprocess.decode_to_pixels(photo.read_bytes(), network.config.image_size))
