"""Why a caption says what it says: for each word, the places of the photo that it depends on.

A patch of the photo is covered, and the word becomes less likely: there the network saw it (occlusion,
Zeiler and Fergus 2014, arXiv 1311.2901). This asks the whole network, encoder included. The attention of
the decoder (Xu et al. 2015, arXiv 1502.03044) and gradients (Grad-CAM, Selvaraju et al. 2017, arXiv
1610.02391) cost less and point worse, for each place of the grid has already heard of its neighbours:
with the ten places covered that they name first, a word stays likelier than with these.
"""

from __future__ import annotations

import io
import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from engine.explain.figures import collect_figures
from engine.model.beam_search import generate
from engine.model.network import Network
from engine.model.vocabulary import START, Vocabulary
from engine.photos import preprocess
from engine.words.stopwords import is_content

CELLS = 7  # a side of the photo, in places
PATCH = 2  # a side of what is covered, in places; one place alone hides too little of a dog
BATCH = 2  # covered photos the encoder sees at once: memory for the most it ever saw is kept for good
FAINT = 0.25  # nats; a word that loses less wherever the photo is covered stays dim

WIDTH = preprocess.SHOWN  # pixels of the picture: a phone's width
DPI = 100  # turns pixels into matplotlib's inches and points
PANELS = 12  # more are too small to read; the first is the photo as it is
TALLEST = 1.4  # height of a panel to its width; a taller photo stands narrow in it
LETTERS, EDGE = 38, 12  # pixels
DARK = 0.65  # how much of the light is taken from places that do not matter
GLOW = "#ff9a1f"  # of the places that do: colour alone would not show on a grey street
PAPER, INK = "#101014", "#f4f4f0"


@dataclass(frozen=True)
class Saliency:
    """What each word of a caption depends on.

    Attributes:
        caption: the sentence.
        words: those of its words that are shown.
        falls: (words, CELLS, CELLS), how much the log odds of each fall, in nats, when a place is
            covered; below 0 where the word would become likelier.
    """

    caption: str
    words: tuple[str, ...]
    falls: np.ndarray


def explain_caption(
    network: Network, vocabulary: Vocabulary, picture: preprocess.Picture
) -> tuple[str, bytes]:
    """Caption a photo and draw what each word depends on.

    Returns:
        The caption, and a PNG image, `WIDTH` pixels wide.
    """
    saliency = find_saliency(
        network, vocabulary, preprocess.to_tensor(picture.square, network.config.image_size)
    )
    return saliency.caption, draw(saliency, picture.shown or picture.square)


def find_saliency(network: Network, vocabulary: Vocabulary, pixels: Tensor) -> Saliency:
    """Caption a photo (3, S, S) and find what its words depend on.

    Only content words are kept, where there are any: what makes "the" likely is the sentence.
    """
    with torch.inference_mode():
        seen = network.encode_image(pixels.unsqueeze(0))
    numbers = generate(network, seen.grid, seen.joint)[0][0].token_ids
    words = [vocabulary.words[number] for number in numbers]
    shown = [place for place, word in enumerate(words) if is_content(word)] or list(range(len(words)))
    shown = shown[: PANELS - 1]
    falls = occlude(network, pixels, numbers)[shown].numpy()
    return Saliency(vocabulary.decode(numbers), tuple(words[place] for place in shown), falls)


