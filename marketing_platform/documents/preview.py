"""Pictures made smaller with Pillow: previews for pages, photos before they go on a poster."""

import functools
import io

from PIL import Image, ImageOps

from marketing_platform.documents.errors import DocumentError, UnreadablePhoto

PHOTO_FORMATS = ("JPEG", "PNG", "WEBP")
MOST_PHOTO_PIXELS = 40_000_000
QUALITIES = (82, 74, 66, 58, 48, 38, 28, 18, 8)


def webp_preview(png: bytes, *, pixels: int = 360, limit_bytes: int = 15_000) -> bytes:
    """A WebP of that width in at most `limit_bytes`, at the best quality that fits.

    Quickest from a PNG that was drawn at this width already.

    Raises DocumentError when `png` is no picture or no quality fits.
    """
    try:
        with Image.open(io.BytesIO(png), formats=("PNG",)) as opened:
            height = max(1, round(opened.height * pixels / opened.width))
            size = (pixels, height)
            # Whole steps first: a third of 1080 is exact, and ten times faster than LANCZOS.
            picture = opened.convert("RGB").resize(size, Image.Resampling.HAMMING, reducing_gap=1.0)
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise DocumentError(f"not a PNG: {error}") from error
    for quality in QUALITIES:
        encoded = io.BytesIO()
        picture.save(encoded, "WEBP", quality=quality, method=2)  # 4 takes twice as long
        if encoded.tell() <= limit_bytes:
            return encoded.getvalue()
    raise DocumentError(f"no WebP of {pixels} pixels fits into {limit_bytes} bytes")


@functools.lru_cache(maxsize=2)  # one photo goes on the posters of several languages
def poster_photo(content: bytes, *, pixels: int = 1080) -> bytes:
    """An upright RGB JPEG without metadata, just large enough to span `pixels` of width.

    Raises UnreadablePhoto for anything but a JPEG, PNG or WebP of at most 40 megapixels.
    """
    try:
        with Image.open(io.BytesIO(content), formats=PHOTO_FORMATS) as opened:
            if opened.width * opened.height > MOST_PHOTO_PIXELS:
                raise UnreadablePhoto(f"{opened.width}x{opened.height} pixels", field="photo")
            opened.draft("RGB", (pixels, round(0.6 * pixels)))
            upright = ImageOps.exif_transpose(opened)
            picture = _on_white(upright)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnreadablePhoto(str(error), field="photo") from error
    picture.info.clear()  # a JPEG comment would be written again
    scale = max(pixels / picture.width, 0.6 * pixels / picture.height)
    if scale < 1:
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        picture = picture.resize(size, Image.Resampling.HAMMING, reducing_gap=2.0)
    encoded = io.BytesIO()
    picture.save(encoded, "JPEG", quality=88)
    return encoded.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode not in ("RGBA", "LA", "PA", "P"):
        return picture.convert("RGB")
    layered = picture.convert("RGBA")
    ground = Image.new("RGBA", layered.size, "white")
    return Image.alpha_composite(ground, layered).convert("RGB")
