"""Storing files in the acting workspace."""

import hashlib
import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True)
class GeneratedFile:
    """A file that we made: `key` says what it shows, the same key is the same picture."""

    key: str
    content: bytes
    mime_type: str
    purpose: str


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
        made = GeneratedFile(key, content, mime_type, purpose)
        return generated_store_all(files=[made], actor_id=actor_id)[key]
    if not default_storage.exists(stored.storage_path):
        _write(stored.storage_path, content)
    return stored


def generated_store_all(
    *, files: Sequence[GeneratedFile], actor_id: uuid.UUID | None = None
) -> dict[str, MediaFile]:
    """Keep files that we made, by key, with one INSERT and one SELECT; rules of generated_store."""
    created_at = present()
    mine = {made.key: _generated_row(made, created_at, actor_id) for made in files}
    for made in files:
        _write(mine[made.key].storage_path, made.content)
    MediaFile.objects.bulk_create(mine.values(), ignore_conflicts=True)
    stored = {row.key: row for row in MediaFile.objects.filter(key__in=mine) if row.key}
    for key, row in stored.items():
        if row.pk != mine[key].pk:
            _give_way(mine[key], row)
    return stored


def _generated_row(
    made: GeneratedFile, created_at: datetime, actor_id: uuid.UUID | None
) -> MediaFile:
    width, height = picture_size(made.content, made.mime_type)
    return MediaFile(
        purpose=made.purpose,
        mime_type=made.mime_type,
        byte_size=len(made.content),
        width=width,
        height=height,
        sha256=hashlib.sha256(made.content).hexdigest(),
        storage_path=_new_path(made.purpose, created_at, ENDINGS.get(made.mime_type, ".bin")),
        key=made.key,
        created_at=created_at,
        actor_id=actor_id,
    )


def _give_way(mine: MediaFile, stored: MediaFile) -> None:
    """The key was taken: our file goes, or takes the place of the one that was lost."""
    if default_storage.exists(stored.storage_path):
        default_storage.delete(mine.storage_path)
        return
    lost = Path(default_storage.path(stored.storage_path))
    lost.parent.mkdir(parents=True, exist_ok=True)
    Path(default_storage.path(mine.storage_path)).replace(lost)


def _new_path(purpose: str, created_at: datetime, ending: str) -> str:
    return f"{purpose}/{created_at:%Y/%m}/{uuid.uuid4().hex}{ending}"


def _write(name: str, content: bytes) -> None:
    """Whole or not at all: written beside, then renamed."""
    path = Path(default_storage.path(name))
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{uuid.uuid4().hex}.part")
    part.write_bytes(content)
    os.replace(part, path)
