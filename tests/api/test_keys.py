from datetime import timedelta

import pytest
from django.test import Client
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from marketing_platform.api.access import MayUseWorkspace
from marketing_platform.api.errors import ScopeMissing
from marketing_platform.api.keys import key_create, key_revoke
from marketing_platform.api.models import ApiKey
from marketing_platform.core import clock
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.permissions import Permission

pytestmark = pytest.mark.django_db
ROUTE = "/api/local/intelligence"
PUBLIC = {"HTTP_HOST": "localhost"}


def make(tenant: Tenant, **options: object) -> tuple[ApiKey, str]:
    wanted = {
        "name": "Website",
        "scopes": ("read", "write"),
        "is_test": False,
        "created_by_id": None,
        "expires_at": None,
        "now": clock.now(),
    }
    return key_create(tenant=tenant, **{**wanted, **options})


def call(key: str | None, path: str = ROUTE, **extra: str) -> object:
    headers = {"HTTP_AUTHORIZATION": f"Bearer {key}"} if key is not None else {}
    return Client().post(
        path, data="{}", content_type="application/json", **{**PUBLIC, **headers, **extra}
    )


def code_of(answer: object) -> tuple[int, str]:
    assert answer["Content-Type"].startswith("application/problem+json"), answer.content[:200]
    return answer.status_code, answer.json()["code"]


def test_a_key_opens_its_workspace_on_both_hosts(local_tenant: Tenant) -> None:
    _row, text = make(local_tenant)

    assert call(text).status_code == 200
    assert call(text, HTTP_HOST=f"{local_tenant.slug}.localhost").status_code == 200


@pytest.mark.parametrize("slash", ["", "/"])
def test_paths_work_with_and_without_the_final_slash(local_tenant: Tenant, slash: str) -> None:
    _row, text = make(local_tenant)

    assert call(text, ROUTE + slash).status_code == 200


def test_without_a_key_the_answer_is_401(local_tenant: Tenant) -> None:
    assert code_of(call(None)) == (401, "key_missing")
    assert code_of(call(None, HTTP_HOST=f"{local_tenant.slug}.localhost")) == (401, "key_missing")


@pytest.mark.parametrize(
    "text", ["x", "live_", "live_abc", "live_abc_def", "é" * 40, "live_" + "a" * 300, "a_b_c"]
)
def test_a_malformed_key_is_401_and_never_500(local_tenant: Tenant, text: str) -> None:
    assert code_of(call(text)) == (401, "key_invalid")


def test_a_changed_revoked_or_expired_key_is_401(local_tenant: Tenant) -> None:
    row, text = make(local_tenant)
    assert code_of(call(text[:-1] + ("A" if text[-1] != "A" else "B")))[0] == 401
    key_revoke(tenant=local_tenant, key_id=row.pk, now=clock.now())
    assert code_of(call(text)) == (401, "key_invalid")

    _row, old = make(local_tenant, expires_at=clock.now() - timedelta(seconds=1))
    assert code_of(call(old)) == (401, "key_invalid")


def test_a_key_on_another_workspaces_host_is_403(
    local_tenant: Tenant, enterprise_tenant: Tenant
) -> None:
    _row, text = make(local_tenant)
    answer = call(
        text, "/api/enterprise/intelligence", HTTP_HOST=f"{enterprise_tenant.slug}.localhost"
    )

    assert code_of(answer) == (403, "key_of_another_workspace")


def test_the_other_tiers_route_is_a_tier_mismatch(local_tenant: Tenant) -> None:
    _row, text = make(local_tenant)

    assert code_of(call(text, "/api/enterprise/intelligence")) == (404, "tier_mismatch")
    assert code_of(call(text, "/api/local/nothing-here")) == (404, "not_found")
    assert code_of(call(None, "/api/enterprise/intelligence")) == (401, "key_missing")


def test_a_key_that_may_only_read_may_not_write(local_tenant: Tenant) -> None:
    row, _text = make(local_tenant, scopes=("read",))

    class View:
        permission = Permission.WORK

    request = APIRequestFactory().post("/")
    request.tenant, request.api_key = local_tenant, row
    with pytest.raises(ScopeMissing):
        MayUseWorkspace().has_permission(Request(request), View())
    View.permission = Permission.READ
    assert MayUseWorkspace().has_permission(Request(request), View())


def test_sessions_are_ignored_on_the_public_host(
    local_tenant: Tenant, asha: object, session_for: object
) -> None:
    answer = session_for(asha).post(ROUTE, data="{}", content_type="application/json", **PUBLIC)

    assert code_of(answer) == (401, "key_missing")


def test_the_secret_is_not_stored(local_tenant: Tenant) -> None:
    row, text = make(local_tenant)

    assert text.rsplit("_", 1)[1] not in str(ApiKey.objects.filter(pk=row.pk).values().get())


def test_calling_with_a_key_is_remembered(local_tenant: Tenant) -> None:
    row, text = make(local_tenant)
    call(text)
    row.refresh_from_db()

    assert row.last_used_at is not None


def test_wrong_json_and_wrong_content_type_are_named(local_tenant: Tenant) -> None:
    _row, text = make(local_tenant)
    headers = {**PUBLIC, "HTTP_AUTHORIZATION": f"Bearer {text}"}

    broken = Client().post(ROUTE, data="{", content_type="application/json", **headers)
    plain = Client().post(ROUTE, data="x", content_type="text/plain", **headers)
    listed = Client().post(ROUTE, data="[]", content_type="application/json", **headers)
    extra = Client().post(ROUTE, data='{"x": 1}', content_type="application/json", **headers)

    assert [a.status_code for a in (broken, plain, listed, extra)] == [400, 415, 400, 400]
    assert extra.json()["field"] == "x"
    assert all(a.json()["request_id"] for a in (broken, plain, listed, extra))
