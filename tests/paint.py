"""Procedural landscapes, for the chat in the README and for tests that need a folder of images.

`python -m tests.paint DIR` writes them as JPEGs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIZE = (640, 480)
Colour = tuple[int, int, int]


def paint_all(folder: Path) -> None:
    """Write all paintings into a folder, as JPEG files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, paint in PAINTINGS.items():
        paint().filter(ImageFilter.GaussianBlur(0.8)).save(folder / f"{name}.jpg", quality=90)


def sky(top: Colour, bottom: Colour) -> Image.Image:
    """Return a vertical gradient with a little noise."""
    share = np.linspace(0, 1, SIZE[1])[:, None, None]
    rows = np.array(top) * (1 - share) + np.array(bottom) * share
    grain = np.random.default_rng(1).normal(0, 3, (SIZE[1], SIZE[0], 1))
    return Image.fromarray(np.clip(rows + grain, 0, 255).astype(np.uint8), "RGB")


def water(image: Image.Image, horizon: int, deep: Colour, light: Colour) -> None:
    """Draw waves that grow towards the viewer."""
    draw, rng = ImageDraw.Draw(image), np.random.default_rng(2)
    draw.rectangle((0, horizon, *SIZE), fill=deep)
    for _ in range(1200):
        depth = rng.random() ** 2
        y, x, length = horizon + depth * (SIZE[1] - horizon), rng.random() * SIZE[0], 4 + 60 * depth
        mix = rng.random() * 0.7
        colour = tuple(int(d + (s - d) * mix) for d, s in zip(deep, light, strict=True))
        draw.line((x, y, x + length, y + rng.normal(0, 1)), fill=colour, width=1 + int(3 * depth))


def ridge(image: Image.Image, base: int, height: int, colour: Colour, seed: int, snow: bool = False) -> None:
    """Draw a mountain ridge as a sum of random sine waves, with snow on top if asked."""
    rng = np.random.default_rng(seed)
    x = np.linspace(0, 1, SIZE[0])
    line = sum(rng.normal() / k**1.3 * np.sin(2 * np.pi * (k * x + rng.random())) for k in range(1, 40))
    line = base - height * (line - line.min()) / (line.max() - line.min())
    draw = ImageDraw.Draw(image)
    for column, y in enumerate(line):
        draw.line((column, y, column, SIZE[1]), fill=colour)
        if snow and y < base - 0.3 * height:
            draw.line((column, y, column, y + 0.35 * (base - 0.3 * height - y) + 8), fill=(240, 244, 250))


def field(image: Image.Image, horizon: int, dark: Colour, light: Colour) -> None:
    """Draw a field of grass."""
    draw, rng = ImageDraw.Draw(image), np.random.default_rng(3)
    draw.rectangle((0, horizon, *SIZE), fill=dark)
    for y in np.sort(horizon + (SIZE[1] - horizon) * rng.random(9000)):
        x, blade = rng.random() * SIZE[0], 2 + 22 * (y - horizon) / (SIZE[1] - horizon)
        mix = rng.random()
        colour = tuple(int(d + (s - d) * mix) for d, s in zip(dark, light, strict=True))
        draw.line((x, y, x + rng.normal(0, 3), y - blade), fill=colour, width=1)


def sun(image: Image.Image, x: int, y: int, radius: int, colour: Colour) -> None:
    """Draw a glowing disc."""
    glow = Image.new("L", SIZE, 0)
    draw = ImageDraw.Draw(glow)
    for ring in range(6, 0, -1):
        r = radius * (0.7 + 0.5 * ring)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=int(150 / ring))
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    image.paste(colour, mask=glow.filter(ImageFilter.GaussianBlur(6)))


