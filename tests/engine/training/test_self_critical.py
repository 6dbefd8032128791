from __future__ import annotations

from typing import NamedTuple

import pytest
import torch
from torch import Tensor

from engine.model.vocabulary import END, PAD, START, UNKNOWN
from engine.reference.network import Network, pad
from engine.training.config import SelfCriticalConfig
from engine.training.self_critical import SelfCriticalTrainer, sample_captions
from engine.training.stem_features import encode_stem_features
from engine.training.trainer import Split
from tests.engine.conftest import TINY

CONFIG = SelfCriticalConfig(
    epochs=40,
    batch_size=4,
    samples_per_photo=6,
    negatives=2,
    learning_rate=5e-3,
    warmup_steps=1,
    ema_decay=0.5,
    caption_weight=0.1,
)


class Measured(NamedTuple):
    """Validation, and the joint embeddings of photos and captions."""

    validation: str
    photos: Tensor
    captions: Tensor


@pytest.fixture(scope="module")
def before_and_after(split: Split, tmp_path_factory: pytest.TempPathFactory) -> tuple[Measured, Measured]:
    """Measurements before and after self-critical training on four photos."""
    torch.manual_seed(5)
    state_file = tmp_path_factory.mktemp("self_critical") / "state.pt"
    trainer = SelfCriticalTrainer(Network(TINY), CONFIG, split, split, state_file)
    before = measure(trainer, split)
    with pytest.MonkeyPatch.context() as patch:  # either takes as long as an epoch of one batch
        patch.setattr(trainer, "validate", lambda: "not validated")
        patch.setattr(trainer, "save", lambda: None)
        trainer.run()
    return before, measure(trainer, split)


@torch.inference_mode()
def measure(trainer: SelfCriticalTrainer, split: Split) -> Measured:
    captions = [caption for of_photo in split.captions for caption in of_photo]
    return Measured(
        trainer.validate(),
        encode_stem_features(trainer.network, split.features).joint,
        trainer.network.encode_text(pad(captions)).joint,
    )


def test_captions_gain_cider_and_likelihoods_find_photos(
    before_and_after: tuple[Measured, Measured],
) -> None:
    cider_before, cider_after = (
        float(measured.validation.split()[1].rstrip(",")) for measured in before_and_after
    )
    assert cider_after > 2 * cider_before + 1
    assert before_and_after[1].validation.endswith("likelihood 100.0/100.0/100.0")


def test_the_joint_space_stays_as_it_is(before_and_after: tuple[Measured, Measured]) -> None:
    before, after = before_and_after
    torch.testing.assert_close(before.photos, after.photos)
    torch.testing.assert_close(before.captions, after.captions)


def test_sampled_captions_are_well_formed(network: Network) -> None:
    torch.manual_seed(2)
    context = network.prepare_decoder(torch.randn(3, TINY.num_patches, TINY.width)).repeat(5)
    token_ids = sample_captions(network, context)
    assert len(token_ids) == 15
    for row in token_ids.tolist():
        caption = [n for n in row if n != PAD]
        assert caption[0] == START
        assert UNKNOWN not in caption
        assert END not in caption[:-1]
        assert row[len(caption) :] == [PAD] * (len(row) - len(caption))
    assert len(set(map(tuple, token_ids.tolist()))) > 3
