"""The drill, first part: a database that lost its workspaces gets them back."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from django.conf import settings

from billing.models import Payment, PlanVersion, Subscription
from marketing_platform.operations.backup import (
    workspace_backup,
)
from marketing_platform.operations.backup.errors import RestoreRefused
from marketing_platform.tenants.completeness import workspace_complete
from marketing_platform.tenants.models import Domain, State, Tenant, TenantEvent
from marketing_platform.users.models import Membership, User
from tests.operations.backup.world import (
    NOON,
    restore,
    schemas,
    whole,
    without,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
Lost = Callable[[], AbstractContextManager[None]]
EVENTS, WORK = "tenants.TenantEvent", "platform_schedule.DueWork"


def test_a_lost_database_gets_both_workspaces_back_as_they_were(
    filled: dict[str, Tenant], folder: Path, lost_database: Lost, vikram: User
) -> None:
    paths = {tier: workspace_backup(t, folder / f"{tier}.zip").path for tier, t in filled.items()}
    before = {tier: whole(tenant) for tier, tenant in filled.items()}

    with lost_database():
        reports = [restore(path) for path in paths.values()]
        after = {tier: whole(tenant) for tier, tenant in filled.items()}
        # One event says that it was restored.
        for tier, found in after.items():
            assert without(found, EVENTS, WORK) == without(before[tier], EVENTS, WORK)
            assert len(found.public[EVENTS]) == len(before[tier].public[EVENTS]) + 1
            assert len(found.public[WORK]) == len(before[tier].public[WORK])
        for tenant in filled.values():
            found = Tenant.objects.get(pk=tenant.pk)
            assert (found.slug, found.state) == (tenant.slug, State.ACTIVE)
            assert workspace_complete(found) == []
            assert Domain.objects.get(tenant=found).domain == f"{tenant.slug}.{settings.BASE_HOST}"
        person = Membership.objects.get(tenant=filled["enterprise"]).user
        assert (person.pk, person.email) == (vikram.pk, "vikram@veda.example")
        assert not person.has_usable_password()

    assert all(report.was_lost for report in reports)
    assert reports[0].files == len(before["local"].files)


def test_the_numbers_of_another_database_are_not_overwritten(
    shop: Tenant, backup: Path, lost_database: Lost
) -> None:
    """Rows that the database numbers get other numbers, and what refers to them follows."""
    with lost_database():
        stranger = Tenant.objects.create(
            schema_name="t_" + "0" * 26, tier="local", slug="stranger", name="Stranger",
            state_changed_at=NOON, created_at=NOON,
        )  # fmt: skip
        price = PlanVersion.objects.get(plan__tier="local", number=1)
        PlanVersion.objects.filter(pk=price.pk).update(id=price.pk + 100)
        for number in range(1, 6):
            theirs = Subscription.objects.create(
                id=number, tenant=stranger, plan_version_id=price.pk + 100, interval="month",
                state="ended",
            )  # fmt: skip
        ids = set(Payment.objects.values_list("id", flat=True))
        restore(backup)

        payment = Payment.objects.get(tenant=shop, remote_id=f"p-{shop.slug}")
        assert payment.subscription.tenant_id == shop.pk
        assert payment.subscription.plan_version_id == price.pk + 100
        assert payment.checkout.subscription_id == payment.subscription_id
        assert payment.subscription_id > theirs.pk
        assert payment.pk not in ids
        assert Subscription.objects.filter(tenant=stranger).count() == 5
        # The next one that is made does not meet a number that is taken.
        Subscription.objects.create(
            tenant=stranger, plan_version=payment.subscription.plan_version, interval="month",
            state="ended",
        )  # fmt: skip


def test_restoring_again_with_other_numbers_makes_nothing_twice(
    shop: Tenant, backup: Path, lost_database: Lost
) -> None:
    with lost_database():
        stranger = Tenant.objects.create(
            schema_name="t_" + "0" * 26, tier="local", slug="stranger", name="Stranger",
            state_changed_at=NOON, created_at=NOON,
        )  # fmt: skip
        for kind in ("one", "two"):
            TenantEvent.objects.create(tenant=stranger, kind=kind, happened_at=NOON)
        restore(backup)
        before = whole(shop)
        restore(backup)

        assert without(whole(shop), EVENTS) == without(before, EVENTS)
        kinds = list(TenantEvent.objects.filter(tenant=shop).values_list("kind", flat=True))
        assert kinds.count("reserved") == 1


def test_a_person_who_is_here_under_another_key_is_the_same_person(
    shop: Tenant, backup: Path, lost_database: Lost
) -> None:
    with lost_database():
        asha = User.objects.create_user(phone="+919800000001", full_name="Asha")
        restore(backup)

        assert Membership.objects.get(tenant=shop).user_id == asha.pk


def test_an_address_that_is_anothers_now_is_refused(
    shop: Tenant, backup: Path, lost_database: Lost
) -> None:
    with lost_database():
        Tenant.objects.create(
            schema_name="t_" + "0" * 26, tier="local", slug=shop.slug, name="Quicker",
            state_changed_at=NOON, created_at=NOON,
        )  # fmt: skip
        with pytest.raises(RestoreRefused, match=shop.slug):
            restore(backup)

        assert schemas() == set()
        assert Tenant.objects.count() == 1
