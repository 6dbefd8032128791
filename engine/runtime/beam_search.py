"""Beam search: from a photo's grid to captions, with groups of beams that differ."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.model.vocabulary import END, PAD, START, UNKNOWN
from engine.runtime.kv_cache import KVCache
from engine.runtime.network import ImageFeatures, RuntimeNetwork
from engine.runtime.sentence import LENGTH_POWER, Sentence, by_worth, finished

BEAMS = 4  # three to five are best on Flickr8K; twenty are worse everywhere
FORBIDDEN = (PAD, START, UNKNOWN)  # no sentence has these inside
DIVERSITY_PENALTY = 2.5  # nats that a content word costs where an earlier caption of the photo has it


def generate(
    network: RuntimeNetwork,
    grid: np.ndarray,
    joint: np.ndarray | None = None,
    beams: int = BEAMS,
    *,
    bonus: np.ndarray | None = None,
) -> list[list[Sentence]]:
    """Caption photos.

    Args:
        network: the network.
        grid: (B, M, W) from `encode_image`.
        joint: (B, J) from `encode_image`; given, captions are re-ranked by their cosine with the photo.
        beams: hypotheses kept for each photo.
        bonus: (B, V), see `_search`.

    Returns:
        For each photo up to `beams` different sentences, best first. Hypotheses that had not ended when the
        best one was certain are left out.
    """
    penalty = np.zeros(network.config.caption_vocab_size, np.float32)
    found = _search(network, grid, beams, 1, penalty, bonus=bonus, embedded=joint is not None)
    sentences = [groups[0] for groups in found]
    return sentences if joint is None else list(map(by_worth, sentences, joint))


def diverse_captions(
    network: RuntimeNetwork,
    photo: ImageFeatures,
    count: int,
    content: np.ndarray,
    beams: int = BEAMS,
    *,
    bonus: np.ndarray | None = None,
) -> list[Sentence]:
    """Caption one photo in different ways by diverse beam search (Vijayakumar et al. 2016, arXiv 1610.02424).

    The first caption is that of `generate`. Each further group of beams is penalised for the content words of
    the groups before it.

    Args:
        network: the network.
        photo: features of one photo.
        count: how many captions.
        content: (V,), 1 for content words, 0 for function words.
        beams: hypotheses kept for each caption.
        bonus: (1, V), see `_search`.

    Returns:
        Up to `count` different sentences: the best one, then the others, best first.
    """
    penalty = np.asarray(DIVERSITY_PENALTY * content, np.float32)
    groups = _search(network, photo.grid, beams, count, penalty, bonus=bonus, embedded=True)[0]
    groups = [by_worth(sentences, photo.joint[0]) for sentences in groups]
    best, *others = dict.fromkeys(sentence for group in groups for sentence in group[:1])
    return [best, *sorted(others, key=lambda sentence: -sentence.rank)]


class _Beams(NamedTuple):
    """The hypotheses of B photos, G groups and K beams.

    Attributes:
        token_ids: (B, G, K, T), from the start token on.
        scores: (B, G, K), their summed log probabilities.
        penalties: (B, G, K), what they paid for words of earlier groups, in nats.
        lengths: (B, G, K), words and end of those that have ended, 0 of the others.
    """

    token_ids: np.ndarray
    scores: np.ndarray
    penalties: np.ndarray
    lengths: np.ndarray


def _search(
    network: RuntimeNetwork,
    grid: np.ndarray,
    beams: int,
    groups: int,
    penalty: np.ndarray,
    *,
    bonus: np.ndarray | None,
    embedded: bool,
) -> list[list[list[Sentence]]]:
    """Run the search; return for each photo and each group its finished sentences, best first.

    Args:
        network: the network.
        grid: (B, M, W).
        beams: hypotheses of each group.
        groups: of hypotheses that differ.
        penalty: (V,) of a word that an earlier group has chosen, in nats.
        bonus: (B, V), nats that words gain where a sentence has them for the first time; may be below 0.
        embedded: whether the sentences are returned with their joint vectors.
    """
    batch, max_length = len(grid), network.config.max_length
    if bonus is not None:  # what an earlier group has named need not be named again
        penalty = penalty + np.maximum(bonus, 0)
    penalty = np.broadcast_to(penalty, (batch, penalty.shape[-1]))
    gains = _Gains(bonus)
    image_kv = network.prepare_decoder(grid)
    cache = KVCache(network.config, batch, groups * beams)
    scores = np.full((batch, groups, beams), -np.inf, np.float32)
    scores[..., 0] = 0.0  # all beams are equal at first: one of them continues
    start = np.full((batch, groups, beams, 1), START)
    state = _Beams(start, scores, np.zeros_like(scores), np.zeros(scores.shape, int))
    for length in range(max_length + 1):
        last_tokens = state.token_ids[..., -1].reshape(batch, -1)
        words = network.decode_step(last_tokens, cache, image_kv).reshape(batch, groups, beams, -1)
        _allow_only(words, state.lengths > 0, at_limit=length == max_length)
        gains.add(words, state.token_ids)
        state, parents = _extend(words, state, penalty)
        cache.reorder(parents)
        if _is_decided(state, max_length):
            break
    joints = _embed(network, state, cache, image_kv) if embedded else np.full(scores.shape, None)
    gained = gains.total(state.token_ids)
    rows = zip(state.token_ids.tolist(), state.scores.tolist(), gained.tolist(), joints, strict=True)
    return [[finished(*group) for group in zip(*photo, strict=True)] for photo in rows]


def _embed(network: RuntimeNetwork, state: _Beams, cache: KVCache, image_kv: np.ndarray) -> np.ndarray:
    """Return the joint vectors (B, G, K, J) of hypotheses, those that ended, from what the decoder read."""
    batch, groups, beams, length = state.token_ids.shape
    sentences = state.token_ids.reshape(batch, groups * beams, length)
    if (sentences[..., -1] == END).any():  # chosen last, not read yet
        network.decode_step(sentences[..., -1], cache, image_kv)
    read = sentences[..., : cache.position].reshape(batch * groups * beams, -1)
    states = cache.text_states().reshape(*read.shape, -1)
    return network.pool_text(read, states).reshape(batch, groups, beams, -1)


class _Gains:
    """The bonus of a few words of each photo, which a sentence gains once."""

    def __init__(self, bonus: np.ndarray | None) -> None:
        self._words = np.zeros(0, int) if bonus is None else np.flatnonzero(bonus.any(axis=0))
        self._bonus = None if bonus is None else bonus[:, None, None, self._words]  # (B, 1, 1, words)

    def add(self, words: np.ndarray, token_ids: np.ndarray) -> None:
        """Add the bonus to the next word (B, G, K, V), in place, where hypotheses do not have it yet."""
        if self._bonus is not None:
            words[..., self._words] += self._bonus * ~self._used(token_ids)

    def total(self, token_ids: np.ndarray) -> np.ndarray:
        """Return the sum (B, G, K) of the bonus of the words that hypotheses (B, G, K, T) have."""
        if self._bonus is None:
            return np.zeros(token_ids.shape[:-1])
        return np.asarray((self._bonus * self._used(token_ids)).sum(-1))

    def _used(self, token_ids: np.ndarray) -> np.ndarray:
        return np.asarray((token_ids[..., None] == self._words).any(axis=-2))  # (B, G, K, words)


def _allow_only(words: np.ndarray, has_ended: np.ndarray, *, at_limit: bool) -> None:
    """Exclude, in place, next words (B, G, K, V) that may not follow hypotheses.

    At the greatest length only the end may follow: a sentence cut in its middle then loses to whole ones.
    Hypotheses that have ended (B, G, K) stay as they are.
    """
    words[..., FORBIDDEN] = -np.inf
    if at_limit:
        ends = words[..., END].copy()
        words[...] = -np.inf
        words[..., END] = ends
    if has_ended.any():
        words[has_ended] = -np.inf
        words[has_ended, PAD] = 0.0


def _is_decided(state: _Beams, max_length: int) -> bool:
    """Return whether, in every group, no open hypothesis can still outrank the best finished one.

    A longer sentence is never likelier, so the best rank it can reach is its score so far, normalised by the
    greatest length. A bonus that it might still gain is left out.
    """
    finished = state.lengths > 0
    if not finished.any(-1).all():
        return False
    ranks = state.scores / np.where(finished, state.lengths, max_length + 1) ** LENGTH_POWER
    best, bound = np.where(finished, ranks, -np.inf), np.where(finished, -np.inf, ranks)
    return bool((best.max(-1) >= bound.max(-1)).all())


def _extend(words: np.ndarray, state: _Beams, penalty: np.ndarray) -> tuple[_Beams, np.ndarray]:
    """Choose the best continuations, group after group; words of one group are penalised in the next.

    Args:
        words: (B, G, K, V) log probabilities of the next token.
        state: the hypotheses so far.
        penalty: (B, V), of a word that an earlier group has chosen, in nats.

    Returns:
        The hypotheses a token longer, and which (B, G * K) they continue.
    """
    batch, groups, beams, _ = words.shape
    photos = np.arange(batch)[:, None]
    parent, word = np.empty((2, batch, groups, beams), int)
    price, paid = np.zeros_like(penalty), np.zeros(parent.shape, np.float32)
    for group in range(groups):
        worth = words[:, group] + (state.scores - state.penalties)[:, group, :, None]  # (B, K, V)
        if group:
            worth -= price[:, None]
        parent[:, group], word[:, group] = _greatest(worth)
        if groups > 1:
            paid[:, group] = price[photos, word[:, group]]
            best = state.token_ids[photos[:, 0], group, parent[:, group, 0]]
            said = np.concatenate((best, word[:, group, :1]), axis=-1)
            price[photos, said] = penalty[photos, said]
    kept = photos[..., None], np.arange(groups)[:, None], parent
    lengths = np.where(word == END, state.token_ids.shape[-1], state.lengths[kept])
    longer = _Beams(
        np.concatenate((state.token_ids[kept], word[..., None]), axis=-1),
        state.scores[kept] + words[(*kept, word)],
        state.penalties[kept] + paid,
        lengths,
    )
    return longer, (np.arange(groups)[:, None] * beams + parent).reshape(batch, -1)


def _greatest(worth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows and columns (B, K) of the K greatest of each (B, K, V), the greatest first.

    At least K values, one in each row, are no less than the least of the rows' maxima, or else than the K-th
    of one row. Only those, a few of many thousands, are sorted.
    """
    beams = worth.shape[1]
    best = []
    for of_photo in worth:
        greatest = of_photo.max(axis=1)
        limit = greatest.min()
        if limit == -np.inf:  # some rows have nothing: at the first step all but one
            limit = np.partition(of_photo[greatest.argmax()], -beams)[-beams]
        places = np.flatnonzero(of_photo >= limit)
        values = of_photo.ravel()[places]
        best.append(places[np.argsort(-values, kind="stable")[:beams]])
    rows, columns = np.divmod(np.array(best), worth.shape[2])
    return rows, columns
