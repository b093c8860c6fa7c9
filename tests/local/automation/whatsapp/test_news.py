"""Reading deliveries: nothing in them is lost, and no defect takes its neighbours along."""

from datetime import timedelta

from local.automation.whatsapp.engine.news import (
    Capability,
    Inbound,
    Preference,
    Status,
    TemplateCategory,
    TemplateStatus,
    Unread,
    changes_of,
    news_of,
)
from tests.local.automation.whatsapp.conftest import NOON, delivery, message, status

# A leap of a broken clock: older than anything that Meta still delivers.
LONG_AGO = str(int((NOON - timedelta(days=400)).timestamp()))


def read(payload):
    return [news for _address, change in changes_of(payload) for news in news_of(change, NOON)]


def test_three_statuses_in_one_payload_are_three() -> None:
    kinds = ["sent", "delivered", "read"]
    found = read(delivery({"statuses": [status("wamid.1", kind) for kind in kinds]}))
    assert [news.status for news in found] == kinds


def test_two_entries_with_two_changes_are_all_read() -> None:
    one = delivery({"messages": [message("wamid.1", "A")]})
    two = delivery({"messages": [message("wamid.2", "B")], "statuses": [status("wamid.3", "sent")]})
    both = {"object": one["object"], "entry": one["entry"] + two["entry"] * 2}
    assert len(read(both)) == 5


def test_without_contacts_the_message_is_there() -> None:
    (found,) = read(delivery({"messages": [message("wamid.1", "Namaste")]}))
    assert isinstance(found, Inbound)
    assert (found.phone, found.text, found.name, found.at) == (
        "+919999900010",
        "Namaste",
        "",
        NOON,
    )


def test_a_sender_without_a_number_is_known_by_the_user_id() -> None:
    contact = {"profile": {"name": "Ravi"}, "user_id": "IN.abc123"}
    item = message("wamid.1", "Hi", phone="IN.abc123")
    (found,) = read(delivery({"messages": [item], "contacts": [contact]}))
    assert (found.phone, found.user_id, found.name) == ("", "IN.abc123", "Ravi")


def test_a_broken_item_does_not_take_the_others() -> None:
    items = [message("wamid.1", "A"), {"type": "text"}, 7, None, message("wamid.2", "B")]
    found = read(delivery({"messages": items}))
    assert [type(news) for news in found] == [Inbound, Unread, Unread, Unread, Inbound]


def test_the_price_and_the_callback_are_read() -> None:
    pricing = {"billable": True, "category": "marketing", "type": "regular"}
    told = status("wamid.1", "sent", pricing=pricing, biz_opaque_callback_data="abc")
    (found,) = read(delivery({"statuses": [told]}))
    assert isinstance(found, Status)
    assert (found.is_billable, found.category, found.callback) == (True, "marketing", "abc")


def test_a_failure_carries_its_number() -> None:
    told = status("wamid.1", "failed", errors=[{"code": 131049, "title": "Not now"}])
    (found,) = read(delivery({"statuses": [told]}))
    assert (found.error_code, found.error_title) == (131049, "Not now")


def test_times_of_the_future_and_nonsense_become_the_moment_of_delivery() -> None:
    for stamp in (
        str(int((NOON + timedelta(days=2)).timestamp())),
        "soon",
        "9" * 40,
        None,
        "-5",
        LONG_AGO,
    ):
        item = message("wamid.1", "A") | {"timestamp": stamp}
        (found,) = read(delivery({"messages": [item]}))
        assert found.at == NOON


def test_an_id_that_cannot_be_kept_is_told_and_takes_nobody_along() -> None:
    items = [message("w" * 301, "A"), message("wamid.2", "B")]
    too_long, kept = read(delivery({"messages": items}))
    assert isinstance(too_long, Unread)
    assert kept.text == "B"
    (unread,) = read(delivery({"statuses": [status("w" * 301, "sent")]}))
    assert isinstance(unread, Unread)


def test_buttons_lists_and_captions_are_text() -> None:
    base = {"from": "919999900010", "id": "wamid.1", "timestamp": "1795413600"}
    items = [
        base | {"type": "button", "button": {"text": "STOP", "payload": "x"}},
        base | {"type": "interactive", "interactive": {"button_reply": {"title": "Yes"}}},
        base | {"type": "image", "image": {"id": "1", "caption": "My order"}},
        base | {"type": "audio", "audio": {"id": "1"}},
    ]
    found = read(delivery({"messages": items}))
    assert [news.text for news in found] == ["STOP", "Yes", "My order", ""]


def test_news_of_templates_preferences_and_limits() -> None:
    named = {
        "message_template_id": 77,
        "message_template_name": "diwali",
        "message_template_language": "en_IN",
    }
    rejected = named | {"event": "REJECTED", "reason": "NONE"}
    rejected |= {"rejection_info": {"reason": "PROMOTIONAL", "recommendation": "Use marketing"}}
    (one,) = read(delivery(rejected, field="message_template_status_update"))
    assert isinstance(one, TemplateStatus)
    assert (one.status, one.reason) == ("REJECTED", "PROMOTIONAL Use marketing")
    moved = named | {"previous_category": "UTILITY", "new_category": "MARKETING"}
    (two,) = read(delivery(moved, field="template_category_update"))
    assert isinstance(two, TemplateCategory) and two.category == "marketing"
    wish = {"wa_id": "919999900010", "category": "marketing_messages", "value": "stop"}
    (three,) = read(delivery({"user_preferences": [wish]}, field="user_preferences"))
    assert isinstance(three, Preference) and three.value == "stop"
    limit = {"max_daily_conversations_per_business": 250}
    (four,) = read(delivery(limit, field="business_capability_update"))
    assert four == Capability(250)


def test_what_is_not_whatsapp_is_nothing() -> None:
    for payload in ({}, [], 7, None, {"object": "page", "entry": []}, {"object": "x"}):
        assert read(payload) == []
    assert read({"object": "whatsapp_business_account", "entry": [7, {"changes": [None]}]}) == [
        Unread("", "we do not use this kind of news")
    ]
