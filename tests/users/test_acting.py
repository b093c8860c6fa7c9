"""The person, their place and the workspace's state come in one statement, read afresh each time.

"Elsewhere" is another process: the row is changed past our services, so that this process goes on
believing what it remembers.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from marketing_platform.api.keys import key_create
from marketing_platform.core import clock
from marketing_platform.tenants.host_cache import hosts
from marketing_platform.tenants.models import State, Tenant
from marketing_platform.tenants.selectors import tenant_by_host
from marketing_platform.users.models import Membership, User
from marketing_platform.users.selectors import user_in_workspace

pytestmark = pytest.mark.django_db
PAGE, API = "/settings/", "/api/local/intelligence"
NEW_KEY = {"name": "Website", "access": "write", "kind": "live", "days": "90"}


@pytest.fixture
def client(local_tenant: Tenant, asha: User, session_for: Callable[..., Client]) -> Client:
    """asha at her shop, after a first page: the host is remembered."""
    client = session_for(asha, local_tenant)
    assert client.get(PAGE).status_code == 200
    return client


@pytest.fixture
def key(local_tenant: Tenant) -> dict[str, str]:
    _row, text = key_create(
        tenant=local_tenant,
        name="Website",
        scopes=("read", "write"),
        is_test=False,
        created_by_id=None,
        expires_at=None,
        now=clock.now(),
    )
    return {"HTTP_AUTHORIZATION": f"Bearer {text}"}


def elsewhere(tenant: Tenant, **changes: Any) -> None:
    Tenant.objects.filter(pk=tenant.pk).update(**changes)


def post(client: Client, **extra: str) -> Any:
    return client.post(API, data="{}", content_type="application/json", **extra)


def statements(client: Client, path: str = PAGE) -> tuple[list[str], int]:
    """The SQL of a page, and how often the search path was set for it."""
    sets = connection.search_path_sets
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return [row["sql"] for row in asked], connection.search_path_sets - sets


def test_a_warm_page_asks_for_session_person_and_entitlements(client: Client) -> None:
    asked, _sets = statements(client)

    session, person, entitlements, *of_the_page = asked
    assert 'FROM "django_session"' in session
    assert all(
        f'"{name}"' in person for name in ("users_user", "users_membership", "tenants_tenant")
    )
    assert "billing_subscription" in entitlements
    assert not [sql for sql in of_the_page if '"tenants_' in sql or '"users_' in sql]


# Who pays is known on the public side alone.
@pytest.mark.parametrize(
    ("path", "switches"),
    [("/", 0), ("/posts/", 0), ("/billing/", 2), ("/settings/api-keys/", 0)],
)
def test_no_page_asks_more_of_tenancy(client: Client, path: str, switches: int) -> None:
    client.get(path)

    asked, sets = statements(client, path)

    # What the page is about may name people and workspaces; who asks is not asked again.
    whose = ('FROM "django_session"', 'FROM "users_user"', 'FROM "tenants_')
    assert [sql for sql in asked if any(name in sql for name in whose)] == asked[:2]
    assert sets == switches


def test_the_search_path_is_set_once_and_not_again(client: Client, local_tenant: Tenant) -> None:
    Tenant.objects.count()  # the connection last served the public side

    assert [statements(client)[1] for _request in range(3)] == [1, 0, 0]


@pytest.mark.parametrize("with_slash", ["", "/"])
def test_a_key_of_this_host_costs_one_statement_and_no_switch(
    client: Client, key: dict[str, str], with_slash: str
) -> None:
    bare = Client(HTTP_HOST="asha-sweets.localhost")
    assert post(bare, **key).status_code == 200
    sets = connection.search_path_sets
    with CaptureQueriesContext(connection) as asked:
        post(bare, **key)

    of_tenancy = [row["sql"] for row in asked if '"api_apikey"' in row["sql"]]
    assert len(of_tenancy) == 1
    assert not any('FROM "tenants_' in row["sql"] for row in asked)
    assert connection.search_path_sets == sets


def test_a_stranger_is_nobody_here(local_tenant: Tenant, asha: User, meera: User) -> None:
    assert user_in_workspace(asha.pk, local_tenant).acting.role == "owner"
    assert user_in_workspace(meera.pk, local_tenant).acting is None


def test_a_membership_of_another_workspace_does_not_count(
    local_tenant: Tenant, enterprise_tenant: Tenant, vikram: User, session_for: Any
) -> None:
    assert user_in_workspace(vikram.pk, local_tenant).acting is None
    assert session_for(vikram, local_tenant).get(PAGE).status_code == 403


def test_a_person_removed_elsewhere_is_refused_at_once(client: Client, asha: User) -> None:
    Membership.objects.filter(user=asha).delete()

    assert client.get(PAGE).status_code == 403
    assert post(client).status_code == 403


def test_a_person_made_inactive_elsewhere_is_nobody_at_once(client: Client, asha: User) -> None:
    User.objects.filter(pk=asha.pk).update(is_active=False)

    assert client.get(PAGE).status_code == 302


@pytest.mark.parametrize(
    ("state", "status", "code"),
    [
        (State.BLOCKED, 403, "workspace_blocked"),
        (State.ERASED, 404, "unknown_host"),
        (State.PREPARING, 503, "workspace_not_ready"),
    ],
)
def test_a_door_closed_elsewhere_is_closed_to_who_is_signed_in_and_to_keys(
    client: Client,
    key: dict[str, str],
    local_tenant: Tenant,
    state: State,
    status: int,
    code: str,
) -> None:
    bare = Client(HTTP_HOST="asha-sweets.localhost")
    calls = {
        "page": lambda: client.get(PAGE),
        "session": lambda: post(client),
        "key": lambda: post(bare, **key),
        "key on the public host": lambda: post(Client(HTTP_HOST="localhost"), **key),
    }
    for name, call in calls.items():
        # Each finds a process that still believes the workspace to be open.
        hosts.clear()
        elsewhere(local_tenant, state=State.ACTIVE)
        tenant_by_host("asha-sweets.localhost")
        elsewhere(local_tenant, state=state)

        answer = call()

        assert answer.status_code == status, name
        if name != "page":
            assert answer.json()["code"] == code, name
        if name != "key on the public host":
            assert hosts.get("asha-sweets.localhost") == (False, None), name


def test_control_a_page_for_nobody_may_be_late(client: Client, local_tenant: Tenant) -> None:
    nobody = Client(HTTP_HOST="asha-sweets.localhost")
    elsewhere(local_tenant, state=State.BLOCKED)

    assert nobody.get("/sign-in/").status_code != 403
    client.get(PAGE)  # whoever is signed in finds out for all
    assert nobody.get("/sign-in/").status_code == 403


def test_nothing_is_done_for_a_person_behind_a_door_closed_elsewhere(
    client: Client, local_tenant: Tenant
) -> None:
    elsewhere(local_tenant, state=State.BLOCKED)

    assert client.post("/settings/api-keys/", {**NEW_KEY, "name": "late"}).status_code == 403
    assert local_tenant.pk not in _tenants_with_keys()


def test_control_the_same_form_works_with_the_door_open(
    client: Client, local_tenant: Tenant
) -> None:
    client.post("/settings/api-keys/", NEW_KEY)

    assert local_tenant.pk in _tenants_with_keys()


def test_a_workspace_whose_schema_changed_elsewhere_is_not_read_from_the_old_one(
    client: Client, local_tenant: Tenant, enterprise_tenant: Tenant
) -> None:
    stale = Tenant.objects.get(pk=local_tenant.pk)
    stale.schema_name = enterprise_tenant.schema_name
    hosts.put("asha-sweets.localhost", stale, changes=hosts.changes)

    assert client.get(PAGE).status_code == 503
    assert client.get(PAGE).status_code == 200


def test_a_workspace_restored_elsewhere_into_another_schema_opens_at_the_second_try(
    client: Client, key: dict[str, str], local_tenant: Tenant
) -> None:
    bare = Client(HTTP_HOST="asha-sweets.localhost", raise_request_exception=False)
    for call in (lambda: client.get(PAGE), lambda: post(bare, **key)):
        stale = Tenant.objects.get(pk=local_tenant.pk)
        stale.schema_name = "t_" + "0" * 26  # put aside under another name
        hosts.put("asha-sweets.localhost", stale, changes=hosts.changes)

        assert [call().status_code, call().status_code] == [503, 200]


def test_a_name_changed_elsewhere_is_shown_at_once(client: Client, local_tenant: Tenant) -> None:
    elsewhere(local_tenant, name="Asha Sweets and Snacks")

    assert "Asha Sweets and Snacks" in client.get(PAGE).content.decode()


def _tenants_with_keys() -> set[Any]:
    from marketing_platform.api.models import ApiKey

    return set(ApiKey.objects.values_list("tenant_id", flat=True))
