"""What phones send and disks hold is decoded as people see it elsewhere."""

from __future__ import annotations

import struct
import zlib

import pytest
from PIL import Image, ImageChops, ImageCms, ImageDraw, ImageStat, PngImagePlugin

from engine.errors import PhotoTooLargeError, UnreadablePhotoError
from engine.photos import decoding
from engine.photos.decoding import decode
from tests.engine.conftest import as_bytes

SIZE = (96, 64)
LITTLE, BIG = "<", ">"
TIFF_TYPES = range(1, 13)


def drawing(size: tuple[int, int] = SIZE) -> Image.Image:
    """A sky over grass: its top is plainly lighter, its left side plainly redder."""
    image = Image.new("RGB", size, (120, 170, 230))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, size[1] // 2, *size), fill=(60, 120, 50))
    draw.rectangle((0, 0, size[0] // 4, size[1]), fill=(190, 80, 60))
    return image


def exif(*entries: tuple[int, int, int, bytes], order: str = LITTLE) -> bytes:
    """An EXIF block of one directory: tag, type, count and value of each entry."""
    body, beyond = struct.pack(f"{order}H", len(entries)), b""
    end = 8 + 2 + 12 * len(entries) + 4
    for tag, kind, count, value in sorted(entries):
        field = value.ljust(4, b"\0") if len(value) <= 4 else struct.pack(f"{order}I", end + len(beyond))
        beyond += b"" if len(value) <= 4 else value
        body += struct.pack(f"{order}HHI", tag, kind, count) + field
    mark = {LITTLE: b"II*\0", BIG: b"MM\0*"}[order]
    return b"Exif\0\0" + mark + struct.pack(f"{order}I", 8) + body + b"\0\0\0\0" + beyond


def turned(number: int, order: str = LITTLE) -> tuple[int, int, int, bytes]:
    """The orientation tag."""
    return 0x0112, 3, 1, struct.pack(f"{order}H", number)


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean difference of two pictures, in shades of 255."""
    assert one.size == other.size
    return max(ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB"))).mean)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "GIF", "BMP", "TIFF"])
def test_every_format_is_decoded(kind: str) -> None:
    assert difference(decode(as_bytes(drawing(), kind), 48), drawing()) < 6


def test_a_photo_of_an_iphone_is_decoded_upright() -> None:
    heif = pytest.importorskip("pillow_heif", reason="no pillow-heif for this system")
    heif.register_heif_opener()
    photo = as_bytes(drawing().transpose(Image.Transpose.ROTATE_90), "HEIF", quality=90, exif=exif(turned(6)))
    assert difference(decode(photo, 48), drawing()) < 6


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
def test_deep_greys_keep_their_picture(bits: int) -> None:
    grey = drawing().convert("L")
    values = [value * (2**bits - 1) // 255 for value in grey.tobytes()]
    deep = Image.frombytes("I;16", grey.size, struct.pack(f"<{len(values)}H", *values))
    assert difference(decode(as_bytes(deep, "PNG"), 48), grey) < 2
    assert difference(decode(as_bytes(deep, "TIFF"), 48), grey) < 2


def test_a_deep_grey_with_a_transparent_shade_keeps_its_picture() -> None:
    grey = drawing().convert("L")
    deep = Image.frombytes("I;16", grey.size, b"".join(struct.pack("<H", 257 * v) for v in grey.tobytes()))
    sky = deep.getpixel((60, 5))
    opened = decode(as_bytes(deep, "PNG", transparency=sky), 48)
    assert opened.getpixel((60, 5)) == (255, 255, 255)
    assert opened.getpixel((60, 60)) == (grey.getpixel((60, 60)),) * 3


def test_floating_point_scans_keep_their_picture() -> None:
    scan = drawing().convert("L").convert("F").point(lambda value: value * 100 - 4000)
    opened = decode(as_bytes(scan, "TIFF"), 48).convert("L")
    assert opened.getextrema() == (0, 255)
    assert opened.getpixel((60, 5)) > opened.getpixel((60, 60))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF"])
@pytest.mark.parametrize("number", range(1, 9))
def test_every_orientation_is_turned_upright(kind: str, number: int) -> None:
    stored = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[number]  # the inverse, as Pillow numbers it
    image = drawing() if stored is None else drawing().transpose(Image.Transpose(stored))
    options = {"tiffinfo": {0x0112: number}} if kind == "TIFF" else {"exif": exif(turned(number))}
    assert difference(decode(as_bytes(image, kind, **options), 48), drawing()) < 6


@pytest.mark.parametrize("order", [LITTLE, BIG])
@pytest.mark.parametrize("kind", TIFF_TYPES)
def test_tags_of_unexpected_types_do_not_matter(kind: int, order: str) -> None:
    """Of every tag that cameras write, with short values and long ones."""
    image = drawing().transpose(Image.Transpose.ROTATE_90)
    plain = as_bytes(image, "JPEG", quality=90)
    for tag in (
        0x0100,
        0x0102,
        0x010F,
        0x011A,
        0x0128,
        0x0201,
        0x0213,
        0x829A,
        0x8769,
        0x8825,
        0x9286,
        0xA005,
    ):
        for count, value in ((1, b"\1\0\0\0"), (4, b"8,8\0"), (9, b"abcdefgh" * 9)):
            block = exif(turned(6, order), (tag, kind, count, value), order=order)
            photo = plain[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + plain[2:]
            assert decode(photo, 48).size == SIZE, (hex(tag), count)


@pytest.mark.parametrize("kind", ["AVIF", "HEIF"])
def test_exif_is_hidden_from_decoders_that_fail_over_odd_tags(kind: str) -> None:
    """They would write it back, to tell the turn that the file has anyway."""
    odd = exif(turned(6), (0x0103, 10, 1, b"8,8\0"))
    sound = exif(*((tag, 3, 1, b"\0\0\0\0") for tag in (0x0103, 0x0106)))
    plain = as_bytes(drawing(), kind, quality=90, exif=sound)
    assert sound.removeprefix(b"Exif\0\0") in plain
    photo = plain.replace(sound.removeprefix(b"Exif\0\0"), odd.removeprefix(b"Exif\0\0"))
    assert difference(decode(photo, 48), drawing()) < 6


@pytest.mark.parametrize(
    "block", [b"", b"Exif\0\0", b"Exif\0\0II*\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"rubbish"]
)
def test_exif_that_cannot_be_read_is_as_none(block: bytes) -> None:
    assert decode(as_bytes(drawing(), "PNG", exif=block) if block else as_bytes(drawing()), 48).size == SIZE


def test_long_comments_do_not_matter() -> None:
    comment = PngImagePlugin.PngInfo()
    comment.add_text("Comment", "written by a scanner " * 60_000, zip=True)
    assert difference(decode(as_bytes(drawing(), "PNG", pnginfo=comment), 48), drawing()) == 0


def test_a_large_or_damaged_profile_does_not_matter() -> None:
    png = as_bytes(drawing(), "PNG")
    for body in (b"large\0\0" + zlib.compress(bytes(8 * 2**20)), b"damaged\0\0none", b"no end"):
        chunk = struct.pack(">I", len(body)) + b"iCCP" + body + struct.pack(">I", zlib.crc32(b"iCCP" + body))
        assert difference(decode(png[:33] + chunk + png[33:], 48), drawing()) == 0


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("missing", [1, 2])
def test_a_jpeg_without_its_end_marker_is_whole(missing: int, progressive: bool) -> None:
    photo = as_bytes(drawing(), "JPEG", quality=90, progressive=progressive)
    assert difference(decode(photo[:-missing], 48), decode(photo, 48)) == 0


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.95])
def test_a_half_copied_jpeg_is_refused(kept: float, progressive: bool) -> None:
    noise = Image.effect_noise((256, 256), 90).convert("RGB")
    photo = as_bytes(noise, "JPEG", progressive=progressive)
    with pytest.raises(UnreadablePhotoError):
        decode(photo[: int(kept * len(photo))], 48)


def test_an_animation_of_patches_looks_like_its_still() -> None:
    def patch(left: int) -> Image.Image:
        frame = Image.new("RGBA", SIZE)
        frame.paste((200, 60, 40, 255), (left, 20, left + 36, 50))
        return frame

    still = decode(as_bytes(patch(24), "WEBP", lossless=True), 48)
    moving = as_bytes(patch(24), "WEBP", lossless=True, save_all=True, append_images=[patch(26)], duration=90)
    assert difference(decode(moving, 48), still) == 0
    assert still.getpixel((2, 2)) == (255, 255, 255)


def test_a_white_drawing_on_nothing_can_be_seen() -> None:
    white = Image.new("RGBA", SIZE, (255, 255, 255, 0))
    ImageDraw.Draw(white).ellipse((20, 10, 70, 55), fill=(255, 255, 255, 255))
    opened = decode(as_bytes(white, "PNG"), 48)
    assert opened.getpixel((45, 32)) == (255, 255, 255)
    assert opened.getpixel((2, 2)) == decoding.DARK_GROUND


def test_200_megapixels_are_decoded_small() -> None:
    photo = as_bytes(Image.new("L", (16_320, 12_240), 90), "JPEG", quality=20)
    assert 432 <= min(decode(photo, 288).size) <= 1_530


def test_large_jpegs_are_decoded_small() -> None:
    """48 megapixels, as phones take them."""
    opened = decode(as_bytes(drawing().resize((8064, 5376)), "JPEG", quality=40), 288)
    assert 432 <= min(opened.size) < 900
    assert difference(opened.resize(SIZE), drawing()) < 6


@pytest.mark.parametrize(
    ("kind", "size", "options"),
    [("PNG", (6000, 5000), {}), ("WEBP", (6000, 5000), {"quality": 1, "method": 0})],
)
def test_what_would_be_decoded_whole_has_a_limit(
    kind: str, size: tuple[int, int], options: dict[str, int]
) -> None:
    with pytest.raises(PhotoTooLargeError) as caught:
        decode(as_bytes(Image.new("RGB", size), kind, **options), 288)
    assert caught.value.values == {"width": str(size[0]), "height": str(size[1])}


def test_progressive_jpegs_have_a_limit_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    photos = [
        as_bytes(drawing((2000, 1500)), "JPEG", progressive=progressive) for progressive in (True, False)
    ]
    monkeypatch.setattr(decoding, "MAX_PROGRESSIVE_PIXELS", 2_000_000)
    with pytest.raises(PhotoTooLargeError):
        decode(photos[0], 288)
    assert decode(photos[1], 288).size == (1000, 750)


def test_colours_are_those_of_the_profile() -> None:
    """A profile with other primaries: its red is not sRGB's."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    swapped = _swapping_red_and_blue(srgb.tobytes())
    red, blue = Image.new("RGB", SIZE, (255, 0, 0)), Image.new("RGB", SIZE, (0, 0, 255))
    assert difference(decode(as_bytes(red, "PNG", icc_profile=swapped), 48), blue) < 4
    assert difference(decode(as_bytes(red, "JPEG", icc_profile=swapped, quality=95), 48), blue) < 8
    assert difference(decode(as_bytes(red, "PNG", icc_profile=b"no profile"), 48), red) == 0


def _swapping_red_and_blue(profile: bytes) -> bytes:
    """Exchange two primaries of a matrix profile (ICC.1:2022, tag table), and its name."""
    swapped = bytearray(profile)
    (count,) = struct.unpack_from(">I", profile, 128)
    places = {profile[132 + 12 * n : 136 + 12 * n]: 132 + 12 * n for n in range(count)}
    for one, other in ((b"rXYZ", b"bXYZ"),):
        swapped[places[one] : places[one] + 4], swapped[places[other] : places[other] + 4] = other, one
    return (
        bytes(swapped)
        .replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))
        .replace(b"sRGB", b"swap")
    )
