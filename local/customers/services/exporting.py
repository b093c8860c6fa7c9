"""The list of customers as a file for people."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db.models import Count, OuterRef, Subquery, Sum
from django.utils import timezone

from local.customers.models import ConsentAction, Customer, Purpose, Visit
from local.customers.selectors import customers_own
from local.customers.selectors.consent import AS_SAID, counting
from marketing_platform.audit.services import audit_record
from marketing_platform.core.tables import csv_write, xlsx_write
from marketing_platform.core.text import mark as _
from marketing_platform.core.text import mask_phone

HEAD = (
    _("Name"), _("Mobile number"), _("Language"), _("Birthday"), _("Agreed to WhatsApp offers"),
    _("Since"), _("Visits"), _("Last visit"), _("Spent in rupees"), _("Note"),
)  # fmt: skip
ANSWERS = {
    ConsentAction.GRANTED: _("yes"),
    ConsentAction.WITHDRAWN: _("said no"),
    None: _("not asked"),
}


def customers_export(
    *,
    file_format: str,
    sees_numbers: bool,
    say: Callable[[str], str],
    now: datetime,
    actor_id: UUID,
) -> bytes:
    """All customers as "csv" or "xlsx"; no cell is a formula, numbers are masked when asked so."""
    rows = [[say(text) for text in HEAD]]
    rows += [_line(each, sees_numbers, say) for each in _customers().iterator(2_000)]
    audit_record(
        action="customers.exported",
        actor_kind="human",
        actor_id=str(actor_id),
        now=now,
        detail={"customers": len(rows) - 1, "numbers": sees_numbers, "format": file_format},
    )
    if file_format == "xlsx":
        return xlsx_write(rows, title=say(_("Customers")))
    return csv_write(rows)


def _customers():  # type: ignore[no-untyped-def]
    said = (
        counting()
        .filter(customer_id=OuterRef("pk"), purpose=Purpose.WHATSAPP_MARKETING)
        .order_by(*AS_SAID)
    )
    visits = Visit.objects.filter(customer_id=OuterRef("pk")).order_by().values("customer_id")
    last = Visit.objects.filter(customer_id=OuterRef("pk")).values("happened_at")
    return (
        customers_own()
        .annotate(
            said=Subquery(said.values("action")[:1]),
            said_at=Subquery(said.values("happened_at")[:1]),
            visits=Subquery(visits.annotate(n=Count("pk")).values("n")),
            spent=Subquery(visits.annotate(sum=Sum("amount_paise")).values("sum")),
            last_at=Subquery(last[:1]),
        )
        .order_by("name", "pk")
    )


def _line(each: Customer, sees_numbers: bool, say: Callable[[str], str]) -> list[str]:
    spent = each.spent or 0  # type: ignore[attr-defined]
    return [
        each.name,
        _number(each.phone or "", sees_numbers),
        each.language,
        f"{each.birth_day:02d}/{each.birth_month:02d}" if each.birth_day else "",
        say(ANSWERS[each.said]),  # type: ignore[attr-defined]
        _day(each.said_at),  # type: ignore[attr-defined]
        str(each.visits or 0),  # type: ignore[attr-defined]
        _day(each.last_at),  # type: ignore[attr-defined]
        f"{spent // 100}.{spent % 100:02d}",
        each.note,
    ]


def _number(phone: str, sees_numbers: bool) -> str:
    """99999 00001: with a space a spreadsheet leaves it as text, and an import reads it."""
    if not phone:
        return ""
    if not sees_numbers:
        return mask_phone(phone)
    return f"{phone[3:8]} {phone[8:]}" if phone.startswith("+91") else phone


def _day(moment: datetime | None) -> str:
    return f"{timezone.localtime(moment):%d/%m/%Y}" if moment else ""
