"""A photo is recognised though it was compressed, resized or brightened; another one like it is not."""

from __future__ import annotations

import io

import pytest
import skimage.data
from PIL import Image

from engine.gallery.near_duplicates import is_known_photo, signature


@pytest.fixture(scope="module")
def cat() -> Image.Image:
    return Image.fromarray(skimage.data.chelsea())


def is_same_photo(one: Image.Image, other: Image.Image) -> bool:
    return is_known_photo(signature(one), signature(other))


def compressed(image: Image.Image, quality: int) -> Image.Image:
    image.save(written := io.BytesIO(), "JPEG", quality=quality)
    return Image.open(written)


def test_a_photo_that_was_sent_through_an_app_is_the_same(cat: Image.Image) -> None:
    assert is_same_photo(cat, compressed(cat, 40))
    assert is_same_photo(cat, cat.resize((200, 133)))
    assert is_same_photo(cat, cat.point(lambda level: min(255, int(1.2 * level + 10))))
    assert is_same_photo(cat, cat.convert("L"))


def test_a_photo_of_the_same_thing_is_another_one(cat: Image.Image) -> None:
    width, height = cat.size
    assert not is_same_photo(cat, cat.crop((width // 4, height // 4, width, height)))
    assert not is_same_photo(cat, cat.transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    assert not is_same_photo(cat, Image.fromarray(skimage.data.coffee()))


def test_two_plain_pictures_are_not_taken_for_one_photo() -> None:
    red, blue = Image.new("RGB", (9, 9), "red"), Image.new("RGB", (9, 9), "blue")
    assert not is_same_photo(red, blue)
