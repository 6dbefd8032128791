"""The one network: a small CoCa (Yu et al. 2022, arXiv 2205.01917).

    pixels ─┬─ image encoder ── grid ─┬── pooled ─────────────── joint vector of the photo
            │                         └──────────┐ cross-attention, to grid, joint vector and likeliest names
            └─ recognizer ───────────────────────┴────────────── probabilities of kinds of things
    tokens ── embedding ── text layers ─┬─ pooled │───────────── joint vector of the text
                                        └── caption layers ───── next token

The embedding is pretrained word vectors, projected to the network's width, plus a learned vector for each
word of the output vocabulary. A word that no caption contains goes through the projection alone and still
reaches the joint space (DeViSE, Frome et al. 2013).

Shapes: B batch, P patches, M patches and names, T tokens, R sentences per photo, N cached tokens, W width,
J joint width, C encoder width, S image size, V words of captions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.model import vocabulary
from engine.model.config import NetworkConfig
from engine.model.vocabulary import END, PAD
from engine.reference.image_encoder import create_encoder
from engine.reference.kv_cache import DecoderContext, KVCache
from engine.reference.layers import Block, ImageFeatures, ImageHead, WordEmbedding
from engine.reference.name_memory import NameMemory
from engine.reference.recognizer import Recognizer, stem, tail


def pad(sentences: Sequence[Sequence[int]]) -> Tensor:
    """Return sentences of token ids as one (B, T) tensor, padded at the end."""
    return torch.from_numpy(vocabulary.pad(sentences))


class TextFeatures(NamedTuple):
    """A text as the caption layers and the joint space see it.

    Attributes:
        states: (B, T, W), one per token, each blind to later tokens.
        joint: (B, J), length 1.
    """

    states: Tensor
    joint: Tensor


class Network(nn.Module):
    """Encode photos and texts, and decode captions. Losses live outside, in training."""

    def __init__(self, config: NetworkConfig, *, with_encoder: bool = True) -> None:
        super().__init__()
        self.config = config
        self.encoder = create_encoder(config.encoder) if with_encoder else None
        self.recognizer = Recognizer(config) if with_encoder and config.classes else None
        self.name_memory = NameMemory(config) if config.names else None
        self.image_head = ImageHead(config)
        self.word_embedding = WordEmbedding(config)
        self.position_embedding = nn.Parameter(torch.randn(config.max_length + 2, config.width) * 0.02)
        self.dropout = nn.Dropout(config.dropout)
        self.text_layers = nn.ModuleList(
            Block(config, cross_attention=False) for _ in range(config.text_layers)
        )
        self.caption_layers = nn.ModuleList(
            Block(config, cross_attention=True) for _ in range(config.caption_layers)
        )
        self.text_projection = nn.Linear(2 * config.width, config.joint_width)
        self.bag_of_words_projection = nn.Linear(config.width, config.joint_width)
        self.norm = nn.LayerNorm(config.width)
        self.lm_bias = nn.Parameter(torch.zeros(config.caption_vocab_size))
        self.logit_scale = nn.Parameter(torch.tensor(20.0).log())  # inverse temperature, as CLIP has it

    def image_features(self, pixels: Tensor) -> Tensor:
        """Run the image encoder: (B, 3, S, S) in [-1, 1] to (B, P, C)."""
        if self.encoder is None:
            raise RuntimeError("this network was made without its image encoder")
        features: Tensor = self.encoder.forward_features(pixels)  # type: ignore[operator]
        return features.flatten(2).transpose(1, 2)

    def encode_image(self, pixels: Tensor) -> ImageFeatures:
        """Encode photos (B, 3, S, S) in [-1, 1]: grid (B, M, W), joint vector (B, J), classes (B, K)."""
        return self.encode_image_features(pixels)[1]

    def encode_image_features(self, pixels: Tensor) -> tuple[Tensor, ImageFeatures]:
        """Return what `image_features` and `encode_image` do; the stem runs once for all stages after it."""
        if self.encoder is None or self.recognizer is None:
            features = Network.image_features(self, pixels)
            return features, self.image_head(features)
        stem_features = stem(self.encoder, pixels)
        features = tail(self.encoder, stem_features).flatten(2).transpose(1, 2)
        return features, self.add_names(self.image_head(features), self.recognizer(stem_features))

    def add_names(self, image: ImageFeatures, recognised: Tensor) -> ImageFeatures:
        """Add the probabilities of classes to photos, and to their grids what the decoder reads of it.

        Args:
            image: of the image encoder alone.
            recognised: what the recognizer returns.
        """
        classes = recognised[:, : self.config.classes]
        if self.name_memory is None:
            return image._replace(classes=classes)
        memory = self.name_memory(image.joint, recognised, self.word_embedding)
        return ImageFeatures(torch.cat((image.grid, memory), dim=1), image.joint, classes)

    def encode_text(self, token_ids: Tensor) -> TextFeatures:
        """Encode padded sentences (B, T), start ... end, as states (B, T, W) and joint vector (B, J)."""
        embedded = self.word_embedding(token_ids)
        x = self.dropout(embedded + self.position_embedding[: token_ids.shape[1]])
        for block in self.text_layers:
            x = block(x)
        return TextFeatures(x, self.pool_text(x, embedded, token_ids))

    def pool_text(self, states: Tensor, embedded: Tensor, token_ids: Tensor) -> Tensor:
        """Return a text's joint vector, from its last state, the mean of its states and its bag of words."""
        content = (token_ids >= END).unsqueeze(-1)  # neither padding nor start
        count = content.sum(1).clamp(min=1)
        last = ((token_ids != PAD).sum(1) - 1).clamp(min=0)
        final = states.gather(1, last.view(-1, 1, 1).expand(-1, 1, states.shape[-1])).squeeze(1)
        mean = (states * content).sum(1) / count
        bag = (embedded * content).sum(1) / count
        text = self.text_projection(torch.cat((final, mean), -1)) + self.bag_of_words_projection(bag)
        return F.normalize(text, dim=-1)

    def prepare_decoder(self, grid: Tensor) -> DecoderContext:
        """Compute once what every decoding step about these photos (B, M, W) needs."""
        layers = cast(Iterable[Block], self.caption_layers)
        image_kv = [block.cross_attention.project_kv(grid) for block in layers if block.cross_attention]
        return DecoderContext(torch.stack(image_kv), self.word_embedding.output_table())

    def caption_logits(self, states: Tensor, context: DecoderContext) -> Tensor:
        """Score the next token after each state: (B, T, W) to (B, T, V)."""
        for layer, block in enumerate(self.caption_layers):
            states = block(states, context.image_kv[layer])
        return self._lm_head(states, context)

    def _lm_head(self, states: Tensor, context: DecoderContext) -> Tensor:
        return F.linear(self.norm(states), context.output_table, self.lm_bias)

    def decode_step(self, token_ids: Tensor, cache: KVCache, context: DecoderContext) -> Tensor:
        """Read one more token of each sentence and append it to the cache.

        Args:
            token_ids: (B, R), the tokens.
            cache: of the tokens before.
            context: of the B photos.

        Returns:
            Log probabilities (B, R, V) of the token after.
        """
        position = torch.tensor(cache.position)
        log_probabilities, keys_values, _ = self.step(
            token_ids, position, cache.keys_values, cache.visible, context
        )
        cache.append(keys_values)
        return log_probabilities

    def step(
        self, token_ids: Tensor, position: Tensor, past: Tensor, visible: Tensor, context: DecoderContext
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Compute a decoding step on tensors alone; `decode_step` keeps the cache.

        Args:
            token_ids: (B, R), the tokens.
            position: (), their position in their sentences.
            past: (L, 2, B, heads, N, W / heads), see `KVCache.keys_values`.
            visible: (B, R, N), see `KVCache.visible`.
            context: of the B photos.

        Returns:
            Log probabilities (B, R, V); the tokens' own keys and values (L, 2, B, heads, R, W / heads), and
            their states after the text layers (B, R, W).
        """
        own = torch.eye(token_ids.shape[1], dtype=torch.bool).expand(token_ids.shape[0], -1, -1)
        visible = torch.cat((visible, own), dim=-1)
        x, kept = self.word_embedding(token_ids) + self.position_embedding[position], []
        for layer, block in enumerate(cast(Iterable[Block], self.text_layers)):
            x, new = block.step(x, past[layer], visible)
            kept.append(new)
        states = x
        for layer, block in enumerate(cast(Iterable[Block], self.caption_layers)):
            x, new = block.step(x, past[len(self.text_layers) + layer], visible, context.image_kv[layer])
            kept.append(new)
        return self._lm_head(x, context).log_softmax(-1), torch.stack(kept), states
