"""Files are kept under the workspace's own folder; a generated file is made once per key."""

import io
import uuid
from pathlib import Path

import pytest
from django.core.exceptions import SuspiciousFileOperation
from PIL import Image

from marketing_platform.media import services
from marketing_platform.media.errors import MediaMissing, PhotoMissing, PhotoRefused
from marketing_platform.media.models import MediaFile
from marketing_platform.media.selectors import content_of
from marketing_platform.media.services import (
    GeneratedFile,
    generated_store,
    generated_store_all,
    image_store,
)
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import Tenant

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media_root(settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


def png(colour: str = "red") -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (1080, 1080), colour).save(target, "PNG")
    return target.getvalue()


def store(key: str = "poster-1", content: bytes = b"") -> MediaFile:
    return generated_store(
        key=key, content=content or png(), mime_type="image/png", purpose="poster"
    )


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_an_uploaded_photo_lies_in_its_workspaces_folder(local_tenant: Tenant, media_root: Path):
    actor_id = uuid.uuid4()
    with tenant_context(local_tenant):
        photo = image_store(upload=io.BytesIO(png()), purpose="owner_photo", actor_id=actor_id)
        photo.refresh_from_db()
        assert content_of(photo).startswith(b"\xff\xd8\xff")
    assert (photo.mime_type, photo.width, photo.height) == ("image/jpeg", 1080, 1080)
    assert (photo.purpose, photo.actor_id, photo.key) == ("owner_photo", actor_id, None)
    assert files_below(media_root) == [media_root / local_tenant.schema_name / photo.storage_path]


@pytest.mark.parametrize(("upload", "error"), [(None, PhotoMissing), (b"GIF89a", PhotoRefused)])
def test_a_refused_upload_leaves_nothing(local_tenant: Tenant, media_root: Path, upload, error):
    given = None if upload is None else io.BytesIO(upload)
    with tenant_context(local_tenant):
        with pytest.raises(error) as caught:
            image_store(upload=given, purpose="logo", actor_id=None, field="logo")
        assert MediaFile.objects.count() == 0
    assert caught.value.field == "logo"
    assert files_below(media_root) == []


def test_the_same_key_keeps_the_first_row(local_tenant: Tenant, media_root: Path):
    with tenant_context(local_tenant):
        first = store()
        second = store(content=png("blue"))
        assert second == first
        assert content_of(second) == png("red")
        assert MediaFile.objects.count() == 1
    assert len(files_below(media_root)) == 1


def test_a_lost_race_takes_the_winners_row_and_leaves_no_file(
    local_tenant: Tenant, media_root: Path
):
    with tenant_context(local_tenant):
        winner = store()
        late = GeneratedFile("poster-1", png("blue"), "image/png", "poster")
        assert generated_store_all(files=[late]) == {"poster-1": winner}
        assert MediaFile.objects.count() == 1
    assert len(files_below(media_root)) == 1


def test_a_generated_file_that_was_lost_is_written_again(local_tenant: Tenant, media_root: Path):
    with tenant_context(local_tenant):
        first = store()
        (media_root / local_tenant.schema_name / first.storage_path).unlink()
        with pytest.raises(MediaMissing):
            content_of(first)
        assert store() == first
        assert content_of(first) == png()
        (media_root / local_tenant.schema_name / first.storage_path).unlink()
        again = GeneratedFile("poster-1", png(), "image/png", "poster")
        assert generated_store_all(files=[again]) == {"poster-1": first}
        assert content_of(first) == png()
    assert len(files_below(media_root)) == 1


def test_several_files_are_stored_with_two_queries(local_tenant: Tenant, django_assert_num_queries):
    files = [GeneratedFile(f"poster-{n}", png(), "image/png", "poster") for n in range(4)]
    with tenant_context(local_tenant):
        MediaFile.objects.exists()
        with django_assert_num_queries(2):
            stored = generated_store_all(files=files)
        assert set(stored) == {made.key for made in files}
        assert content_of(stored["poster-3"]) == png()


def test_two_workspaces_may_use_the_same_key(local_tenant: Tenant, enterprise_tenant: Tenant):
    with tenant_context(local_tenant):
        ours = store(content=png("red"))
    with tenant_context(enterprise_tenant):
        theirs = store(content=png("blue"))
        assert content_of(theirs) == png("blue")
        assert not MediaFile.objects.filter(pk=ours.pk).exists()
    assert ours.pk != theirs.pk


def test_anothers_path_cannot_be_read(local_tenant: Tenant, enterprise_tenant: Tenant):
    with tenant_context(local_tenant):
        ours = store()
    forged = MediaFile(storage_path=f"../{local_tenant.schema_name}/{ours.storage_path}")
    with tenant_context(enterprise_tenant), pytest.raises(SuspiciousFileOperation):
        content_of(forged)


def test_nothing_is_stored_on_the_public_side(media_root: Path):
    with pytest.raises(SuspiciousFileOperation):
        services._write("poster/a.png", b"x")
    assert files_below(media_root) == []
