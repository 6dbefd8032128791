"""Occlusion sensitivity: for each word of a caption, the parts of the photo that it depends on.

A patch of the photo is covered; where a word then becomes less likely, the network saw it (Zeiler and Fergus
2014, arXiv 1311.2901). This tests the whole network, encoder included. The decoder's attention (Xu et al.
2015, arXiv 1502.03044) and gradients (Grad-CAM, Selvaraju et al. 2017, arXiv 1610.02391) cost less and
localise worse, because each position of the feature grid already mixes in its neighbours: with the ten cells
covered that those methods rank first, a word stays likelier than with the ten that occlusion ranks first.
"""

from __future__ import annotations

import io
import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from engine.explain.figures import collect_figures
from engine.model.class_names import name_key
from engine.model.vocabulary import START, UNKNOWN, Vocabulary
from engine.photos import preprocess
from engine.runtime.beam_search import generate
from engine.runtime.network import ImageFeatures, RuntimeNetwork
from engine.words.recognition import CaptionBonus, recognise
from engine.words.stopwords import is_content

CELLS = 7  # cells of the saliency map along each side of the photo
PATCH = 2  # cells along each side of the occluding patch; a single cell hides too little of a dog
BATCH_SIZE = 2  # occluded photos encoded at once: memory for the largest batch is never released
MIN_PROBABILITY = 1e-6  # bounds log odds
MIN_PEAK = 0.25  # nats; a word that loses less wherever the photo is covered stays dim

WIDTH = preprocess.DISPLAY_SIZE  # pixels of the picture: a phone's width
DPI = 100  # converts pixels to matplotlib's inches and points
MAX_THINGS = 2  # recognised ones that the caption does not mention
MAX_PANELS = 12  # more are too small to read; the first is the photo itself
MAX_ASPECT = 1.4  # height to width of a panel; a taller photo is drawn narrower
FONT_SIZE, MARGIN = 38, 12  # pixels
DIM = 0.65  # share of the light that is taken from cells that do not matter
HIGHLIGHT = "#ff9a1f"  # of the cells that do: colour alone would not show on a grey street
BACKGROUND, FOREGROUND = "#101014", "#f4f4f0"


@dataclass(frozen=True)
class Saliency:
    """Saliency maps of the words of a caption, and of what else is recognised.

    Attributes:
        caption: the sentence.
        words: the words of it that are shown, then names of things that it does not mention.
        log_odds_drop: (words, CELLS, CELLS), by how many nats the log odds of each word or name drop when a
            cell is covered; negative where it becomes likelier.
    """

    caption: str
    words: tuple[str, ...]
    log_odds_drop: np.ndarray


def explain_caption(
    network: RuntimeNetwork,
    vocabulary: Vocabulary,
    photo: preprocess.DecodedPhoto,
    caption: str = "",
    bonuses: CaptionBonus | None = None,
) -> tuple[str, bytes]:
    """Draw what each word of a caption depends on; of the likeliest caption, if none is given.

    Things that are recognised and not in the caption follow its words.

    Returns:
        The caption, and a PNG image, `WIDTH` pixels wide.
    """
    pixels = preprocess.to_pixels(photo.square, network.config.image_size)
    saliency = find_saliency(network, vocabulary, pixels, caption, bonuses)
    return saliency.caption, draw(saliency, photo.display or photo.square)


def find_saliency(
    network: RuntimeNetwork,
    vocabulary: Vocabulary,
    pixels: np.ndarray,
    caption: str = "",
    bonuses: CaptionBonus | None = None,
) -> Saliency:
    """Compute what the words of a caption of a photo (3, S, S) depend on.

    Only content words are kept, if there are any: what makes "the" likely is the sentence, not the photo.
    """
    encoded = vocabulary.encode(caption, network.config.max_length)[1:-1]
    spoken = range(UNKNOWN + 1, vocabulary.caption_size)
    token_ids: Sequence[int] = [token_id for token_id in encoded if token_id in spoken]
    features = network.encode_image(pixels[None])
    if not token_ids:
        bonus = bonuses.of(features.classes) if bonuses else None
        token_ids = generate(network, features.grid, features.joint, bonus=bonus)[0][0].token_ids
    words = [vocabulary.words[token_id] for token_id in token_ids]
    shown = [index for index, word in enumerate(words) if is_content(word)] or list(range(len(words)))
    sentence = vocabulary.decode(token_ids)
    things = _further_things(bonuses, features, sentence)
    shown = shown[: MAX_PANELS - 1 - len(things)]
    rows = [*shown, *range(len(token_ids), len(token_ids) + len(things))]
    drops = occlusion_drops(network, pixels, token_ids, list(things.values()))[rows]
    return Saliency(sentence, (*(words[index] for index in shown), *things), drops)


def _further_things(
    bonuses: CaptionBonus | None, features: ImageFeatures, caption: str
) -> dict[str, tuple[int, ...]]:
    """Return names of recognised things that a caption does not mention, with their classes."""
    if bonuses is None:
        return {}
    things = recognise(bonuses.names, features.classes[0], MAX_THINGS)
    mentioned = f" {name_key(caption)} "
    return {
        thing.name: bonuses.names.classes(thing.name)
        for thing in things
        if f" {name_key(thing.name)} " not in mentioned
    }


