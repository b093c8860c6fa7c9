"""Telling a payer about late money: by message in the account's language, and behind the bell."""

from datetime import datetime
from typing import Any

from django.utils import timezone, translation
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext

from billing.models import AccountWorkspace, DunningStep
from billing.services.dunning_words import INVOICE, PAY_HERE, PAYMENT, SEE_HERE, Words
from marketing_platform.core import clock
from marketing_platform.core.money import Rupees
from marketing_platform.messaging.services import message_send
from marketing_platform.notifications.services import notify
from marketing_platform.schedule.services import work_schedule
from marketing_platform.tenants.context import public_context, tenant_context
from marketing_platform.tenants.models import Tenant
from marketing_platform.tenants.selectors import tenant_url
from marketing_platform.users.selectors import owner_of

PAGE = "/billing/"
LONGEST_SENT_TO = 300


def language_of(tenant: Tenant) -> str:
    """The payer's, else the owner's, else the workspace's."""
    link = AccountWorkspace.objects.select_related("account").filter(tenant=tenant).first()
    if link is not None and link.account.emails:
        return link.account.language
    owner = owner_of(tenant)
    return owner.language if owner else tenant.language


def recipients_of(tenant: Tenant) -> list[tuple[str, str]]:
    """("email" or "phone", address): the payer's billing addresses, else the owner's own."""
    link = AccountWorkspace.objects.select_related("account").filter(tenant=tenant).first()
    emails = [str(address) for address in link.account.emails] if link else []
    owner = owner_of(tenant)
    found = [("email", address) for address in emails]
    if owner is not None and owner.phone:
        found.append(("phone", owner.phone))
    elif owner is not None and owner.email and not emails:
        found.append(("email", owner.email))
    return found


def step_tell(
    tenant: Tenant, row: DunningStep, *, amount_paise: int, ends_at: datetime, now: datetime
) -> None:
    """Inside the caller's transaction: the bell now, the message as due work."""
    words, params = _words(tenant, row, amount_paise, ends_at)
    with tenant_context(tenant):
        notify(
            title=words.subject,
            text=words.text,
            params=params,
            url=PAGE,
            kind="billing",
            key=f"billing-dunning:{row.pk}",
            now=now,
        )
    work_schedule(
        task="billing.tell_dunning",
        arguments={
            "step_id": row.pk,
            "amount_paise": amount_paise,
            "ends_at": ends_at.isoformat(),
        },
        due_at=now,
        key=f"billing-dunning:{row.pk}",
        queue="billing",
    )


@public_context()
def step_send(*, step_id: int, amount_paise: int, ends_at: str) -> int:
    """Send what a step says to everyone who is to hear it; how many were told now.

    Who was told is written after each one, so a second run tells only the others. Raises
    OutsideFailure when a sender cannot: it is tried again.
    """
    row = DunningStep.objects.select_related("tenant", "document").get(pk=step_id)
    words, params = _words(row.tenant, row, amount_paise, parse_datetime(ends_at))
    url = tenant_url(row.tenant, PAGE)
    with translation.override(row.language):
        where = SEE_HERE if row.step == "recovered" else PAY_HERE
        subject = gettext(words.subject) % params
        text = f"{gettext(words.text) % params}\n\n{gettext(where) % {'url': url}}"
    told = row.sent_to.split()
    count = 0
    for way, address in recipients_of(row.tenant):
        if address in told:
            continue
        to = {"to_email": address} if way == "email" else {"to_phone": address}
        message_send(subject=subject, text=text, kind="billing", language=row.language, **to)
        told.append(address)
        DunningStep.objects.filter(pk=row.pk).update(sent_to=" ".join(told)[:LONGEST_SENT_TO])
        count += 1
    return count


def _words(
    tenant: Tenant, row: DunningStep, amount_paise: int, ends_at: datetime
) -> tuple[Words, dict[str, Any]]:
    table = INVOICE if row.document_id else PAYMENT
    params: dict[str, Any] = {
        "workspace": tenant.name,
        "amount": Rupees(amount_paise).format(),
        "number": row.document.number if row.document else "",
    }
    with translation.override(row.language):
        params["day"] = date_format(timezone.localtime(ends_at), "DATE_FORMAT")
        # An invoice that is open again is due on another day than its paper says.
        due_on = clock.today(row.episode_at) if row.document else None
        params["due"] = date_format(due_on, "DATE_FORMAT") if due_on else ""
    return table[row.step], params
