"""Decoding: from the bytes that a phone sends or a disk holds to an upright 8-bit RGB picture.

Formats: JPEG, PNG, WebP, AVIF, HEIF (HEIC), GIF, BMP, TIFF. Only the first frame of an animation is decoded.
What a picture looks like follows from its pixels, transparency, orientation and colour profile. All other
metadata is ignored, and so are faults in it.
"""

from __future__ import annotations

import io
import warnings
from contextlib import suppress
from typing import Final, cast

import pillow_heif
from PIL import Image, ImageCms, ImageStat

from engine.errors import PhotoTooLargeError, UnreadablePhotoError
from engine.photos import containers

# Pillow warns of damage that nobody can repair. `catch_warnings` would be for one thread at a time.
warnings.filterwarnings("ignore", module=r"PIL\.")
pillow_heif.register_heif_opener(thumbnails=False, decode_threads=1)

Image.MAX_IMAGE_PIXELS = None  # Pillow looks at a JPEG's stored size; the limits below at what is decoded
MAX_BYTES: Final = 20 * 2**20  # what Telegram's getFile hands to a bot
# Of the picture as it is decoded, pixels: a 10 KB PNG can unfold to gigabytes. JPEGs are decoded at a half, a
# quarter or an eighth of their size, so that a phone's 200 megapixels stay far below.
MAX_PIXELS: Final = 25_000_000
# Of a progressive JPEG as it is stored, pixels: all coefficients are held at once, up to six bytes a pixel.
MAX_PROGRESSIVE_PIXELS: Final = 65_000_000
FORMATS: Final = ("JPEG", "PNG", "WEBP", "AVIF", "HEIF", "GIF", "BMP", "TIFF")
# libheif and Pillow's TIFF decoder turn while they load.
TURNED_BY_DECODER: Final = frozenset({"HEIF", "TIFF"})
# libjpeg can decode at 1/2, 1/4, 1/8. Half as much again as the network sees is left, so that Telegram's
# 1280 x 960 still come at a half.
DRAFT_MARGIN: Final = 1.5
DEEP_MODES: Final = frozenset({"I;16", "I;16B", "I;16L", "I;16N", "I", "F"})
BIT_DEPTHS: Final = (8, 10, 12, 16)  # of what cameras and scanners store in 16 bits
BRIGHT: Final = 200  # mean lightness, of 255, from which a drawing vanishes on white
SAMPLE: Final = 64  # pixels a side that tell how bright a drawing is
LIGHT_GROUND: Final = (255, 255, 255)
DARK_GROUND: Final = (64, 64, 64)
SRGB: Final = ImageCms.createProfile("sRGB")

_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def decode(photo: bytes, size: int) -> Image.Image:
    """Decode a photo as upright 8-bit sRGB, at least `size` pixels a side where it was.

    Args:
        photo: bytes of a file in one of `FORMATS`.
        size: pixels a side that are needed; JPEGs are decoded no larger than necessary.

    Raises:
        PhotoTooLargeError: over `MAX_BYTES` or `MAX_PIXELS`; decided before any pixel is decoded.
        UnreadablePhotoError: not a whole image in a format that is read.
    """
    check_size(photo)
    try:
        return _decode(photo, size)
    except (PhotoTooLargeError, MemoryError):  # without memory the process is to be replaced, not believed
        raise
    except Exception as error:  # decoders raise anything at all for damaged files
        raise UnreadablePhotoError(key="unreadable-photo") from error


def turn(image: Image.Image, orientation: int) -> Image.Image:
    """Return an image upright; `orientation` is 1 to 8, as in EXIF, and 1 is upright already."""
    return image.transpose(_TURNS[orientation]) if orientation in _TURNS else image


def check_size(photo: bytes) -> None:
    """Refuse a file over `MAX_BYTES`, whatever it holds.

    Raises:
        PhotoTooLargeError: it is larger.
    """
    if len(photo) > MAX_BYTES:
        raise PhotoTooLargeError(key="file-too-large")


def _decode(photo: bytes, size: int) -> Image.Image:
    exif = profile = b""
    if containers.is_png(photo):
        photo, exif, profile = containers.split_png(photo)
    photo = containers.hide_exif(photo)
    image = _open(photo, size)
    exif, profile = exif or image.info.get("exif", b""), profile or image.info.get("icc_profile") or b""
    turned = 1 if image.format in TURNED_BY_DECODER else containers.orientation(exif)
    frame = containers.first_webp_frame(photo) if image.format == "WEBP" else None
    picture = _canvas(*frame) if frame else _load(image, photo, size)
    picture = _flatten(_to_srgb(_to_8_bits(picture), profile))
    picture.info.clear()  # EXIF has been applied, and tells where the photo was taken
    return turn(picture, turned)


