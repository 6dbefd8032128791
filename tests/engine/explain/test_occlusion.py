from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from PIL import Image

from engine.explain.occlusion import (
    CELLS,
    FAINT,
    PANELS,
    WIDTH,
    Saliency,
    draw,
    explain_caption,
    find_saliency,
    occlude,
    warm,
)
from engine.model.beam_search import generate
from engine.model.network import Network
from engine.model.vocabulary import Vocabulary
from engine.photos.preprocess import load, read
from engine.words.stopwords import is_content

DOG_RUNS = (5, 6)


def opened(png: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(png))
    assert image.format == "PNG"
    return image.convert("RGB")


def heat_at(row: int, column: int) -> np.ndarray:
    falls = np.zeros((1, CELLS, CELLS))
    falls[0, row : row + 2, column : column + 2] = 5
    return falls


def test_a_plain_photo_has_nothing_to_see(network: Network) -> None:
    falls = occlude(network, torch.full((3, 63, 63), 0.25), DOG_RUNS)
    assert falls.shape == (2, CELLS, CELLS)
    assert falls.numpy() == pytest.approx(0, abs=1e-4)


def test_a_caption_without_words_depends_on_nothing(network: Network) -> None:
    assert occlude(network, torch.zeros(3, 63, 63), ()).shape == (0, CELLS, CELLS)


def test_only_places_where_there_is_something_count(network: Network) -> None:
    pixels = torch.zeros(3, 63, 63)
    pixels[:, :9, 54:] = torch.tensor([1.0, -1.0, 0.0]).repeat(3, 9, 3)  # mean 0, as all around it
    falls = occlude(network, pixels, DOG_RUNS).numpy().copy()
    assert (np.abs(falls[:, :2, -2:]) > 1e-4).any(axis=0).all()
    falls[:, :2, -2:] = 0
    assert falls == pytest.approx(0, abs=1e-4)


def test_a_fall_is_the_mean_over_the_patches_on_a_place(network: Network, cat: bytes) -> None:
    pixels = load(cat, 63)
    covered = pixels.clone()
    covered[:, :18, :18] = pixels.mean((1, 2))[:, None, None]

    def odds(photo: torch.Tensor) -> torch.Tensor:
        states = network.encode_text(torch.tensor([[1, *DOG_RUNS]])).states[:, :2]
        logits = network.caption_logits(
            states, network.prepare_decoder(network.encode_image(photo[None]).grid)
        )[0]
        return torch.stack([logits[i].softmax(-1)[word].logit() for i, word in enumerate(DOG_RUNS)])

    corner = occlude(network, pixels, DOG_RUNS)[:, 0, 0]  # one patch alone lies on the corner
    assert corner.numpy() == pytest.approx((odds(pixels) - odds(covered)).numpy(), abs=1e-4)


def test_the_words_shown_are_content_words_of_the_caption(
    network: Network, vocabulary: Vocabulary, cat: bytes
) -> None:
    pixels = load(cat, 64)
    best = generate(network, *network.encode_image(pixels[None]))[0][0]
    found = find_saliency(network, vocabulary, pixels)
    words = [vocabulary.words[number] for number in best.token_ids]
    assert found.caption == vocabulary.decode(best.token_ids)
    assert list(found.words) == ([word for word in words if is_content(word)] or words)
    assert found.falls.shape == (len(found.words), CELLS, CELLS)


def test_a_photo_becomes_a_caption_and_a_picture(
    network: Network, vocabulary: Vocabulary, cat: bytes
) -> None:
    caption, picture = explain_caption(network, vocabulary, read(cat, network.config.image_size, shown=True))
    assert caption
    assert opened(picture).width == WIDTH


@pytest.mark.parametrize(("row", "column"), [(0, 0), (0, 5), (5, 0), (5, 5)])
def test_the_places_that_matter_are_lit(row: int, column: int) -> None:
    photo = Image.new("RGB", (300, 200), "white")
    image = opened(draw(Saliency("dog", ("dog",), heat_at(row, column)), photo)).convert("L")
    panel = image.crop((WIDTH // 2 + 20, 120, WIDTH - 20, 400))  # beside the photo as it is
    halves, width, height = [], panel.width // 2, panel.height // 2
    for y in (0, height):
        halves += [np.array(panel.crop((x, y, x + width, y + height))).mean() for x in (0, width)]
    assert int(np.argmax(halves)) == 2 * (row > 0) + (column > 0)


def test_heat_ends_at_one_and_a_faint_word_stays_dim() -> None:
    falls = np.stack((heat_at(0, 0)[0], heat_at(0, 0)[0] * 0.2 * FAINT / 5 - 0.01))
    heat = warm(falls)
    assert heat.min() == 0
    assert heat[0].max() == 1
    assert heat[1].max() < 0.25


@pytest.mark.parametrize("size", [(3000, 30), (30, 3000), (7, 5)])
def test_a_picture_stays_handy_whatever_the_photo(size: tuple[int, int]) -> None:
    words = ("skateboarding",) * (PANELS - 1)
    gaze = Saliency(" ".join(words), words, np.ones((PANELS - 1, CELLS, CELLS)))
    image = opened(draw(gaze, Image.new("RGB", size, "red")))
    assert image.width == WIDTH
    assert image.height < 3 * WIDTH


def test_a_photo_without_words_is_shown_as_it_is() -> None:
    image = opened(
        draw(Saliency("", (), np.zeros((0, CELLS, CELLS))), Image.new("RGB", (40, 30), (255, 0, 0)))
    )
    assert max(image.getcolors(image.width * image.height))[1] in {(255, 0, 0), (16, 16, 20)}
    assert (255, 0, 0) in {colour for _, colour in image.getcolors(image.width * image.height)}
