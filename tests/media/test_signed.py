"""Signed addresses: one file, one workspace, for a time."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from django.http import Http404
from django.test import RequestFactory
from PIL import Image

from marketing_platform.core.clock import now as present
from marketing_platform.media.models import MediaFile
from marketing_platform.media.selectors import SIGNED_PATH, SignedUrl, signed_url
from marketing_platform.media.services import generated_store
from marketing_platform.media.views import signed
from marketing_platform.tenants.context import current_schema, tenant_context
from marketing_platform.tenants.errors import CrossTenantError
from marketing_platform.tenants.models import State, Tenant

pytestmark = pytest.mark.django_db

BASE = "http://asha.localhost:8000"


@pytest.fixture
def poster(settings, tmp_path, local_tenant: Tenant) -> MediaFile:
    settings.MEDIA_ROOT = tmp_path
    target = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(target, "PNG")
    with tenant_context(local_tenant):
        return generated_store(
            key="poster-1", content=target.getvalue(), mime_type="image/png", purpose="poster"
        )


def address_of(poster: MediaFile, tenant: Tenant, **options) -> SignedUrl:
    with tenant_context(tenant):
        return signed_url(poster, base_url=BASE, **options)


def fetch(url: str, *, here: Tenant | None = None, query: dict | None = None, **headers):
    request = RequestFactory().get(SIGNED_PATH, query or {}, headers=headers)
    request.tenant = here
    return signed(request, url.rpartition("/")[2])


def test_the_file_is_handed_out_on_both_hosts(poster, local_tenant):
    url = address_of(poster, local_tenant).url
    assert url.startswith(f"{BASE}/media/signed/")
    for here in (local_tenant, None):
        answer = fetch(url, here=here)
        assert answer.status_code == 200
        assert answer["Content-Type"] == "image/png"
        assert answer.content.startswith(b"\x89PNG")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"].startswith("private, max-age=8")
        assert answer["Content-Disposition"].startswith('inline; filename="poster-')
    assert current_schema() == "public"


def test_on_another_workspaces_host_it_is_not_found(poster, local_tenant, enterprise_tenant):
    url = address_of(poster, local_tenant).url
    with pytest.raises(Http404):
        fetch(url, here=enterprise_tenant)


def test_a_token_made_in_another_workspace_opens_nothing(poster, enterprise_tenant):
    url = address_of(poster, enterprise_tenant).url
    for here in (enterprise_tenant, None):
        with pytest.raises(Http404):
            fetch(url, here=here)


def test_an_expired_address_is_not_found(poster, local_tenant):
    yesterday = present() - timedelta(hours=26)
    url = address_of(poster, local_tenant, now=yesterday).url
    with pytest.raises(Http404):
        fetch(url, here=local_tenant)


@pytest.mark.parametrize("position", [0, 20, -1])
def test_a_changed_token_is_not_found(poster, local_tenant, position):
    url = address_of(poster, local_tenant).url
    letters = list(url.rpartition("/")[2])
    letters[position] = "A" if letters[position] != "A" else "B"
    with pytest.raises(Http404):
        fetch("/" + "".join(letters), here=local_tenant)


@pytest.mark.parametrize("token", ["", "x", ":", "e30:abc", "../../etc/passwd", "a" * 5000])
def test_junk_is_not_found(token):
    with pytest.raises(Http404):
        fetch("/" + token)


def test_a_blocked_workspace_hands_out_nothing(poster, local_tenant):
    url = address_of(poster, local_tenant).url
    Tenant.objects.filter(pk=local_tenant.pk).update(state=State.BLOCKED)
    with pytest.raises(Http404):
        fetch(url)


def test_the_address_shows_neither_schema_nor_path(poster, local_tenant):
    url = address_of(poster, local_tenant).url
    assert local_tenant.schema_name not in url
    assert poster.storage_path not in url


def test_expiries_of_hours_end_at_a_full_hour_and_repeat(poster, local_tenant):
    quarter_past = datetime(2026, 11, 22, 4, 15, 7, 9, tzinfo=UTC)
    first = address_of(poster, local_tenant, now=quarter_past)
    assert first.expires_at == datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
    assert address_of(poster, local_tenant, now=quarter_past + timedelta(minutes=20)) == first


def test_short_expiries_are_kept_to_the_second(poster, local_tenant):
    moment = datetime(2026, 11, 22, 4, 15, 7, tzinfo=UTC)
    made = address_of(poster, local_tenant, now=moment, expires_in=timedelta(seconds=90))
    assert made.expires_at == datetime(2026, 11, 22, 4, 16, 37, tzinfo=UTC)


def test_a_download_gets_a_safe_name(poster, local_tenant):
    with tenant_context(local_tenant):
        MediaFile.objects.filter(pk=poster.pk).update(purpose='a"\r\nX: y')
    answer = fetch(address_of(poster, local_tenant).url, query={"download": "1"})
    assert answer["Content-Disposition"].startswith("attachment; filename")
    assert "\r" not in answer["Content-Disposition"]


def test_a_browser_that_has_it_is_told_so(poster, local_tenant):
    url = address_of(poster, local_tenant).url
    tag = fetch(url)["ETag"]
    assert fetch(url, **{"If-None-Match": tag}).status_code == 304


def test_only_reading_is_allowed(poster, local_tenant):
    request = RequestFactory().post(SIGNED_PATH)
    request.tenant = local_tenant
    token = address_of(poster, local_tenant).url.rpartition("/")[2]
    assert signed(request, token).status_code == 405


def test_no_workspace_no_address(poster):
    with pytest.raises(CrossTenantError):
        signed_url(poster, base_url=BASE)


def test_the_view_says_that_it_is_public():
    assert signed.is_public is True
