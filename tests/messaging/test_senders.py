"""The real senders against their providers' documented answers."""

from typing import Any

import pytest

from marketing_platform.messaging import calling
from marketing_platform.messaging.checks import sender_is_set
from marketing_platform.messaging.contracts import Message
from marketing_platform.messaging.errors import RecipientUnreachable, SenderAway, SenderRefused
from marketing_platform.messaging.models import OutgoingMessage
from marketing_platform.messaging.routing import RoutingSender
from marketing_platform.messaging.services import message_send
from marketing_platform.messaging.sms import Msg91Sender
from marketing_platform.messaging.whatsapp import WhatsAppSender


def code_to(phone: str, **more: Any) -> Message:
    facts = {"kind": "code", "language": "hi", "subject": "", "text": "123456 is your code"}
    return Message(**{**facts, "to_phone": phone, "code": "123456", **more})


def test_a_code_goes_by_whatsapp_with_a_button_that_copies_it(messages_twin: Any) -> None:
    sender = RoutingSender()
    sender.send(code_to("+919999900010"))

    [sent] = messages_twin.ledger()
    value = [{"type": "text", "text": "123456"}]
    assert (sent["what"], sent["to"], sender.name) == ("whatsapp", "919999900010", "whatsapp")
    assert sent["template"] == {
        "name": "code_login",
        "language": {"code": "hi"},
        "components": [
            {"type": "body", "parameters": value},
            {"type": "button", "sub_type": "url", "index": "0", "parameters": value},
        ],
    }


def test_a_number_without_whatsapp_gets_a_text_message(messages_twin: Any) -> None:
    sender = RoutingSender()
    sender.send(code_to("+919999900001"))

    [sent] = messages_twin.ledger()
    assert (sent["what"], sent["flow"], sent["sender"]) == ("sms", "flow-code", "NUKKAD")
    assert (sent["mobiles"], sent["VAR1"], sender.name) == ("919999900001", "123456", "sms")


def test_a_notice_has_its_own_template_and_one_line(messages_twin: Any) -> None:
    RoutingSender().send(code_to("+919999900010", code="", text="Two\nlines", kind="billing"))

    [sent] = messages_twin.ledger()
    assert sent["template"]["name"] == "notice"
    assert sent["template"]["components"] == [
        {"type": "body", "parameters": [{"type": "text", "text": "Two lines"}]}
    ]


def test_a_number_that_neither_way_reaches_is_said_for_good(messages_twin: Any) -> None:
    with pytest.raises(RecipientUnreachable) as caught:
        RoutingSender().send(code_to("+919999900003"))
    assert caught.value.permanent
    assert messages_twin.ledger() == []


@pytest.mark.parametrize(
    ("setting", "value", "sender"),
    [
        ("MESSAGES_WHATSAPP_TOKEN", "old", WhatsAppSender),
        ("MESSAGES_WHATSAPP_CODE_TEMPLATE", "not_approved", WhatsAppSender),
        ("MESSAGES_WHATSAPP_CODE_TEMPLATE", "notice", WhatsAppSender),
        ("SMS_AUTH_KEY", "old", Msg91Sender),
        ("SMS_CODE_TEMPLATE", "other", Msg91Sender),
    ],
)
def test_a_wrong_key_or_template_is_ours_to_mend(
    messages_twin: Any, settings: Any, setting: str, value: str, sender: Any
) -> None:
    setattr(settings, setting, value)

    with pytest.raises(SenderRefused) as caught:
        sender().send(code_to("+919999900010"))
    assert caught.value.permanent


@pytest.mark.parametrize("fault", ["rate_limit", "fail_before", "not_json", "reply_lost"])
def test_a_busy_or_broken_line_may_work_later(messages_twin: Any, fault: str) -> None:
    messages_twin.control(**{fault: True})

    with pytest.raises(SenderAway) as caught:
        WhatsAppSender().send(code_to("+919999900010"))
    assert not caught.value.permanent


def test_a_line_that_does_not_answer_is_left_for_text_messages(
    messages_twin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "TIMEOUT", 0.1)
    messages_twin.control(slow_seconds=0.3, only="/v26.0")
    RoutingSender().send(code_to("+919999900010"))

    assert [each["what"] for each in messages_twin.ledger()][-1] == "sms"


@pytest.mark.django_db
def test_what_was_sent_is_kept_without_its_text(messages_twin: Any) -> None:
    message_send(to_phone="+919999900001", kind="code", code="123456", text="123456 is your code")

    row = OutgoingMessage.objects.get()
    assert (row.sender, row.text, row.to_phone) == ("sms", "", "+919999900001")


def mail_to(address: str) -> Message:
    return Message(kind="code", language="en", subject="Code", text="123456", to_email=address)


def test_an_email_goes_over_smtp(messages_twin: Any, mail_server: Any) -> None:
    RoutingSender().send(mail_to("ravi@x.example"))

    assert "Subject: Code" in mail_server.received
    assert "From: hello@nukkad.example" in mail_server.received
    assert messages_twin.ledger() == []


@pytest.mark.parametrize(
    ("command", "said", "error"),
    [
        ("RCPT", "550 no such user", RecipientUnreachable),
        ("RCPT", "451 later", SenderAway),
        ("MAIL", "553 not this sender", SenderRefused),
        ("DATA", "452 full", SenderAway),
    ],
)
def test_what_the_mail_server_says_decides(
    messages_twin: Any, mail_server: Any, command: str, said: str, error: type[Exception]
) -> None:
    mail_server.answers[command] = said

    with pytest.raises(error):
        RoutingSender().send(mail_to("ravi@x.example"))


def test_no_mail_server_is_for_later(mail_server: Any, settings: Any) -> None:
    settings.EMAIL_PORT = 1

    with pytest.raises(SenderAway):
        RoutingSender().send(mail_to("ravi@x.example"))


def test_a_sender_with_everything_passes_the_check(messages_twin: Any, mail_server: Any) -> None:
    assert sender_is_set(None) == []


@pytest.mark.parametrize("name", ["EMAIL_HOST", "SMS_HEADER", "MESSAGES_WHATSAPP_NUMBER_ID"])
def test_a_sender_that_lacks_a_setting_is_named(
    messages_twin: Any, mail_server: Any, settings: Any, name: str
) -> None:
    setattr(settings, name, "")

    assert [each.msg for each in sender_is_set(None)] == [
        f"{name} is empty, and MESSENGER is RoutingSender."
    ]


def test_numbers_need_one_of_the_two(messages_twin: Any, mail_server: Any, settings: Any) -> None:
    for name in ("MESSAGES_WHATSAPP_NUMBER_ID", "MESSAGES_WHATSAPP_TOKEN", "SMS_AUTH_KEY"):
        setattr(settings, name, "")
    for name in ("MESSAGES_WHATSAPP_CODE_TEMPLATE", "SMS_HEADER", "SMS_CODE_TEMPLATE"):
        setattr(settings, name, "")

    assert {each.id for each in sender_is_set(None)} == {"messaging.E001"}
    with pytest.raises(SenderRefused):
        RoutingSender().send(code_to("+919999900010"))
