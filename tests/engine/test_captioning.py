from __future__ import annotations

import torch

from engine.captioning import Sentence, generate
from engine.network import Network
from tests.engine.conftest import TINY


def grids(count: int) -> torch.Tensor:
    torch.manual_seed(3)
    return torch.randn(count, TINY.places, TINY.width) * 4


def test_sentences_come_best_first_and_differ(network: Network) -> None:
    for sentences in generate(network, grids(3), beams=4):
        assert [s.rank for s in sentences] == sorted((s.rank for s in sentences), reverse=True)
        assert len({s.numbers for s in sentences}) == len(sentences) > 1


def test_sentences_hold_spoken_words_only(network: Network) -> None:
    for sentences in generate(network, grids(3)):
        for sentence in sentences:
            assert all(4 <= number < TINY.spoken for number in sentence.numbers)


def test_sentences_end_in_time(network: Network) -> None:
    assert all(len(s.numbers) <= TINY.length for one in generate(network, grids(4)) for s in one)


def test_photos_captioned_together_get_what_they_get_alone(network: Network) -> None:
    grid = grids(3)
    together = [[s.numbers for s in one] for one in generate(network, grid)]
    alone = [[s.numbers for s in generate(network, one.unsqueeze(0))[0]] for one in grid]
    assert together == alone


def test_one_beam_is_the_greedy_caption(network: Network) -> None:
    grid = grids(1)
    numbers = [1]
    for _ in range(TINY.length + 1):
        states = network.encode_text(torch.tensor([numbers])).states
        logits = network.caption_logits(states, network.look(grid))[0, -1]
        logits[[0, 1, 3]] = -torch.inf
        if len(numbers) == TINY.length + 1:
            logits[3:] = -torch.inf
        numbers.append(int(logits.argmax()))
        if numbers[-1] == 2:
            break
    assert list(generate(network, grid, beams=1)[0][0].numbers) == [n for n in numbers if n > 2]


def test_confidence_is_the_geometric_mean_of_the_words_probabilities() -> None:
    sentence = Sentence((5, 6, 7), 4 * torch.tensor(0.5).log().item())
    assert abs(sentence.confidence - 0.5) < 1e-6
