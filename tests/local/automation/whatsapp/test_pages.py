"""The pages, as the owner, staff and a stranger meet them."""

import re
import uuid
from datetime import timedelta

import pytest

from local.automation.whatsapp.models import (
    Campaign,
    CampaignRecipient,
    ChatMessage,
    Conversation,
    MessageRate,
    MessageTemplate,
    SavedAnswer,
    WhatsAppSettings,
)
from marketing_platform.users.models import Membership, User
from marketing_platform.users.permissions import Role
from tests.local.automation.whatsapp.conftest import NOON, Aside

pytestmark = pytest.mark.django_db
PAGES = ["/chat/", "/chat/answers/", "/chat/templates/", "/chat/limits/", "/chat/campaigns/",
         "/chat/campaigns/new/", "/chat/templates/new/"]  # fmt: skip


@pytest.fixture
def owner(session_for, asha, local_tenant, time_is):
    return Aside(session_for(asha, local_tenant))


@pytest.fixture
def staff(session_for, local_tenant):
    person = User.objects.create_user(phone="+919800000077", full_name="Sunil")
    Membership.objects.create(user=person, tenant=local_tenant, role=Role.STAFF)
    return Aside(session_for(person, local_tenant))


@pytest.fixture
def talk(in_local_workspace, time_is):
    row = Conversation.objects.create(
        phone="+919999900010",
        name="Meena",
        last_inbound_at=NOON - timedelta(hours=19),
        last_message_at=NOON,
        unread=2,
        created_at=NOON,
    )
    ChatMessage.objects.create(
        conversation=row, is_inbound=True, wamid="w", text="Is it <b>open</b>?", happened_at=NOON
    )
    return row


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_in_an_empty_workspace(owner, page):
    assert owner.get(page).status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_sees_none(session_for, meera, local_tenant, page):
    assert session_for(meera, local_tenant).get(page).status_code == 403


def test_the_inbox_says_how_long_one_may_answer(owner, talk):
    text = owner.get("/chat/").content.decode()
    assert "You can answer freely for 5 hours" in text
    assert "Is it &lt;b&gt;open&lt;/b&gt;?" in text
    assert "Nobody with this name" in owner.get("/chat/?q=Ravi").content.decode()
    assert "Meena" in owner.get("/chat/?q=00010").content.decode()


@pytest.mark.parametrize("before", ["x", "2026-99-99", "2026-11-23", "9" * 400])
def test_a_broken_cursor_is_the_first_page(owner, talk, before):
    answer = owner.get("/chat/", {"before": before})
    assert answer.status_code == 200
    assert "Meena" in answer.content.decode()


def test_the_composer_is_there_while_the_window_is_open_and_locked_after(
    owner, talk, connected, time_is
):
    page = f"/chat/{talk.pk}/"
    assert 'name="text"' in owner.get(page).content.decode()
    time_is.go(hours=5)
    text = owner.get(page).content.decode()
    assert 'name="text"' not in text
    assert "You cannot answer freely now" in text


def test_reading_it_makes_it_read_and_a_viewer_changes_nothing(owner, talk):
    owner.get(f"/chat/{talk.pk}/")
    talk.refresh_from_db()
    assert talk.unread == 0
    assert owner.get(f"/chat/{uuid.uuid4()}/").status_code == 404


def test_an_answer_from_the_page(owner, talk, connected):
    page = f"/chat/{talk.pk}/reply/"
    refused = owner.post(page, {"text": " "})
    assert refused.status_code == 422
    key = str(uuid.uuid4())
    for _twice in range(2):
        assert owner.post(page, {"text": "Till nine", "key": key}).status_code == 302
    assert ChatMessage.objects.filter(is_inbound=False).count() == 1


def test_staff_see_masked_numbers(staff, talk):
    Conversation.objects.update(name="")
    text = staff.get("/chat/").content.decode()
    assert "+919999900010" not in text
    assert "0010" in text
    assert "+919999900010" not in staff.get(f"/chat/{talk.pk}/").content.decode()


