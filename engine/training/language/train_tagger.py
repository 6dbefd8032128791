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

from engine.language.tagger import DILATION, KERNEL, KEYS, in_english, save
from engine.language.tagging import KINDS, Tag
from engine.language.tokens import BUCKETS, feature_rows, word_key
from engine.training.language.general_vectors import GeneralVectors
from engine.training.language.phrases import Sentence
from engine.training.language.tagger_data import TaggerData

log = logging.getLogger(__name__)

EMBEDDING, MEANING, HIDDEN = 32, 24, 112  # widths
BATCH_SIZE = 128  # sentences
POOL = 16  # batches that are drawn together: sentences of like length share a batch, or most is padding
LEARNING_RATE = 3e-3
WORD_DROPOUT = 0.06  # share of tokens without features: what is unknown is read from its context
PHRASE_DROPOUT = 0.15  # the same of words that are not kept: people ask in words that nobody listed
LETTERS_DROPOUT = 0.15  # of the tokens with general vectors, which then say alone what a word means
MEANING_DROPOUT = 0.1
IGNORED = -100  # the tag of padding


class TaggerNetwork(nn.Module):
    """The network of `Tagger`, differentiable; the names of its parameters are those of the file."""

    def __init__(self, general: GeneralVectors) -> None:
        super().__init__()
        self._general = general
        self.embedding = nn.Embedding(BUCKETS, EMBEDDING)
        nn.init.normal_(self.embedding.weight, std=0.1)
        self.meaning = nn.Linear(general.matrix.shape[1], MEANING, bias=False)
        self.conv1 = nn.Conv1d(EMBEDDING + MEANING, HIDDEN, KERNEL, padding=KERNEL // 2)
        self.conv2 = nn.Conv1d(HIDDEN, HIDDEN, KERNEL, padding=DILATION * (KERNEL // 2), dilation=DILATION)
        self.pool = nn.Linear(2 * HIDDEN, HIDDEN)
        self.local = nn.Linear(HIDDEN, HIDDEN)
        self.message = nn.Linear(HIDDEN, HIDDEN, bias=False)
        self.tag = nn.Linear(HIDDEN, len(Tag))
        self.kind = nn.Linear(HIDDEN, len(KINDS))

    def forward(self, embedded: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return the logits of tags (B, T, 5) and kinds (B, 10).

        Args:
            embedded: (B, T, E), zeros at padding.
            mask: (B, T), True at tokens.
        """
        inside = mask.unsqueeze(1)
        first = F.relu(self.conv1(embedded.transpose(1, 2))) * inside
        second = (first + F.relu(self.conv2(first))) * inside
        mean = second.sum(2) / inside.sum(2)
        highest = second.masked_fill(~inside, -torch.inf).amax(2)
        message = F.relu(self.pool(torch.cat((mean, highest), 1)))
        hidden = F.relu(self.local(second.transpose(1, 2)) + self.message(message).unsqueeze(1))
        return self.tag(hidden), self.kind(message)

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
        keys = np.array([word_key(word) for word in self._general.words], np.uint32)
        order = np.argsort(keys, kind="stable")
        meanings = self._general.matrix @ arrays.pop("meaning.weight").T
        return arrays | {"meaning": meanings[order], KEYS: keys[order]}

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
    file: Path,
    *,
    steps: int,
    seed: int,
    names: Sequence[str] = (),
) -> dict[str, float]:
    """Train a tagger and write its weights.

    Args:
        captions: sentences that describe photos, in English.
        general: vectors of English words.
        file: where the weights are written.
        steps: batches of `BATCH_SIZE` sentences.
        seed: of the sentences and of the first weights.
        names: of things that people may look for and captions need not hold.

    Returns:
        The share of tokens with the right tag and of sentences with the right kind among new sentences.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(THREADS)
    data, network = TaggerData(captions, seed, general, names), TaggerNetwork(general)
    optimizer = torch.optim.AdamW(network.parameters(), LEARNING_RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps)
    batches = _batches(data)
    for step in (bar := trange(steps, desc="tagger", unit=" batches")):
        loss = _loss(network, next(batches))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if step % 50 == 0:
            bar.set_postfix(loss=f"{loss.item():.3f}")
    save(file, network.arrays())
    return _accuracy(network.eval(), _draw(TaggerData(captions, seed + 1, general, names), 5_000))


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
    tag_logits, kind_logits = network(*network.embed(sentences))
    return F.cross_entropy(tag_logits.flatten(0, 1), tags.flatten(), ignore_index=IGNORED) + F.cross_entropy(
        kind_logits, kinds
    )


@torch.inference_mode()
def _accuracy(network: TaggerNetwork, sentences: Sequence[Sentence]) -> dict[str, float]:
    tags, kinds = _targets(sentences)
    tag_logits, kind_logits = network(*network.embed(sentences))
    right = (tag_logits.argmax(2) == tags)[tags != IGNORED]
    kinds_right = kind_logits.argmax(1) == kinds
    return {
        "tags": round(right.float().mean().item(), 4),
        "kinds": round(kinds_right.float().mean().item(), 4),
    }
