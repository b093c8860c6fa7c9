"""Campaigns that the owner sends from the own phone: the same checks, the same rows."""

import pytest

from local.automation.whatsapp.errors import (
    CampaignStateWrong,
    MessageNotAllowed,
    RecipientMissing,
)
from local.automation.whatsapp.models import Campaign, CampaignRecipient
from local.automation.whatsapp.selectors.campaigns import counts_of
from local.automation.whatsapp.services import by_hand as hand
from local.customers.services import consent_withdraw
from marketing_platform.effects.models import Effect

pytestmark = pytest.mark.django_db


def test_by_hand_each_person_has_a_link_and_a_tick(propose, approve, customer_new, time_is):
    meena, ravi = customer_new("Meena Joshi"), customer_new("")
    campaign = approve(propose(way="hand"))
    links, blocked = hand.hand_links(campaign_id=campaign.pk, now=time_is())
    assert blocked == ""
    texts = {each.number: each.text for each in links}
    assert texts[meena.phone].startswith("Namaste Meena, our fresh kaju katli")
    assert texts[ravi.phone].startswith("Namaste ji, our")
    assert links[0].address.startswith("https://wa.me/9199999")
    assert "%20" in links[0].address and "\n" not in links[0].address
    for link in links:
        for _twice in range(2):
            hand.hand_sent(campaign_id=campaign.pk, recipient_id=link.recipient.pk, now=time_is())
    assert counts_of(campaign.pk).states == {"self_reported": 2}
    assert not Effect.objects.exists()
    campaign.refresh_from_db()
    assert campaign.state == "done"


def test_by_hand_the_same_checks_hold_at_the_tick(propose, approve, customer_new, time_is):
    meena = customer_new()
    campaign = approve(propose(way="hand"))
    (link,), _blocked = hand.hand_links(campaign_id=campaign.pk, now=time_is())
    consent_withdraw(customer_id=meena.pk, source="owner", now=time_is())
    with pytest.raises(MessageNotAllowed):
        hand.hand_sent(campaign_id=campaign.pk, recipient_id=link.recipient.pk, now=time_is())
    assert counts_of(campaign.pk).states == {"skipped": 1}


def test_by_hand_nobody_is_shown_at_night(propose, approve, customer_new, time_is):
    customer_new()
    campaign = approve(propose(way="hand"))
    time_is.go(hours=10)
    links, blocked = hand.hand_links(campaign_id=campaign.pk, now=time_is())
    assert links == []
    assert blocked == "It is between 21:00 and 10:00."
    assert counts_of(campaign.pk).states == {"planned": 1}


def test_a_tick_by_hand_counts_for_the_pace_and_can_be_taken_back(
    propose, approve, customer_new, time_is
):
    customer_new()
    campaign = approve(propose(way="hand"))
    (link,), _blocked = hand.hand_links(campaign_id=campaign.pk, now=time_is())
    ids = {"campaign_id": campaign.pk, "recipient_id": link.recipient.pk}
    hand.hand_sent(**ids, now=time_is())
    assert propose(way="hand").forecast["left_out"] == {"too_often": 1}
    hand.hand_undo(**ids, now=time_is.go(minutes=5))
    assert propose(way="hand").forecast["left_out"] == {}
    hand.hand_sent(**ids, now=time_is())
    with pytest.raises(RecipientMissing):
        hand.hand_undo(**ids, now=time_is.go(minutes=31))


def test_resume_of_a_finished_campaign_is_refused(propose, approve, customer_new, time_is):
    from local.automation.whatsapp.services.campaigns import campaign_resume, campaign_stop

    customer_new()
    campaign = approve(propose(way="hand"))
    campaign_stop(campaign_id=campaign.pk, now=time_is())
    campaign_stop(campaign_id=campaign.pk, now=time_is())
    with pytest.raises(CampaignStateWrong):
        campaign_resume(campaign_id=campaign.pk, now=time_is())


def test_a_tick_of_a_stopped_campaign_stays(propose, approve, customer_new, time_is):
    """Taken back, the person would wait in a campaign that goes to nobody any more."""
    customer_new()
    campaign = approve(propose(way="hand"))
    (link,), _blocked = hand.hand_links(campaign_id=campaign.pk, now=time_is())
    named = {"campaign_id": campaign.pk, "recipient_id": link.recipient.pk, "now": time_is()}
    hand.hand_sent(**named)
    Campaign.objects.update(state="stopped")
    with pytest.raises(RecipientMissing):
        hand.hand_undo(**named)
    assert CampaignRecipient.objects.get().state == "self_reported"