def test_saved_answers_by_page(owner, in_local_workspace):
    assert owner.post("/chat/answers/add/", {"title": "", "text": "x"}).status_code == 422
    owner.post("/chat/answers/add/", {"title": "Hours", "text": "10 to 9"})
    assert owner.post("/chat/answers/add/", {"title": "Hours", "text": "y"}).status_code == 422
    row = SavedAnswer.objects.get()
    assert "10 to 9" in owner.get("/chat/answers/").content.decode()
    owner.post(f"/chat/answers/{row.pk}/remove/")
    assert not SavedAnswer.objects.exists()


def template_form(**changes):
    plain = {
        "title": "Laddu day",
        "language": "en_IN",
        "category": "marketing",
        "header": "",
        "body": "Namaste {{name}}, fresh laddu is ready at our shop today.",
        "footer": "Reply STOP to stop.",
        "button_kind": "",
        "button_text": "",
        "button_value": "",
        "example_name": "Asha",
    }
    return plain | changes


def test_a_message_is_written_shown_and_changed(owner, in_local_workspace):
    saved = owner.post("/chat/templates/add/", template_form())
    row = MessageTemplate.objects.get()
    assert saved.headers["Location"] == f"/chat/templates/{row.pk}/"
    assert (row.name, row.state, row.examples) == ("laddu_day", "draft", {"name": "Asha"})
    assert "Namaste Asha, fresh laddu" in owner.get(f"/chat/templates/{row.pk}/").content.decode()
    owner.post(f"/chat/templates/{row.pk}/save/", template_form(title="Laddu"))
    row.refresh_from_db()
    assert (row.name, row.title) == ("laddu_day", "Laddu")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"body": "{{name}} come to the shop today, all of it is fresh"}, "very beginning or end"),
        ({"footer": ""}, "Say how to stop such messages"),
        ({"example_name": ""}, "Give an example for {{name}}"),
        ({"button_kind": "url", "button_text": "See", "button_value": "shop"}, "https://"),
        ({"title": ""}, "required"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    owner, in_local_workspace, changes, sentence
):
    answer = owner.post("/chat/templates/add/", template_form(**changes))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in text
    assert "today" in text
    assert not MessageTemplate.objects.exists()


def test_a_starter_fills_the_form_and_passes(owner, in_local_workspace):
    text = owner.get("/chat/templates/new/?starter=festival&language=hi").content.decode()
    assert "त्योहार की ख़ास चीज़ें" in text
    assert 'name="example_festival"' in text
    assert owner.get("/chat/templates/new/?starter=zzz&language=xx").status_code == 200


def test_only_what_may_stay_empty_says_so(owner, in_local_workspace):
    text = owner.get("/chat/templates/new/?starter=offer&language=en_IN").content.decode()
    labels = dict(re.findall(r'<label[^>]*for="id_(\w+)">(.*?)</label>', text, re.S))
    free = {name for name, label in labels.items() if "(if you like)" in label}
    assert free == {"header", "footer", "button_kind", "button_text", "button_value"}


def test_a_rejected_message_stays_listed_with_its_reason(owner, template):
    MessageTemplate.objects.update(state="rejected", rejection="PROMOTIONAL")
    for page in ("/chat/templates/", f"/chat/templates/{template.pk}/"):
        text = owner.get(page).content.decode()
        assert "PROMOTIONAL" in text
        assert "Rejected" in text


def campaign_form(**changes):
    plain = {
        "title": "Diwali",
        "segment": "all_agreed",
        "way": "hand",
        "starts_at": "2026-11-23T12:00",
        "cap_people": "500",
        "cap": "300",
        "value_name": "ji",
        "value_sweet": "kaju katli",
    }
    return plain | changes


