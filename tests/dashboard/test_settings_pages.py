import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from billing.models import Subscription
from marketing_platform.api.keys import key_create
from marketing_platform.api.models import ApiKey
from marketing_platform.audit.models import AuditEntry
from marketing_platform.core import clock
from marketing_platform.dashboard import views
from marketing_platform.tenants.closing import GRACE, tenant_close
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.tenants.services import tenant_reactivate
from marketing_platform.tiers.contracts import entitlements_of

pytestmark = pytest.mark.django_db
KEYS = "/settings/api-keys/"
NEW_KEY = {"name": "Website", "access": "write", "kind": "live", "days": "90"}


@pytest.fixture
def owner(asha: Any, local_tenant: Tenant, session_for: Any) -> Client:
    browser = session_for(asha, local_tenant)
    browser.raise_request_exception = False
    return browser


@pytest.fixture
def key(local_tenant: Tenant) -> ApiKey:
    row, _text = key_create(
        tenant=local_tenant,
        name="Leaked",
        scopes=("read",),
        is_test=False,
        created_by_id=None,
        expires_at=None,
        now=clock.now(),
    )
    return row


@pytest.mark.parametrize("path", ["/settings/", "/settings/team/", KEYS])
def test_pages_answer_head(owner: Client, path: str) -> None:
    answer = owner.head(path)

    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_the_list_of_settings_is_only_read(owner: Client, method: str) -> None:
    assert getattr(owner, method)("/settings/").status_code == 405


def test_revoking_an_unknown_key_is_not_found(owner: Client) -> None:
    answer = owner.post(f"{KEYS}{uuid.UUID(int=7)}/revoke/")

    assert answer.status_code == 404
    assert "We could not find that." in answer.content.decode()


def test_a_key_is_not_made_without_its_entry_in_the_log(
    owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    _break_the_log(monkeypatch)

    assert owner.post(KEYS, NEW_KEY).status_code == 500
    assert ApiKey.objects.count() == 0


def test_a_key_is_not_revoked_without_its_entry_in_the_log(
    owner: Client, key: ApiKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    _break_the_log(monkeypatch)

    assert owner.post(f"{KEYS}{key.pk}/revoke/").status_code == 500
    key.refresh_from_db()
    assert key.revoked_at is None


def _break_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_entry: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(views, "audit_record", fail)


def test_a_key_and_its_end_are_in_the_log(owner: Client, local_tenant: Tenant) -> None:
    assert owner.post(KEYS, NEW_KEY).status_code == 200
    row = ApiKey.objects.get()
    assert owner.post(f"{KEYS}{row.pk}/revoke/").status_code == 302

    with tenant_context(local_tenant):
        entries = list(AuditEntry.objects.order_by("id").values_list("action", "subject"))
    assert entries[-2:] == [("api_key.created", row.prefix), ("api_key.revoked", str(row.pk))]


def test_a_leaked_key_can_be_revoked_while_the_workspace_is_read_only(
    owner: Client, key: ApiKey, local_tenant: Tenant
) -> None:
    past = clock.now() - timedelta(days=10)
    Subscription.objects.filter(tenant=local_tenant).update(trial_ends_at=past)
    assert entitlements_of(local_tenant).access == "read_only"

    assert owner.post(KEYS, NEW_KEY).status_code == 403
    assert owner.post(f"{KEYS}{key.pk}/revoke/").status_code == 302
    key.refresh_from_db()
    assert key.revoked_at is not None


def test_a_closing_workspace_says_until_when_it_can_be_read_and_takes_no_work(
    owner: Client, local_tenant: Tenant
) -> None:
    now = clock.now()
    tenant_close(tenant=local_tenant, reason="asked", actor_id=None, now=now)
    day = date_format(timezone.localtime(now + GRACE), "DATE_FORMAT")

    assert f"This workspace closes on {day}" in owner.get("/settings/").content.decode()
    assert entitlements_of(local_tenant).access == "read_only"
    tenant_reactivate(tenant=local_tenant, reason="stays", actor_id=uuid.uuid4(), now=now)
    assert "This workspace closes on" not in owner.get("/settings/").content.decode()
    assert entitlements_of(local_tenant).access == "full"
