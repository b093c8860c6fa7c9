"""A trial is one per person, and tells at its end what it brought."""

from datetime import timedelta

import pytest

from billing.errors import TrialUsed
from billing.models import Subscription, TrialUse
from billing.services import trial_start
from local.automation.social_media.models import PostedRecord
from marketing_platform.core import clock
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.services import tenant_reserve
from marketing_platform.users.models import Membership, User
from marketing_platform.users.permissions import Role
from marketing_platform.users.services import membership_add

pytestmark = pytest.mark.django_db


def workspace(owner, name, tier="local"):
    now = clock.now()
    tenant = tenant_reserve(tier=tier, name=name, language="en", actor_id=owner.pk, now=now)
    membership_add(tenant=tenant, user=owner, role=Role.OWNER, now=now)
    return tenant


def test_a_second_trial_is_refused_when_the_first_workspace_and_the_account_are_gone():
    first = User.objects.create_user(phone="+919820000081")
    tried = workspace(first, "Rani Salon")
    trial_start(tenant=tried, now=clock.now())
    assert [row.tier for row in TrialUse.objects.filter(tier="local")].count("local") >= 1
    Subscription.objects.filter(tenant=tried).delete()
    Membership.objects.filter(user=first).delete()
    first.delete()

    again = User.objects.create_user(phone="+919820000081")
    with pytest.raises(TrialUsed):
        trial_start(tenant=workspace(again, "Rani Salon 2"), now=clock.now())
    other = User.objects.create_user(phone="+919820000082")
    assert trial_start(tenant=workspace(other, "Rani Salon 3"), now=clock.now()).pk


def test_no_number_is_kept_with_it():
    person = User.objects.create_user(phone="+919820000083", email="rani@salon.example")
    trial_start(tenant=workspace(person, "Rani Salon"), now=clock.now())
    kept = "".join(TrialUse.objects.values_list("person_hash", flat=True))
    assert "9820000083" not in kept
    assert "rani" not in kept


@pytest.fixture
def page(workspace_client, local_tenant, asha):
    def look():
        return workspace_client(local_tenant, asha).get("/billing/").content.decode()

    return look


def ends_in(tenant, **left):
    ends_at = clock.now() + timedelta(**left)
    Subscription.objects.filter(tenant=tenant).update(trial_ends_at=ends_at)


def test_the_last_two_days_tell_what_was_done(page, local_tenant):
    ends_in(local_tenant, days=3)
    assert "What was done in your trial" not in page()
    ends_in(local_tenant, days=1)
    assert "Nothing was shared from here yet" in page()
    with tenant_context(local_tenant):
        for network in ("facebook", "instagram"):
            PostedRecord.objects.create(
                on=clock.today(), network=network, variant=0, posted_at=clock.now()
            )
    text = page()
    assert "posts shared" in text
    assert ">2</dd>" in text
    assert "messages sent" not in text
    assert "₹1,178.82" in text


def test_after_it_the_same_stands_above_the_price(page, local_tenant):
    ends_in(local_tenant, days=-1)
    Subscription.objects.filter(tenant=local_tenant).update(state="expired")
    text = page()
    assert text.index("What was done in your trial") < text.index("₹1,178.82")
    assert "nothing is deleted" in text
