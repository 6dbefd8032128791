"""The recognizer beside the tuned stages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.errors import CheckpointError
from engine.model import checkpoint
from engine.model.class_names import ClassNames
from engine.model.vocabulary import Vocabulary
from engine.reference import storage
from engine.reference.network import Network
from tests.engine.conftest import TINY

CLASSES = 7
NAMES = ClassNames(("tench",) * CLASSES, ("fish",) * CLASSES, (("tench", "fish"),) * CLASSES)


@pytest.fixture(scope="module")
def knowing() -> Network:
    """The tiny network with a recognizer."""
    torch.manual_seed(1)
    return Network(replace(TINY, classes=CLASSES)).eval().requires_grad_(requires_grad=False)


@pytest.fixture
def photos() -> torch.Tensor:
    return torch.rand(2, 3, TINY.image_size, TINY.image_size) * 2 - 1


def test_photos_get_probabilities_of_classes(knowing: Network, photos: torch.Tensor) -> None:
    classes = knowing.encode_image(photos).classes
    assert classes is not None
    assert classes.shape == (2, CLASSES)
    assert classes.sum(1) == pytest.approx([1, 1], abs=1e-5)


def test_the_recognizer_changes_nothing_else(knowing: Network, photos: torch.Tensor) -> None:
    weights = {name: w for name, w in knowing.state_dict().items() if not name.startswith("recognizer.")}
    plain = Network(TINY).eval()
    plain.load_state_dict(weights)
    with torch.no_grad():
        expected, image = plain.encode_image(photos), knowing.encode_image(photos)
    assert expected.classes is None
    torch.testing.assert_close(image.grid, expected.grid)
    torch.testing.assert_close(image.joint, expected.joint)


def test_a_checkpoint_keeps_the_recognizer_and_its_names(
    knowing: Network, vocabulary: Vocabulary, photos: torch.Tensor, tmp_path: Path
) -> None:
    storage.save(tmp_path, knowing, vocabulary, {}, class_names=NAMES)
    loaded = checkpoint.load(tmp_path)
    assert loaded.class_names == NAMES
    restored, expected = (
        loaded.network.encode_image(photos.numpy()).classes,
        knowing.encode_image(photos).classes,
    )
    assert expected is not None
    np.testing.assert_allclose(restored, expected.numpy(), atol=0.02)


def test_names_of_other_classes_are_refused(knowing: Network, vocabulary: Vocabulary, tmp_path: Path) -> None:
    storage.save(tmp_path, knowing, vocabulary, {}, class_names=ClassNames((), (), ()))
    with pytest.raises(CheckpointError, match="names of 0 classes, not 7"):
        checkpoint.load(tmp_path)
