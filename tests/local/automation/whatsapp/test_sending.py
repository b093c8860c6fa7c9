"""Campaigns against the twin: who gets it, once, and what stops it."""

from datetime import timedelta

import pytest
from django.core.cache import cache

from local.automation.whatsapp.models import Campaign, CampaignRecipient, WhatsAppSettings
from local.automation.whatsapp.selectors.account import spent_in_month
from local.automation.whatsapp.selectors.campaigns import counts_of
from local.automation.whatsapp.services import sending
from local.automation.whatsapp.services.account import cap_set
from local.automation.whatsapp.services.campaigns import (
    campaign_pause,
    campaign_resume,
    campaign_stop,
)
from local.automation.whatsapp.services.sending import campaign_step
from local.customers.selectors import consent_of
from local.customers.services import consent_withdraw
from marketing_platform.effects.errors import EffectNeverAgain
from marketing_platform.effects.models import Effect
from marketing_platform.effects.running import effect_step
from marketing_platform.effects.services import effect_answer
from tests.local.automation.whatsapp.conftest import delivery, status

pytestmark = pytest.mark.django_db


def states(campaign):
    rows = CampaignRecipient.objects.filter(campaign=campaign).order_by("id")
    return [row.state for row in rows]


def sent(twin):
    return [each for each in twin.applied if each["what"] == "whatsapp.message"]


@pytest.fixture
def going(connected, known_at_meta, customer_new, propose, approve):
    """going(3): an approved campaign to so many who agreed."""

    def make(count=1, **changes):
        customers = [customer_new(f"Customer {n}") for n in range(count)]
        campaign = approve(propose(**changes))
        campaign.refresh_from_db()
        return campaign, customers

    return make


def test_everybody_who_agreed_gets_it_once_with_their_name(going, customer_new, run_campaign, twin):
    customer_new("Not agreed", agreed=False)
    campaign, customers = going(3)
    run_campaign(campaign)
    assert sorted(each["to"] for each in sent(twin)) == sorted(each.phone[1:] for each in customers)
    assert sent(twin)[0]["text"] == (
        "Namaste Customer, our fresh kaju katli is ready at the shop for you."
    )
    assert states(campaign) == ["accepted"] * 3
    campaign.refresh_from_db()
    assert campaign.state == "done"


def test_a_step_that_runs_again_sends_nothing_again(
    going, run_campaign, run_effects, twin, time_is
):
    campaign, _customers = going(2)
    run_campaign(campaign)
    Campaign.objects.filter(pk=campaign.pk).update(state="sending")
    for _again in range(3):
        campaign_step(campaign_id=campaign.pk, now=time_is())
        run_effects()
    assert len(sent(twin)) == 2


def test_after_a_kill_in_the_middle_the_rest_goes_and_nobody_twice(
    going, run_campaign, run_effects, twin, time_is, monkeypatch
):
    monkeypatch.setattr(sending, "LOT", 2)
    campaign, _customers = going(5)
    campaign_step(campaign_id=campaign.pk, now=time_is())
    run_effects()
    assert len(sent(twin)) == 2  # here its worker is killed; the work runs again from the rows
    run_campaign(campaign)
    assert len(sent(twin)) == 5
    assert len({each["to"] for each in sent(twin)}) == 5


def test_an_opt_out_between_approval_and_sending_is_obeyed(
    going, run_campaign, twin, time_is, monkeypatch
):
    campaign, (meena, *_rest) = going(2)
    campaign_step(campaign_id=campaign.pk, now=time_is())  # planned already
    consent_withdraw(customer_id=meena.pk, source="owner", now=time_is())
    run_campaign(campaign)
    assert meena.phone[1:] not in [each["to"] for each in sent(twin)]
    assert len(sent(twin)) == 1
    row = CampaignRecipient.objects.get(customer=meena)
    assert (row.state, row.reason) == ("skipped", sending.NOT_AGREED)
    assert not Effect.objects.filter(state="rejected").exists()  # no alarm for what was wanted


