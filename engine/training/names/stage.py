"""The last stage of training: the network gets a recognizer and a name memory; its decoder reads names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.model.class_names import ClassNames
from engine.model.vocabulary import UNKNOWN, Vocabulary, tokenize
from engine.reference.name_memory import NAME_WORDS, NameMemory
from engine.reference.network import Network
from engine.reference.recognizer import Recognizer
from engine.training.config import NameConfig
from engine.training.fine_tuning import tail
from engine.training.names.detected_words import fit_detector, label_captions, read_detected_words
from engine.training.names.sentences import prepare_sentences
from engine.training.names.simulated_recognizer import SimulatedRecognizer
from engine.training.names.trainer import NameTrainer, RecognisedPhotos, UnpairedSentences
from engine.training.teachers import add_recognizer
from engine.training.trainer import Split

NAMES = 8  # that the decoder reads
BATCH_SIZE = 100
ALIKE = 9  # names that resemble one
MOST_RECOGNISED = 3  # names of a photo that count as recognised in it


def read_names(
    network: Network,
    vocabulary: Vocabulary,
    class_names: ClassNames,
    train: Split,
    sentences: Sequence[str],
    *,
    config: NameConfig,
    state_file: Path,
) -> Network:
    """Return the network with a recognizer whose names its decoder reads.

    Args:
        network: trained on photos, without recognizer.
        vocabulary: its words.
        class_names: of the recognizer's classes.
        train: photos and captions.
        sentences: without photos, those about one photo near each other.
        config: hyperparameters.
        state_file: file that a killed run resumes from.
    """
    rows = _name_rows(class_names)
    extended = add_recognizer(
        network, detected_words=len(read_detected_words()), common_names=len(rows) + 1, names=NAMES
    )
    photos = _recognise(extended, vocabulary, train)
    _fill_memory(cast(NameMemory, extended.name_memory), vocabulary, class_names, rows, photos.joints)
    prepared = _prepare_sentences(
        extended,
        vocabulary=vocabulary,
        class_names=class_names,
        rows=rows,
        photos=photos,
        sentences=sentences,
    )
    trainer = NameTrainer(
        extended, network, config=config, photos=photos, sentences=prepared, state_file=state_file
    )
    return trainer.run()


def _name_rows(class_names: ClassNames) -> dict[str, int]:
    """Return the row of each name in the name memory; row 0 is no name."""
    names = [*sorted(set(class_names.common) - {""}), *read_detected_words()]
    return {name: row for row, name in enumerate(dict.fromkeys(names), start=1)}


@torch.inference_mode()
def _encode(network: Network, features: np.ndarray) -> tuple[Tensor, Tensor, Tensor]:
    """Return grids, joint vectors and the recognizer's features of photos, from their stem features."""
    recognizer, parts = cast(Recognizer, network.recognizer), []
    for first in range(0, len(features), BATCH_SIZE):
        x = torch.from_numpy(np.array(features[first : first + BATCH_SIZE, 0])).float()
        image = network.image_head(tail(network.encoder, x))
        parts.append((image.grid.half(), image.joint, recognizer.features(x.permute(0, 3, 1, 2))))
    grids, joints, pooled = (torch.cat(part).clone() for part in zip(*parts, strict=True))
    return grids, joints, pooled


def _recognise(network: Network, vocabulary: Vocabulary, train: Split) -> RecognisedPhotos:
    """Fit the detector of words, and run the recognizer on the training photos."""
    recognizer = cast(Recognizer, network.recognizer)
    grids, joints, pooled = _encode(network, train.features)
    texts = [[vocabulary.decode(caption[1:]) for caption in of_photo] for of_photo in train.captions]
    labels = torch.tensor(np.stack([label_captions(captions).mean(0) for captions in texts])).float()
    weight, bias = fit_detector(pooled, labels)
    if recognizer.detector is not None:
        recognizer.detector.load_state_dict({"weight": weight, "bias": bias})
    with torch.no_grad():
        recognised = torch.cat([recognizer.recognise(part) for part in pooled.split(BATCH_SIZE)])
    return RecognisedPhotos(grids, joints, recognised, train.captions)


def _fill_memory(
    memory: NameMemory,
    vocabulary: Vocabulary,
    class_names: ClassNames,
    rows: dict[str, int],
    joints: Tensor,
) -> None:
    with torch.no_grad():
        memory.joint_mean.copy_(joints.mean(0))
        memory.word_projection.weight.copy_(torch.eye(len(memory.word_projection.weight)))
        for name, row in rows.items():
            token_ids = [n for n in map(vocabulary.token_id, tokenize(name)) if n != UNKNOWN][-NAME_WORDS:]
            memory.token_ids[row, : len(token_ids)] = torch.tensor(token_ids, dtype=torch.long)
        of_classes = [rows.get(name, 0) for name in class_names.common]
        memory.name_of_class.copy_(torch.tensor(of_classes + [rows[word] for word in read_detected_words()]))


def _prepare_sentences(
    network: Network,
    *,
    vocabulary: Vocabulary,
    class_names: ClassNames,
    rows: dict[str, int],
    photos: RecognisedPhotos,
    sentences: Sequence[str],
) -> UnpairedSentences:
    memory = cast(NameMemory, network.name_memory)
    pretrained = network.word_embedding.pretrained.weight.detach()
    of_names = pretrained[memory.token_ids].sum(1)
    prepared = prepare_sentences(
        sentences,
        names=class_names,
        rows=rows,
        name_vectors=of_names.numpy(),
        vocabulary=vocabulary,
        pretrained=pretrained.numpy(),
    )
    with torch.no_grad():
        vectors = memory.name_vectors(network.word_embedding)
        recognised = memory.likeliest(photos.recognised)[0][:, :MOST_RECOGNISED]
    centred = F.normalize(vectors - vectors[1:].mean(0), dim=1)
    alike = (centred @ centred.T).fill_diagonal_(-1).topk(min(ALIKE, len(centred) - 1)).indices
    of_classes = set(class_names.common) - {""}
    frequency = np.bincount(recognised.flatten().numpy(), minlength=len(rows) + 1).astype(float)
    mentioned = np.bincount([n for own in prepared.own for n in own], minlength=len(rows) + 1)
    frequency += MOST_RECOGNISED * mentioned
    frequency *= [False, *(name in of_classes for name in rows)]
    recognizer = SimulatedRecognizer(
        prepared,
        [rows[word] for word in read_detected_words()],
        alike.numpy(),
        (frequency + 1e-6) / (frequency + 1e-6).sum(),
        NAMES,
    )
    length = network.config.max_length
    token_ids = [vocabulary.encode(sentence, length)[: length + 1] for sentence in sentences]
    return UnpairedSentences(token_ids, prepared.groups, recognizer)