def occlusion_drops(
    network: RuntimeNetwork,
    pixels: np.ndarray,
    token_ids: Sequence[int],
    things: Sequence[Sequence[int]] = (),
) -> np.ndarray:
    """Cover each patch of a photo in turn with its mean colour and measure how much each word suffers.

    Log odds are compared, not probabilities: a certain word loses little probability under one patch, but
    odds distinguish 99 % from 95 %.

    Args:
        network: the network.
        pixels: (3, S, S).
        token_ids: T words, without start and end.
        things: the recognizer's classes that stand for each of N things.

    Returns:
        (T + N, CELLS, CELLS): drop of the log odds of words, then of things, in nats, averaged over the
        patches that cover a cell.
    """
    if not token_ids and not things:
        return np.zeros((0, CELLS, CELLS), np.float32)
    sentence = np.array([[START, *token_ids]])
    states = network.encode_text(sentence[:, :-1]).states  # (1, T, W)

    def log_odds(photos: np.ndarray) -> np.ndarray:
        features = network.encode_image(photos)
        words = network.caption_log_probabilities(states, features.grid, sentence[:, 1:])
        seen = [features.classes[:, list(numbers)].sum(1, keepdims=True) for numbers in things]
        return _logit(np.concatenate([np.exp(words), *seen], axis=1))  # (photos, T + N)

    patches = _patches()  # (P, CELLS, CELLS)
    colour = pixels.mean((1, 2), keepdims=True)
    occluded = [
        log_odds(np.where(_enlarge(batch, pixels.shape[-1])[:, None], colour, pixels))
        for batch in np.split(patches, range(BATCH_SIZE, len(patches), BATCH_SIZE))
    ]
    drops = log_odds(pixels[None]) - np.concatenate(occluded)  # (P, T + N)
    return np.einsum("pt,pij->tij", drops, patches / patches.sum(0))


def _logit(probabilities: np.ndarray) -> np.ndarray:
    inside = np.clip(probabilities, MIN_PROBABILITY, 1 - MIN_PROBABILITY)
    return np.asarray(np.log(inside / (1 - inside)))


def _patches() -> np.ndarray:
    """Return the masks of all patches of `PATCH` cells a side: (P, CELLS, CELLS), True inside."""
    corners = range(CELLS - PATCH + 1)
    patches = np.zeros((len(corners), len(corners), CELLS, CELLS), np.bool_)
    for row in corners:
        for column in corners:
            patches[row, column, row : row + PATCH, column : column + PATCH] = True
    return patches.reshape(-1, CELLS, CELLS)


def _enlarge(masks: np.ndarray, side: int) -> np.ndarray:
    """Enlarge masks (P, CELLS, CELLS) to (P, side, side), each pixel to its nearest cell."""
    cells = np.arange(side) * CELLS // side
    return masks[:, cells[:, None], cells]


@collect_figures
def draw(saliency: Saliency, picture: Image.Image) -> bytes:
    """Draw saliency over its photo of any size, as PNG: caption, photo, and a panel for each word."""
    count = len(saliency.words) + 1
    columns = 2 if count <= 4 else 3
    rows = math.ceil(count / columns)
    width = (WIDTH - MARGIN * (columns + 1)) / columns
    height = min(width * picture.height / picture.width, width * MAX_ASPECT)
    lines = textwrap.wrap(saliency.caption, int(WIDTH / FONT_SIZE * 1.6)) or [""]
    top = MARGIN + len(lines) * FONT_SIZE * 1.3 + MARGIN
    total = top + rows * (height + FONT_SIZE * 1.6)
    figure = Figure(figsize=(WIDTH / DPI, total / DPI), dpi=DPI, facecolor=BACKGROUND)
    style: dict[str, Any] = {"color": FOREGROUND, "fontsize": FONT_SIZE * 72 / DPI, "parse_math": False}
    figure.text(0.5, 1 - MARGIN / total, "\n".join(lines), ha="center", va="top", **style)
    picture = picture.copy()
    picture.thumbnail((WIDTH, WIDTH))
    heats = [None, *normalise(saliency.log_odds_drop)]
    for panel, (word, heat) in enumerate(zip(("", *saliency.words), heats, strict=True)):
        row, column = divmod(panel, columns)
        left = MARGIN + column * (width + MARGIN)
        bottom = total - top - row * (height + FONT_SIZE * 1.6) - height
        axes = figure.add_axes((left / WIDTH, bottom / total, width / WIDTH, height / total))
        _draw_panel(axes, picture, heat)
        axes.text(0.5, -0.02, word, transform=axes.transAxes, ha="center", va="top", **style)
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()


def normalise(drops: np.ndarray) -> np.ndarray:
    """Scale drops (words, CELLS, CELLS) to heat in [0, 1]: each word's peak is 1 unless below `MIN_PEAK`."""
    peak = drops.max(axis=(1, 2), keepdims=True)
    return np.clip(drops, 0, None) / np.maximum(peak, MIN_PEAK)


def _draw_panel(axes: Axes, picture: Image.Image, heat: np.ndarray | None) -> None:
    """Draw a photo as it is, or lit only where there is heat (CELLS, CELLS)."""
    axes.set_axis_off()
    if heat is None:
        axes.imshow(picture)
        return
    dimmed = Image.blend(picture.convert("L").convert("RGB"), Image.new("RGB", picture.size), DIM)
    mask = Image.fromarray(heat.astype(np.float32)).resize(picture.size, Image.Resampling.BICUBIC)
    light = np.clip(np.asarray(mask), 0, 1)[..., None]  # (height, width, 1)
    highlighted = Image.blend(picture, Image.new("RGB", picture.size, HIGHLIGHT), 0.3)
    axes.imshow((np.asarray(highlighted) * light + np.asarray(dimmed) * (1 - light)).astype(np.uint8))
