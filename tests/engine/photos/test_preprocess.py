"""Preprocessing: decoding, limits, and the pixels for the network."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from engine.errors import PhotoTooLargeError, UnreadablePhotoError
from engine.photos import decoding, preprocess
from tests.engine.conftest import as_bytes


def test_a_photo_becomes_a_square_of_pixels_within_minus_one_and_one(cat: bytes) -> None:
    pixels = preprocess.decode_to_pixels(cat, 64)
    assert pixels.shape == (3, 64, 64)
    assert pixels.dtype == np.float32
    assert -1 <= pixels.min() < -0.5 < 0.5 < pixels.max() <= 1


def test_a_wide_photo_is_not_cropped() -> None:
    wide = Image.new("RGB", (300, 50), (0, 0, 0))
    wide.paste((255, 255, 255), (0, 0, 30, 50))  # a white stripe at the left edge
    pixels = preprocess.decode_to_pixels(as_bytes(wide, "PNG"), 60)
    assert pixels[:, :, :5].mean() > 0.9
    assert pixels[:, :, 8:].mean() < -0.9


def test_a_photo_of_the_networks_size_is_not_resampled() -> None:
    noise = Image.effect_noise((32, 32), 90).convert("RGB")
    pixels = preprocess.decode_to_pixels(as_bytes(noise, "PNG"), 32)
    np.testing.assert_array_equal(((pixels + 1) * 127.5).round(), np.asarray(noise).transpose(2, 0, 1))


def test_exif_rotation_is_applied() -> None:
    upright = Image.new("RGB", (40, 20), (0, 0, 0))
    upright.paste((255, 255, 255), (0, 0, 40, 4))  # white at the top
    exif = Image.Exif()
    exif[0x0112] = 3  # stored upside down
    turned = preprocess.decode(as_bytes(upright.rotate(180), "JPEG", exif=exif), 20)
    assert turned.getpixel((20, 1))[0] > 200
    assert not turned.getexif()


def test_a_thumbnail_keeps_the_shape_and_none_of_the_metadata() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # stored on its side
    exif[0x010E] = "where I live"
    small = preprocess.thumbnail(as_bytes(Image.new("RGB", (400, 200)), "JPEG", exif=exif), 100)
    opened = Image.open(io.BytesIO(small))
    assert (opened.format, opened.size) == ("JPEG", (50, 100))
    assert not opened.getexif()
    assert Image.open(io.BytesIO(preprocess.thumbnail(small, 300))).size == (
        50,
        100,
    )  # never larger than it was


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("PNG", "RGBA"),
        ("PNG", "P"),
        ("PNG", "1"),
        ("PNG", "I;16"),
        ("WEBP", "RGBA"),
        ("JPEG", "CMYK"),
        ("JPEG", "L"),
    ],
)
def test_every_colour_mode_is_read(kind: str, mode: str) -> None:
    assert preprocess.decode_to_pixels(as_bytes(Image.new(mode, (30, 20)), kind), 16).shape == (3, 16, 16)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_transparent_pixels_become_white(kind: str) -> None:
    sticker = Image.new("RGBA", (40, 40), (200, 0, 0, 0))  # red, but invisible
    sticker.paste((0, 0, 200, 255), (0, 0, 20, 40))
    image = preprocess.decode(as_bytes(sticker, kind), 40)
    assert all(abs(a - b) < 8 for a, b in zip(image.getpixel((10, 20)), (0, 0, 200), strict=True))
    assert all(value > 247 for value in image.getpixel((30, 20)))


def test_the_first_frame_of_an_animation_is_read() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ((255, 255, 255), (0, 0, 0))]
    animation = as_bytes(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    assert preprocess.decode_to_pixels(animation, 16).mean() > 0.9


@pytest.mark.parametrize("part", [0.02, 0.5, 0.95])
def test_a_truncated_jpeg_is_unreadable(cat: bytes, part: float) -> None:
    with pytest.raises(UnreadablePhotoError, match="unreadable-photo"):
        preprocess.decode_to_pixels(cat[: int(len(cat) * part)], 64)


@pytest.mark.parametrize(
    "rubbish", [b"", b"a photo, believe me", b"\xff\xd8\xff\xe0 and then nothing", bytes(1000)]
)
def test_bytes_that_are_no_image_are_unreadable(rubbish: bytes) -> None:
    with pytest.raises(UnreadablePhotoError):
        preprocess.decode_to_pixels(rubbish, 64)


@pytest.mark.parametrize("kind", ["ICO", "PPM", "TGA", "PDF"])
def test_formats_that_no_camera_writes_are_refused(kind: str) -> None:
    with pytest.raises(UnreadablePhotoError):
        preprocess.decode_to_pixels(as_bytes(Image.new("RGB", (32, 32)), kind), 64)


@pytest.mark.parametrize(
    ("size", "fitted"), [((9000, 1500), (1280, 213)), ((2400, 100), (1280, 64)), ((300, 200), (300, 200))]
)
def test_an_album_photo_is_within_telegrams_limits(size: tuple[int, int], fitted: tuple[int, int]) -> None:
    photo = preprocess.album_jpeg(as_bytes(Image.new("RGB", size, (200, 30, 30)), "PNG"))
    opened = Image.open(io.BytesIO(photo))
    assert (opened.format, opened.size) == ("JPEG", fitted)
    red, green, blue = opened.getpixel((fitted[0] // 2, fitted[1] // 2))
    assert red > 190 and max(green, blue) < 40


def test_a_small_file_that_unfolds_to_many_pixels_is_refused_before_it_is_decoded() -> None:
    bomb = as_bytes(Image.new("1", (13_000, 6_800)), "PNG")
    assert len(bomb) < 100_000
    with pytest.raises(PhotoTooLargeError, match="width=13000, height=6800"):
        preprocess.decode_to_pixels(bomb, 64)


def test_an_image_that_pillow_itself_refuses_raises_our_error() -> None:
    bomb = as_bytes(Image.new("1", (20_000, 20_000)), "PNG")
    with pytest.raises(PhotoTooLargeError):
        preprocess.decode_to_pixels(bomb, 64)


def test_a_file_over_the_limit_is_refused() -> None:
    with pytest.raises(PhotoTooLargeError, match="file-too-large"):
        preprocess.decode_to_pixels(bytes(decoding.MAX_BYTES + 1), 64)
