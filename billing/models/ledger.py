"""The books: double entry, only added, integer paise. The database refuses anything else."""

from django.db import models
from django.db.models import Q

from marketing_platform.tenants.kept import Kept
from marketing_platform.tenants.models import TenantOwned


class JournalEntry(TenantOwned):
    """One event in the books; its lines sum to zero. `tenant` is empty for the company's own."""

    kept_as = Kept.RECORD

    tenant = models.ForeignKey(
        "tenants.Tenant", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    # invoice, payment, refund, credit_note, tds, write_off, revenue, settlement, adjustment, …
    kind = models.CharField(max_length=20)
    # One entry per cause: posting again answers the first.
    cause = models.CharField(max_length=120, unique=True)
    narration = models.CharField(max_length=200)
    posted_on = models.DateField()
    actor_id = models.UUIDField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="adjustment") | ~Q(reason="") & Q(actor_id__isnull=False),
                name="an_adjustment_has_a_reason_and_a_person",
            )
        ]
        indexes = [models.Index(fields=["posted_on"], name="journal_by_day")]

    def __str__(self) -> str:
        return self.cause


class JournalLine(TenantOwned):
    """Debit above zero, credit below. `account` is a code of billing.engine.ledger."""

    kept_as = Kept.RECORD

    tenant = models.ForeignKey(
        "tenants.Tenant", on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    entry = models.ForeignKey(JournalEntry, on_delete=models.PROTECT, related_name="lines")
    account = models.CharField(max_length=30)
    amount_paise = models.BigIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(amount_paise=0), name="a_journal_line_is_not_zero")
        ]
        indexes = [models.Index(fields=["tenant", "account"], name="journal_by_tenant_account")]

    def __str__(self) -> str:
        return f"{self.account} {self.amount_paise}"
