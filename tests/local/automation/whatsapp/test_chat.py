"""What customers write, and what is answered."""

from datetime import timedelta

import pytest

from local.automation.whatsapp.errors import (
    AnswerMissing,
    AnswerTitleTaken,
    NotConnected,
    TextMissing,
    WindowClosed,
)
from local.automation.whatsapp.models import (
    CampaignRecipient,
    ChatMessage,
    Conversation,
    WhatsAppSettings,
)
from local.automation.whatsapp.services.chat import (
    answer_delete,
    answer_save,
    conversation_seen,
    reply_send,
)
from local.customers.selectors import consent_of, may_message
from marketing_platform.effects.models import Effect
from marketing_platform.notifications.models import Notification
from tests.local.automation.whatsapp.conftest import NOON, delivery, message, status

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk(connected, tell):
    """Meena wrote at noon."""
    contact = {"profile": {"name": "Meena"}, "wa_id": "919999900010"}
    tell(delivery({"messages": [message("wamid.1", "Is it open?")], "contacts": [contact]}))
    return Conversation.objects.get()


def test_a_message_is_one_bubble_however_often_it_comes(connected, tell):
    item = message("wamid.1", "Namaste")
    tell(delivery({"messages": [item, item]}))
    tell(delivery({"messages": [item], "contacts": []}))
    assert ChatMessage.objects.count() == 1
    assert Conversation.objects.get().unread == 1


def test_an_older_message_that_comes_later_does_not_close_the_window(connected, tell):
    tell(delivery({"messages": [message("wamid.2", "B", at=NOON - timedelta(hours=1))]}))
    tell(delivery({"messages": [message("wamid.1", "A", at=NOON - timedelta(hours=9))]}))
    found = Conversation.objects.get()
    assert found.last_inbound_at == NOON - timedelta(hours=1)
    assert [row.text for row in ChatMessage.objects.all()] == ["A", "B"]


def test_a_number_and_a_user_id_learnt_later_are_one_conversation(connected, tell):
    known = {"profile": {"name": "Ravi"}, "wa_id": "919999900010", "user_id": "IN.77"}
    tell(delivery({"messages": [message("wamid.1", "A")], "contacts": [known]}))
    hidden = {"profile": {"name": "Ravi"}, "user_id": "IN.77"}
    item = message("wamid.2", "B", phone="IN.77")
    tell(delivery({"messages": [item], "contacts": [hidden]}))
    found = Conversation.objects.get()
    assert (found.phone, found.user_id) == ("+919999900010", "IN.77")
    assert found.messages.count() == 2


def test_the_customer_is_known_by_number(connected, tell, customer_new):
    meena = customer_new()
    tell(delivery({"messages": [message("wamid.1", "A", phone=meena.phone[1:])]}))
    assert Conversation.objects.get().customer_id == meena.pk


def test_stop_withdraws_marketing_and_only_that(connected, tell, customer_new):
    meena = customer_new()
    event = tell(delivery({"messages": [message("wamid.1", "Stop!", phone=meena.phone[1:])]}))
    assert event.state == "applied"
    assert consent_of(meena.pk, "whatsapp_marketing").state == "withdrawn"
    assert not may_message(meena, "whatsapp_marketing")


def test_stop_counts_although_its_time_is_nonsense(connected, tell, customer_new):
    meena = customer_new(since=NOON - timedelta(days=60))
    long_ago = NOON - timedelta(days=400)
    said = message("wamid.1", "STOP", phone=meena.phone[1:], at=long_ago)
    tell(delivery({"messages": [said]}))
    assert not may_message(meena, "whatsapp_marketing")


def test_of_a_strangers_stop_nothing_is_promised(connected, tell):
    tell(delivery({"messages": [message("wamid.1", "STOP", phone="919999900099")]}))
    notice = Notification.objects.get()
    assert "not among your customers" in notice.text
    assert "We noted it" not in notice.text


def test_a_word_within_a_sentence_withdraws_nothing(connected, tell, customer_new):
    meena = customer_new()
    words = "Can you stop by at five?"
    tell(delivery({"messages": [message("wamid.1", words, phone=meena.phone[1:])]}))
    assert may_message(meena, "whatsapp_marketing")


@pytest.mark.parametrize(("wrote_first", "still_agreed"), [(True, False), (False, True)])
def test_no_thanks_counts_after_a_campaign(
    connected, tell, customer_new, propose, approve, known_at_meta, run_campaign, wrote_first,
    still_agreed,
):  # fmt: skip
    meena = customer_new()
    if wrote_first:
        run_campaign(approve(propose()))
    tell(delivery({"messages": [message("wamid.1", "नको", phone=meena.phone[1:])]}))
    assert may_message(meena, "whatsapp_marketing") is still_agreed


def test_an_answer_to_a_campaign_is_counted(
    connected, tell, customer_new, propose, approve, known_at_meta, run_campaign, time_is
):
    meena = customer_new()
    run_campaign(approve(propose()))
    later = time_is.go(hours=2)
    tell(delivery({"messages": [message("wamid.9", "Nice", phone=meena.phone[1:], at=later)]}))
    assert CampaignRecipient.objects.get().replied_at == later