def person(image: Image.Image, x: int, y: int, height: int, colour: Colour = (20, 18, 22)) -> None:
    """Draw the silhouette of a standing person; (x, y) is between the feet."""
    draw, unit = ImageDraw.Draw(image), height / 8
    draw.ellipse((x - 0.6 * unit, y - height, x + 0.6 * unit, y - 6.7 * unit), fill=colour)
    draw.polygon(
        [
            (x - unit, y - 6.5 * unit),
            (x + unit, y - 6.5 * unit),
            (x + 0.7 * unit, y - 3.5 * unit),
            (x - 0.7 * unit, y - 3.5 * unit),
        ],
        fill=colour,
    )
    for side in (-1, 1):
        draw.line(
            (x + side * 0.4 * unit, y - 3.7 * unit, x + side * 0.7 * unit, y),
            fill=colour,
            width=int(0.7 * unit) + 1,
        )
        draw.line(
            (x + side * 0.9 * unit, y - 6.2 * unit, x + side * 1.5 * unit, y - 3.6 * unit),
            fill=colour,
            width=int(0.45 * unit) + 1,
        )


def sunset() -> Image.Image:
    image = sky((58, 42, 98), (255, 150, 70))
    sun(image, 420, 250, 34, (255, 236, 170))
    water(image, 290, (40, 38, 70), (255, 170, 100))
    person(image, 210, 420, 150)
    return image


def two_at_sunset() -> Image.Image:
    image = sky((90, 50, 90), (255, 120, 60))
    sun(image, 180, 230, 40, (255, 220, 140))
    water(image, 270, (60, 40, 60), (255, 150, 90))
    person(image, 400, 440, 180)
    person(image, 460, 445, 150)
    return image


def ocean() -> Image.Image:
    image = sky((70, 140, 220), (200, 228, 245))
    water(image, 210, (20, 84, 120), (200, 235, 240))
    return image


def beach() -> Image.Image:
    image = sky((80, 150, 225), (210, 232, 246))
    water(image, 200, (30, 110, 140), (190, 235, 235))
    ImageDraw.Draw(image).polygon([(0, 330), (640, 380), (640, 480), (0, 480)], fill=(222, 196, 150))
    person(image, 330, 420, 120, (150, 60, 50))
    return image


def mountains() -> Image.Image:
    image = sky((60, 110, 190), (190, 215, 240))
    ridge(image, 330, 250, (96, 104, 122), 5, snow=True)
    ridge(image, 420, 110, (60, 72, 70), 9)
    return image


def snow_climber() -> Image.Image:
    image = sky((80, 130, 200), (215, 230, 245))
    ridge(image, 300, 210, (120, 130, 150), 12, snow=True)
    ImageDraw.Draw(image).polygon([(0, 420), (640, 260), (640, 480), (0, 480)], fill=(238, 242, 248))
    person(image, 360, 345, 90, (190, 40, 40))
    return image


def meadow() -> Image.Image:
    image = sky((90, 160, 230), (225, 238, 248))
    ridge(image, 270, 50, (70, 110, 70), 21)
    field(image, 260, (40, 96, 36), (130, 190, 70))
    return image


def meadow_walk() -> Image.Image:
    image = meadow()
    person(image, 300, 400, 160, (170, 50, 60))
    person(image, 370, 405, 110, (40, 60, 130))
    return image


def lake() -> Image.Image:
    image = sky((120, 150, 190), (230, 225, 220))
    ridge(image, 250, 150, (80, 96, 110), 31, snow=True)
    ridge(image, 262, 50, (44, 66, 58), 33)
    water(image, 258, (60, 84, 100), (190, 205, 215))
    return image


def night() -> Image.Image:
    image = sky((8, 10, 30), (40, 40, 80))
    draw, rng = ImageDraw.Draw(image), np.random.default_rng(4)
    for x, y in rng.random((160, 2)) * (SIZE[0], 260):
        draw.point((x, y), fill=(230, 230, 255))
    for left in range(0, SIZE[0], 46):
        top = int(rng.integers(200, 360))
        draw.rectangle((left, top, left + 42, SIZE[1]), fill=(16, 16, 28))
        for x in range(left + 5, left + 38, 9):
            for y in range(top + 8, SIZE[1], 14):
                if rng.random() < 0.5:
                    draw.rectangle((x, y, x + 4, y + 6), fill=(250, 214, 120))
    return image


PAINTINGS: dict[str, Callable[[], Image.Image]] = {
    paint.__name__: paint
    for paint in (
        sunset,
        two_at_sunset,
        ocean,
        beach,
        mountains,
        snow_climber,
        meadow,
        meadow_walk,
        lake,
        night,
    )
}

if __name__ == "__main__":
    paint_all(Path(sys.argv[1]))
