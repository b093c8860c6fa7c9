"""Messages and what WhatsApp thinks of them."""

import pytest

from local.automation.whatsapp.engine.lint import Draft
from local.automation.whatsapp.errors import (
    TemplateFaulty,
    TemplateFixed,
    TemplateNameTaken,
)
from local.automation.whatsapp.models import (
    CampaignRecipient,
    MessageTemplate,
)
from local.automation.whatsapp.services.templates import (
    draft_of,
    template_save,
    template_submit,
)
from marketing_platform.notifications.models import Notification
from tests.local.automation.whatsapp.conftest import NOON, delivery

pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize(
    ("event", "sentence"),
    [("APPROVED", "Campaigns may use it."), ("REJECTED", "Campaigns cannot use it now")],
)
def test_the_bell_says_what_whatsapp_decided(connected, template, tell, event, sentence):
    MessageTemplate.objects.update(state="pending")
    tell(template_news(event))
    assert Notification.objects.get().text.startswith(sentence)


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
    # The page asks for an approval of the new price: 3 · ₹0.8631 · 1.18.
    assert campaign.forecast["cost_high_paise"] == 306
    assert campaign.forecast["recipients"] == 3
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
