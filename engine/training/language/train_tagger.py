"""Training of the tagger of `engine.language.tagger` on made-up sentences; minutes on one core."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence
from tqdm import trange

from engine.language.tagger import (
    DILATION,
    HEADS,
    KERNEL,
    KEYS,
    edges_in_captions,
    in_english,
    save,
)
from engine.language.tagging import CUE_TOKENS, KINDS, Tag
from engine.language.tokens import BUCKETS, feature_rows, word_key
from engine.training.language.general_vectors import GeneralVectors
from engine.training.language.phrases import Sentence
from engine.training.language.tagger_data import TaggerData
from engine.words.word_context import WordContext

log = logging.getLogger(__name__)

EMBEDDING, MEANING, HIDDEN = 32, 24, 112  # widths
BATCH_SIZE = 128  # sentences
POOL = 16  # batches that are drawn together: sentences of like length share a batch, or most is padding
TEST_SENTENCES = 5_000  # new ones, of which the shares of right tags and kinds are reported
LEARNING_RATE = 3e-3
WORD_DROPOUT = 0.06  # share of tokens without features: what is unknown is read from its context
PHRASE_DROPOUT = 0.15  # the same of words that are not kept: people ask in words that nobody listed
LETTERS_DROPOUT = 0.15  # of the tokens with general vectors, which then say alone what a word means
MEANING_DROPOUT = 0.1
SPAN_WEIGHT = 0.5  # of the loss of whole spans beside that of single tags
IGNORED = -100  # the tag of padding


class TaggerNetwork(nn.Module):
    """The network of `Tagger`, differentiable; the names of its parameters are those of the file."""

    def __init__(self, general: GeneralVectors, context: WordContext) -> None:
        super().__init__()
        self._general, self._context = general, context
        self.embedding = nn.Embedding(BUCKETS, EMBEDDING)
        nn.init.normal_(self.embedding.weight, std=0.1)
        self.meaning = nn.Linear(general.matrix.shape[1], MEANING, bias=False)
        self.conv1 = nn.Conv1d(EMBEDDING + MEANING, HIDDEN, KERNEL, padding=KERNEL // 2)
        self.conv2 = nn.Conv1d(HIDDEN, HIDDEN, KERNEL, padding=DILATION * (KERNEL // 2), dilation=DILATION)
        self.query, self.key, self.value, self.read = (
            nn.Linear(HIDDEN, HIDDEN, bias=False) for _ in range(4)
        )
        self.pool = nn.Linear(2 * HIDDEN, HIDDEN)
        self.local = nn.Linear(HIDDEN, HIDDEN)
        self.message = nn.Linear(HIDDEN, HIDDEN, bias=False)
        self.tag = nn.Linear(HIDDEN, len(Tag))
        self.edge = nn.Linear(HIDDEN, 2, bias=False)
        self.kind = nn.Linear(HIDDEN, len(KINDS))

    def forward(self, embedded: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the logits of tags (B, T, 5), of edges (B, T, 2) and of kinds (B, 10).

        Args:
            embedded: (B, T, E), zeros at padding.
            mask: (B, T), True at tokens.
        """
        inside = mask.unsqueeze(1)
        first = F.relu(self.conv1(embedded.transpose(1, 2))) * inside
        second = ((first + F.relu(self.conv2(first))) * inside).transpose(1, 2)
        third = (second + self._attend(second, mask)) * mask.unsqueeze(2)
        mean = third.sum(1) / mask.sum(1, keepdim=True)
        highest = third.masked_fill(~mask.unsqueeze(2), -torch.inf).amax(1)
        message = F.relu(self.pool(torch.cat((mean, highest), 1)))
        hidden = F.relu(self.local(third) + self.message(message).unsqueeze(1))
        return self.tag(hidden), self.edge(hidden), self.kind(message)

    def _attend(self, x: Tensor, mask: Tensor) -> Tensor:
        """Return what each token reads of all others: (B, T, H) of (B, T, H)."""
        queries, keys, values = (
            layer(x).unflatten(2, (HEADS, -1)).transpose(1, 2) for layer in (self.query, self.key, self.value)
        )
        read = F.scaled_dot_product_attention(queries, keys, values, attn_mask=mask[:, None, None])
        return torch.as_tensor(self.read(read.transpose(1, 2).flatten(2)))

    def edges_in_captions(self, sentences: Sequence[Sentence]) -> Tensor:
        """Return (B, T, 2) what captions say for the edges of descriptions; -inf at padding."""
        edges = [torch.from_numpy(edges_in_captions(self._context, s.words)) for s in sentences]
        return pad_sequence(edges, batch_first=True, padding_value=-torch.inf)

    def embed(self, sentences: Sequence[Sentence]) -> tuple[Tensor, Tensor]:
        """Return the embedded tokens (B, T, E) of sentences, and the mask (B, T)."""
        words = [word for sentence in sentences for word in sentence.words]
        distinct = {word: row for row, word in enumerate(dict.fromkeys(words))}
        rows = torch.tensor([distinct[word] for word in words])
        letters, meaning = self._letters(list(distinct))[rows], self._meanings(list(distinct))[rows]
        if self.training:
            tags = torch.tensor([tag != Tag.DROPPED for sentence in sentences for tag in sentence.tags])
            kept = torch.rand(len(words)) >= torch.where(tags, WORD_DROPOUT, PHRASE_DROPOUT)
            has_meaning = meaning.detach().abs().amax(1) > 0
            letters = letters * (kept & ~(has_meaning & (torch.rand(len(words)) < LETTERS_DROPOUT)))[:, None]
            meaning = meaning * (kept & (torch.rand(len(words)) >= MEANING_DROPOUT))[:, None]
        lengths = torch.tensor([len(sentence.words) for sentence in sentences])
        mask = torch.arange(int(lengths.max())) < lengths.unsqueeze(1)
        padded = torch.zeros(*mask.shape, EMBEDDING + MEANING)
        padded[mask] = torch.cat((letters, meaning), 1)
        return padded, mask

    def arrays(self) -> dict[str, np.ndarray]:
        """Return the parameters as `Tagger` takes them: convolutions as (KERNEL, in, out)."""
        arrays = {name: tensor.detach().numpy() for name, tensor in self.named_parameters()}
        arrays["embedding"] = arrays.pop("embedding.weight")
        for name in ("conv1.weight", "conv2.weight"):
            arrays[name] = arrays[name].transpose(2, 1, 0)
        keys, order = self._order_of_meanings()
        meanings = self._general.matrix @ arrays.pop("meaning.weight").T
        return arrays | {"meaning": meanings[order], KEYS: keys[order]}

    def take(self, arrays: dict[str, np.ndarray]) -> None:
        """Take the parameters of a file that `save` wrote, as exactly as it holds them."""
        weights = {name: torch.from_numpy(array.astype(np.float32)) for name, array in arrays.items()}
        weights["embedding.weight"] = weights["embedding"] * weights["embedding_scale"]
        for name in ("conv1.weight", "conv2.weight"):
            weights[name] = weights[name].permute(2, 1, 0)
        meanings = arrays["meaning"] * arrays["meaning_scale"]
        vectors = self._general.matrix[self._order_of_meanings()[1]]
        weights["meaning.weight"] = torch.from_numpy(np.linalg.lstsq(vectors, meanings, rcond=None)[0].T)
        self.load_state_dict({name: weights[name] for name, _ in self.named_parameters()})

    def _order_of_meanings(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the keys of all words, and the words' order by them."""
        keys = np.array([word_key(word) for word in self._general.words], np.uint32)
        return keys, np.argsort(keys, kind="stable")

    def _letters(self, words: Sequence[str]) -> Tensor:
        """Return what the letters of words say: (N, EMBEDDING)."""
        rows = [feature_rows(word) for word in words]
        grams = torch.tensor([row for of_word in rows for row in of_word[1:]])
        offsets = torch.tensor(np.cumsum([0, *(len(of_word) - 1 for of_word in rows[:-1])]))
        whole = self.embedding(torch.tensor([of_word[0] for of_word in rows]))
        return whole + F.embedding_bag(grams, self.embedding.weight, offsets, mode="mean")

    def _meanings(self, words: Sequence[str]) -> Tensor:
        """Return the projected general vectors of words: (N, MEANING), zeros for unknown words."""
        return torch.as_tensor(
            self.meaning(torch.from_numpy(self._general.of([in_english(word) for word in words])))
        )


THREADS = 1  # more add in another order, and make other weights


def train_tagger(
    captions: Sequence[str],
    general: GeneralVectors,
    context: WordContext,
    file: Path,
    *,
    steps: int,
    seed: int,
    names: Sequence[str] = (),
    start: dict[str, np.ndarray] | None = None,
) -> dict[str, float]:
    """Train a tagger and write its weights.

    Args:
        captions: sentences that describe photos, in English.
        general: vectors of English words.
        context: tells which words captions begin and end with.
        file: where the weights are written.
        steps: batches of `BATCH_SIZE` sentences.
        seed: of the sentences and of the first weights.
        names: of things that people may look for and captions need not hold.
        start: arrays of a tagger that is trained further, at a third of the learning rate. The mean of both
            weights is written (Wortsman et al. 2022, arXiv 2203.05482), which errs less than either.

    Returns:
        The share of tokens with the right tag and of sentences with the right kind among new sentences.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(THREADS)
    data, network = TaggerData(captions, seed, general, names), TaggerNetwork(general, context)
    if start is not None:
        network.take(start)
    first = [parameter.detach().clone() for parameter in network.parameters()]
    rate = LEARNING_RATE / (1 if start is None else 3)
    optimizer = torch.optim.AdamW(network.parameters(), rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps)
    batches = _batches(data)
    for step in (bar := trange(steps, desc="tagger", unit=" batches")):
        loss = _loss(network, next(batches))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % 50 == 0:
            bar.set_postfix(loss=f"{loss.item():.3f}")
    if start is not None:
        average(network, first)
    save(file, network.arrays())
    return _accuracy(network.eval(), _draw(TaggerData(captions, seed + 1, general, names), TEST_SENTENCES))


@torch.no_grad()
def average(network: TaggerNetwork, others: Sequence[Tensor]) -> None:
    """Give a network the mean of its parameters and of others."""
    for parameter, other in zip(network.parameters(), others, strict=True):
        parameter.lerp_(other, 0.5)


def _batches(data: TaggerData) -> Iterator[list[Sentence]]:
    """Yield batches of sentences of like length, in random order."""
    while True:
        drawn = sorted(_draw(data, POOL * BATCH_SIZE), key=lambda sentence: len(sentence.words))
        for batch in torch.randperm(POOL).tolist():
            yield drawn[batch * BATCH_SIZE : (batch + 1) * BATCH_SIZE]


def _draw(data: TaggerData, count: int) -> list[Sentence]:
    sentences: list[Sentence] = []
    while len(sentences) < count:
        sentence = data.sentence()
        if sentence.words:
            sentences.append(sentence)
    return sentences


def _targets(sentences: Sequence[Sentence]) -> tuple[Tensor, Tensor]:
    tags = [torch.tensor([int(tag) for tag in sentence.tags]) for sentence in sentences]
    kinds = torch.tensor([KINDS.index(sentence.kind) for sentence in sentences])
    return pad_sequence(tags, batch_first=True, padding_value=IGNORED), kinds


def _loss(network: TaggerNetwork, sentences: Sequence[Sentence]) -> Tensor:
    tags, kinds = _targets(sentences)
    tag_logits, edges, kind_logits = network(*network.embed(sentences))
    return (
        F.cross_entropy(tag_logits.flatten(0, 1), tags.flatten(), ignore_index=IGNORED)
        + F.cross_entropy(kind_logits, kinds)
        + SPAN_WEIGHT * span_loss(tag_logits, edges + network.edges_in_captions(sentences), tags)
    )


def span_loss(tag_logits: Tensor, edges: Tensor, tags: Tensor) -> Tensor:
    """Return -log p of the right span of a description among all spans, as `Tagging` weighs them.

    Args:
        tag_logits: (B, T, 5).
        edges: (B, T, 2), -inf at padding.
        tags: (B, T), the right ones.
    """
    kept = tags == Tag.KEPT
    rows = kept.any(1)
    if not rows.any():
        return tag_logits.new_zeros(())
    kept, tags, edges = kept[rows], tags[rows], edges[rows]
    odds = (tag_logits[rows, :, Tag.KEPT] - tag_logits[rows, :, Tag.DROPPED]).masked_fill(_free(tags), 0)
    sums = odds.cumsum(1)
    totals = (sums + edges[..., 1]).unsqueeze(1) - (sums - odds - edges[..., 0]).unsqueeze(2)
    totals = totals.masked_fill(torch.ones_like(totals[0], dtype=torch.bool).tril(-1), -torch.inf)
    width = kept.shape[1]
    first, last = kept.int().argmax(1), width - 1 - kept.flip(1).int().argmax(1)
    return F.cross_entropy(totals.flatten(1), first * width + last)


def _free(tags: Tensor) -> Tensor:
    """Return which tokens interrupt a description at no cost: what is negative, and what says so."""
    negative = F.pad((tags == Tag.NEGATIVE).float(), (0, CUE_TOKENS)).unsqueeze(1)
    return (F.max_pool1d(negative, CUE_TOKENS + 1, 1).squeeze(1) > 0) & (tags != Tag.KEPT)


@torch.inference_mode()
def _accuracy(network: TaggerNetwork, sentences: Sequence[Sentence]) -> dict[str, float]:
    tags, kinds = _targets(sentences)
    tag_logits, _, kind_logits = network(*network.embed(sentences))
    right = (tag_logits.argmax(2) == tags)[tags != IGNORED]
    kinds_right = kind_logits.argmax(1) == kinds
    return {
        "tags": round(right.float().mean().item(), 4),
        "kinds": round(kinds_right.float().mean().item(), 4),
    }
