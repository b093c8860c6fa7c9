"""Tax that customers deducted: booked by settlements, certified by the quarter."""

import hashlib
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q, QuerySet, Sum
from django.utils.formats import date_format
from django.utils.translation import gettext, override

from billing.engine.numbering import financial_year, quarter_of
from billing.engine.tds import (
    certificate_due_on,
    forms_of_year,
    is_certified,
    quarter_before,
    quarter_bounds,
)
from billing.errors import CertificateDiffers, CertificateNotWaiting, CertificateRefused
from billing.models import BillingAccount, Settlement, TaxDocument, TdsCertificate
from billing.selectors.accounts import link_of, workspaces_of
from billing.selectors.paper import CERTIFICATE_ACCEPTED, CERTIFICATE_CAUSE, CERTIFICATE_REJECTED
from billing.services.account_words import line_cleaned
from billing.services.settling import settle
from billing.services.staff_notices import staff_tell
from billing.services.transfers import documents_lock
from marketing_platform.core import clock
from marketing_platform.core.errors import InvalidInput, NotFound
from marketing_platform.core.money import Rupees
from marketing_platform.core.text import mark as _
from marketing_platform.messaging.services import message_send
from marketing_platform.notifications.services import notify
from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.context import public_context, tenant_context
from marketing_platform.tenants.events import tenant_event
from marketing_platform.tenants.models import Tenant
from marketing_platform.tenants.selectors import tenant_url

LARGEST = 5 * 1024 * 1024
AGAIN = timedelta(days=30)
# Older than that nobody is asked any more; staff still see what is open.
QUARTERS_BACK = 4
TITLE = _("Please send us %(form)s for %(period)s")
TEXT = _(
    "You deducted %(amount)s of tax from our invoices. Please upload %(form)s, or ask your "
    "accountant for it."
)
LESS_TITLE = _("%(form)s for %(period)s says less than you deducted")
LESS_TEXT = _("%(rest)s is open again: %(invoices)s. You can pay it as usual.")
REJECTED_TITLE = _("Please send us another %(form)s for %(period)s")
REJECTED_TEXT = _("We could not take the one you sent: %(reason)s")


@public_context()
def certificates_open(*, tenant: Tenant, now: datetime) -> list[TdsCertificate]:
    """A row for each quarter in which this payer deducted tax and whose certificate is due; what
    is booked is read anew until the certificate is matched."""
    link = link_of(tenant)
    if link is None:
        return []
    today = clock.today(now)
    year, quarter = financial_year(today), quarter_of(today)
    found = []
    for _turn in range(QUARTERS_BACK):
        year, quarter = quarter_before(year, quarter)
        if certificate_due_on(year, quarter) <= today:
            found.append(_certificate(link.account, year, quarter, now))
    return [row for row in found if row is not None]


@public_context()
def certificates_remind(*, tenant: Tenant, now: datetime) -> int:
    """Ask for those that are due and not here, each at most once in 30 days; how many."""
    count = 0
    for row in certificates_open(tenant=tenant, now=now):
        # One payer of several workspaces is asked once.
        rows = TdsCertificate.objects.filter(pk=row.pk, state="open")
        asked = row.reminded_at
        if asked is not None and asked > now - AGAIN:
            continue
        with transaction.atomic():
            if rows.filter(reminded_at=asked).update(reminded_at=now):
                _ask(tenant, row, now)
                count += 1
    return count


@public_context()
def certificate_tell(*, tenant_id: UUID, certificate_id: int) -> int:
    """To every billing address of the payer. Raises OutsideFailure: tried again."""
    from billing.services.dunning_messages import recipients_of

    tenant = Tenant.objects.get(pk=tenant_id)
    row = TdsCertificate.objects.select_related("account").get(pk=certificate_id)
    if row.state != "open":
        return 0
    params, language = _params(row), row.account.language
    people = recipients_of(tenant)
    with override(language):
        subject = gettext(TITLE) % params
        text = f"{gettext(TEXT) % params}\n\n{tenant_url(tenant, '/billing/certificates/')}"
    for way, address in people:
        to = {"to_email": address} if way == "email" else {"to_phone": address}
        message_send(subject=subject, text=text, kind="billing", language=language, **to)
    return len(people)


