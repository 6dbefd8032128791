from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from engine.model.network import Network
from engine.model.vocabulary import END, PAD, START, UNKNOWN
from engine.training.refine import RefineConfig, Refiner, sample
from engine.training.train import Split, embed_photos, embed_sentences
from tests.engine.conftest import TINY

CONFIG = RefineConfig(
    epochs=40, photos=4, samples=6, rivals=2, learning_rate=5e-3, warmup=1, averaging=0.5, caption_weight=0.1
)


def refiner(split: Split, state: Path, config: RefineConfig = CONFIG) -> Refiner:
    torch.manual_seed(5)
    return Refiner(Network(TINY), config, split, split, state)


def test_captions_come_to_score_and_to_tell_photos_apart(split: Split, tmp_path: Path) -> None:
    run = refiner(split, tmp_path / "state.pt")
    before, _, after = run.check(), run.run(), run.check()
    assert float(after.split()[1].rstrip(",")) > 2 * float(before.split()[1].rstrip(",")) + 1
    assert after.endswith("likelihood 100.0/100.0/100.0")


def test_the_joint_space_stays_as_it_is(split: Split, tmp_path: Path) -> None:
    run = refiner(split, tmp_path / "state.pt")
    sentences = [s for one in split.sentences for s in one]

    @torch.inference_mode()
    def joints() -> tuple[Tensor, Tensor]:
        return embed_photos(run.network, split.features).joint, embed_sentences(run.network, sentences)

    before = joints()
    run.run()
    after = joints()
    for one, other in zip(before, after, strict=True):
        torch.testing.assert_close(one, other)


def test_samples_are_sentences(network: Network) -> None:
    torch.manual_seed(2)
    numbers = sample(network, network.prepare_decoder(torch.randn(3, TINY.num_patches, TINY.width)).repeat(5))
    assert len(numbers) == 15
    for row in numbers.tolist():
        said = [n for n in row if n != PAD]
        assert said[0] == START
        assert UNKNOWN not in said
        assert END not in said[:-1]
        assert row[len(said) :] == [PAD] * (len(row) - len(said))
    assert len(set(map(tuple, numbers.tolist()))) > 3