def test_without_that_check_the_opted_out_person_would_get_it(
    going, run_campaign, twin, time_is, monkeypatch
):
    """The control of the test before."""
    campaign, (meena, *_rest) = going(2)
    campaign_step(campaign_id=campaign.pk, now=time_is())
    consent_withdraw(customer_id=meena.pk, source="owner", now=time_is())
    monkeypatch.setattr(sending, "may_message", lambda *_arguments: True)
    run_campaign(campaign)
    assert meena.phone[1:] in [each["to"] for each in sent(twin)]


def test_an_opt_out_after_preparing_is_seen_right_before_the_call(
    going, run_effects, twin, time_is, monkeypatch
):
    """The last check: consent goes away between preparing and the call."""
    campaign, (meena,) = going(1)
    campaign_step(campaign_id=campaign.pk, now=time_is())
    from local.automation.whatsapp.tasks.leaving import CampaignMessage

    whole = CampaignMessage.prepare

    def prepares_then_hears_no(self, effect, client):
        prepared = whole(self, effect, client)
        consent_withdraw(customer_id=meena.pk, source="owner", now=time_is())
        return prepared

    monkeypatch.setattr(CampaignMessage, "prepare", prepares_then_hears_no)
    effect = Effect.objects.get()
    effect_step(effect.pk, effect.step, now=time_is())
    assert sent(twin) == []
    monkeypatch.setattr(CampaignMessage, "prepare", whole)
    time_is.go(minutes=5)
    run_effects()
    assert sent(twin) == []
    assert states(campaign) == ["skipped"]
    assert Effect.objects.get().state == "cancelled"


def test_a_second_campaign_in_the_week_leaves_them_out(going, run_campaign, propose, twin, time_is):
    campaign, _customers = going(1)
    run_campaign(campaign)
    time_is.go(days=3)
    again = propose()
    assert again.forecast["recipients"] == 0
    assert again.forecast["left_out"] == {"too_often": 1}


def test_two_campaigns_approved_together_write_to_a_person_once(
    going, run_campaign, propose, approve, twin
):
    campaign, _customers = going(1)
    other = approve(propose(title="Other"))
    run_campaign(campaign)
    run_campaign(other)
    assert len(sent(twin)) == 1
    assert states(other) == ["skipped"]


def test_what_is_planned_for_the_night_goes_in_the_morning(
    connected,
    known_at_meta,
    customer_new,
    propose,
    approve,
    run_campaign,
    run_effects,
    twin,
    time_is,
):
    customer_new()
    time_is.go(hours=10)  # 21:30 in India
    campaign = approve(propose())
    assert campaign.starts_at.isoformat() == "2026-11-24T04:30:00+00:00"
    campaign_step(campaign_id=campaign.pk, now=time_is())
    run_effects()
    assert sent(twin) == []
    time_is.go(hours=13)
    run_campaign(campaign)
    assert len(sent(twin)) == 1


def test_a_message_that_is_late_into_the_night_waits_for_the_morning(
    going, run_effects, twin, time_is
):
    campaign, _customers = going(1)
    campaign_step(campaign_id=campaign.pk, now=time_is())
    time_is.go(hours=11)  # its worker was away until 22:30
    run_effects()
    assert sent(twin) == []
    assert Effect.objects.get().due_at.isoformat() == "2026-11-24T04:30:00+00:00"
    time_is.go(hours=13)
    run_effects()
    assert len(sent(twin)) == 1


def test_the_month_s_money_really_stops_it(going, run_campaign, twin, time_is):
    campaign, _customers = going(5)
    cap_set(monthly_cap_paise=310, now=time_is())  # three messages cost 3.06
    run_campaign(campaign)
    assert len(sent(twin)) == 3
    campaign.refresh_from_db()
    assert (campaign.state, campaign.reason) == ("paused", sending.OVER_MONTH)
    assert spent_in_month(time_is()) == 3 * 10185


