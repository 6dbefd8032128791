from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from engine.model.network import Network
from engine.training.train import Split, TrainConfig, Trainer, embed_photos, hide_words
from engine.training.tuning import tuned_parameters
from tests.engine.conftest import TINY

CONFIG = TrainConfig(
    epochs=2,
    photos=4,
    captions=2,
    warmup=2,
    learning_rate=5e-3,
    encoder_rate=1e-4,
    word_dropout=0.0,
    averaging=0.5,
)


def trainer(split: Split, state: Path, config: TrainConfig = CONFIG) -> Trainer:
    torch.manual_seed(5)
    return Trainer(Network(TINY), config, split, split, state)


def test_all_losses_fall_until_one_batch_is_known_by_heart(split: Split, tmp_path: Path) -> None:
    overfit = trainer(split, tmp_path / "state.pt", replace(CONFIG, epochs=60))
    network = overfit.run()
    numbers = torch.tensor([s[0] for s in split.sentences])
    with torch.inference_mode():
        image, text = embed_photos(network, split.features), network.encode_text(numbers)
        said = network.caption_logits(text.states, network.prepare_decoder(image.grid)).argmax(-1)
    assert (image.joint @ text.joint.T).argmax(1).tolist() == [0, 1, 2, 3]
    assert said[:, 1:3].tolist() == numbers[:, 2:].tolist()


def test_the_encoder_is_tuned_along(split: Split, tmp_path: Path) -> None:
    run = trainer(split, tmp_path / "state.pt")
    before = [p.clone() for p in tuned_parameters(run.network.encoder)]
    run.run()
    after = tuned_parameters(run.network.encoder)
    assert all((one != other).any() for one, other in zip(before, after, strict=True))


def test_a_killed_run_goes_on_to_the_same_weights(split: Split, tmp_path: Path) -> None:
    unbroken = trainer(split, tmp_path / "unbroken.pt").run()
    trainer(split, tmp_path / "killed.pt", replace(CONFIG, epochs=1)).run()
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
