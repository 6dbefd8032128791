"""Names that checkpoints of format 3 use, and the names that the code uses.

The weights that ship were written in format 3 and are read through these tables. The next training writes
format 4, and this module goes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

FORMAT: Final = 3
FILES: Final = {  # today's name: name in format 3
    "prototypes.safetensors": "looks.safetensors",
    "prototypes.txt": "looks.txt",
    "activation_ranges.json": "ranges.json",
}
CONFIG: Final = {  # name in format 3: today's name
    "image_side": "image_size",
    "places": "num_patches",
    "general_width": "pretrained_width",
    "known": "vocab_size",
    "spoken": "output_vocab_size",
    "length": "max_length",
}
LAYERS: Final = {  # pattern of a weight's or layer's name in format 3: its replacement
    r"^image\.place$": "image_head.position_embedding",
    r"^image\.grid\b": "image_head.grid_projection",
    r"^image\.attend\b": "image_head.pooling",
    r"^image\.joint\b": "image_head.joint_projection",
    r"^image\.norm\b": "image_head.norm",
    r"^words\.general\b": "word_embedding.pretrained",
    r"^words\.map\b": "word_embedding.projection",
    r"^words\.learned\b": "word_embedding.learned",
    r"^position$": "position_embedding",
    r"^text_joint\b": "text_projection",
    r"^bag_joint\b": "bag_of_words_projection",
    r"^bias$": "lm_bias",
    r"^scale$": "logit_scale",
    r"^speak\b": "lm_head",
    r"\.read\.": ".self_attention.",
    r"\.look\.": ".cross_attention.",
    r"\.think\.": ".feed_forward.",
}


def rename_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a network's configuration under today's names."""
    return {CONFIG.get(name, name): value for name, value in config.items()}


def rename_layers(named: Mapping[str, Any]) -> dict[str, Any]:
    """Return weights, or anything else by layer, under today's names."""
    return {_today(name): value for name, value in named.items()}


def _today(name: str) -> str:
    if name.startswith("encoder."):  # timm's names
        return name
    for pattern, replacement in LAYERS.items():
        name = re.sub(pattern, replacement, name)
    return name
