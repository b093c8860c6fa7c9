"""What Meta tells us about WhatsApp, read from one webhook delivery.

Shape: developers.facebook.com/docs/whatsapp/cloud-api/webhooks. Every entry, change and item is
read; one that we cannot read is kept as `Unread` and takes nothing else with it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from local.automation.whatsapp.engine.reading import (
    failure_of,
    id_of,
    kind_and_text,
    list_of,
    mapping_of,
    moment_of,
    number_of,
    phone_of,
    text_of,
)

OBJECT = "whatsapp_business_account"


@dataclass(frozen=True)
class Inbound:
    """A customer's message. `phone` in E.164 or "" when only `user_id` is known."""

    wamid: str
    phone: str
    user_id: str
    name: str
    kind: str
    text: str
    at: datetime
    is_from_ad: bool = False


@dataclass(frozen=True)
class Status:
    """What became of a message of ours; `callback` is what we sent along with it."""

    wamid: str
    status: str
    at: datetime
    phone: str = ""
    callback: str = ""
    is_billable: bool | None = None
    category: str = ""
    error_code: int | None = None
    error_title: str = ""


@dataclass(frozen=True)
class TemplateStatus:
    remote_id: str
    name: str
    language: str
    status: str
    reason: str


@dataclass(frozen=True)
class TemplateCategory:
    remote_id: str
    name: str
    language: str
    category: str


@dataclass(frozen=True)
class Preference:
    """The person's own switch in WhatsApp: stop or resume."""

    phone: str
    user_id: str
    value: str
    at: datetime


@dataclass(frozen=True)
class AccountNews:
    event: str
    detail: str


@dataclass(frozen=True)
class Capability:
    """To how many people a day the account may write first."""

    limit: int


@dataclass(frozen=True)
class Unread:
    field: str
    reason: str


News = (
    Inbound
    | Status
    | TemplateStatus
    | TemplateCategory
    | Preference
    | AccountNews
    | Capability
    | Unread
)


@dataclass(frozen=True)
class Address:
    """Whose news a change is: a number's, or all numbers' of a business account."""

    account_id: str
    phone_number_id: str


def changes_of(payload: Any) -> Iterator[tuple[Address, dict[str, Any]]]:
    """Every change of every entry with its address, unread."""
    if not isinstance(payload, Mapping) or payload.get("object") != OBJECT:
        return
    for entry in list_of(payload.get("entry")):
        account_id = text_of(mapping_of(entry).get("id"))
        for change in list_of(mapping_of(entry).get("changes")):
            change = dict(mapping_of(change))
            metadata = mapping_of(mapping_of(change.get("value")).get("metadata"))
            yield Address(account_id, text_of(metadata.get("phone_number_id"))), change


def news_of(change: Mapping[str, Any], received_at: datetime) -> tuple[News, ...]:
    """What one change says; `received_at` stands in where Meta gave no time."""
    field, value = text_of(change.get("field")), mapping_of(change.get("value"))
    readers = {
        "messages": _messages,
        "message_template_status_update": _template_status,
        "template_category_update": _template_category,
        "user_preferences": _preferences,
        "account_update": _account,
        "account_alerts": _account,
        "business_capability_update": _capability,
    }
    reader = readers.get(field)
    if reader is None:
        return (Unread(field, "we do not use this kind of news"),)
    return tuple(_each(field, reader(value, received_at)))


def _each(field: str, found: Iterator[Any]) -> Iterator[News]:
    """Readers yield functions, so that one item's defect stays its own."""
    for read in found:
        try:
            yield read()
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            yield Unread(field, f"an item could not be read: {error!r}"[:200])


def _messages(value: Mapping[str, Any], received_at: datetime) -> Iterator[Any]:
    names = _names(value)
    for item in list_of(value.get("messages")):
        yield lambda item=item: _inbound(item, names, received_at)
    for item in list_of(value.get("statuses")):
        yield lambda item=item: _status(item, received_at)


