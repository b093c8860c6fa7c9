"""Writing to the books. What is written stays: a correction is another entry."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from billing.engine import ledger
from billing.errors import AdjustmentRefused, CauseDiffers
from billing.models import JournalEntry, JournalLine
from marketing_platform.core import clock
from marketing_platform.core.text import clean_line
from marketing_platform.tenants.context import public_context
from marketing_platform.tenants.models import Tenant

LARGEST_ADJUSTMENT = 100_000_000_00


@public_context()
def journal_post(
    *,
    kind: str,
    cause: str,
    narration: str,
    postings: ledger.Postings,
    on: date,
    now: datetime,
    tenant: Tenant | None = None,
    actor_id: UUID | None = None,
    reason: str = "",
) -> JournalEntry | None:
    """One entry with its lines; the same cause again answers the first.

    What moves nothing (an invoice of ₹0 after a whole discount) is no entry: None. `tenant` is
    whose account with us is moved, None for the company's own. Raises Unbalanced, and CauseDiffers
    when the cause is in the books with other amounts or for somebody else; the database looks once
    more when the transaction is committed.
    """
    checked = ledger.postings(*((each.account, each.amount_paise) for each in postings))
    if not checked and not JournalEntry.objects.filter(cause=cause).exists():
        return None
    with transaction.atomic():
        entry, is_new = JournalEntry.objects.get_or_create(
            cause=cause,
            defaults={
                "tenant": tenant,
                "kind": kind,
                "narration": narration[:200],
                "posted_on": on,
                "actor_id": actor_id,
                "reason": reason[:300],
                "created_at": now,
            },
        )
        if is_new:
            JournalLine.objects.bulk_create(
                JournalLine(
                    tenant=tenant,
                    entry=entry,
                    account=each.account,
                    amount_paise=each.amount_paise,
                )
                for each in checked
            )
        elif not _is_same(entry, tenant, checked):
            raise CauseDiffers(cause=cause)
    return entry


def _is_same(entry: JournalEntry, tenant: Tenant | None, checked: ledger.Postings) -> bool:
    """A second posting that differs is a mistake that the first one would hide."""
    lines = entry.lines.values_list("account", "amount_paise")
    written = ledger.balances([[ledger.Posting(*line) for line in lines]])
    return entry.tenant_id == (tenant.pk if tenant else None) and written == ledger.balances(
        [checked]
    )


@public_context()
def adjustment_post(
    *, tenant: Tenant, amount_paise: int, reason: str, actor_id: UUID, key: str, now: datetime
) -> JournalEntry | None:
    """Staff move what a customer owes: positive is more. The same `key` is posted once.

    Raises AdjustmentRefused for no reason, nothing, or more than ₹10 crore, and CauseDiffers for a
    `key` that was posted with another amount.
    """
    reason = clean_line(reason)
    if not reason:
        raise AdjustmentRefused(field="reason")
    if not 0 < abs(amount_paise) <= LARGEST_ADJUSTMENT:
        raise AdjustmentRefused(field="amount")
    return journal_post(
        kind="adjustment",
        cause=f"adjustment:{tenant.pk}:{key}",
        narration=f"Adjustment of {tenant.name}",
        postings=ledger.adjusted(amount_paise),
        on=clock.today(now),
        now=now,
        tenant=tenant,
        actor_id=actor_id,
        reason=reason,
    )