def _open(photo: bytes, size: int) -> Image.Image:
    """Open an image and check what decoding it would take; nothing is decoded yet."""
    image = Image.open(io.BytesIO(photo), formats=FORMATS)
    stored = image.width * image.height
    wanted = round(DRAFT_MARGIN * size)
    image.draft("RGB", (wanted, wanted))
    too_large = image.width * image.height > MAX_PIXELS
    if too_large or (image.info.get("progressive") and stored > MAX_PROGRESSIVE_PIXELS):
        width, height = _stored_size(photo)
        raise PhotoTooLargeError(key="photo-too-wide", width=str(width), height=str(height))
    return image


def _stored_size(photo: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(photo), formats=FORMATS).size


def _load(image: Image.Image, photo: bytes, size: int) -> Image.Image:
    """Decode the pixels; of a JPEG that lacks nothing but its end marker, too."""
    try:
        image.load()
    except OSError:
        if not containers.is_jpeg(photo):
            raise
        return _load_without_end(photo, size)
    return image


def _load_without_end(photo: bytes, size: int) -> Image.Image:
    """Decode a JPEG whose end marker is missing.

    Where picture data is missing as well, the decoder makes up the rest from whatever follows. So the file is
    decoded with two different endings, and is whole only if both give the same picture.

    Raises:
        OSError: picture data is missing.
    """
    cut = photo.removesuffix(containers.JPEG_END[:1])  # half of the marker may be there
    ended, filled = (_open(cut + more + containers.JPEG_END, size) for more in (b"", b"\x5a\xa5" * 64))
    ended.load()
    filled.load()
    if ended.tobytes() != filled.tobytes():
        raise OSError("the file ends in the middle of the picture")
    return ended


def _canvas(still: bytes, canvas: tuple[int, int], offset: tuple[int, int]) -> Image.Image:
    """Place the first frame of an animation, which covers a part of the canvas, on a transparent ground."""
    if canvas[0] * canvas[1] > MAX_PIXELS:
        raise PhotoTooLargeError(key="photo-too-wide", width=str(canvas[0]), height=str(canvas[1]))
    whole = Image.new("RGBA", canvas)
    whole.paste(Image.open(io.BytesIO(still), formats=("WEBP",)).convert("RGBA"), offset)
    return whole


def _to_8_bits(image: Image.Image) -> Image.Image:
    """Scale deeper greys to 8 bits; Pillow's own conversion would clip them to white."""
    if image.mode not in DEEP_MODES:
        return image
    low, high = cast(tuple[float, float], image.getextrema())  # of one channel
    if image.mode == "F" or low < 0 or high >= 2**16:  # floating point, or 32 bits: by what it holds
        factor = 255 / ((high - low) or 1)
        return image.point(lambda value: value * factor - low * factor).convert("L")
    depth = next(bits for bits in BIT_DEPTHS if high < 2**bits)
    shades = [min(255, value >> (depth - 8)) for value in range(2**16)]
    grey = (image if image.mode == "I" else image.convert("I")).point(shades, "L")
    hidden = image.info.get("transparency")
    if isinstance(hidden, int):
        opaque = [0 if value == hidden else 255 for value in range(2**16)]
        grey = Image.merge("LA", (grey, image.convert("I").point(opaque, "L")))
    return grey


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Convert colours from the photo's own profile to sRGB; a profile that cannot be used is ignored."""
    if not profile:
        return image
    with suppress(ImageCms.PyCMSError, OSError, KeyError, ValueError):
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = own.profile.xcolor_space.strip()
        if "sRGB" in ImageCms.getProfileDescription(own):
            return image
        alpha = image.getchannel("A") if image.mode in ("RGBA", "LA") else None
        plain = {"RGB": "RGB", "CMYK": "CMYK", "GRAY": "L"}[space]
        opaque = image if image.mode == plain else image.convert(plain)
        found = ImageCms.profileToProfile(opaque, own, SRGB, outputMode="RGB")
        if found is not None and alpha is not None:
            found.putalpha(alpha)
        return found or image
    return image


def _flatten(image: Image.Image) -> Image.Image:
    """Return RGB; what is transparent becomes one plain ground on which the visible part can be seen."""
    if not image.has_transparency_data:
        return image if image.mode == "RGB" else image.convert("RGB")
    layer = image if image.mode == "RGBA" else image.convert("RGBA")
    ground = Image.new("RGB", layer.size, DARK_GROUND if _is_bright(layer) else LIGHT_GROUND)
    ground.paste(layer, mask=layer.getchannel("A"))
    return ground


def _is_bright(layer: Image.Image) -> bool:
    """Return whether the visible part of an RGBA image would vanish on white."""
    small = layer.resize((SAMPLE, SAMPLE), Image.Resampling.BOX)
    visible = small.getchannel("A").point(lambda value: 255 * (value > 127))
    lightness = ImageStat.Stat(small.convert("L"), visible)
    return bool(lightness.count[0]) and lightness.mean[0] > BRIGHT
