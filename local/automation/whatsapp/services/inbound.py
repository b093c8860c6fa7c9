"""What customers write to the shop, and their wish to get no more."""

from datetime import datetime, timedelta

from django.db.models import F

from local.automation.whatsapp.engine.news import Inbound, Preference
from local.automation.whatsapp.engine.opting_out import is_opt_out
from local.automation.whatsapp.engine.window import AD_WINDOW
from local.automation.whatsapp.models import CampaignRecipient, ChatMessage, Conversation
from local.automation.whatsapp.services.outcomes import withdraw
from local.customers.models import Customer
from local.customers.selectors import customer_by_bsuid, customer_by_phone
from marketing_platform.core.text import mark as _
from marketing_platform.notifications.services import notify

ANSWER_WITHIN = timedelta(days=7)
NOTED = _("We noted it. They are left out of every campaign from now on.")
STRANGER = _(
    "They are not among your customers, so no campaign goes to them. Do not put them on a list."
)


def conversation_with(
    *, phone: str = "", user_id: str = "", name: str = "", now: datetime
) -> Conversation:
    """The one conversation with this person, held until the end of the transaction. Known by
    number first; a user id learnt later is added to it.
    """
    rows = Conversation.objects.select_for_update()
    found = rows.filter(phone=phone).first() if phone else None
    found = found or (rows.filter(user_id=user_id).first() if user_id else None)
    if found is None:
        Conversation.objects.bulk_create(
            [Conversation(phone=phone, user_id=user_id, name=name, created_at=now)],
            ignore_conflicts=True,
        )
        found = rows.get(phone=phone) if phone else rows.get(user_id=user_id)
    _complete(found, phone, user_id, name)
    return found


def _complete(found: Conversation, phone: str, user_id: str, name: str) -> None:
    """Fill what was not known, unless another conversation has it."""
    others = Conversation.objects.exclude(pk=found.pk)
    if phone and not found.phone and not others.filter(phone=phone).exists():
        found.phone = phone
    if user_id and not found.user_id and not others.filter(user_id=user_id).exists():
        found.user_id = user_id
    found.name = name or found.name
    if found.customer_id is None:
        found.customer = customer_of_sender(found.phone, found.user_id)
    found.save()


def customer_of_sender(phone: str, user_id: str) -> Customer | None:
    by_phone = customer_by_phone(phone) if phone else None
    return by_phone or (customer_by_bsuid(user_id) if user_id else None)


def inbound_apply(news: Inbound, *, now: datetime) -> bool:
    """One message from a customer; the same id again changes nothing."""
    if ChatMessage.objects.filter(wamid=news.wamid).exists():
        return False
    talk = conversation_with(phone=news.phone, user_id=news.user_id, name=news.name, now=now)
    if ChatMessage.objects.filter(wamid=news.wamid).exists():
        return False  # written while we waited for the conversation
    answers_campaign = _last_was_campaign(talk, news.at)
    ChatMessage.objects.create(
        conversation=talk,
        is_inbound=True,
        wamid=news.wamid,
        kind=news.kind,
        text=news.text,
        happened_at=news.at,
    )
    talk.last_inbound_at = max(filter(None, (talk.last_inbound_at, news.at)))
    talk.last_message_at = max(filter(None, (talk.last_message_at, news.at)))
    if news.is_from_ad:
        talk.free_until = news.at + AD_WINDOW
    talk.unread = F("unread") + 1
    talk.save()
    _note_answer(talk, news.at)
    if is_opt_out(news.text, answers_campaign=answers_campaign):
        _opted_out(talk, at=news.at, now=now)
    return True


def _last_was_campaign(talk: Conversation, at: datetime) -> bool:
    """Whether the last thing we wrote to them, within a week, was a campaign's message."""
    since = at - ANSWER_WITHIN
    ours = ChatMessage.objects.filter(
        conversation=talk, is_inbound=False, happened_at__gte=since, happened_at__lte=at
    )
    last = ours.order_by("-happened_at", "-id").first()
    if last is not None:
        return last.is_campaign
    return talk.customer_id is not None and _campaign_messages(talk, at).exists()


def _campaign_messages(talk: Conversation, at: datetime):  # type: ignore[no-untyped-def]
    return CampaignRecipient.objects.filter(
        customer_id=talk.customer_id, sent_at__gte=at - ANSWER_WITHIN, sent_at__lte=at
    )


def _note_answer(talk: Conversation, at: datetime) -> None:
    if talk.customer_id is None:
        return
    last = _campaign_messages(talk, at).order_by("-sent_at").first()
    if last is not None and last.replied_at is None:
        CampaignRecipient.objects.filter(pk=last.pk).update(replied_at=at)


def _opted_out(talk: Conversation, *, at: datetime, now: datetime) -> None:
    withdraw(talk.customer, now=now, at=at)
    is_known = talk.customer_id is not None
    if is_known:
        last = _campaign_messages(talk, at).order_by("-sent_at").first()
        if last is not None:
            CampaignRecipient.objects.filter(pk=last.pk).update(opted_out_at=at)
    notify(
        title=_("A customer wants no more promotional messages"),
        text=NOTED if is_known else STRANGER,
        url=f"/chat/{talk.pk}/",
        kind="customer",
        now=now,
    )


def preference_apply(news: Preference, *, now: datetime) -> bool:
    """The person's own switch in WhatsApp. "Resume" grants nothing: consent is asked for anew."""
    customer = customer_of_sender(news.phone, news.user_id)
    if news.value != "stop" or customer is None:
        return news.value in ("stop", "resume")
    withdraw(customer, now=now, at=news.at)
    return True
