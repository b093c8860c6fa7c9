"""Limits of a plan: refused with their figures, and counted as the pages show them."""

import pytest

from enterprise.data_sources.models import Contact, DataSource, Lead
from local.customers.services import customer_create
from marketing_platform.core import clock
from marketing_platform.jobs.models import Job
from marketing_platform.tiers import quotas
from marketing_platform.tiers.contracts import Entitlements
from marketing_platform.tiers.quotas import QUOTAS, QuotaReached, quota_check, usage_here
from marketing_platform.tiers.registry import REGISTRY
from marketing_platform.users.models import Membership, User
from marketing_platform.users.permissions import Role
from marketing_platform.users.services import membership_add


def uncounted() -> int:
    raise AssertionError("counted without a reason")


@pytest.fixture
def allowed(monkeypatch):
    """allowed(people=2): the plan's limits."""

    def limit(**limits):
        answer = Entitlements("full", limits)
        monkeypatch.setattr(quotas, "entitlements_of", lambda _tenant: answer)

    return limit


def test_every_limit_of_a_tier_has_its_words():
    for spec in REGISTRY.values():
        assert set(spec.limits) <= set(QUOTAS)
    figures = {"limit": "1", "used": "1", "more": "1"}
    for quota in QUOTAS.values():
        assert "%" not in quota.over % figures


@pytest.mark.parametrize(
    ("limit", "used", "more", "is_refused"),
    [(3, 2, 1, False), (3, 3, 1, True), (3, 1, 2, False), (3, 1, 3, True), (0, 0, 1, True)],
)
def test_up_to_the_limit_and_not_beyond(allowed, limit, used, more, is_refused):
    allowed(contacts=limit)
    if not is_refused:
        assert quota_check(None, "contacts", used=lambda: used, more=more) is None
        return
    with pytest.raises(QuotaReached) as refused:
        quota_check(None, "contacts", used=lambda: used, more=more)
    error = refused.value
    assert (error.quota, error.limit, error.used, error.more) == ("contacts", limit, used, more)
    assert f"{used} are stored and {more} would be" in error.english


def test_nothing_is_counted_without_a_limit_or_for_nothing_more(allowed):
    allowed()
    quota_check(None, "contacts", used=uncounted)
    allowed(contacts=0)
    quota_check(None, "contacts", used=uncounted, more=0)


@pytest.mark.django_db
def test_a_person_too_many_is_refused_and_nobody_is_lost(
    local_tenant, asha, meera, vikram, allowed
):
    now = clock.now()
    allowed(people=2)
    add = {"tenant": local_tenant, "now": now}
    membership_add(user=meera, role=Role.STAFF, **add)
    with pytest.raises(QuotaReached, match=r"for 2 people, and 2 work here"):
        membership_add(user=vikram, role=Role.STAFF, **add)
    # Who is here keeps the place and the role.
    assert membership_add(user=asha, role=Role.VIEWER, **add).role == Role.OWNER
    assert Membership.objects.filter(tenant=local_tenant).count() == 2
    allowed(people=0)
    Membership.objects.filter(tenant=local_tenant).delete()
    assert membership_add(user=asha, role=Role.OWNER, **add)
    assert User.objects.filter(pk=vikram.pk).exists()


@pytest.mark.django_db
def test_a_shops_usage_is_one_query(in_local_workspace, django_assert_num_queries):
    customer_create(phone="9999900001", now=clock.now())
    with django_assert_num_queries(1):
        used = usage_here("local")
    assert used == {"places": 1, "contacts": 1, "messages_per_month": 0, "posts_per_day": 0}
    assert set(used) <= set(REGISTRY["local"].limits)


@pytest.mark.django_db
def test_a_companys_usage_is_one_query(in_enterprise_workspace, django_assert_num_queries):
    now = clock.now()
    own = DataSource.objects.create(kind="hubspot", name="HubSpot 1", created_at=now)
    sample = DataSource.objects.create(kind="spend", name="Sample", is_sample=True, created_at=now)
    for source, model, key in (
        (own, Contact, "1"),
        (own, Contact, "2"),
        (own, Lead, "1"),
        (sample, Contact, "1"),
    ):
        more = {"created_on": now.date()} if model is Lead else {}
        model.objects.create(source=source, external_id=key, stored_at=now, **more)
    Contact.objects.filter(external_id="2").update(removed_at=now)
    for state in ("done", "running", "failed", "cancelled"):
        Job.objects.create(kind="enterprise.mix_fit", state=state, created_at=now)
    Job.objects.create(kind="enterprise.import", state="done", created_at=now)
    with django_assert_num_queries(1):
        used = usage_here("enterprise")
    assert used == {
        "contacts": 2,
        "data_sources": 1,
        "optimisations_per_day": 2,
        "optimisations_per_month": 2,
    }
    assert set(used) <= set(REGISTRY["enterprise"].limits)