@public_context()
def certificate_upload(
    *,
    tenant: Tenant,
    certificate_id: int,
    certificate_number: str,
    certified_paise: int,
    file_name: str,
    content: bytes,
    now: datetime,
    actor_id: UUID | None = None,
) -> TdsCertificate:
    """Keep a certificate and compare it: "matched" when it covers what we booked, to a rupee for
    each deduction, else "received" for staff to look at. A matched one is not replaced.

    Raises CertificateRefused, InvalidInput with `field`, and NotFound.
    """
    number = line_cleaned(certificate_number, 40, "certificate_number", is_needed=True)
    if not 0 < len(content) <= LARGEST or not content.startswith(b"%PDF-"):
        raise CertificateRefused(field="file")
    if certified_paise <= 0:
        raise InvalidInput(_("Write the amount of tax on the certificate."), field="amount")
    link = link_of(tenant)
    with transaction.atomic():
        Tenant.objects.select_for_update(of=("self",)).get(pk=tenant.pk)
        rows = TdsCertificate.objects.select_for_update()
        row = rows.filter(pk=certificate_id, account=link.account_id if link else None).first()
        if row is None:
            raise NotFound
        if row.state == "matched":
            return row
        row.booked_paise, count = booked(row.account_id, row.financial_year, row.quarter)
        is_matched = is_certified(
            booked_paise=row.booked_paise, certified_paise=certified_paise, deductions_count=count
        )
        row.state = "matched" if is_matched else "received"
        row.certificate_number, row.certified_paise = number, certified_paise
        row.file_name, row.content = line_cleaned(file_name, 500, "file")[-200:], content
        row.sha256 = hashlib.sha256(content).hexdigest()
        row.save()
        tenant_event(tenant, "tds_certificate_given", reason=number, actor_id=actor_id, now=now)
        if not is_matched:
            _tell_staff(row)
    return row


@public_context()
def certificate_accept(
    *, certificate_id: int, certified_paise: int, reason: str, actor_id: UUID, now: datetime
) -> tuple[TdsCertificate, list[tuple[TaxDocument, int]]]:
    """By staff: what the certificate says is what was deducted. Where it says less than we booked,
    the rest is open again on the invoices of that quarter, the latest deduction first; answers
    those with their paise. Where it says more nothing moves: the customer gave more than we asked.

    `certified_paise` is what staff read in the file. Raises CertificateDiffers when the payer
    entered another amount, CertificateNotWaiting, so that a second time does nothing.
    """
    reason = line_cleaned(reason, 200, "reason", is_needed=True)
    with transaction.atomic():
        rows = _deducted(TdsCertificate.objects.get(pk=certificate_id))
        documents = documents_lock([row.document_id for row in rows])
        row = _waiting(certificate_id)
        if row.certified_paise != certified_paise:
            raise CertificateDiffers(
                field="certified", certified=Rupees(row.certified_paise or 0).format()
            )
        paise, _count = booked(row.account_id, row.financial_year, row.quarter)
        by = {"actor_id": actor_id, "reason": reason, "now": now}
        opened = _open_again(row, paise - certified_paise, documents, by)
        row.state, row.booked_paise = "matched", paise - sum(part for _each, part in opened)
        row.save(update_fields=["state", "booked_paise"])
        _told(row, CERTIFICATE_ACCEPTED, **by)
        if opened:
            _notify(row, LESS_TITLE, LESS_TEXT, _less_params(row, opened), now)
    return row, opened


@public_context()
def certificate_reject(
    *, certificate_id: int, reason: str, actor_id: UUID, now: datetime
) -> TdsCertificate:
    """By staff: the certificate is not the right one; a new one is waited for, and the payer reads
    why. What it deducted stays settled. Raises CertificateNotWaiting, InvalidInput."""
    reason = line_cleaned(reason, 200, "reason", is_needed=True)
    with transaction.atomic():
        row = _waiting(certificate_id)
        row.state, row.reminded_at = "open", now
        row.save(update_fields=["state", "reminded_at"])
        _told(row, CERTIFICATE_REJECTED, reason=reason, actor_id=actor_id, now=now)
        params = {**_params(row), "reason": reason}
        _notify(row, REJECTED_TITLE, REJECTED_TEXT, params, now)
    return row


def _waiting(certificate_id: int) -> TdsCertificate:
    row = TdsCertificate.objects.select_for_update(of=("self",)).select_related("account")
    found = row.get(pk=certificate_id)
    if found.state != "received":
        raise CertificateNotWaiting
    return found


def _deducted(row: TdsCertificate) -> QuerySet[Settlement]:
    """The deductions of its quarter and what took them back, the latest first."""
    start, end = quarter_bounds(row.financial_year, row.quarter)
    rows = Settlement.objects.filter(
        document__account=row.account_id, by="tds", settled_on__gte=start, settled_on__lt=end
    )
    return rows.order_by("-settled_on", "-pk")