def test_from_the_builder_to_the_last_tick(owner, template, customer_new, time_is):
    customer_new("Meena")
    customer_new("Ravi", agreed=False)
    assert (
        "Everybody who agreed · 1"
        in owner.get(f"/chat/campaigns/new/?template={template.pk}").content.decode()
    )
    answer = owner.post(f"/chat/campaigns/new/{template.pk}/", campaign_form())
    campaign = Campaign.objects.get()
    page = f"/chat/campaigns/{campaign.pk}/"
    assert answer.headers["Location"] == page
    text = owner.get(page).content.decode()
    assert "1 person will get it" in text
    assert "Costs nothing: you send it yourself" in text
    assert "Too few people to measure the effect" in text
    assert "Namaste ji, our fresh kaju katli" in text
    assert owner.get(f"{page}edit/").status_code == 200
    approved = owner.post(f"{page}approve/", {"content": campaign.content_hash})
    assert approved.headers["Location"] == f"{page}by-hand/"
    text = owner.get(f"{page}by-hand/").content.decode()
    assert "It begins on 23 November, 12:00" in text
    assert "wa.me" not in text
    time_is.go(hours=1)
    text = owner.get(f"{page}by-hand/").content.decode()
    assert "https://wa.me/9199999000" in text
    row = CampaignRecipient.objects.get()
    owner.post(f"{page}by-hand/{row.pk}/sent/")
    owner.post(f"{page}by-hand/{row.pk}/undo/")
    owner.post(f"{page}by-hand/{row.pk}/sent/")
    row.refresh_from_db()
    assert row.state == "self_reported"
    assert "Everybody is done" in owner.get(f"{page}by-hand/").content.decode()
    assert "Sent by you" in owner.get(page).content.decode()


def test_an_old_page_approves_nothing(owner, template, customer_new, propose):
    customer_new()
    campaign = propose(way="hand")
    owner.post(f"/chat/campaigns/{campaign.pk}/approve/", {"content": "0" * 64})
    campaign.refresh_from_db()
    assert campaign.state == "proposed"


def test_staff_draft_and_do_not_approve(staff, template, customer_new, propose, time_is):
    customer_new()
    campaign = propose(way="hand")
    answer = staff.post(
        f"/chat/campaigns/{campaign.pk}/approve/", {"content": campaign.content_hash}
    )
    assert answer.status_code == 403
    assert staff.get(f"/chat/campaigns/{campaign.pk}/by-hand/").status_code == 403
    campaign.refresh_from_db()
    assert campaign.state == "proposed"


@pytest.mark.parametrize(
    "changes",
    [
        {"segment": "everybody"},
        {"starts_at": "soon"},
        {"starts_at": "2020-01-01T10:00"},
        {"cap_people": "0"},
        {"cap": "-1"},
        {"cap": "9" * 30},
        {"value_sweet": ""},
        {"way": "api"},
        {"title": ""},
    ],
)
def test_a_wrong_field_is_422_and_nothing_is_kept(owner, template, changes):
    answer = owner.post(f"/chat/campaigns/new/{template.pk}/", campaign_form(**changes))
    assert answer.status_code == 422
    assert not Campaign.objects.exists()


def test_pause_resume_and_stop_by_page(owner, propose, approve, customer_new):
    customer_new()
    campaign = approve(propose(way="hand"))
    for act, state in (("pause", "paused"), ("resume", "approved"), ("stop", "stopped")):
        owner.post(f"/chat/campaigns/{campaign.pk}/{act}/")
        campaign.refresh_from_db()
        assert campaign.state == state


def test_limits_and_prices(owner, in_local_workspace):
    owner.post("/chat/limits/cap/", {"rupees": "250"})
    assert WhatsAppSettings.objects.get().monthly_cap_paise == 25_000
    rate = {
        "category": "marketing",
        "rupees": "0.9000",
        "source": "Meta",
        "valid_from": "2026-11-01",
    }
    owner.post("/chat/limits/rates/", rate)
    owner.post("/chat/limits/rates/", rate | {"rupees": "0.9100"})
    assert MessageRate.objects.get().amount == 9100
    text = owner.get("/chat/limits/").content.decode()
    assert "₹0.9100" in text and "₹1.0738" in text and "₹0.8631" in text
    for wrong in ("NaN", "Infinity", "-1", "1e9", "x"):
        assert owner.post("/chat/limits/rates/", rate | {"rupees": wrong}).status_code == 422


def test_after_a_stop_the_owner_starts_again(owner, in_local_workspace, time_is):
    from local.automation.whatsapp.services.account import marketing_stop

    marketing_stop(sentence="WhatsApp could not take payment.", now=time_is())
    assert "All campaigns are stopped" in owner.get("/chat/campaigns/").content.decode()
    owner.post("/chat/limits/start-again/")
    assert "All campaigns are stopped" not in owner.get("/chat/campaigns/").content.decode()
