"""What stops campaigns from outside: the emergency stop, a backup, the day's limit of WhatsApp."""

from datetime import timedelta

import pytest

from local.automation.whatsapp.models import (
    CampaignRecipient,
    ChatMessage,
    DeliveryStatus,
    WhatsAppSettings,
)
from local.automation.whatsapp.services.campaigns import campaign_resume
from local.automation.whatsapp.services.sending import campaign_step
from local.automation.whatsapp.tasks.work import restored
from marketing_platform.effects.models import Effect
from marketing_platform.effects.said import shown
from marketing_platform.effects.services import stop_everything
from marketing_platform.effects.tasks import restored as effects_restored
from tests.local.automation.whatsapp.test_sending import going, sent, states

__all__ = ["going"]
pytestmark = pytest.mark.django_db


def test_after_stop_everything_a_campaign_goes_on_only_when_told(
    going, run_campaign, run_effects, twin, time_is, local_tenant
):
    campaign, _customers = going(3)
    campaign_step(campaign_id=campaign.pk, now=time_is())
    assert stop_everything(on=True, actor_id=None, now=time_is()) == 3
    run_campaign(campaign)
    campaign.refresh_from_db()
    assert (campaign.state, states(campaign)) == ("paused", ["planned"] * 3)
    assert "Everything was stopped" in campaign.reason
    stop_everything(on=False, actor_id=None, now=time_is())
    run_campaign(campaign)
    assert sent(twin) == []
    campaign_resume(campaign_id=campaign.pk, now=time_is())
    run_campaign(campaign)
    assert len(sent(twin)) == 3


def test_a_stopped_effect_says_why_and_not_what_it_waited_for(going, run_effects, time_is):
    campaign, _customers = going(1)
    campaign_step(campaign_id=campaign.pk, now=time_is())
    Effect.objects.update(failure_kind="paused", failure_sentence="The account is paused.")
    stop_everything(on=True, actor_id=None, now=time_is())
    assert shown(Effect.objects.get()).reason == "Stopped with everything else."


def test_what_was_going_out_when_the_backup_was_taken_is_not_sent_again(
    going, run_campaign, run_effects, twin, time_is, local_tenant, monkeypatch
):
    from local.automation.whatsapp.services import sending

    monkeypatch.setattr(sending, "LOT", 1)
    campaign, _customers = going(3)
    campaign_step(campaign_id=campaign.pk, now=time_is())  # one planned, two not yet
    report = restored(local_tenant, time_is(), time_is())
    effects_restored(local_tenant, time_is(), time_is())
    assert report == ["1 WhatsApp campaigns stopped"]
    time_is.go(minutes=30)
    run_campaign(campaign)
    campaign.refresh_from_db()
    assert (campaign.state, states(campaign)) == ("stopped", ["skipped"] * 3)
    assert Effect.objects.get().state == "needs_check"
    assert sent(twin) == []


def test_who_waits_for_the_morning_has_a_place_in_the_day(going, time_is):
    """Planned at night, all would go out at ten, however many WhatsApp allows."""
    time_is.go(hours=9)  # 20:30 in India
    campaign, _customers = going(5)
    WhatsAppSettings.objects.update_or_create(
        pk=1, defaults={"messaging_limit": 2, "changed_at": time_is()}
    )
    time_is.go(minutes=45)
    for _step in range(4):
        campaign_step(campaign_id=campaign.pk, now=time_is())
        time_is.go(minutes=1)
    planned = CampaignRecipient.objects.filter(effect_id__isnull=False)
    assert planned.count() == 2
    assert {each.due_at.hour for each in Effect.objects.all()} == {4}  # 10:00 in India is 4:30


def test_our_own_refusal_is_not_blamed_on_whatsapp(going, run_effects, twin, time_is, monkeypatch):
    """Quiet hours begin between preparing and the call."""
    from local.automation.whatsapp.tasks import leaving

    campaign, _customers = going(1)
    campaign_step(campaign_id=campaign.pk, now=time_is())
    monkeypatch.setattr(leaving, "refusal_of", lambda _recipient, _now: None)
    time_is.go(hours=10)  # 21:30
    run_effects()
    (effect,) = Effect.objects.all()
    assert effect.failure_sentence == "It is between 21:00 and 10:00."
    assert sent(twin) == []


def test_news_that_comes_before_the_answer_is_in_the_bubble(
    going, run_effects, twin, time_is, tell
):
    campaign, _customers = going(1)
    twin.faults.set({"no_webhooks": 9})
    campaign_step(campaign_id=campaign.pk, now=time_is())
    callback = str(Effect.objects.get().pk)
    for kind in ("read", "sent"):
        DeliveryStatus.objects.create(
            wamid="w", status=kind, callback=callback, happened_at=time_is(), received_at=time_is()
        )
    run_effects()
    assert ChatMessage.objects.get().state == "read"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("whatsapp.campaign_message", "WhatsApp took it"),
        ("whatsapp.reply", "WhatsApp took it"),
        ("whatsapp.template_create", "Handed over"),
    ],
)
def test_nothing_of_whatsapp_is_called_live(going, time_is, kind, words):
    campaign, _customers = going(1)
    campaign_step(campaign_id=campaign.pk, now=time_is())
    Effect.objects.update(kind=kind, state="confirmed", ended_at=time_is() + timedelta(hours=1))
    assert shown(Effect.objects.get()).words == words
