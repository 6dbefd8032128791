from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from engine.reference.network import Network
from engine.training.config import TrainingConfig
from engine.training.fine_tuning import tuned_parameters
from engine.training.stem_features import encode_stem_features
from engine.training.trainer import Split, Trainer, drop_words
from tests.engine.conftest import TINY

CONFIG = TrainingConfig(
    epochs=2,
    batch_size=4,
    captions_per_photo=2,
    warmup_steps=2,
    learning_rate=5e-3,
    encoder_learning_rate=1e-4,
    word_dropout=0.0,
    ema_decay=0.5,
)
LONG = replace(CONFIG, epochs=60)


def make_trainer(split: Split, state_file: Path, config: TrainingConfig = CONFIG) -> Trainer:
    torch.manual_seed(5)
    return Trainer(Network(TINY), config, split, split, state_file)


@pytest.fixture(scope="module")
def overfit(split: Split, tmp_path_factory: pytest.TempPathFactory) -> Trainer:
    """A trainer that has run to its end on a single batch."""
    state_file = tmp_path_factory.mktemp("overfit") / "state.pt"
    trainer = make_trainer(split, state_file, LONG)
    with pytest.MonkeyPatch.context() as patch:  # either takes as long as an epoch of one batch
        patch.setattr(trainer, "validate", lambda: "not validated")
        patch.setattr(trainer, "save", lambda: None)
        trainer.run()
    trainer.save()
    return trainer


def test_a_network_overfits_one_batch(split: Split, overfit: Trainer) -> None:
    network = overfit.ema_network()
    token_ids = torch.tensor([captions[0] for captions in split.captions])
    with torch.inference_mode():
        image, text = encode_stem_features(network, split.features), network.encode_text(token_ids)
        logits = network.caption_logits(text.states, network.prepare_decoder(image.grid))
    assert (image.joint @ text.joint.T).argmax(1).tolist() == [0, 1, 2, 3]
    assert logits.argmax(-1)[:, 1:3].tolist() == token_ids[:, 2:].tolist()


def test_validation_measures_the_averaged_network(split: Split, overfit: Trainer, tmp_path: Path) -> None:
    assert overfit.validate().endswith("image search 100.0/100.0/100.0, captions 100.0/100.0")
    trainer = make_trainer(split, tmp_path / "state.pt")
    before = trainer.validate()
    with torch.no_grad():
        trainer.network.text_projection.weight.neg_()
    assert trainer.validate() == before
    with torch.no_grad():
        trainer.ema_network().lm_bias[5] += 9.0
    assert trainer.validate() != before


def test_the_later_stages_of_the_encoder_are_fine_tuned(split: Split, overfit: Trainer) -> None:
    untrained = make_trainer(split, overfit.state_file)
    before = tuned_parameters(untrained.network.encoder)
    after = tuned_parameters(overfit.network.encoder)
    assert all((one != other).any() for one, other in zip(before, after, strict=True))


def test_a_finished_run_does_not_train_again(split: Split, overfit: Trainer) -> None:
    again = make_trainer(split, overfit.state_file, LONG)
    network = again.run()
    assert again.epoch == LONG.epochs
    for one, other in zip(overfit.ema_network().parameters(), network.parameters(), strict=True):
        torch.testing.assert_close(one, other)


def test_a_killed_run_resumes_and_ends_with_the_same_weights(split: Split, tmp_path: Path) -> None:
    uninterrupted = make_trainer(split, tmp_path / "uninterrupted.pt").run()
    make_trainer(split, tmp_path / "killed.pt", replace(CONFIG, epochs=1)).run()
    resumed = make_trainer(split, tmp_path / "killed.pt").run()
    for one, other in zip(uninterrupted.parameters(), resumed.parameters(), strict=True):
        torch.testing.assert_close(one, other)


def test_word_dropout_keeps_special_tokens() -> None:
    token_ids = torch.tensor([[1, 5, 6, 2, 0]] * 200)
    dropped = drop_words(token_ids, 0.5)
    assert (dropped[:, [0, 3, 4]] == token_ids[:, [0, 3, 4]]).all()
    assert 120 < (dropped == 3).sum() < 280
