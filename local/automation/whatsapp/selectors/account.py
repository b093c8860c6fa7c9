"""The shop's WhatsApp account: connection, caps, rates."""

import json
from datetime import date, datetime
from functools import cache
from pathlib import Path

from django.db.models import F, Sum
from django.db.models.functions import Coalesce

from local.automation.whatsapp.engine.money import Rate
from local.automation.whatsapp.models import CampaignRecipient, MessageRate, WhatsAppSettings
from marketing_platform.connections.models import Connection
from marketing_platform.connections.selectors import connection_for
from marketing_platform.core.clock import IST
from marketing_platform.core.money import Rupees

PROVIDER = "whatsapp"
CONTENT = Path(__file__).resolve().parents[1] / "content" / "rates.json"
DEFAULT_CAP = Rupees.of(500)


def whatsapp_connection() -> Connection | None:
    return connection_for(PROVIDER)


def settings_now() -> WhatsAppSettings:
    """The saved row, or an unsaved one with what holds before anybody changed it."""
    return WhatsAppSettings.objects.first() or WhatsAppSettings(monthly_cap_paise=DEFAULT_CAP.paise)


@cache
def rates_supplied() -> tuple[Rate, ...]:
    """The dated table that comes with the product."""
    table = json.loads(CONTENT.read_text(encoding="utf-8"))
    return tuple(
        Rate(row["category"], date.fromisoformat(row["valid_from"]), row["amount"], table["source"])
        for row in table["rates"]
    )


def rates_all() -> tuple[Rate, ...]:
    """Supplied and own; of two from the same day the owner's counts."""
    own = {
        (row.category, row.valid_from): Rate(row.category, row.valid_from, row.amount, row.source)
        for row in MessageRate.objects.all()
    }
    supplied = {(each.category, each.valid_from): each for each in rates_supplied()}
    return tuple((supplied | own).values())


def month_start(now: datetime) -> datetime:
    local = now.astimezone(IST)
    return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def spent_in_month(now: datetime) -> int:
    """In 1/10,000 of a rupee with tax: what WhatsApp charged, and what it may for the others."""
    rows = CampaignRecipient.objects.filter(sent_at__gte=month_start(now)).exclude(
        state="self_reported"
    )
    return rows.aggregate(total=Sum(Coalesce("cost", F("expected_cost"))))["total"] or 0
