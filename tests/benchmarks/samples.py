"""Photos to measure with, of the size that Telegram serves."""

from __future__ import annotations

import io

from PIL import Image

from engine.gallery import galleries
from engine.settings import EngineSettings

PHOTOS = 10  # one a round, cyclically


def sample_photos(settings: EngineSettings) -> list[bytes]:
    """Return photos spread over the gallery, as JPEG files of the size that Telegram serves."""
    gallery = galleries.open_gallery(settings)
    step = max(1, len(gallery.images) // PHOTOS)
    return [_as_sent(gallery.read(name)) for name in gallery.images[::step][:PHOTOS]]


def _as_sent(picture: bytes) -> bytes:
    buffer = io.BytesIO()
    Image.open(io.BytesIO(picture)).convert("RGB").resize((1280, 960)).save(buffer, "JPEG")
    return buffer.getvalue()