def test_the_campaign_s_own_money_stops_it(going, run_campaign, twin):
    from marketing_platform.core.money import Rupees

    campaign, _customers = going(4, cap=Rupees(204))
    run_campaign(campaign)
    assert len(sent(twin)) == 2
    campaign.refresh_from_db()
    assert campaign.reason == sending.OVER_CAMPAIGN


def test_pause_and_resume_keep_the_counts(
    going, run_campaign, run_effects, twin, time_is, monkeypatch
):
    monkeypatch.setattr(sending, "LOT", 2)
    campaign, _customers = going(5)
    campaign_step(campaign_id=campaign.pk, now=time_is())
    run_effects()
    campaign_step(campaign_id=campaign.pk, now=time_is())
    campaign_pause(campaign_id=campaign.pk, now=time_is())
    assert counts_of(campaign.pk).states == {"accepted": 2, "planned": 3}
    run_effects()
    assert len(sent(twin)) == 2
    campaign_resume(campaign_id=campaign.pk, now=time_is())
    assert counts_of(campaign.pk).states == {"accepted": 2, "planned": 3}
    run_campaign(campaign)
    assert counts_of(campaign.pk).states == {"accepted": 5}
    assert len({each["to"] for each in sent(twin)}) == 5


def test_a_stopped_campaign_sends_nothing_more(going, run_campaign, run_effects, twin, time_is):
    campaign, _customers = going(3)
    campaign_step(campaign_id=campaign.pk, now=time_is())
    campaign_stop(campaign_id=campaign.pk, now=time_is())
    run_effects()
    assert sent(twin) == []
    assert states(campaign) == ["skipped"] * 3


def test_a_lost_answer_is_never_sent_again_and_its_webhook_settles_it(
    going, run_campaign, run_effects, twin, time_is, tell
):
    campaign, _customers = going(1)
    twin.faults.set({"reply_lost": 1})
    run_campaign(campaign)
    assert len(sent(twin)) == 1
    (effect,) = Effect.objects.all()
    assert effect.state == "unknown"
    told = sent(twin)[0]
    tell(
        delivery(
            {
                "statuses": [
                    status(told["id"], "delivered", biz_opaque_callback_data=told["callback"])
                ]
            }
        )
    )
    time_is.go(minutes=2)
    run_effects()
    effect.refresh_from_db()
    assert (effect.state, effect.remote_id) == ("confirmed", told["id"])
    assert states(campaign) == ["delivered"]
    assert len(sent(twin)) == 1


@pytest.mark.parametrize("fault", ["reply_lost", "fail_after_apply", "not_json"])
def test_without_news_a_person_is_asked_and_even_then_it_is_not_sent_twice(
    going, run_campaign, run_effects, twin, time_is, fault
):
    campaign, _customers = going(1)
    twin.faults.set({fault: 1})
    run_campaign(campaign)
    for _look in range(4):
        time_is.go(minutes=11)
        run_effects()
    effect = Effect.objects.get()
    assert effect.state == "needs_check"
    assert states(campaign) == ["unknown"]
    with pytest.raises(EffectNeverAgain):
        effect_answer(effect_id=effect.pk, happened=False, again=True, actor_id=None, now=time_is())
    effect_answer(effect_id=effect.pk, happened=False, actor_id=None, now=time_is())
    time_is.go(minutes=1)
    run_effects()
    assert len(sent(twin)) == 1
    assert states(campaign) == ["failed"]


def test_busy_before_anything_happened_is_tried_again(
    going, run_campaign, run_effects, twin, time_is
):
    campaign, _customers = going(1)
    twin.faults.set({"rate_limit": 1})
    run_campaign(campaign)
    assert sent(twin) == []
    assert states(campaign) == ["planned"]
    time_is.go(minutes=10)
    cache.clear()  # the pause that the provider asked for, by the real clock
    run_effects()
    assert len(sent(twin)) == 1


