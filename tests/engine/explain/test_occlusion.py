"""Occlusion sensitivity and its picture."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from engine.explain.occlusion import (
    CELLS,
    MAX_PANELS,
    MIN_PEAK,
    WIDTH,
    Saliency,
    draw,
    explain_caption,
    find_saliency,
    normalise,
    occlusion_drops,
)
from engine.model.checkpoint import Checkpoint
from engine.model.vocabulary import Vocabulary
from engine.photos.preprocess import decode_photo, decode_to_pixels
from engine.runtime.beam_search import generate
from engine.runtime.network import RuntimeNetwork
from engine.words.recognition import CaptionBonus
from engine.words.stopwords import is_content

DOG_RUNS = (5, 6)


@pytest.fixture
def network(runtime: RuntimeNetwork) -> RuntimeNetwork:
    return runtime


def opened(png: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(png))
    assert image.format == "PNG"
    return image.convert("RGB")


def drops_at(row: int, column: int) -> np.ndarray:
    drops = np.zeros((1, CELLS, CELLS))
    drops[0, row : row + 2, column : column + 2] = 5
    return drops


def test_on_a_plain_photo_nothing_matters(network: RuntimeNetwork) -> None:
    drops = occlusion_drops(network, np.full((3, 64, 64), 0.25, np.float32), DOG_RUNS)
    assert drops.shape == (2, CELLS, CELLS)
    assert drops == pytest.approx(0, abs=1e-4)


def test_a_caption_without_words_depends_on_nothing(network: RuntimeNetwork) -> None:
    assert occlusion_drops(network, np.zeros((3, 64, 64), np.float32), ()).shape == (0, CELLS, CELLS)


def test_only_cells_where_there_is_something_matter(network: RuntimeNetwork) -> None:
    pixels = np.zeros((3, 64, 64), np.float32)
    pixels[:, :9, 55:] = np.tile([1.0, -1.0, 0.0], (3, 9, 3))  # mean 0, as its surroundings
    drops = occlusion_drops(network, pixels, DOG_RUNS)
    assert (np.abs(drops[:, :2, -2:]) > 1e-4).any(axis=0).all()
    drops[:, :2, -2:] = 0
    assert drops == pytest.approx(0, abs=1e-4)


def test_a_drop_is_the_mean_over_the_patches_that_cover_a_cell(network: RuntimeNetwork, cat: bytes) -> None:
    pixels = decode_to_pixels(cat, 64)
    covered = pixels.copy()
    covered[:, :19, :19] = pixels.mean((1, 2))[:, None, None]

    def odds(photo: np.ndarray) -> np.ndarray:
        states, grid = (
            network.encode_text(np.array([[1, *DOG_RUNS]])).states,
            network.encode_image(photo[None]).grid,
        )
        words = np.exp(network.caption_log_probabilities(states[:, :2], grid, np.array([DOG_RUNS]))[0])
        return np.log(words / (1 - words))

    corner = occlusion_drops(network, pixels, DOG_RUNS)[:, 0, 0]  # one patch alone lies on the corner
    assert corner == pytest.approx(odds(pixels) - odds(covered), abs=1e-4)


def test_the_words_shown_are_content_words_of_the_caption(
    network: RuntimeNetwork, vocabulary: Vocabulary, cat: bytes
) -> None:
    pixels = decode_to_pixels(cat, 64)
    best = generate(network, *network.encode_image(pixels[None])[:2])[0][0]
    saliency = find_saliency(network, vocabulary, pixels)
    words = [vocabulary.words[token_id] for token_id in best.token_ids]
    assert saliency.caption == vocabulary.decode(best.token_ids)
    assert list(saliency.words) == ([word for word in words if is_content(word)] or words)
    assert saliency.log_odds_drop.shape == (len(saliency.words), CELLS, CELLS)


def test_things_that_the_caption_does_not_mention_are_explained_too(shipped: Checkpoint, cat: bytes) -> None:
    pixels = decode_to_pixels(cat, shipped.network.config.image_size)
    bonuses = CaptionBonus(shipped.class_names, shipped.vocabulary)
    mentioned = find_saliency(shipped.network, shipped.vocabulary, pixels, "a cat lies", bonuses)
    saliency = find_saliency(shipped.network, shipped.vocabulary, pixels, "a bird lies", bonuses)
    assert "cat" in mentioned.words
    assert saliency.words == ("bird", "lies", "cat")
    face = saliency.log_odds_drop[2]
    assert face.shape == (CELLS, CELLS)
    assert face.max() > MIN_PEAK


def test_a_photo_becomes_a_caption_and_a_picture(
    network: RuntimeNetwork, vocabulary: Vocabulary, cat: bytes
) -> None:
    caption, picture = explain_caption(
        network, vocabulary, decode_photo(cat, network.config.image_size, for_display=True)
    )
    assert caption
    assert opened(picture).width == WIDTH


@pytest.mark.parametrize(("row", "column"), [(0, 0), (0, 5), (5, 0), (5, 5)])
def test_the_cells_that_matter_are_lit(row: int, column: int) -> None:
    photo = Image.new("RGB", (300, 200), "white")
    image = opened(draw(Saliency("dog", ("dog",), drops_at(row, column)), photo)).convert("L")
    panel = image.crop((WIDTH // 2 + 20, 120, WIDTH - 20, 400))  # beside the photo itself
    halves, width, height = [], panel.width // 2, panel.height // 2
    for y in (0, height):
        halves += [np.array(panel.crop((x, y, x + width, y + height))).mean() for x in (0, width)]
    assert int(np.argmax(halves)) == 2 * (row > 0) + (column > 0)


def test_heat_ends_at_one_and_a_faint_word_stays_dim() -> None:
    drops = np.stack((drops_at(0, 0)[0], drops_at(0, 0)[0] * 0.2 * MIN_PEAK / 5 - 0.01))
    heat = normalise(drops)
    assert heat.min() == 0
    assert heat[0].max() == 1
    assert heat[1].max() < 0.25


@pytest.mark.parametrize("size", [(3000, 30), (30, 3000), (7, 5)])
def test_the_picture_has_a_limited_size_whatever_the_photo(size: tuple[int, int]) -> None:
    words = ("skateboarding",) * (MAX_PANELS - 1)
    saliency = Saliency(" ".join(words), words, np.ones((MAX_PANELS - 1, CELLS, CELLS)))
    image = opened(draw(saliency, Image.new("RGB", size, "red")))
    assert image.width == WIDTH
    assert image.height < 3 * WIDTH


def test_a_photo_without_words_is_shown_as_it_is() -> None:
    image = opened(
        draw(Saliency("", (), np.zeros((0, CELLS, CELLS))), Image.new("RGB", (40, 30), (255, 0, 0)))
    )
    assert max(image.getcolors(image.width * image.height))[1] in {(255, 0, 0), (16, 16, 20)}
    assert (255, 0, 0) in {colour for _, colour in image.getcolors(image.width * image.height)}
