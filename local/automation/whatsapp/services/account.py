"""The shop's limits and rates, and what stops all campaigns."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from local.automation.whatsapp.engine.lint import CATEGORIES
from local.automation.whatsapp.errors import RateWrong
from local.automation.whatsapp.models import (
    Campaign,
    CampaignState,
    MessageRate,
    WhatsAppSettings,
)
from local.automation.whatsapp.selectors.account import DEFAULT_CAP
from marketing_platform.audit.services import audit_record
from marketing_platform.core.text import clean_line
from marketing_platform.core.text import mark as _
from marketing_platform.notifications.services import notify

DEAREST = 1_000_000  # 100 rupees a message, in 1/10,000 of a rupee
RUNNING = (CampaignState.APPROVED, CampaignState.SENDING)


def settings_locked(now: datetime) -> WhatsAppSettings:
    """The one row, held until the end of the transaction: whoever sends holds it while counting."""
    WhatsAppSettings.objects.get_or_create(
        pk=1, defaults={"changed_at": now, "monthly_cap_paise": DEFAULT_CAP.paise}
    )
    return WhatsAppSettings.objects.select_for_update().get(pk=1)


def cap_set(*, monthly_cap_paise: int, now: datetime, actor_id: UUID | None = None) -> None:
    """How much messages may cost in a calendar month, tax included."""
    with transaction.atomic():
        settings = settings_locked(now)
        before = settings.monthly_cap_paise
        settings.monthly_cap_paise = monthly_cap_paise
        settings.changed_at, settings.actor_id = now, actor_id
        settings.save()
        _audit("whatsapp_cap_set", actor_id, now, before=before, after=monthly_cap_paise)


def rate_add(
    *,
    category: str,
    rupees: Decimal,
    valid_from: date,
    source: str,
    now: datetime,
    actor_id: UUID | None = None,
) -> MessageRate:
    """The price of one message before tax from a day on; the same day again replaces it.

    Raises RateWrong.
    """
    amount = rupees * 10_000
    if category not in CATEGORIES or not amount.is_finite() or not 0 <= amount <= DEAREST:
        raise RateWrong(field="rupees")
    row, _is_new = MessageRate.objects.update_or_create(
        category=category,
        valid_from=valid_from,
        defaults={
            "amount": int(amount.to_integral_value()),
            "source": clean_line(source)[:200],
            "actor_id": actor_id,
            "created_at": now,
        },
    )
    return row


def marketing_stop(*, sentence: str, now: datetime) -> None:
    """Pause every campaign and start none until the owner says so."""
    with transaction.atomic():
        settings = settings_locked(now)
        if settings.marketing_stopped_at is None:
            settings.marketing_stopped_at, settings.stop_sentence = now, sentence[:300]
            settings.changed_at = now
            settings.save()
            notify(
                title=_("All WhatsApp campaigns are stopped"),
                text=sentence,
                url="/chat/campaigns/",
                kind="effect",
                key=f"whatsapp.stopped:{now.isoformat()}",
                now=now,
            )
        Campaign.objects.filter(state__in=RUNNING).update(
            state=CampaignState.PAUSED, reason=sentence[:300], changed_at=now
        )


def marketing_start(*, now: datetime, actor_id: UUID | None) -> None:
    """Campaigns may go on again; each is resumed by itself."""
    with transaction.atomic():
        settings = settings_locked(now)
        settings.marketing_stopped_at, settings.stop_sentence = None, ""
        settings.changed_at, settings.actor_id = now, actor_id
        settings.save()
        _audit("whatsapp_marketing_started", actor_id, now)


def limit_note(*, limit: int, now: datetime) -> None:
    """Meta said to how many people a day the account may write first; -1: to everybody."""
    with transaction.atomic():
        settings = settings_locked(now)
        settings.messaging_limit = limit if limit >= 0 else None
        settings.save(update_fields=["messaging_limit"])


def _audit(action: str, actor_id: UUID | None, now: datetime, **detail: object) -> None:
    audit_record(
        action=action,
        actor_kind="human" if actor_id else "system",
        actor_id=str(actor_id or ""),
        subject="whatsapp",
        detail=detail,
        now=now,
    )
