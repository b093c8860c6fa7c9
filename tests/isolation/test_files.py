"""Files of equal names: each workspace reads its own, by whatever name it asks."""

import pytest
from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.test import Client

from marketing_platform.media.models import MediaFile
from marketing_platform.media.selectors import content_of
from marketing_platform.tenants.context import tenant_context
from tests.isolation.world import EQUAL_KEYS, ONLY_KEYS, PHOTO_FOLDER, TIERS, World, canary, uuid_of

pytestmark = pytest.mark.django_db
NAME = f"{PHOTO_FOLDER}/{EQUAL_KEYS[0]}.jpg"


@pytest.mark.parametrize("tier", TIERS)
def test_equal_rows_and_names_give_each_its_own_file(world: World, tier: str) -> None:
    for side in world:
        with tenant_context(side.tenants[tier]):
            row = MediaFile.objects.get(pk=uuid_of(EQUAL_KEYS[0]))
            assert row.storage_path == NAME
            assert canary(side.letter).encode() in content_of(row)


@pytest.mark.parametrize("tier", TIERS)
def test_a_name_that_only_the_other_has_is_not_there(world: World, tier: str) -> None:
    name = f"{PHOTO_FOLDER}/{ONLY_KEYS['B'][0]}.jpg"
    a, b = world.pair(tier)
    with tenant_context(b):
        assert default_storage.exists(name)
    with tenant_context(a):
        assert not default_storage.exists(name)
        with pytest.raises(FileNotFoundError):
            default_storage.open(name)


def test_no_name_leads_out_of_the_folder(world: World) -> None:
    a, b = world.pair("local")
    outside = settings.MEDIA_ROOT / b.schema_name / NAME
    assert outside.exists()
    with tenant_context(a):
        (settings.MEDIA_ROOT / a.schema_name / "link").symlink_to(outside)
        for name in (
            f"../{b.schema_name}/{NAME}",
            f"photo/../../{b.schema_name}/{NAME}",
            f"./../{b.schema_name}/{NAME}",
            str(outside),
            "..",
            "link",
        ):
            with pytest.raises(SuspiciousFileOperation):
                default_storage.open(name)
            with pytest.raises(SuspiciousFileOperation):
                default_storage.delete(name)
    assert outside.exists()


def test_a_plain_storage_would_hand_it_out(world: World) -> None:
    """The control: the name is a real way to the other's file."""
    a, b = world.pair("local")
    plain = FileSystemStorage(location=settings.MEDIA_ROOT)

    assert canary("B").encode() in plain.open(f"{b.schema_name}/{NAME}").read()
    with tenant_context(a):
        (settings.MEDIA_ROOT / a.schema_name / "link").symlink_to(
            settings.MEDIA_ROOT / b.schema_name / NAME
        )
        assert plain.exists(f"{a.schema_name}/link")


def test_a_saved_file_has_a_name_that_reads_it_again(world: World) -> None:
    for side in world:
        with tenant_context(side.tenants["local"]):
            name = default_storage.save("export/list.csv", ContentFile(side.letter.encode()))
            assert name == "export/list.csv"
            assert default_storage.open(name).read() == side.letter.encode()
            assert "list.csv" in default_storage.listdir("export")[1]


def test_nothing_is_stored_for_nobody(world: World) -> None:
    for act in (default_storage.open, default_storage.exists, default_storage.delete):
        with pytest.raises(SuspiciousFileOperation):
            act(NAME)
    with pytest.raises(SuspiciousFileOperation):
        default_storage.save("x", ContentFile(b"x"))


@pytest.mark.parametrize("tier", TIERS)
def test_no_guessed_address_serves_a_file(world: World, tier: str) -> None:
    a, b = world.pair(tier)
    schema = b.schema_name
    for tenant in (a, b):
        browser = Client(HTTP_HOST=f"{tenant.slug}.{settings.BASE_HOST}")
        for path in (
            f"/media/{NAME}",
            f"/media/{schema}/{NAME}",
            f"/media/signed/{NAME}",
            f"/media/signed/../{schema}/{NAME}",
            f"/static/../media/{schema}/{NAME}",
            f"/static/%2e%2e/media/{schema}/{NAME}",
        ):
            answer = browser.get(path)
            assert answer.status_code == 404, path
            assert canary("B") not in answer.content.decode("latin-1")
