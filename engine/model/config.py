"""What fixes the network's shape."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

# Stages of the image encoder that keep what ImageNet taught, which encoder and recognizer share. The next one
# begins at 28 x 28 positions of a photo of 224 pixels.
SHARED_STAGES = 3
NO_NAME = 0  # row of the classes without a common name
MIN_NAME_PROBABILITY = 1e-4  # bounds the logarithm of a name's probability
NAME_LOG_SCALE = 5.0  # brings that logarithm to the size of the probability and its root


@dataclass(frozen=True, kw_only=True)
class NetworkConfig:
    """Everything that fixes the network's shape; stored with its weights."""

    encoder: str = "tf_efficientnet_lite2"  # timm's name
    image_size: int = 224  # pixels a side
    encoder_width: int = 1280  # channels of the encoder's last feature map
    num_patches: int = 49  # positions of that feature map
    width: int = 288
    heads: int = 6
    text_layers: int = 2  # self-attention only
    caption_layers: int = 2  # with cross-attention to the photo
    joint_width: int = 256  # of the space that photos and texts share
    pretrained_width: int = 100  # of the frozen word vectors
    vocab_size: int = 20_000  # words the network reads
    output_vocab_size: int = 2_533  # words that the training captions taught
    unpaired_words: int = 0  # the words after them that sentences without photos taught
    classes: int = 0  # of things that the recognizer tells apart; 0 without a recognizer
    detected_words: int = 0  # words of captions that the recognizer detects besides
    common_names: int = 0  # different names of classes and detected words
    names: int = 0  # likeliest names that the decoder reads beside the grid; 0 if it reads the grid alone
    max_length: int = 24  # words of a sentence; longer ones are cut
    dropout: float = 0.2

    @property
    def caption_vocab_size(self) -> int:
        """The words a caption may contain."""
        return self.output_vocab_size + self.unpaired_words

    @property
    def memory_size(self) -> int:
        """The vectors of a photo that the decoder attends to: patches, joint vector and names."""
        return self.num_patches + (1 + self.names if self.names else 0)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for a manifest."""
        return asdict(self)
