from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

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
    all_grids, joints = grids(count), F.normalize(torch.randn(count, TINY.joint_width))
    return [ImageFeatures(grid[None], joint[None]) for grid, joint in zip(all_grids, joints, strict=True)]


def test_sentences_come_best_first_and_differ(network: Network) -> None:
    for sentences in generate(network, grids(3), beams=4):
        assert [s.rank for s in sentences] == sorted((s.rank for s in sentences), reverse=True)
        assert len({s.token_ids for s in sentences}) == len(sentences) > 1


def test_captions_consist_of_the_output_vocabulary(network: Network) -> None:
    for sentences in generate(network, grids(3)):
        for sentence in sentences:
            assert all(4 <= token_id < TINY.output_vocab_size for token_id in sentence.token_ids)


def test_captions_end_at_the_greatest_length(network: Network) -> None:
    assert all(len(s.token_ids) <= TINY.max_length for one in generate(network, grids(4)) for s in one)


def test_photos_are_captioned_alike_in_a_batch_and_alone(network: Network) -> None:
    grid = grids(3)
    together = [sentences[0].token_ids for sentences in generate(network, grid)]
    alone = [generate(network, one.unsqueeze(0))[0][0].token_ids for one in grid]
    assert together == alone


def test_stopping_early_changes_no_caption(network_copy: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    network_copy.lm_bias[2] = -1.0
    early = [generate(network_copy, grid)[0][0] for grid in grids(8).split(1)]
    monkeypatch.setattr(beam_search, "_is_decided", lambda *_: False)
    late = [generate(network_copy, grid)[0][0] for grid in grids(8).split(1)]
    assert [one.token_ids for one in early] == [one.token_ids for one in late]


def test_one_beam_is_the_greedy_caption(network: Network) -> None:
    grid = grids(1)
    token_ids = [1]
    for _ in range(TINY.max_length + 1):
        states = network.encode_text(torch.tensor([token_ids])).states
        logits = network.caption_logits(states, network.prepare_decoder(grid))[0, -1]
        logits[[0, 1, 3]] = -torch.inf
        if len(token_ids) == TINY.max_length + 1:
            logits[3:] = -torch.inf
        token_ids.append(int(logits.argmax()))
        if token_ids[-1] == 2:
            break
    assert list(generate(network, grid, beams=1)[0][0].token_ids) == [n for n in token_ids if n > 2]


def test_confidence_is_the_geometric_mean_of_the_token_probabilities() -> None:
    sentence = Sentence((5, 6, 7), 4 * torch.tensor(0.5).log().item())
    assert abs(sentence.confidence - 0.5) < 1e-6


def test_sentences_of_the_same_tokens_are_equal_though_their_sums_differ() -> None:
    sentences = [Sentence((5, 6), -1.25), Sentence((5, 7), -1.25), Sentence((5, 6), -1.2500001)]
    assert list(dict.fromkeys(sentences)) == sentences[:2]


@torch.inference_mode()
def test_captions_are_reranked_by_their_cosine_with_the_photo(
    network_copy: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    network_copy.lm_bias[2] = -3.0  # untrained, it would end at once
    monkeypatch.setattr(beam_search, "COSINE_WEIGHT", 1_000.0)
    grid = grids(1)
    *_, last = generate(network_copy, grid)[0]
    joint = network_copy.encode_text(torch.tensor([[START, *last.token_ids, END]])).joint
    assert generate(network_copy, grid, joint)[0][0] == last


def test_diverse_captions_begin_with_the_best_one_and_differ(network_copy: Network) -> None:
    network_copy.lm_bias[2] = -3.0  # untrained, it would end at once
    content, counts = torch.ones(TINY.output_vocab_size), []
    for photo in photos(4):
        best, *others = diverse_captions(network_copy, photo, 3, content)
        assert best.token_ids == generate(network_copy, photo.grid, photo.joint)[0][0].token_ids
        assert len({best, *others}) == 1 + len(others) <= 3
        assert [s.rank for s in others] == sorted((s.rank for s in others), reverse=True)
        counts.append(len(others))
    assert max(counts) == 2, counts


def test_further_captions_avoid_content_words_of_earlier_ones(
    network_copy: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    network_copy.lm_bias[2] = -3.0  # untrained, it would end at once
    content = torch.ones(TINY.output_vocab_size)
    content[2] = 0.0  # every sentence ends
    shared = []
    for penalty in (0.1, 10.0):
        monkeypatch.setattr(beam_search, "DIVERSITY_PENALTY", penalty)
        captions = [diverse_captions(network_copy, photo, 3, content) for photo in photos(6)]
        # A caption that is missing was equal to another one: it repeated all words.
        repeated = [[n in best.token_ids for n in o.token_ids] for best, *others in captions for o in others]
        missing = 2 * len(captions) - len(repeated)
        shares = [sum(words) / max(1, len(words)) for words in repeated]
        shared.append((missing + sum(shares)) / (2 * len(captions)))
    assert shared[1] < shared[0] / 2, shared


def test_the_probability_of_a_diverse_caption_is_the_networks(network: Network) -> None:
    (photo,) = photos(1)
    for sentence in diverse_captions(network, photo, 3, torch.ones(TINY.output_vocab_size)):
        token_ids = torch.tensor([[1, *sentence.token_ids, 2]])
        logits = network.caption_logits(
            network.encode_text(token_ids).states, network.prepare_decoder(photo.grid)
        )
        log_probabilities = logits.log_softmax(-1)[0, torch.arange(token_ids.shape[1] - 1), token_ids[0, 1:]]
        assert abs(float(log_probabilities.sum()) - sentence.log_probability) < 1e-3


def test_words_with_a_bonus_are_preferred_once_and_their_log_probability_stays(network: Network) -> None:
    photo = photos(1)[0]
    bonus = torch.zeros(1, TINY.output_vocab_size)
    bonus[0, 7] = 50.0  # more than any word can be likelier
    best = generate(network, photo.grid, photo.joint, bonus=bonus)[0][0]
    assert 7 in best.token_ids
    assert best.bonus == pytest.approx(50.0)
    assert best.log_probability < 0
