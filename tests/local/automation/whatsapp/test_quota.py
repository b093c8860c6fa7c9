"""The plan's campaign messages of a month: refused before anything goes, and never passed."""

from datetime import timedelta

import pytest

from local.automation.whatsapp.models import Campaign, CampaignRecipient
from local.automation.whatsapp.selectors.campaigns import messages_begun, messages_of_month
from local.automation.whatsapp.services.campaigns import campaign_pause, campaign_resume
from local.automation.whatsapp.services.sending import OVER_PLAN, recipient_claim
from marketing_platform.tiers import quotas
from marketing_platform.tiers.contracts import Entitlements
from marketing_platform.tiers.quotas import QuotaReached

pytestmark = pytest.mark.django_db


@pytest.fixture
def allowed(monkeypatch):
    def limit(messages):
        answer = Entitlements("full", {"messages_per_month": messages})
        monkeypatch.setattr(quotas, "entitlements_of", lambda _tenant: answer)

    return limit


def test_a_campaign_that_is_too_large_is_refused_with_its_figures(
    connected, customer_new, propose, approve, allowed, time_is
):
    for number in range(3):
        customer_new(f"Customer {number}")
    first, second = propose(), propose()
    allowed(5)
    approve(first)
    with pytest.raises(QuotaReached) as refused:
        approve(second)
    assert refused.value.params == {"limit": "5", "used": "3", "more": "3"}
    second.refresh_from_db()
    assert (second.state, second.recipients.count()) == ("proposed", 0)
    # By hand the messages are the owner's own.
    allowed(0)
    assert approve(propose(way="hand")).state == "approved"
    # What waits no longer takes no room; going on is asked again.
    campaign_pause(campaign_id=first.pk, now=time_is())
    assert messages_of_month(time_is()).count() == 0
    with pytest.raises(QuotaReached):
        campaign_resume(campaign_id=first.pk, now=time_is())
    allowed(3)
    assert campaign_resume(campaign_id=first.pk, now=time_is()).state == "approved"


def test_the_last_message_of_the_month_is_the_last(
    connected, customer_new, propose, approve, allowed, time_is
):
    for number in range(2):
        customer_new(f"Customer {number}")
    campaign = approve(propose())
    Campaign.objects.update(state="sending")
    one, other = CampaignRecipient.objects.order_by("id")
    allowed(1)
    assert recipient_claim(recipient_id=one.pk, now=time_is()).state == "sending"
    refusal = recipient_claim(recipient_id=other.pk, now=time_is())
    assert (refusal.sentence, refusal.then) == (OVER_PLAN, "pause")
    # A new month, a new count.
    assert messages_begun(time_is()).count() == 1
    assert messages_begun(time_is() + timedelta(days=40)).count() == 0
    assert campaign.pk == one.campaign_id