def test_the_switch_in_whatsapp_withdraws_and_resume_grants_nothing(connected, tell, customer_new):
    meena = customer_new()
    for value in ("stop", "resume"):
        wish = {"wa_id": meena.phone[1:], "value": value, "timestamp": 1}
        tell(delivery({"user_preferences": [wish]}, field="user_preferences"))
    assert not may_message(meena, "whatsapp_marketing")


def test_meta_says_how_many_a_day(connected, tell):
    for told, kept in ((250, 250), (-1, None)):
        limit = {"max_daily_conversations_per_business": told}
        tell(delivery(limit, field="business_capability_update"))
        assert WhatsAppSettings.objects.get().messaging_limit == kept


# --- answering


def test_an_answer_goes_out_once_and_its_ticks_only_go_forward(
    talk, twin, run_effects, time_is, tell
):
    twin.whatsapp.inbound_at["919999900010"] = 9e9
    sent = [reply_send(conversation_id=talk.pk, text=" Yes ", key="k", now=time_is()) for _ in "ab"]
    assert sent[0].pk == sent[1].pk
    run_effects()
    (told,) = [each for each in twin.applied if each["what"] == "whatsapp.message"]
    assert (told["to"], told["text"]) == ("919999900010", "Yes")
    bubble = ChatMessage.objects.get(is_inbound=False)
    assert (bubble.state, bubble.wamid) == ("accepted", told["id"])
    for kind in ("read", "sent", "delivered", "read"):
        tell(delivery({"statuses": [status(told["id"], kind, n=kind)]}))
    bubble.refresh_from_db()
    assert bubble.state == "read"


@pytest.mark.parametrize(("hours", "is_open"), [(23.99, True), (24, False)])
def test_the_edge_of_the_window(talk, time_is, hours, is_open):
    now = time_is.go(hours=hours)
    if is_open:
        assert reply_send(conversation_id=talk.pk, text="Yes", now=now).pk
    else:
        with pytest.raises(WindowClosed):
            reply_send(conversation_id=talk.pk, text="Yes", now=now)
        assert not Effect.objects.exists()


def test_an_answer_that_waited_past_the_window_is_not_sent(talk, twin, run_effects, time_is):
    now = time_is.go(hours=23)
    reply_send(conversation_id=talk.pk, text="Yes", now=now)
    time_is.go(hours=2)
    run_effects()
    assert twin.applied == []
    assert ChatMessage.objects.get(is_inbound=False).state == "failed"


def test_metas_reason_is_said_in_our_words(talk, twin, run_effects, time_is):
    reply_send(conversation_id=talk.pk, text="Yes", now=time_is())
    run_effects()  # the twin never heard from her, so its own window is closed
    bubble = ChatMessage.objects.get(is_inbound=False)
    assert bubble.state == "failed"
    assert bubble.reason.startswith("More than 24 hours have passed")


def test_without_a_connection_nothing_is_planned(talk, connected, time_is):
    from marketing_platform.connections.services import connection_disconnect

    connection_disconnect(connection_id=connected.pk, actor_id=None, now=time_is())
    with pytest.raises(NotConnected):
        reply_send(conversation_id=talk.pk, text="Yes", now=time_is())
    assert not ChatMessage.objects.filter(is_inbound=False).exists()


@pytest.mark.parametrize("text", ["", "  \n ", "\x00\x07", "x" * 4097])
def test_an_empty_or_endless_answer_is_refused(talk, time_is, text):
    with pytest.raises(TextMissing):
        reply_send(conversation_id=talk.pk, text=text, now=time_is())


def test_reading_makes_it_read(talk):
    assert talk.unread == 1
    conversation_seen(conversation_id=talk.pk)
    talk.refresh_from_db()
    assert talk.unread == 0


def test_saved_answers(in_local_workspace):
    row = answer_save(title=" Hours ", text="10 to 9", now=NOON)
    with pytest.raises(AnswerTitleTaken):
        answer_save(title="Hours", text="x", now=NOON)
    assert answer_save(title="Hours", text="10 to 8", now=NOON, answer_id=row.pk).text == "10 to 8"
    answer_delete(answer_id=row.pk)
    with pytest.raises(AnswerMissing):
        answer_delete(answer_id=row.pk)


def test_an_erased_customer_leaves_no_word_and_no_number(
    connected, tell, customer_new, propose, approve, known_at_meta, run_campaign, time_is
):
    from local.automation.whatsapp.models import DeliveryStatus
    from local.customers.services import customer_erase

    meena = customer_new()
    run_campaign(approve(propose()))
    row = CampaignRecipient.objects.get()
    tell(delivery({"statuses": [status(row.wamid, "sent")]}))
    tell(delivery({"messages": [message("wamid.9", "Hi", phone=meena.phone[1:])]}))
    customer_erase(customer_id=meena.pk, now=time_is())
    row.refresh_from_db()
    assert (row.customer_id, row.wamid, row.state) == (None, "", "sent")
    assert not DeliveryStatus.objects.exists()
    assert not Conversation.objects.exists()
    assert not ChatMessage.objects.exists()
    assert Effect.objects.get().remote_id == ""