def _open_again(
    row: TdsCertificate, rest: int, documents: dict[int, TaxDocument], by: dict[str, Any]
) -> list[tuple[TaxDocument, int]]:
    """Dated as the deduction, so that the quarter's tax is what the certificate says."""
    days, left = {}, Counter[int]()
    for each in _deducted(row):
        days.setdefault(each.document_id, each.settled_on)
        left[each.document_id] += each.amount_paise
    found = []
    for document_id, day in days.items():
        part = min(rest - sum(paise for _each, paise in found), left[document_id])
        if part > 0:
            document = documents[document_id]
            cause = f"{CERTIFICATE_CAUSE}{row.pk}:{row.sha256[:12]}"
            settle(document=document, amount_paise=-part, by="tds", cause=cause, on=day, **by)
            found.append((document, part))
    return found


def _told(row: TdsCertificate, kind: str, *, reason: str, actor_id: UUID, now: datetime) -> None:
    """In the history of every workspace of the payer: the certificate's number is in front."""
    for tenant in workspaces_of(row.account):
        said = f"{row.pk}: {reason}"
        tenant_event(tenant, kind, reason=said, actor_id=actor_id, now=now)


def _notify(
    row: TdsCertificate, title: str, text: str, params: dict[str, str], now: datetime
) -> None:
    for tenant in workspaces_of(row.account):
        with tenant_context(tenant):
            notify(
                title=title,
                text=text,
                params=params,
                url="/billing/certificates/",
                kind="billing",
                key=f"billing-certificate-said:{row.pk}:{row.sha256[:12]}:{now:%Y%m%d%H%M%S}",
                now=now,
            )


def _less_params(row: TdsCertificate, opened: list[tuple[TaxDocument, int]]) -> dict[str, str]:
    parts = (f"{document.number}: {Rupees(paise).format()}" for document, paise in opened)
    total = sum(paise for _each, paise in opened)
    return {**_params(row), "rest": Rupees(total).format(), "invoices": ", ".join(parts)}


def _tell_staff(row: TdsCertificate) -> None:
    certified, paise = row.certified_paise or 0, row.booked_paise
    staff_tell(
        subject=f"A TDS certificate differs: {row.account}",
        text=(
            f"{row.account} uploaded the certificate {row.certificate_number} of "
            f"{row.financial_year}, quarter {row.quarter}. Declared {Rupees(paise).format()}, "
            f"certified {Rupees(certified).format()}, difference "
            f"{Rupees(abs(paise - certified)).format()}. Accept or reject it under TDS "
            "certificates."
        ),
        key=f"billing-staff-certificate:{row.pk}:{row.sha256[:16]}:{certified}",
    )


def booked(account_id: int, year: str, quarter: int) -> tuple[int, int]:
    """What a payer deducted in a quarter by our books, and in how many deductions."""
    start, end = quarter_bounds(year, quarter)
    sums = Settlement.objects.filter(
        document__account=account_id, by="tds", settled_on__gte=start, settled_on__lt=end
    ).aggregate(
        paise=Sum("amount_paise"),
        made=Count("id", filter=Q(amount_paise__gt=0)),
        undone=Count("id", filter=Q(amount_paise__lt=0)),
    )
    return sums["paise"] or 0, sums["made"] - sums["undone"]


def period_words(year: str, quarter: int) -> str:
    """ "April – June 2026", in the language of now."""
    start, end = quarter_bounds(year, quarter)
    last = date.fromordinal(end.toordinal() - 1)
    return f"{date_format(start, 'F')} – {date_format(last, 'F Y')}"


def _certificate(
    account: BillingAccount, year: str, quarter: int, now: datetime
) -> TdsCertificate | None:
    paise, _count = booked(account.pk, year, quarter)
    if paise <= 0:
        return None
    row, _is_new = TdsCertificate.objects.get_or_create(
        account=account,
        financial_year=year,
        quarter=quarter,
        defaults={"booked_paise": paise, "created_at": now},
    )
    if row.state != "matched" and row.booked_paise != paise:
        row.booked_paise = paise
        row.save(update_fields=["booked_paise"])
    return row


def _ask(tenant: Tenant, row: TdsCertificate, now: datetime) -> None:
    with override(row.account.language):
        params = _params(row)
    with tenant_context(tenant):
        notify(
            title=TITLE,
            text=TEXT,
            params=params,
            url="/billing/certificates/",
            kind="billing",
            key=f"billing-certificate:{row.pk}:{now:%Y%m%d}",
            now=now,
        )
    work_schedule(
        task="billing.tell_certificate",
        arguments={"tenant_id": str(tenant.pk), "certificate_id": row.pk},
        due_at=now,
        key=f"billing-certificate:{row.pk}:{now:%Y%m%d}",
        queue="billing",
    )


def _params(row: TdsCertificate) -> dict[str, str]:
    with override(row.account.language):
        return {
            "form": gettext(forms_of_year(row.financial_year).certificate),
            "period": period_words(row.financial_year, row.quarter),
            "amount": Rupees(row.booked_paise).format(),
        }
