"""Storing files in the acting workspace."""

import hashlib
import os
import uuid
from datetime import datetime
from pathlib import Path
from typing import Protocol

from django.core.files.storage import default_storage

from marketing_platform.core.clock import now as present
from marketing_platform.media.engine import MOST_BYTES, clean_photo, picture_size
from marketing_platform.media.errors import PhotoMissing
from marketing_platform.media.models import MediaFile

ENDINGS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "application/pdf": ".pdf",
    "text/csv": ".csv",
}


class Upload(Protocol):
    """What a form's uploaded file offers."""

    def read(self, size: int = -1, /) -> bytes: ...


def image_store(
    *, upload: Upload | None, purpose: str, actor_id: uuid.UUID | None, field: str = "photo"
) -> MediaFile:
    """Check, clean and keep an uploaded photo as a JPEG.

    Raises a PhotoRefused that names `field` when it is missing, over 8 MB, over 40 megapixels
    (24 for PNG and WebP), damaged, or no JPEG, PNG or WebP. The file name is never used.
    """
    if upload is None:
        raise PhotoMissing(field=field)
    photo = clean_photo(upload.read(MOST_BYTES + 1), field=field)
    created_at = present()
    name = _new_path(purpose, created_at, ".jpg")
    _write(name, photo.content)
    return MediaFile.objects.create(
        purpose=purpose,
        mime_type="image/jpeg",
        byte_size=len(photo.content),
        width=photo.width,
        height=photo.height,
        sha256=photo.sha256,
        storage_path=name,
        created_at=created_at,
        actor_id=actor_id,
    )


def generated_store(
    *,
    key: str,
    content: bytes,
    mime_type: str,
    purpose: str,
    actor_id: uuid.UUID | None = None,
) -> MediaFile:
    """Keep a file that we made. The first row of a key stays, whatever arrives later.

    A row whose file was lost from the disk gets `content` as its file again.
    """
    stored = MediaFile.objects.filter(key=key).first()
    if stored is None:
        stored = _insert_or_get(key, content, mime_type, purpose, actor_id)
    elif not default_storage.exists(stored.storage_path):
        _write(stored.storage_path, content)
    return stored


def _insert_or_get(
    key: str, content: bytes, mime_type: str, purpose: str, actor_id: uuid.UUID | None
) -> MediaFile:
    width, height = picture_size(content, mime_type)
    created_at = present()
    name = _new_path(purpose, created_at, ENDINGS.get(mime_type, ".bin"))
    _write(name, content)
    mine = MediaFile(
        purpose=purpose,
        mime_type=mime_type,
        byte_size=len(content),
        width=width,
        height=height,
        sha256=hashlib.sha256(content).hexdigest(),
        storage_path=name,
        key=key,
        created_at=created_at,
        actor_id=actor_id,
    )
    MediaFile.objects.bulk_create([mine], ignore_conflicts=True)
    stored = MediaFile.objects.get(key=key)
    if stored.pk != mine.pk:
        default_storage.delete(name)
    return stored


def _new_path(purpose: str, created_at: datetime, ending: str) -> str:
    return f"{purpose}/{created_at:%Y/%m}/{uuid.uuid4().hex}{ending}"


def _write(name: str, content: bytes) -> None:
    """Whole or not at all: written beside, then renamed."""
    path = Path(default_storage.path(name))
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{uuid.uuid4().hex}.part")
    part.write_bytes(content)
    os.replace(part, path)
