"""Uploads: what is dangerous is refused quickly and in plain words, what is kept is clean."""

import io
import struct
import time
import zlib

import pytest
from PIL import Image

from marketing_platform.media.engine import MOST_BYTES, clean_photo
from marketing_platform.media.errors import (
    PhotoIsHeic,
    PhotoKindRefused,
    PhotoMissing,
    PhotoRefused,
    PhotoTooHeavy,
    PhotoTooManyPixels,
)


def encoded(picture: Image.Image, kind: str, **options) -> bytes:
    target = io.BytesIO()
    picture.save(target, kind, **options)
    return target.getvalue()


def png_chunk(name: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)


def png_of_declared_size(width: int, height: int, pixels: bytes = b"") -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", pixels)
        + png_chunk(b"IEND", b"")
    )


def refused(content: bytes) -> PhotoRefused:
    """The refusal, which names the field and does not unpack the picture (that takes minutes)."""
    started = time.process_time()
    with pytest.raises(PhotoRefused) as caught:
        clean_photo(content, field="logo")
    assert time.process_time() - started < 10
    assert caught.value.field == "logo"
    return caught.value


def test_a_small_bomb_of_many_pixels_is_refused_before_decoding():
    rows = zlib.compress(bytes(7001 * 6000), 9)  # 42 million pixels in about 42 kB
    bomb = png_of_declared_size(7000, 6000, rows)
    assert len(bomb) < 60_000
    assert isinstance(refused(bomb), PhotoTooManyPixels)


def test_a_header_of_thirty_thousand_squared_is_refused():
    error = refused(png_of_declared_size(30_000, 30_000))
    assert isinstance(error, PhotoTooManyPixels)
    assert "24 megapixels" in error.english


def test_a_jpeg_header_of_sixty_thousand_squared_is_refused():
    content = bytearray(encoded(Image.new("RGB", (8, 8)), "JPEG"))
    frame = content.index(b"\xff\xc0")
    content[frame + 5 : frame + 9] = struct.pack(">HH", 60_000, 60_000)
    assert isinstance(refused(bytes(content)), PhotoTooManyPixels)


def test_a_bomb_in_a_text_chunk_is_refused():
    picture = encoded(Image.new("L", (4, 4)), "PNG")
    text = png_chunk(b"zTXt", b"note\0\0" + zlib.compress(bytes(80_000_000), 9))
    refused(picture[:33] + text + picture[33:])


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "SVG"),
        (b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><svg/>", "SVG"),
        (b"GIF89a" + bytes(20), "GIF"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "EPS"),
        (b"\xc5\xd0\xd3\xc6" + bytes(30), "EPS"),
        (b"%PDF-1.7\n", "PDF"),
        (b"PK\x03\x04" + bytes(30), "ZIP"),
        (b"\x00\x00\x00\x20ftypavif", "AVIF"),
        (b"\x00\x00\x00\x20ftypisom", "Video"),
    ],
)
def test_other_kinds_are_refused_by_their_content_whatever_their_name(content, kind):
    error = refused(content)
    assert isinstance(error, PhotoKindRefused)
    assert error.english == (
        f"{kind} files cannot be used. Please choose a JPEG, PNG or WebP photo."
    )


def test_heic_is_refused_with_the_way_out():
    error = refused(b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic")
    assert isinstance(error, PhotoIsHeic)
    assert "Most compatible" in error.english


def test_a_truncated_photo_is_refused():
    whole = encoded(Image.linear_gradient("L").resize((800, 800)).convert("RGB"), "JPEG")
    refused(whole[: len(whole) // 2])
    whole = encoded(Image.radial_gradient("L").resize((800, 800)), "PNG")
    refused(whole[: len(whole) // 2])


@pytest.mark.parametrize(
    "content", [b"hello", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFFxxxxWEBP"]
)
def test_junk_is_refused(content):
    refused(content)


def test_an_empty_upload_asks_for_a_photo():
    assert isinstance(refused(b""), PhotoMissing)


def test_more_than_eight_megabytes_are_refused():
    error = refused(b"\xff\xd8\xff" + bytes(MOST_BYTES))
    assert isinstance(error, PhotoTooHeavy)
    assert "8 MB" in error.english


def test_what_hides_behind_the_picture_does_not_survive():
    polyglot = (
        encoded(Image.new("RGB", (40, 40), "red"), "JPEG") + b"<script>alert(1)</script>PK\x03\x04"
    )
    assert b"script" not in clean_photo(polyglot).content
    commented = encoded(Image.new("RGB", (40, 40)), "JPEG", comment=b"<?php evil ?>")
    assert b"php" not in clean_photo(commented).content


def test_a_sideways_photo_is_upright_and_forgets_where_it_was_taken():
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    exif[0x010F] = "Camera"
    sideways = encoded(Image.new("RGB", (60, 40)), "JPEG", exif=exif)
    assert b"Camera" in sideways
    photo = clean_photo(sideways)
    assert (photo.width, photo.height) == (40, 60)
    assert b"Camera" not in photo.content
    assert b"Exif" not in photo.content


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_large_photo_becomes_a_jpeg_of_two_thousand_pixels(kind):
    photo = clean_photo(encoded(Image.new("RGB", (3000, 1500), "navy"), kind))
    assert (photo.width, photo.height) == (2000, 1000)
    assert photo.content.startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "I;16"])
def test_every_colour_mode_can_be_kept(mode):
    photo = clean_photo(encoded(Image.new(mode, (20, 20)), "PNG"))
    assert (photo.width, photo.height) == (20, 20)


def test_print_colours_can_be_kept():
    assert clean_photo(encoded(Image.new("CMYK", (20, 20)), "JPEG")).width == 20


def test_transparency_becomes_white():
    clear = encoded(Image.new("RGBA", (20, 20), (0, 0, 0, 0)), "PNG")
    kept = Image.open(io.BytesIO(clean_photo(clear).content))
    assert kept.getpixel((10, 10)) == (255, 255, 255)
