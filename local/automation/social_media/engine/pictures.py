"""The picture as the networks fetch it: JPEG, of a shape that Instagram takes."""

import io

from PIL import Image

# Instagram: 4:5 to 1.91:1 (Content publishing, "Image specifications"); Facebook: at most 4 MB.
LOWEST, HIGHEST = 0.8, 1.91
MOST_BYTES = 4 * 1024 * 1024
QUALITIES = (90, 80, 65)


def jpeg_of(content: bytes) -> bytes:
    """A PNG, JPEG or WebP of ours as JPEG under 4 MB, on white where it was transparent."""
    with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP")) as opened:
        picture = opened.convert("RGBA")
    flat = Image.new("RGB", picture.size, "white")
    flat.paste(picture, mask=picture.getchannel("A"))
    raw = b""
    for quality in QUALITIES:
        buffer = io.BytesIO()
        flat.save(buffer, "JPEG", quality=quality, optimize=True)
        raw = buffer.getvalue()
        if len(raw) <= MOST_BYTES:
            break
    return raw


def is_shape_taken(width: int | None, height: int | None) -> bool:
    return bool(width and height and LOWEST <= width / height <= HIGHEST)
