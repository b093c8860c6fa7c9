"""What an owner takes along."""

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from local.automation.social_media.models import Offer
from marketing_platform.operations.backup import workspace_export
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import Tenant
from tests.operations.backup.world import NOON, whole

pytestmark = pytest.mark.django_db(transaction=True)


def entries(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_it_holds_readable_tables_files_and_the_public_rows(
    filled: dict[str, Tenant], folder: Path
) -> None:
    shop = filled["local"]
    found = entries(workspace_export(shop, folder / "export.zip").path)
    mine = whole(shop)

    assert {name for name in found if name.startswith("tables/")} == {
        f"tables/{table}.csv" for table in mine.tables
    }
    assert {name for name in found if name.startswith("files/")} == {
        f"files/{name}" for name in mine.files
    }
    content = found["tables/local_social_media_coachingresult.csv"]
    assert content.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert (row["Student"], row["Is paid"]) == ("Kavya Sharma", "yes")
    assert row["Created at"] == "2026-11-01 12:00:00+05:30"
    facts: dict[str, Any] = json.loads(found["workspace.json"])
    assert facts["name"] == "Asha Sweets"
    assert facts["localbusiness"][0]["city"] == "pune"
    assert [(one["full_name"], one["role"]) for one in facts["people"]] == [
        ("Asha Kulkarni", "owner")
    ]
    assert facts["payments"][0]["amount_paise"] == 118
    assert b"Asha Sweets" in found["README.txt"]


def test_it_holds_nothing_of_the_other_workspace(filled: dict[str, Tenant], folder: Path) -> None:
    for tenant in filled.values():
        others = [other for other in filled.values() if other != tenant]
        content = b"".join(entries(workspace_export(tenant, folder / "e.zip").path).values())

        assert tenant.slug.encode() in content
        assert not any(other.slug.encode() in content for other in others)
        assert not any(str(other.pk).encode() in content for other in others)


def test_it_holds_no_secret_and_no_number_of_a_person(
    filled: dict[str, Tenant], folder: Path
) -> None:
    found = entries(workspace_export(filled["local"], folder / "export.zip").path)
    content = b"".join(found.values())

    for secret in (b"the-secret-hash", b"+919800000001", b"argon2", b"same-key-1"):
        assert secret not in content


def test_no_text_is_a_formula(filled: dict[str, Tenant], folder: Path) -> None:
    words = [f"{first}cmd()" for first in ("=", "+", "-", "@", "\t", "\r")]
    with tenant_context(filled["local"]):
        Offer.objects.all().delete()
        for text in words:
            Offer.objects.create(words=text, valid_from=NOON, valid_until=NOON, created_at=NOON)
    found = entries(workspace_export(filled["local"], folder / "export.zip").path)
    content = found["tables/local_social_media_offer.csv"].decode("utf-8-sig")
    rows = csv.DictReader(io.StringIO(content, newline=""))

    assert [row["Words"] for row in rows] == [f"'{text}" for text in words]


def test_a_negative_number_stays_one(filled: dict[str, Tenant], folder: Path) -> None:
    from enterprise.data_sources.models import MetricPoint

    with tenant_context(filled["enterprise"]):
        MetricPoint.objects.update(value="-5.000000")
    found = entries(workspace_export(filled["enterprise"], folder / "export.zip").path)

    assert b",-5.000000" in found["tables/enterprise_data_sources_metricpoint.csv"]
