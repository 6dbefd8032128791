"""Beam search over the runtime finds what a plain search over the reference finds."""

from __future__ import annotations

import math
from collections.abc import Callable
from copy import deepcopy
from functools import cache

import numpy as np
import pytest
import torch

from engine.model.vocabulary import END, PAD, START, UNKNOWN
from engine.reference.kv_cache import KVCache
from engine.reference.network import Network
from engine.reference.storage import as_runtime
from engine.runtime import beam_search
from engine.runtime.beam_search import diverse_captions, generate
from engine.runtime.network import ImageFeatures, RuntimeNetwork
from engine.runtime.sentence import LENGTH_POWER, Sentence
from tests.engine.conftest import TINY

WithEndBias = Callable[[float], tuple[Network, RuntimeNetwork]]
CONTENT = np.ones(TINY.output_vocab_size, np.float32)


@pytest.fixture(scope="module")
def with_end_bias(frozen_network: Network) -> WithEndBias:
    """Make the tiny network end sentences earlier or later."""

    @cache
    def make(bias: float) -> tuple[Network, RuntimeNetwork]:
        changed = deepcopy(frozen_network)
        changed.lm_bias[END] = bias
        return changed, as_runtime(changed, threads=1)

    return make


@pytest.fixture
def talkative(with_end_bias: WithEndBias) -> RuntimeNetwork:
    return with_end_bias(-3.0)[1]


def grids(count: int) -> np.ndarray:
    shape = (count, TINY.num_patches, TINY.width)
    return 4 * np.random.default_rng(3).normal(size=shape).astype(np.float32)


def photos(count: int) -> list[ImageFeatures]:
    joints = np.random.default_rng(4).normal(size=(count, TINY.joint_width)).astype(np.float32)
    joints /= np.linalg.norm(joints, axis=1, keepdims=True)
    none = np.zeros((1, 0), np.float32)
    return [
        ImageFeatures(grid[None], joint[None], none, none)
        for grid, joint in zip(grids(count), joints, strict=True)
    ]


def test_sentences_come_best_first_and_differ(runtime: RuntimeNetwork) -> None:
    for sentences in generate(runtime, grids(3), beams=4):
        assert [s.rank for s in sentences] == sorted((s.rank for s in sentences), reverse=True)
        assert len({s.token_ids for s in sentences}) == len(sentences) > 1


def test_captions_consist_of_the_output_vocabulary(runtime: RuntimeNetwork) -> None:
    for sentences in generate(runtime, grids(3)):
        for sentence in sentences:
            assert all(4 <= token_id < TINY.output_vocab_size for token_id in sentence.token_ids)


def test_captions_end_at_the_greatest_length(runtime: RuntimeNetwork) -> None:
    assert all(len(s.token_ids) <= TINY.max_length for one in generate(runtime, grids(4)) for s in one)


def test_photos_are_captioned_alike_in_a_batch_and_alone(runtime: RuntimeNetwork) -> None:
    together = [sentences[0].token_ids for sentences in generate(runtime, grids(3))]
    alone = [generate(runtime, grid[None])[0][0].token_ids for grid in grids(3)]
    assert together == alone