def _names(value: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Name and user id by wa_id and by user id; `contacts` may be missing altogether."""
    found: dict[str, tuple[str, str]] = {}
    for contact in list_of(value.get("contacts")):
        contact = mapping_of(contact)
        name = text_of(mapping_of(contact.get("profile")).get("name"))
        user_id = text_of(contact.get("user_id"))
        for key in (text_of(contact.get("wa_id")), user_id):
            if key:
                found[key] = (name, user_id)
    return found


def _inbound(item: Any, names: dict[str, tuple[str, str]], received_at: datetime) -> Inbound:
    item = mapping_of(item)
    sender, user_id = text_of(item.get("from")), text_of(item.get("from_user_id"))
    name, known_id = names.get(sender) or names.get(user_id) or ("", "")
    phone = phone_of(sender)
    user_id = user_id or known_id or ("" if phone else sender)
    if not phone and not user_id:
        raise ValueError("nobody is named as its sender")
    kind, text = kind_and_text(item)
    return Inbound(
        wamid=id_of(item["id"]),
        phone=phone,
        user_id=user_id[:128],
        name=name[:120],
        kind=kind,
        text=text,
        at=moment_of(item.get("timestamp"), received_at),
        is_from_ad=bool(item.get("referral")),
    )


def _status(item: Any, received_at: datetime) -> Status:
    item = mapping_of(item)
    pricing = mapping_of(item.get("pricing"))
    billable = pricing.get("billable")
    code, title = failure_of(item.get("errors"))
    return Status(
        wamid=id_of(item["id"]),
        status=text_of(item["status"]).lower() or _refuse("no status"),
        at=moment_of(item.get("timestamp"), received_at),
        phone=phone_of(text_of(item.get("recipient_id"))),
        callback=text_of(item.get("biz_opaque_callback_data"))[:200],
        is_billable=billable if isinstance(billable, bool) else None,
        category=text_of(pricing.get("category")).lower()[:40],
        error_code=code,
        error_title=title,
    )


def _template_status(value: Mapping[str, Any], _at: datetime) -> Iterator[Any]:
    rejection = mapping_of(value.get("rejection_info"))
    reason = text_of(rejection.get("reason")) or text_of(value.get("reason"))
    advice = text_of(rejection.get("recommendation"))
    yield lambda: TemplateStatus(
        *_named(value),
        status=text_of(value["event"]).upper() or _refuse("no event"),
        reason=" ".join(part for part in (reason, advice) if part and part != "NONE")[:500],
    )


def _template_category(value: Mapping[str, Any], _at: datetime) -> Iterator[Any]:
    yield lambda: TemplateCategory(*_named(value), category=text_of(value["new_category"]).lower())


def _named(value: Mapping[str, Any]) -> tuple[str, str, str]:
    return (
        text_of(value.get("message_template_id")),
        text_of(value["message_template_name"]),
        text_of(value["message_template_language"]),
    )


def _preferences(value: Mapping[str, Any], received_at: datetime) -> Iterator[Any]:
    for item in list_of(value.get("user_preferences")):
        item = mapping_of(item)
        yield lambda item=item: Preference(
            phone=phone_of(text_of(item.get("wa_id"))),
            user_id=text_of(item.get("user_id"))[:128],
            value=text_of(item["value"]).lower(),
            at=moment_of(item.get("timestamp"), received_at),
        )


def _account(value: Mapping[str, Any], _at: datetime) -> Iterator[Any]:
    detail = value.get("ban_info") or value.get("restriction_info") or value.get("alert_type") or ""
    event = text_of(value.get("event")) or text_of(value.get("alert_status"))
    yield lambda: AccountNews(event=event[:80], detail=str(detail)[:300])


def _capability(value: Mapping[str, Any], _at: datetime) -> Iterator[Any]:
    told = value.get("max_daily_conversations_per_business")
    if told is None:
        told = value.get("max_daily_conversation_per_phone")
    yield lambda: Capability(limit=number_of(told))


def _refuse(reason: str) -> Any:
    raise ValueError(reason)
