from __future__ import annotations

import pytest
import torch

from engine.model import beam_search
from engine.model.beam_search import Sentence, diverse_captions, generate
from engine.model.layers import ImageFeatures
from engine.model.network import Network
from engine.model.vocabulary import END, START
from tests.engine.conftest import TINY


def grids(count: int) -> torch.Tensor:
    torch.manual_seed(3)
    return torch.randn(count, TINY.num_patches, TINY.width) * 4


def photos(count: int) -> list[ImageFeatures]:
    joints = torch.nn.functional.normalize(torch.randn(count, TINY.joint_width))
    return [ImageFeatures(grid[None], joint[None]) for grid, joint in zip(grids(count), joints, strict=True)]


def test_sentences_come_best_first_and_differ(network: Network) -> None:
    for sentences in generate(network, grids(3), beams=4):
        assert [s.rank for s in sentences] == sorted((s.rank for s in sentences), reverse=True)
        assert len({s.token_ids for s in sentences}) == len(sentences) > 1


def test_sentences_hold_spoken_words_only(network: Network) -> None:
    for sentences in generate(network, grids(3)):
        for sentence in sentences:
            assert all(4 <= number < TINY.output_vocab_size for number in sentence.token_ids)


def test_sentences_end_in_time(network: Network) -> None:
    assert all(len(s.token_ids) <= TINY.max_length for one in generate(network, grids(4)) for s in one)


def test_photos_captioned_together_get_what_they_get_alone(network: Network) -> None:
    grid = grids(3)
    together = [sentences[0].token_ids for sentences in generate(network, grid)]
    alone = [generate(network, one.unsqueeze(0))[0][0].token_ids for one in grid]
    assert together == alone


def test_to_stop_early_changes_no_caption(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    network.lm_bias[2] = -1.0
    early = [generate(network, grid)[0][0] for grid in grids(8).split(1)]
    monkeypatch.setattr(beam_search, "_is_decided", lambda *_: False)
    late = [generate(network, grid)[0][0] for grid in grids(8).split(1)]
    assert [one.token_ids for one in early] == [one.token_ids for one in late]


def test_one_beam_is_the_greedy_caption(network: Network) -> None:
    grid = grids(1)
    numbers = [1]
    for _ in range(TINY.max_length + 1):
        states = network.encode_text(torch.tensor([numbers])).states
        logits = network.caption_logits(states, network.prepare_decoder(grid))[0, -1]
        logits[[0, 1, 3]] = -torch.inf
        if len(numbers) == TINY.max_length + 1:
            logits[3:] = -torch.inf
        numbers.append(int(logits.argmax()))
        if numbers[-1] == 2:
            break
    assert list(generate(network, grid, beams=1)[0][0].token_ids) == [n for n in numbers if n > 2]


def test_confidence_is_the_geometric_mean_of_the_words_probabilities() -> None:
    sentence = Sentence((5, 6, 7), 4 * torch.tensor(0.5).log().item())
    assert abs(sentence.confidence - 0.5) < 1e-6


def test_the_same_words_are_the_same_sentence_however_their_sum_was_rounded() -> None:
    found = [Sentence((5, 6), -1.25), Sentence((5, 7), -1.25), Sentence((5, 6), -1.2500001)]
    assert list(dict.fromkeys(found)) == found[:2]


@torch.inference_mode()
def test_of_sentences_found_the_one_nearer_to_its_photo_comes_first(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    network.lm_bias[2] = -3.0  # at random it would rather say nothing
    monkeypatch.setattr(beam_search, "COSINE_WEIGHT", 1_000.0)
    grid = grids(1)
    *_, last = generate(network, grid)[0]
    joint = network.encode_text(torch.tensor([[START, *last.token_ids, END]])).joint
    assert generate(network, grid, joint)[0][0] == last


def test_candidates_begin_with_the_best_caption_and_differ(network: Network) -> None:
    network.lm_bias[2] = -3.0  # at random it would rather say nothing
    (photo,), content = photos(1), torch.ones(TINY.output_vocab_size)
    best, *others = diverse_captions(network, photo, 3, content)
    assert best.token_ids == generate(network, *photo)[0][0].token_ids
    assert 1 < len({best, *others}) == 1 + len(others) <= 3
    assert [s.rank for s in others] == sorted((s.rank for s in others), reverse=True)


def test_further_candidates_avoid_what_was_said(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    network.lm_bias[2] = -3.0  # at random it would rather say nothing
    content = torch.ones(TINY.output_vocab_size)
    content[2] = 0.0  # every sentence ends
    shared = []
    for cost in (0.1, 10.0):
        monkeypatch.setattr(beam_search, "DIVERSITY_PENALTY", cost)
        found = [diverse_captions(network, photo, 3, content) for photo in photos(6)]
        # A caption that is not there was the same as another one: all its words were said.
        said = [[n in best.token_ids for n in o.token_ids] for best, *others in found for o in others]
        missing = 2 * len(found) - len(said)
        shared.append((missing + sum(sum(words) / max(1, len(words)) for words in said)) / (2 * len(found)))
    assert shared[1] < shared[0] / 2, shared


def test_the_probability_of_a_candidate_is_what_the_network_gives_it(network: Network) -> None:
    (photo,) = photos(1)
    for sentence in diverse_captions(network, photo, 3, torch.ones(TINY.output_vocab_size)):
        numbers = torch.tensor([[1, *sentence.token_ids, 2]])
        logits = network.caption_logits(
            network.encode_text(numbers).states, network.prepare_decoder(photo.grid)
        )
        said = logits.log_softmax(-1)[0, torch.arange(numbers.shape[1] - 1), numbers[0, 1:]].sum()
        assert abs(float(said) - sentence.log_probability) < 1e-3
