"""Checking and cleaning an uploaded photo; pure computation on bytes.

What is stored is always a fresh JPEG: whatever hid in the upload (metadata with the place, a
script behind the picture, a second file) does not survive.
"""

import hashlib
import io
from dataclasses import dataclass

from PIL import Image, ImageOps

from marketing_platform.media.errors import (
    PhotoIsHeic,
    PhotoKindRefused,
    PhotoMissing,
    PhotoRefused,
    PhotoTooHeavy,
    PhotoTooManyPixels,
)

MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 40_000_000
MOST_UNSCALED_PIXELS = 24_000_000  # PNG and WebP cannot be decoded at a fraction, as JPEG can
LONGEST_SIDE = 2000
QUALITY = 88
HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"heis")
# Magic bytes of kinds that people do send, for a plain answer.
REFUSED_KINDS = (
    (b"GIF8", "GIF"),
    (b"%PDF", "PDF"),
    (b"%!PS", "EPS"),
    (b"\xc5\xd0\xd3\xc6", "EPS"),
    (b"BM", "BMP"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"PK\x03\x04", "ZIP"),
)


@dataclass(frozen=True)
class CleanPhoto:
    """An upright RGB JPEG without metadata, its longest side at most 2000 pixels."""

    content: bytes
    width: int
    height: int
    sha256: str


def clean_photo(content: bytes, *, field: str = "photo") -> CleanPhoto:
    """The photo as we keep it. Raises a PhotoRefused that names `field`.

    The declared size is checked before any pixel is decoded (OWASP ASVS 5.2).
    """
    if not content:
        raise PhotoMissing(field=field)
    if len(content) > MOST_BYTES:
        raise PhotoTooHeavy(field=field, megabytes=MOST_BYTES // 1024 // 1024)
    kind = _kind(content, field)
    try:
        with Image.open(io.BytesIO(content), formats=(kind,)) as opened:
            _check_pixels(opened, field)
            opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            opened.load()
            picture = _bare(ImageOps.exif_transpose(opened))
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(kind, field) from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise PhotoRefused(field=field) from error
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    encoded = io.BytesIO()
    picture.save(encoded, "JPEG", quality=QUALITY, optimize=True)
    kept = encoded.getvalue()
    return CleanPhoto(kept, picture.width, picture.height, hashlib.sha256(kept).hexdigest())


def picture_size(content: bytes, mime_type: str) -> tuple[int | None, int | None]:
    """Width and height of a picture that we made; (None, None) for other files."""
    if not mime_type.startswith("image/"):
        return None, None
    with Image.open(io.BytesIO(content), formats=("PNG", "WEBP", "JPEG")) as opened:
        return opened.width, opened.height


def _kind(content: bytes, field: str) -> str:
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "WEBP"
    if content[4:8] == b"ftyp":
        if content[8:12] in HEIC_BRANDS:
            raise PhotoIsHeic(field=field)
        raise PhotoKindRefused(field=field, kind="AVIF" if content[8:11] == b"avi" else "Video")
    for magic, kind in REFUSED_KINDS:
        if content.startswith(magic):
            raise PhotoKindRefused(field=field, kind=kind)
    if b"<svg" in content[:1024].lower() or content.lstrip()[:5].lower() == b"<?xml":
        raise PhotoKindRefused(field=field, kind="SVG")
    raise PhotoRefused(field=field)


def _check_pixels(opened: Image.Image, field: str) -> None:
    if opened.width * opened.height > _pixel_limit(str(opened.format)):
        raise _too_many_pixels(str(opened.format), field)


def _pixel_limit(kind: str) -> int:
    return MOST_PIXELS if kind == "JPEG" else MOST_UNSCALED_PIXELS


def _too_many_pixels(kind: str, field: str) -> PhotoTooManyPixels:
    return PhotoTooManyPixels(field=field, megapixels=_pixel_limit(kind) // 1_000_000)


def _bare(picture: Image.Image) -> Image.Image:
    """RGB on white (a JPEG has no transparency), without comments and other company."""
    flat = _flat(picture)
    flat.info.clear()
    return flat


def _flat(picture: Image.Image) -> Image.Image:
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layered = picture.convert("RGBA")
        ground = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(ground, layered).convert("RGB")
    return picture.convert("RGB")
