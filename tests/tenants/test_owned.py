"""Public rows with a tenant: inside a workspace only its own; on the public side all."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from marketing_platform.core import clock
from marketing_platform.schedule.models import DueWork
from marketing_platform.tenants import owned
from marketing_platform.tenants.across import across_tenants
from marketing_platform.tenants.acting import ACTING
from marketing_platform.tenants.context import public_context, tenant_context
from marketing_platform.tenants.errors import CrossTenantError
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.models import Membership, User

Two = tuple[Tenant, Tenant]


@pytest.fixture
def two(local_tenant: Tenant, enterprise_tenant: Tenant) -> Two:
    return local_tenant, enterprise_tenant


def of(tenant: Tenant) -> Membership:
    with public_context():
        return Membership.objects.get(tenant=tenant)


USES: dict[str, Callable[[QuerySet], Any]] = {
    "iteration": list,
    "iterator": lambda rows: list(rows.iterator()),
    "count": lambda rows: rows.count(),
    "exists": lambda rows: rows.exists(),
    "first": lambda rows: rows.first(),
    "values": lambda rows: list(rows.values("role")),
    "update": lambda rows: rows.update(role="viewer"),
    "delete": lambda rows: rows.delete(),
    "subquery": lambda rows: list(User.objects.filter(pk__in=rows.values("user"))),
    "or": lambda rows: list(Membership.objects.all() | rows),
    "union": lambda rows: list(Membership.objects.all().union(rows)),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_queryset_of_one_workspace_is_not_used_in_another(
    two: Two, use: Callable[[QuerySet], Any]
) -> None:
    with tenant_context(two[0]):
        rows = Membership.objects.all()

    with tenant_context(two[1]), pytest.raises(CrossTenantError):
        use(rows)


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_queryset_of_the_public_side_is_not_used_in_a_workspace(
    two: Two, use: Callable[[QuerySet], Any]
) -> None:
    rows = Membership.objects.all()

    with tenant_context(two[0]), pytest.raises(CrossTenantError):
        use(rows)
    with tenant_context(two[0]), pytest.raises(CrossTenantError):
        use(rows.filter(role="owner"))


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_the_public_side_uses_every_queryset(two: Two, use: Callable[[QuerySet], Any]) -> None:
    with tenant_context(two[0]):
        rows = Membership.objects.all()

    use(rows)
    use(Membership.objects.all())


def test_a_workspace_s_queryset_keeps_its_filter_on_the_public_side(two: Two) -> None:
    with tenant_context(two[0]):
        rows = Membership.objects.all()

    assert [row.tenant_id for row in rows] == [two[0].pk]


def test_control_without_the_stamp_a_public_queryset_shows_every_workspace(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owned.OwnedQuery, "require_acting", lambda _query: ACTING.get().schema)
    rows = Membership.objects.all()
    with tenant_context(two[0]):
        assert {row.tenant_id for row in rows} == {two[0].pk, two[1].pk}


def test_rows_already_read_are_not_read_elsewhere(two: Two) -> None:
    rows = Membership.objects.all()
    assert len(rows) == 2

    with tenant_context(two[0]), pytest.raises(CrossTenantError):
        len(rows)


def test_both_managers_show_the_workspace_s_rows_only(two: Two) -> None:
    with tenant_context(two[0]):
        for manager in (Membership._default_manager, Membership._base_manager):
            assert [row.tenant_id for row in manager.all()] == [two[0].pk]
    for manager in (Membership._default_manager, Membership._base_manager):
        assert {row.tenant_id for row in manager.all()} == {two[0].pk, two[1].pk}


def test_a_person_s_other_places_are_not_seen(two: Two) -> None:
    user = of(two[0]).user
    Membership.objects.create(user=user, tenant=two[1], role="viewer", created_at=clock.now())

    with tenant_context(two[1]):
        assert [row.role for row in Membership.objects.filter(user=user)] == ["viewer"]


ROW_USES: dict[str, Callable[[Membership], Any]] = {
    "save": lambda row: row.save(),
    "save raw": lambda row: row.save_base(raw=True),
    "delete": lambda row: row.delete(),
    "refresh": lambda row: row.refresh_from_db(),
    "bulk_create": lambda row: Membership.objects.bulk_create([row]),
    "bulk_update": lambda row: Membership.objects.bulk_update([row], ["role"]),
    "contains": lambda row: Membership.objects.contains(row),
}


@pytest.mark.parametrize("use", ROW_USES.values(), ids=ROW_USES)
def test_a_row_of_one_workspace_is_not_used_in_another(
    two: Two, use: Callable[[Membership], Any]
) -> None:
    theirs = of(two[1])
    theirs.role = "viewer"

    with tenant_context(two[0]), pytest.raises(CrossTenantError):
        use(theirs)
    assert of(two[1]).role == "owner"


@pytest.mark.parametrize("use", ROW_USES.values(), ids=ROW_USES)
def test_a_row_does_not_change_its_workspace(two: Two, use: Callable[[Membership], Any]) -> None:
    theirs = of(two[1])
    theirs.tenant, theirs.role = two[0], "viewer"

    with tenant_context(two[0]), pytest.raises(CrossTenantError):
        use(theirs)
    assert of(two[1]).role == "owner"


CHANGES: dict[str, Callable[[Tenant], Any]] = {
    "tenant": lambda other: Membership.objects.update(tenant=other),
    "tenant_id": lambda other: Membership.objects.update(tenant_id=other.pk),
    "nobody": lambda other: DueWork.objects.update(tenant=None),
    "get_or_create": lambda other: DueWork.objects.get_or_create(
        key="x", tenant=other, defaults={"task": "x", "due_at": clock.now()}
    ),
    "create": lambda other: DueWork.objects.create(
        key="x", tenant=other, task="x", due_at=clock.now()
    ),
    "create for nobody": lambda other: DueWork.objects.create(
        key="x", tenant=None, task="x", due_at=clock.now()
    ),
    "upsert": lambda other: DueWork.objects.bulk_create(
        [], update_conflicts=True, update_fields=["task"], unique_fields=["key"]
    ),
    "raw": lambda other: DueWork.objects.raw("SELECT * FROM schedule_duework"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_nothing_is_made_another_workspace_s(two: Two, change: Callable[[Tenant], Any]) -> None:
    with tenant_context(two[0]), pytest.raises(CrossTenantError):
        change(two[1])


def test_a_row_read_without_its_owner_is_deleted_by_it_alone(two: Two) -> None:
    theirs = Membership.objects.only("role").get(tenant=two[1])
    mine = Membership.objects.only("role").get(tenant=two[0])

    with tenant_context(two[0]):
        with pytest.raises(Membership.DoesNotExist):
            theirs.delete()
        mine.delete()

    assert [row.tenant_id for row in Membership.objects.all()] == [two[1].pk]


def test_on_the_public_side_everything_is_allowed(two: Two) -> None:
    row = of(two[0])
    row.role = "viewer"
    row.save()
    Membership.objects.filter(pk=row.pk).update(tenant=two[1], user=row.user)

    row.refresh_from_db()
    assert (row.role, row.tenant_id) == ("viewer", two[1].pk)


def test_another_workspace_s_public_row_is_nothing_to_point_at(two: Two) -> None:
    from billing.models import Payment, Subscription

    theirs = Subscription.objects.get(tenant=two[1])

    with tenant_context(two[0]):
        with pytest.raises(CrossTenantError):
            Payment(tenant=two[0], subscription=theirs)
        with pytest.raises(CrossTenantError):
            Payment.objects.filter(subscription=theirs)


def test_a_workspace_acting_by_its_name_alone_sees_no_public_rows(two: Two) -> None:
    class Named:
        schema_name = two[0].schema_name

    with tenant_context(Named()), pytest.raises(CrossTenantError):  # type: ignore[arg-type]
        Membership.objects.all()


def test_across_tenants_is_every_workspace_s_everywhere(two: Two) -> None:
    with tenant_context(two[0]):
        assert across_tenants(Membership).filter(role="owner").count() == 2
        assert connection.schema_name == two[0].schema_name