@torch.inference_mode()
def occlude(network: Network, pixels: Tensor, numbers: Sequence[int]) -> Tensor:
    """Cover each patch of a photo in turn with its mean colour, and see how each word suffers.

    Args:
        network: in eval mode.
        pixels: (3, S, S).
        numbers: T words, without start and end.

    Returns:
        (T, CELLS, CELLS): fall of the words' log odds, mean over the patches on a place. A certain word
        loses little probability under one patch, but odds tell 99 % from 95 %.
    """
    if not numbers:
        return torch.zeros(0, CELLS, CELLS)
    side = pixels.shape[-1]
    said = torch.tensor([[START, *numbers]])
    states = network.encode_text(said[:, :-1]).states  # (1, T, W)

    def log_odds(photos: Tensor) -> Tensor:
        grid = network.encode_image(photos).grid
        logits = network.caption_logits(states.expand(len(grid), -1, -1), network.prepare_decoder(grid))
        words = said[:, 1:, None].expand(len(grid), -1, -1)
        return logits.softmax(-1).gather(-1, words).squeeze(-1).logit(eps=1e-6)  # (N, T)

    patches = _patches()  # (N, CELLS, CELLS)
    covers = F.interpolate(patches.unsqueeze(1), size=(side, side), mode="nearest")  # (N, 1, S, S)
    colour = pixels.mean((1, 2), keepdim=True)
    covered = [log_odds(pixels.lerp(colour, part)) for part in covers.split(BATCH)]
    falls = log_odds(pixels.unsqueeze(0)) - torch.cat(covered)  # (N, T)
    return torch.einsum("nt,nij->tij", falls, patches / patches.sum(0))


def _patches() -> Tensor:
    """Every square of `PATCH` places a side: (N, CELLS, CELLS), 1 inside and 0 outside."""
    corners = range(CELLS - PATCH + 1)
    patches = torch.zeros(len(corners), len(corners), CELLS, CELLS)
    for row in corners:
        for column in corners:
            patches[row, column, row : row + PATCH, column : column + PATCH] = 1
    return patches.flatten(0, 1)


@collect_figures
def draw(gaze: Saliency, picture: Image.Image) -> bytes:
    """Draw a gaze over its photo, of any size, as PNG: the caption, the photo, and a panel a word."""
    count = len(gaze.words) + 1
    columns = 2 if count <= 4 else 3
    rows = math.ceil(count / columns)
    width = (WIDTH - EDGE * (columns + 1)) / columns
    height = min(width * picture.height / picture.width, width * TALLEST)
    lines = textwrap.wrap(gaze.caption, int(WIDTH / LETTERS * 1.6)) or [""]
    top = EDGE + len(lines) * LETTERS * 1.3 + EDGE
    total = top + rows * (height + LETTERS * 1.6)
    figure = Figure(figsize=(WIDTH / DPI, total / DPI), dpi=DPI, facecolor=PAPER)
    style: dict[str, Any] = {"color": INK, "fontsize": LETTERS * 72 / DPI, "parse_math": False}
    figure.text(0.5, 1 - EDGE / total, "\n".join(lines), ha="center", va="top", **style)
    picture = picture.copy()
    picture.thumbnail((WIDTH, WIDTH))
    heats = [None, *warm(gaze.falls)]
    for panel, (word, heat) in enumerate(zip(("", *gaze.words), heats, strict=True)):
        row, column = divmod(panel, columns)
        left = EDGE + column * (width + EDGE)
        bottom = total - top - row * (height + LETTERS * 1.6) - height
        axes = figure.add_axes((left / WIDTH, bottom / total, width / WIDTH, height / total))
        _show(axes, picture, heat)
        axes.text(0.5, -0.02, word, transform=axes.transAxes, ha="center", va="top", **style)
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()


def warm(falls: np.ndarray) -> np.ndarray:
    """Scale falls (words, CELLS, CELLS) to heat in [0, 1]; each word's hottest place is 1 unless faint."""
    strongest = falls.max(axis=(1, 2), keepdims=True)
    return np.clip(falls, 0, None) / np.maximum(strongest, FAINT)


def _show(axes: Axes, picture: Image.Image, heat: np.ndarray | None) -> None:
    """Show a photo as it is, or lit only where there is heat."""
    axes.set_axis_off()
    if heat is None:
        axes.imshow(picture)
        return
    cold = Image.blend(picture.convert("L").convert("RGB"), Image.new("RGB", picture.size), DARK)
    mask = Image.fromarray(heat.astype(np.float32)).resize(picture.size, Image.Resampling.BICUBIC)
    light = np.clip(np.asarray(mask), 0, 1)[..., None]  # (height, width, 1)
    lit = Image.blend(picture, Image.new("RGB", picture.size, GLOW), 0.3)
    axes.imshow((np.asarray(lit) * light + np.asarray(cold) * (1 - light)).astype(np.uint8))
