import io
import os

import pytest
from PIL import Image

from marketing_platform.documents.errors import DocumentError
from marketing_platform.documents.preview import poster_photo, webp_preview


def encoded(picture: Image.Image, kind: str, **options) -> bytes:
    target = io.BytesIO()
    picture.save(target, kind, **options)
    return target.getvalue()


def test_even_noise_fits_into_the_limit():
    noise = Image.frombytes("RGB", (1080, 1080), os.urandom(1080 * 1080 * 3))
    preview = webp_preview(encoded(noise, "PNG"), pixels=360, limit_bytes=60_000)
    assert len(preview) <= 60_000


def test_a_limit_that_cannot_be_met_is_an_error():
    noise = Image.frombytes("RGB", (400, 400), os.urandom(400 * 400 * 3))
    with pytest.raises(DocumentError, match="no WebP"):
        webp_preview(encoded(noise, "PNG"), limit_bytes=500)


def test_what_is_no_png_is_an_error():
    with pytest.raises(DocumentError, match="not a PNG"):
        webp_preview(b"GIF89a")


def test_a_sideways_photo_is_turned_upright_and_loses_its_metadata():
    sideways = Image.new("RGB", (1600, 1200), "red")
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Camera"
    photo = Image.open(io.BytesIO(poster_photo(encoded(sideways, "JPEG", exif=exif))))
    assert photo.height > photo.width
    assert dict(photo.getexif()) == {}


def test_a_large_photo_is_reduced_to_what_the_poster_shows():
    photo = Image.open(io.BytesIO(poster_photo(encoded(Image.new("RGB", (4000, 3000)), "JPEG"))))
    assert photo.size == (1080, 810)


def test_transparency_becomes_white():
    clear = Image.new("RGBA", (50, 50), (0, 0, 0, 0))
    photo = Image.open(io.BytesIO(poster_photo(encoded(clear, "PNG"))))
    assert photo.getpixel((25, 25)) == (255, 255, 255)
