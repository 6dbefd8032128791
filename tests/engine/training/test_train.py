from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.network import Network
from engine.training.train import Split, TrainConfig, Trainer, hide_words
from tests.engine.conftest import TINY

CONFIG = TrainConfig(
    epochs=2, photos=4, captions=2, warmup=2, learning_rate=5e-3, word_dropout=0.0, averaging=0.5
)


@pytest.fixture(scope="module")
def split() -> Split:
    """Four photos, each with two captions of its own."""
    rng = np.random.default_rng(0)
    features = rng.normal(size=(4, 2, TINY.places, TINY.encoder_width)).astype(np.float16)
    features[:, 1] = features[:, 0]
    sentences = [[[1, 4 + i, 8 + i, 2], [1, 8 + i, 4 + i, 5, 2]] for i in range(4)]
    return Split(features, sentences)


def trainer(split: Split, state: Path, config: TrainConfig = CONFIG) -> Trainer:
    torch.manual_seed(5)
    return Trainer(Network(TINY, with_encoder=False), config, split, split, state)


def test_both_losses_fall_until_one_batch_is_known_by_heart(split: Split, tmp_path: Path) -> None:
    overfit = trainer(split, tmp_path / "state.pt", replace(CONFIG, epochs=60))
    overfit.run()
    features = torch.from_numpy(split.features[:, 0]).float()
    numbers = torch.tensor([s[0] for s in split.sentences])
    image, text = overfit.network.image(features), overfit.network.encode_text(numbers)
    assert (image.joint @ text.joint.T).argmax(1).tolist() == [0, 1, 2, 3]
    said = overfit.network.caption_logits(text.states, overfit.network.look(image.grid)).argmax(-1)
    assert said[:, 1:3].tolist() == numbers[:, 2:].tolist()


def test_a_killed_run_goes_on_to_the_same_weights(split: Split, tmp_path: Path) -> None:
    unbroken = trainer(split, tmp_path / "unbroken.pt").run()
    killed = trainer(split, tmp_path / "killed.pt")
    killed._run_epoch()
    killed.epoch = 1
    killed._save()
    resumed = trainer(split, tmp_path / "killed.pt").run()
    for one, other in zip(unbroken.parameters(), resumed.parameters(), strict=True):
        torch.testing.assert_close(one, other)


def test_a_finished_run_trains_no_more(split: Split, tmp_path: Path) -> None:
    trainer(split, tmp_path / "state.pt").run()
    again = trainer(split, tmp_path / "state.pt")
    again.run()
    assert again.epoch == CONFIG.epochs


def test_hidden_words_are_words() -> None:
    numbers = torch.tensor([[1, 5, 6, 2, 0]] * 200)
    hidden = hide_words(numbers, 0.5)
    assert (hidden[:, [0, 3, 4]] == numbers[:, [0, 3, 4]]).all()
    assert 120 < (hidden == 3).sum() < 280
