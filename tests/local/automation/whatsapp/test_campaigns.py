"""Proposing and approving."""

from datetime import timedelta

import pytest

from local.automation.whatsapp.errors import (
    CampaignChanged,
    CampaignFixed,
    CampaignTimesWrong,
    NobodyLeft,
    NotConnected,
    OverMonthlyCap,
    SegmentUnknown,
    TemplateUnusable,
    ValueMissing,
)
from local.automation.whatsapp.models import (
    Campaign,
    CampaignRecipient,
    MessageTemplate,
)
from local.automation.whatsapp.selectors.campaigns import counts_of, effect_measured
from local.automation.whatsapp.services.campaigns import CampaignWish, campaign_approve
from local.automation.whatsapp.services.campaigns import campaign_propose as propose_service
from local.customers.models import Visit
from marketing_platform.core.money import Rupees
from tests.local.automation.whatsapp.conftest import NOON, delivery, status

pytestmark = pytest.mark.django_db


def test_a_proposal_sends_nothing(connected, propose, customer_new, run_effects, twin):
    customer_new()
    campaign = propose()
    run_effects()
    assert campaign.state == "proposed"
    assert not CampaignRecipient.objects.exists()
    assert twin.applied == []


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"values": {"name": "ji"}}, ValueMissing),
        ({"values": {"name": "ji", "sweet": "x" * 201}}, ValueMissing),
        ({"values": {"name": "ji", "sweet": "{{name}}"}}, ValueMissing),
        ({"segment": "everybody"}, SegmentUnknown),
        ({"starts_at": NOON - timedelta(hours=1)}, CampaignTimesWrong),
        ({"starts_at": NOON + timedelta(days=31)}, CampaignTimesWrong),
        ({"cap": Rupees.of(501)}, OverMonthlyCap),
    ],
)
def test_a_bad_wish_names_its_field(propose, changes, error):
    with pytest.raises(error) as caught:
        propose(**changes)
    assert caught.value.field
    assert not Campaign.objects.exists()


@pytest.mark.parametrize("what", ["cap", "values", "template"])
def test_an_approval_is_of_what_was_seen(connected, propose, customer_new, template, time_is, what):
    customer_new()
    campaign = propose()
    seen = campaign.content_hash
    if what == "template":
        MessageTemplate.objects.update(body="Namaste {{name}}, other {{sweet}} words for you now.")
    else:
        changed = {
            "cap": {"cap": Rupees.of(299)},
            "values": {"values": {"name": "ji", "sweet": "barfi"}},
        }
        facts = {
            "title": "Diwali",
            "template_id": template.pk,
            "segment": "all_agreed",
            "values": {"name": "ji", "sweet": "kaju katli"},
            "way": "api",
            "starts_at": time_is(),
            "cap": Rupees.of(300),
            "cap_people": 500,
        }
        wish = CampaignWish(**(facts | changed[what]))
        propose_service(wish=wish, campaign_id=campaign.pk, now=time_is())
    with pytest.raises(CampaignChanged):
        campaign_approve(campaign_id=campaign.pk, content=seen, actor_id=None, now=time_is())
    assert not CampaignRecipient.objects.exists()


def test_approving_twice_is_approving_once(connected, propose, approve, customer_new):
    customer_new()
    campaign = propose()
    approve(campaign)
    approve(campaign)
    assert CampaignRecipient.objects.count() == 1


def test_an_approved_campaign_is_not_edited(connected, propose, approve, customer_new, time_is):
    customer_new()
    campaign = approve(propose())
    wish = CampaignWish(
        "x", campaign.template_id, "all_agreed", campaign.values, "api", time_is(), Rupees(1), 1
    )
    with pytest.raises(CampaignFixed):
        propose_service(wish=wish, campaign_id=campaign.pk, now=time_is())


def test_what_cannot_go_is_not_approved(propose, approve, customer_new, template, connected):
    with pytest.raises(NobodyLeft):
        approve(propose())
    customer_new()
    MessageTemplate.objects.update(state="pending")
    with pytest.raises(TemplateUnusable):
        approve(propose())


def test_without_a_connection_only_by_hand(propose, approve, customer_new):
    customer_new()
    with pytest.raises(NotConnected):
        approve(propose())
    assert approve(propose(way="hand")).state == "approved"


def test_held_out_people_get_nothing_and_are_drawn_once(
    connected, known_at_meta, propose, approve, customer_new, run_campaign, twin, monkeypatch
):
    from local.automation.whatsapp.engine import forecast as forecast_module

    monkeypatch.setattr(forecast_module, "held_out_count", lambda people: people // 2)
    for _n in range(6):
        customer_new()
    campaign = approve(propose())
    assert counts_of(campaign.pk).states == {"held_out": 3, "planned": 3}
    run_campaign(campaign)
    assert len([each for each in twin.applied if each["what"] == "whatsapp.message"]) == 3
    assert counts_of(campaign.pk).of("held_out") == 3


def test_the_effect_is_measured_when_its_week_is_over(customer_new, propose, approve, time_is):
    campaign = propose(way="hand")
    people = [customer_new(f"C{n}") for n in range(60)]
    CampaignRecipient.objects.bulk_create(
        CampaignRecipient(
            campaign=campaign,
            customer=each,
            state="held_out" if n < 30 else "self_reported",
            sent_at=None if n < 30 else NOON,
            state_at=NOON,
        )
        for n, each in enumerate(people)
    )
    for each in [*people[30:45], *people[:3]]:
        Visit.objects.create(
            customer=each, happened_at=NOON + timedelta(days=2), source="counter", created_at=NOON
        )
    late = NOON + timedelta(days=8)
    Visit.objects.create(customer=people[50], happened_at=late, source="counter", created_at=late)
    assert effect_measured(campaign, NOON + timedelta(days=6)) is None
    found = effect_measured(campaign, NOON + timedelta(days=9))
    assert (found.treated, found.treated_visits, found.control, found.control_visits) == (
        30,
        15,
        30,
        3,
    )
    assert found.is_clear


def test_what_is_billed_replaces_what_was_expected(
    connected, known_at_meta, propose, approve, customer_new, run_campaign, tell
):
    customer_new()
    campaign = approve(propose())
    run_campaign(campaign)
    row = CampaignRecipient.objects.get()
    pricing = {"billable": True, "category": "utility", "type": "regular"}
    tell(delivery({"statuses": [status(row.wamid, "delivered", pricing=pricing)]}))
    assert counts_of(campaign.pk).cost == 1357
    free = {"billable": False, "category": "marketing", "type": "free_entry_point"}
    tell(delivery({"statuses": [status(row.wamid, "read", pricing=free)]}))
    assert counts_of(campaign.pk).cost == 0
