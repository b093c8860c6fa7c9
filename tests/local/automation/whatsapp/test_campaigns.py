"""Proposing and approving; templates and what WhatsApp thinks of them; sending by hand."""

from datetime import timedelta

import pytest

from local.automation.whatsapp.engine.lint import Draft
from local.automation.whatsapp.errors import (
    CampaignChanged,
    CampaignFixed,
    CampaignStateWrong,
    CampaignTimesWrong,
    MessageNotAllowed,
    NobodyLeft,
    NotConnected,
    OverMonthlyCap,
    RecipientMissing,
    SegmentUnknown,
    TemplateFaulty,
    TemplateFixed,
    TemplateNameTaken,
    TemplateUnusable,
    ValueMissing,
)
from local.automation.whatsapp.models import (
    Campaign,
    CampaignRecipient,
    MessageTemplate,
)
from local.automation.whatsapp.selectors.campaigns import counts_of, effect_measured
from local.automation.whatsapp.services import by_hand as hand
from local.automation.whatsapp.services.campaigns import CampaignWish, campaign_approve
from local.automation.whatsapp.services.campaigns import campaign_propose as propose_service
from local.automation.whatsapp.services.templates import (
    draft_of,
    template_save,
    template_submit,
)
from local.customers.models import Visit
from local.customers.services import consent_withdraw
from marketing_platform.core.money import Rupees
from marketing_platform.effects.models import Effect
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


# --- the messages' templates


DRAFT = Draft(
    name="laddu",
    language="en_IN",
    category="marketing",
    body="Namaste {{name}}, fresh laddu is ready at our shop today.",
    footer="Reply STOP to stop.",
    examples={"name": "Asha"},
)


def test_a_faulty_draft_is_refused_with_everything_that_is_wrong(in_local_workspace):
    faulty = Draft(name="Bad Name", language="or", category="marketing", body="{{name}}")
    with pytest.raises(TemplateFaulty) as caught:
        template_save(draft=faulty, title="x", now=NOON)
    assert {each.rule for each in caught.value.findings} >= {"name", "language", "edge", "way_out"}
    assert not MessageTemplate.objects.exists()


def test_one_name_and_language_is_one_template(in_local_workspace):
    row = template_save(draft=DRAFT, title="Laddu", now=NOON)
    assert draft_of(row) == Draft(**(DRAFT.__dict__ | {"buttons": []}))
    with pytest.raises(TemplateNameTaken):
        template_save(draft=DRAFT, title="Laddu", now=NOON)


def test_handing_over_is_one_effect_and_the_template_waits(connected, run_effects, twin, time_is):
    row = template_save(draft=DRAFT, title="Laddu", now=time_is())
    template_submit(template_id=row.pk, now=time_is())
    with pytest.raises(TemplateFixed):
        template_submit(template_id=row.pk, now=time_is())
    run_effects()
    row.refresh_from_db()
    (told,) = [each for each in twin.applied if each["what"] == "whatsapp.template"]
    assert (row.state, row.remote_id) == ("pending", told["id"])
    with pytest.raises(TemplateFixed):
        template_save(draft=DRAFT, title="Laddu", now=time_is(), template_id=row.pk)


@pytest.mark.parametrize("fault", ["reply_lost", "fail_after_apply"])
def test_a_lost_answer_about_a_template_is_looked_up(connected, run_effects, twin, time_is, fault):
    row = template_save(draft=DRAFT, title="Laddu", now=time_is())
    twin.faults.set({fault: 1})
    template_submit(template_id=row.pk, now=time_is())
    run_effects()
    time_is.go(minutes=2)
    run_effects()
    row.refresh_from_db()
    assert row.state == "pending"
    assert len([each for each in twin.applied if each["what"] == "whatsapp.template"]) == 1


def test_metas_refusal_of_a_template_is_shown_and_it_can_be_changed(
    connected, run_effects, twin, time_is
):
    twin.whatsapp.known[("laddu", "en_IN")] = {"name": "laddu", "language": "en_IN", "id": "1"}
    row = template_save(draft=DRAFT, title="Laddu", now=time_is())
    template_submit(template_id=row.pk, now=time_is())
    run_effects()
    row.refresh_from_db()
    assert row.state == "rejected"
    assert "already" in row.rejection
    assert template_save(draft=DRAFT, title="L", now=time_is(), template_id=row.pk).state == "draft"


def template_news(event, **more):
    value = {
        "message_template_id": 77,
        "message_template_name": "diwali",
        "message_template_language": "en_IN",
    }
    return delivery(value | {"event": event} | more, field="message_template_status_update")


@pytest.mark.parametrize(
    "event",
    ["APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED", "IN_APPEAL", "REINSTATED", "FLAGGED",
     "LIMIT_EXCEEDED", "ARCHIVED", "UNARCHIVED", "LOCKED", "PENDING_DELETION", "DELETED"],
)  # fmt: skip
def test_every_status_of_metas_is_kept_and_the_template_stays_listed(
    connected, template, tell, event
):
    tell(template_news(event, reason="PROMOTIONAL"))
    template.refresh_from_db()
    assert (template.state, template.rejection) == (event.lower(), "PROMOTIONAL")


def test_a_paused_template_pauses_its_campaign(
    connected, known_at_meta, template, propose, approve, customer_new, tell, run_campaign, twin
):
    customer_new()
    campaign = approve(propose())
    tell(template_news("PAUSED"))
    campaign.refresh_from_db()
    assert campaign.state == "paused"
    run_campaign(campaign)
    assert twin.applied == []


def test_a_category_flip_in_the_middle_stops_and_prices_anew(
    connected, known_at_meta, template, propose, approve, customer_new, tell, run_campaign, twin,
    time_is, monkeypatch,
):  # fmt: skip
    from local.automation.whatsapp.services import sending
    from local.automation.whatsapp.services.sending import campaign_step
    from local.customers.models import ConsentEvent

    monkeypatch.setattr(sending, "LOT", 1)
    MessageTemplate.objects.update(category="utility")
    for _n in range(3):
        customer_new()
    for event in list(ConsentEvent.objects.all()):
        event.pk, event.purpose = None, "whatsapp_service"
        event.save()
    campaign = approve(propose())
    assert campaign.forecast["cost_high_paise"] == 41  # 3 · ₹0.1150 · 1.18
    campaign_step(campaign_id=campaign.pk, now=time_is())
    value = {
        "message_template_id": 77,
        "message_template_name": "diwali",
        "message_template_language": "en_IN",
        "previous_category": "UTILITY",
        "new_category": "MARKETING",
    }
    tell(delivery(value, field="template_category_update"))
    campaign.refresh_from_db()
    assert campaign.state == "proposed"
    run_campaign(campaign)
    assert twin.applied == []
    template.refresh_from_db()
    assert (template.category, template.moved_from) == ("marketing", "utility")
    approve(campaign)
    time_is.go(minutes=20)
    run_campaign(campaign)
    sent = [each for each in twin.applied if each["what"] == "whatsapp.message"]
    assert len(sent) == len({each["to"] for each in sent}) == 3
    costs = set(CampaignRecipient.objects.values_list("expected_cost", flat=True))
    assert costs == {10185}


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


# --- by hand


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