def test_an_ended_sign_in_keeps_everything_waiting(going, run_campaign, twin, connected):
    campaign, _customers = going(2)
    twin.faults.set({"expired_token": True})
    run_campaign(campaign)
    connected.refresh_from_db()
    assert connected.state == "needs_sign_in"
    assert states(campaign) == ["planned", "planned"]
    assert sent(twin) == []


def test_no_more_people_a_day_than_meta_allows(going, run_effects, run_campaign, twin, time_is):
    campaign, _customers = going(4)
    WhatsAppSettings.objects.create(pk=1, messaging_limit=3, changed_at=time_is())
    run_campaign(campaign)
    assert len(sent(twin)) == 3
    time_is.go(hours=24, minutes=1)
    run_campaign(campaign)
    assert len(sent(twin)) == 4


def test_a_thousand_wait_and_not_one_effect_is_made_twice(going, time_is, monkeypatch):
    monkeypatch.setattr(sending, "LOT", 3)
    campaign, _customers = going(7)
    for _step in range(5):
        campaign_step(campaign_id=campaign.pk, now=time_is())
    assert Effect.objects.count() == 7
    assert CampaignRecipient.objects.filter(effect_id=None).count() == 0


def test_the_time_over_nothing_more_is_sent(going, run_effects, twin, time_is):
    campaign, _customers = going(1)
    campaign_step(campaign_id=campaign.pk, now=time_is())
    time_is.go(hours=49)
    run_effects()
    campaign_step(campaign_id=campaign.pk, now=time_is())
    assert sent(twin) == []
    assert states(campaign) == ["skipped"]
    campaign.refresh_from_db()
    assert campaign.state == "done"


def test_stopped_marketing_is_kept_apart_from_orders(going, run_campaign, twin, time_is, tell):
    campaign, (meena,) = going(1)
    run_campaign(campaign)
    told = sent(twin)[0]
    failed = status(told["id"], "failed", errors=[{"code": 131050}])
    tell(delivery({"statuses": [failed]}))
    assert consent_of(meena.pk, "whatsapp_marketing").state == "withdrawn"
    assert consent_of(meena.pk, "whatsapp_service").state == ""


def test_not_now_is_tried_once_more_after_a_day_and_no_more(
    going, run_campaign, run_effects, twin, time_is, tell
):
    from local.automation.whatsapp.services.outcomes import try_once_more
    from marketing_platform.schedule.models import DueWork

    campaign, _customers = going(1)
    run_campaign(campaign)
    row = CampaignRecipient.objects.get()
    tell(delivery({"statuses": [status(row.wamid, "failed", errors=[{"code": 131049}])]}))
    work = DueWork.objects.get(task="whatsapp.try_once_more")
    assert work.due_at == time_is() + timedelta(hours=24)
    time_is.go(hours=24)
    assert try_once_more(recipient_id=row.pk, now=time_is())
    assert not try_once_more(recipient_id=row.pk, now=time_is())
    run_campaign(campaign)
    assert len(sent(twin)) == 2
    row.refresh_from_db()
    tell(delivery({"statuses": [status(row.wamid, "failed", errors=[{"code": 131049}])]}))
    assert DueWork.objects.filter(task="whatsapp.try_once_more").count() == 1
    time_is.go(hours=24)
    assert not try_once_more(recipient_id=row.pk, now=time_is())


def test_marked_as_spam_stops_every_campaign(going, run_campaign, propose, twin, tell):
    from local.automation.whatsapp.errors import MarketingStopped
    from local.automation.whatsapp.services.campaigns import campaign_approve

    campaign, _customers = going(2)
    run_campaign(campaign)
    Campaign.objects.filter(pk=campaign.pk).update(state="sending")
    other = propose(title="Other")
    tell(delivery({"statuses": [status(sent(twin)[0]["id"], "failed", errors=[{"code": 131048}])]}))
    campaign.refresh_from_db()
    assert campaign.state == "paused"
    with pytest.raises(MarketingStopped):
        campaign_approve(
            campaign_id=other.pk, content=other.content_hash, actor_id=None, now=other.created_at
        )