def test_stopping_early_changes_no_caption(
    with_end_bias: WithEndBias, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, runtime = with_end_bias(6.0)
    steps, is_decided = [], beam_search._is_decided
    monkeypatch.setattr(beam_search, "_is_decided", lambda *given: steps.append(1) or is_decided(*given))
    early = [generate(runtime, grid[None])[0][0] for grid in grids(8)]
    assert len(steps) < 8 * (TINY.max_length + 1)
    monkeypatch.setattr(beam_search, "_is_decided", lambda *_: False)
    late = [generate(runtime, grid[None])[0][0] for grid in grids(8)]
    assert [one.token_ids for one in early] == [one.token_ids for one in late]


def allowed(log_probabilities: torch.Tensor, length: int) -> torch.Tensor:
    """Exclude what may not follow a sentence of so many words."""
    log_probabilities[..., [PAD, START, UNKNOWN]] = -torch.inf
    if length == TINY.max_length:
        log_probabilities[..., END + 1 :] = -torch.inf
    return log_probabilities


@torch.inference_mode()
@pytest.mark.parametrize("bias", [3.0, 0.0, -3.0])
def test_one_beam_is_the_greedy_caption_of_the_reference(with_end_bias: WithEndBias, bias: float) -> None:
    reference, runtime = with_end_bias(bias)
    for grid in grids(6):
        kv_cache, token_ids = KVCache(TINY, 1, 1), [START]
        context = reference.prepare_decoder(torch.from_numpy(grid[None]))
        while token_ids[-1] != END:
            words = reference.decode_step(torch.tensor([[token_ids[-1]]]), kv_cache, context)[0, 0]
            token_ids.append(int(allowed(words, len(token_ids) - 1).argmax()))
        assert generate(runtime, grid[None], beams=1)[0][0].token_ids == tuple(token_ids[1:-1])


@torch.inference_mode()
@pytest.mark.parametrize("bias", [3.0, 0.0, -3.0])
def test_beam_search_finds_what_a_plain_one_over_the_reference_finds(
    with_end_bias: WithEndBias, bias: float
) -> None:
    reference, runtime = with_end_bias(bias)
    for grid in grids(4):
        best = generate(runtime, grid[None], beams=3)[0][0]
        words, log_probability = plain_beam_search(reference, torch.from_numpy(grid[None]), beams=3)
        assert best.token_ids == words
        assert best.log_probability == pytest.approx(log_probability, abs=1e-3)


def plain_beam_search(network: Network, grid: torch.Tensor, beams: int) -> tuple[tuple[int, ...], float]:
    """Return the words of the best caption of a photo, and its log probability; nothing is cached."""
    context, hypotheses = network.prepare_decoder(grid), [((START,), 0.0)]
    for length in range(TINY.max_length + 1):
        longer = [hypothesis for hypothesis in hypotheses if hypothesis[0][-1] == END]
        for token_ids, score in hypotheses:
            if token_ids[-1] != END:
                states = network.encode_text(torch.tensor([token_ids])).states
                words = allowed(network.caption_logits(states, context)[0, -1].log_softmax(-1), length)
                longer += [((*token_ids, word), score + p) for word, p in enumerate(words.tolist())]
        hypotheses = sorted(longer, key=lambda hypothesis: -hypothesis[1])[:beams]
    finished = [(token_ids, score) for token_ids, score in hypotheses if math.isfinite(score)]
    token_ids, score = max(finished, key=lambda found: found[1] / (len(found[0]) - 1) ** LENGTH_POWER)
    return token_ids[1:-1], score


def test_confidence_is_the_geometric_mean_of_the_token_probabilities() -> None:
    sentence = Sentence((5, 6, 7), 4 * math.log(0.5))
    assert abs(sentence.confidence - 0.5) < 1e-6
    assert sentence.mean_log_probability == pytest.approx(math.log(0.5))


def test_sentences_of_the_same_tokens_are_equal_though_their_sums_differ() -> None:
    sentences = [Sentence((5, 6), -1.25), Sentence((5, 7), -1.25), Sentence((5, 6), -1.2500001)]
    assert list(dict.fromkeys(sentences)) == sentences[:2]


def test_captions_are_reranked_by_their_cosine_with_the_photo(
    talkative: RuntimeNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.runtime.sentence.COSINE_WEIGHT", 1_000.0)
    *_, last = generate(talkative, grids(1))[0]
    joint = talkative.encode_text(np.array([[START, *last.token_ids, END]])).joint
    first = generate(talkative, grids(1), joint)[0][0]
    assert first == last
    np.testing.assert_allclose(first.joint, joint[0], atol=1e-5)


@pytest.mark.parametrize("bias", [-6.0, 0.0, 3.0], ids=["at the limit", "anywhere", "early"])
def test_the_joint_vectors_of_sentences_are_those_of_their_texts(
    with_end_bias: WithEndBias, bias: float
) -> None:
    network = with_end_bias(bias)[1]
    joint = np.concatenate([photo.joint for photo in photos(3)])
    found = [s for of_photo in generate(network, grids(3), joint) for s in of_photo]
    found += [s for photo in photos(3) for s in diverse_captions(network, photo, 3, CONTENT)]
    for sentence in found:
        text = np.array([[START, *sentence.token_ids, END]])
        np.testing.assert_allclose(sentence.joint, network.encode_text(text).joint[0], atol=1e-5)
    assert all(sentence.joint is None for sentence in generate(network, grids(1))[0])


def test_a_sentence_knows_the_others_of_its_beams(talkative: RuntimeNetwork) -> None:
    for sentences in generate(talkative, grids(3)):
        assert len(sentences) > 1
        for place, sentence in enumerate(sentences):
            others = [s.token_ids for s in sentences[:place] + sentences[place + 1 :]]
            assert sorted(sentence.others) == sorted(others)


def test_diverse_captions_begin_with_the_best_one_and_differ(talkative: RuntimeNetwork) -> None:
    counts = []
    for photo in photos(4):
        best, *others = diverse_captions(talkative, photo, 3, CONTENT)
        assert best.token_ids == generate(talkative, photo.grid, photo.joint)[0][0].token_ids
        assert len({best, *others}) == 1 + len(others) <= 3
        assert [s.rank for s in others] == sorted((s.rank for s in others), reverse=True)
        counts.append(len(others))
    assert max(counts) == 2, counts


def test_further_captions_avoid_content_words_of_earlier_ones(
    talkative: RuntimeNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = CONTENT.copy()
    content[END] = 0.0  # every sentence ends
    shared = []
    for penalty in (0.1, 10.0):
        monkeypatch.setattr(beam_search, "DIVERSITY_PENALTY", penalty)
        captions = [diverse_captions(talkative, photo, 3, content) for photo in photos(6)]
        # A caption that is missing was equal to another one: it repeated all words.
        repeated = [[n in best.token_ids for n in o.token_ids] for best, *others in captions for o in others]
        missing = 2 * len(captions) - len(repeated)
        shares = [sum(words) / max(1, len(words)) for words in repeated]
        shared.append((missing + sum(shares)) / (2 * len(captions)))
    assert shared[1] < shared[0] / 2, shared


def test_the_probability_of_a_diverse_caption_is_the_networks(runtime: RuntimeNetwork) -> None:
    (photo,) = photos(1)
    for sentence in diverse_captions(runtime, photo, 3, CONTENT):
        token_ids = np.array([[START, *sentence.token_ids, END]])
        states = runtime.encode_text(token_ids).states[:, :-1]
        words = runtime.caption_log_probabilities(states, photo.grid, token_ids[:, 1:])
        assert abs(float(words.sum()) - sentence.log_probability) < 1e-3


def test_words_with_a_bonus_are_preferred_once_and_their_log_probability_stays(
    runtime: RuntimeNetwork,
) -> None:
    photo = photos(1)[0]
    bonus = np.zeros((1, TINY.output_vocab_size), np.float32)
    bonus[0, 7] = 50.0  # more than any word can be likelier
    best = generate(runtime, photo.grid, photo.joint, bonus=bonus)[0][0]
    assert best.token_ids.count(7) >= 1
    assert best.bonus == pytest.approx(50.0)
    assert best.log_probability < 0


def test_the_greatest_values_come_in_their_order() -> None:
    worth = np.array([[[1.0, 3.0, 2.0, 3.0, 0.0]] * 2, [[-np.inf, -5.0, -1.0, -np.inf, -3.0], [-np.inf] * 5]])
    rows, columns = beam_search._greatest(worth)
    assert rows.tolist() == [[0, 0], [0, 0]]
    assert columns.tolist() == [[1, 3], [2, 4]]
