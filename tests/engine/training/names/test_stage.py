"""The decoder learns words from sentences without photos, and forgets nothing about photos."""

from __future__ import annotations

import math

import pytest
import torch

from engine.reference.network import Network
from engine.training.config import NameConfig
from engine.training.names.detected_words import fit_detector
from engine.training.names.trainer import NameTrainer, RecognisedPhotos, UnpairedSentences
from tests.engine.conftest import NAMED, TINY
from tests.engine.reference.test_name_memory import memory_of

CONFIG = NameConfig(
    epochs=2,
    steps_per_epoch=40,
    batch_size=4,
    sentence_batch_size=4,
    learning_rate=1e-2,
    word_learning_rate=1e-2,
    warmup_steps=1,
    ema_decay=0.5,
    teacher_weight=1.0,
)


class CertainRecognizer:
    """Recognises the second name in every sentence."""

    def draw(self, sentence: int, rng: object, noise: object) -> list[tuple[int, float]]:
        return [(2, 0.9), (1, 0.1)]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Network, Network, RecognisedPhotos]:
    """The network before and after, and the photos."""
    torch.manual_seed(3)
    network = Network(NAMED, with_encoder=False)
    before = Network(TINY, with_encoder=False).eval().requires_grad_(requires_grad=False)
    state = network.state_dict()
    bias = torch.cat((before.lm_bias, torch.zeros(NAMED.unpaired_words)))
    network.load_state_dict(state | before.state_dict() | {"lm_bias": bias})
    memory_of(network).token_ids[1:3, 0] = torch.tensor([5, 9])
    memory_of(network).name_of_class.copy_(torch.tensor([1, 1, 0, 2]))
    photos = RecognisedPhotos(
        torch.randn(4, TINY.num_patches, TINY.width),
        torch.nn.functional.normalize(torch.randn(4, TINY.joint_width), dim=1),
        torch.tensor([[0.9, 0.0, 0.1, 0.0]] * 4),
        [[[1, 4, 5, 6, 2]]] * 4,
    )
    sentences = UnpairedSentences([[1, 4, 12, 2]] * 40, [[]] * 40, CertainRecognizer())  # type: ignore[arg-type]
    trainer = NameTrainer(
        network,
        before,
        config=CONFIG,
        photos=photos,
        sentences=sentences,
        state_file=tmp_path_factory.mktemp("names") / "state.pt",
    )
    return before, trainer.run(), photos


def next_word(network: Network, grid: torch.Tensor) -> torch.Tensor:
    states = network.encode_text(torch.tensor([[1, 4]])).states
    return network.caption_logits(states, network.prepare_decoder(grid))[0, -1].softmax(-1)


@torch.no_grad()
def test_a_recognised_name_brings_a_word_that_no_photo_taught(
    trained: tuple[Network, Network, RecognisedPhotos],
) -> None:
    _, network, photos = trained
    memory = memory_of(network)
    vectors = memory.name_vectors(network.word_embedding)
    names = memory.vectors(
        torch.zeros(1, TINY.joint_width), vectors[torch.tensor([[2, 1]])], torch.tensor([[0.9, 0.1]])
    )
    assert next_word(network, torch.cat((photos.grids[:1], names), dim=1))[12] > 0.5


@torch.no_grad()
def test_about_photos_it_writes_what_it_wrote(trained: tuple[Network, Network, RecognisedPhotos]) -> None:
    before, network, photos = trained
    memory = memory_of(network)
    rows, probabilities = memory.likeliest(photos.recognised[:1])
    vectors = memory.name_vectors(network.word_embedding)[rows]
    names = memory.vectors(photos.joints[:1] - memory.joint_mean, vectors, probabilities)
    expected = next_word(before, photos.grids[:1])
    found = next_word(network, torch.cat((photos.grids[:1], names), dim=1))
    assert float((expected - found[:12]).abs().sum()) < 0.3


def test_a_detector_finds_what_its_labels_name() -> None:
    torch.manual_seed(2)
    features = torch.randn(400, 6) * 3 + 1
    labels = (features[:, :2] > 1).float()
    weight, bias = fit_detector(features, labels)
    found = (features @ weight.T + bias).sigmoid()
    for word in range(2):
        assert float(found[labels[:, word] > 0, word].mean()) > 2 * float(
            found[labels[:, word] == 0, word].mean()
        )
    # The odds of a word that half of the captions have go half the way to one in three.
    assert float(found.mean()) < 0.5
    assert math.isfinite(float(bias.sum()))
