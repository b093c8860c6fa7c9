"""What reaches our bank: gateways' payouts, statements, and customers' transfers. Integer paise."""

from django.db import models
from django.db.models import Q

from billing.models.accounts import BillingAccount

TRANSFER_STATES = [
    ("new", "New"),
    ("matched", "Matched"),
    ("queued", "For staff"),
    ("returned", "Sent back"),
]


class Payout(models.Model):
    """What a gateway paid out: payments less refunds, fee and GST on the fee, under one UTR."""

    gateway = models.CharField(max_length=20)
    remote_id = models.CharField(max_length=100)
    utr = models.CharField(max_length=40, blank=True, default="")
    # created, processed, failed: a failed one may still come.
    state = models.CharField(max_length=12)
    amount_paise = models.BigIntegerField()
    fee_paise = models.BigIntegerField(default=0)
    fee_tax_paise = models.BigIntegerField(default=0)
    paid_on = models.DateField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-paid_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["gateway", "remote_id"], name="one_row_per_payout")
        ]

    def __str__(self) -> str:
        return self.remote_id


class PayoutItem(models.Model):
    """One payment, refund or adjustment in a payout. `amount` is positive when it is ours."""

    payout = models.ForeignKey(Payout, on_delete=models.PROTECT, related_name="items")
    kind = models.CharField(max_length=12)
    remote_id = models.CharField(max_length=100)
    amount_paise = models.BigIntegerField()
    fee_paise = models.BigIntegerField(default=0)
    fee_tax_paise = models.BigIntegerField(default=0)
    # Found among our own rows; not found is shown to staff.
    is_known = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["payout", "kind", "remote_id"], name="one_row_per_payout_item"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.remote_id}"


class BankStatement(models.Model):
    """An uploaded statement; the same file is taken once."""

    sha256 = models.CharField(max_length=64, unique=True)
    file_name = models.CharField(max_length=200)
    actor_id = models.UUIDField()
    uploaded_at = models.DateTimeField()

    class Meta:
        ordering = ["-uploaded_at"]

    def __str__(self) -> str:
        return self.file_name


class BankLine(models.Model):
    """A line of a statement; money in is positive."""

    statement = models.ForeignKey(BankStatement, on_delete=models.PROTECT, related_name="lines")
    row = models.PositiveIntegerField()
    on = models.DateField()
    amount_paise = models.BigIntegerField()
    utr = models.CharField(max_length=40, blank=True, default="")
    narration = models.CharField(max_length=300, blank=True, default="")
    payout = models.OneToOneField(
        Payout, on_delete=models.PROTECT, related_name="bank_line", null=True, blank=True
    )

    class Meta:
        ordering = ["statement", "row"]
        constraints = [
            models.UniqueConstraint(fields=["statement", "row"], name="one_line_per_row")
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.amount_paise}"


class IncomingTransfer(models.Model):
    """A customer's transfer by its UTR. Settlement says what it pays for."""

    utr = models.CharField(max_length=40)
    amount_paise = models.PositiveBigIntegerField()
    received_on = models.DateField()
    virtual_account = models.CharField(max_length=40, blank=True, default="")
    payer_name = models.CharField(max_length=200, blank=True, default="")
    reference = models.CharField(max_length=200, blank=True, default="")
    account = models.ForeignKey(
        BillingAccount, on_delete=models.PROTECT, related_name="transfers", null=True, blank=True
    )
    state = models.CharField(max_length=10, choices=TRANSFER_STATES, default="new")
    # Why it is not matched, for staff.
    remark = models.CharField(max_length=300, blank=True, default="")
    bank_line = models.OneToOneField(
        BankLine, on_delete=models.PROTECT, related_name="transfer", null=True, blank=True
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-received_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["utr"], name="a_transfer_is_counted_once"),
            models.CheckConstraint(condition=Q(amount_paise__gt=0), name="a_transfer_is_not_zero"),
        ]

    def __str__(self) -> str:
        return f"UTR {self.utr}"
