"""Contacts, deals and leads, one row per record of a source, whether it came by file or by sync.

Both write through services.crm, which upserts by (source, external id). What a file overwrote is
kept in `ReplacedRecord`, so that the import can be undone.
"""

from django.db import models
from django.db.models import F, Q

from enterprise.data_sources.models.imports import DataSource, ImportBatch
from marketing_platform.tenants.guard import WorkspaceModel


class CrmRecord(WorkspaceModel):
    """`removed_at`: the source says that it is gone. `stored_at`: when we last wrote the row."""

    source = models.ForeignKey(DataSource, on_delete=models.CASCADE, related_name="+")
    batch = models.ForeignKey(ImportBatch, null=True, on_delete=models.CASCADE, related_name="+")
    left_out_by = models.ForeignKey(
        "QualityFix", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    external_id = models.CharField(max_length=120)
    came_from = models.CharField(max_length=60, blank=True, default="")
    owner = models.CharField(max_length=120, blank=True, default="")
    updated_at_remote = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    stored_at = models.DateTimeField()

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"], name="one_%(class)s_per_source_and_id"
            ),
        ]

    def __str__(self) -> str:
        return self.external_id


class Contact(CrmRecord):
    """A person at a customer, without name, number or address; `email_hash` is SHA-256."""

    account = models.CharField(max_length=120, blank=True, default="")
    region = models.CharField(max_length=60, blank=True, default="")
    lifecycle = models.CharField(max_length=60, blank=True, default="")
    email_hash = models.CharField(max_length=64, blank=True, default="")
    created_on = models.DateField(null=True)


class Deal(CrmRecord):
    """`amount` in paise. `is_won` is null while the deal is open."""

    account = models.CharField(max_length=120, blank=True, default="")
    amount = models.BigIntegerField(null=True)
    stage = models.CharField(max_length=60, blank=True, default="")
    created_on = models.DateField()
    closed_on = models.DateField(null=True)
    is_won = models.BooleanField(null=True)


class Lead(CrmRecord):
    """One lead by its id, without name, number or address; `email_hash` is SHA-256."""

    stage = models.CharField(max_length=60, blank=True, default="")
    email_hash = models.CharField(max_length=64, blank=True, default="")
    created_on = models.DateField()


class StageChange(WorkspaceModel):
    """A stay of a deal or a lead in a stage. `external_id` as the source names the change, or
    '<record>:<stage>:<entered at>' where it gives no name."""

    source = models.ForeignKey(DataSource, on_delete=models.CASCADE, related_name="+")
    external_id = models.CharField(max_length=240)
    deal = models.ForeignKey(
        Deal, null=True, on_delete=models.CASCADE, related_name="stage_changes"
    )
    lead = models.ForeignKey(
        Lead, null=True, on_delete=models.CASCADE, related_name="stage_changes"
    )
    stage = models.CharField(max_length=60)
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["entered_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"], name="one_stage_change_per_source_and_id"
            ),
            models.CheckConstraint(
                condition=Q(deal__isnull=False, lead__isnull=True)
                | Q(deal__isnull=True, lead__isnull=False),
                name="a_stage_change_is_of_a_deal_or_a_lead",
            ),
            models.CheckConstraint(
                condition=Q(left_at__isnull=True) | Q(left_at__gte=F("entered_at")),
                name="a_stage_is_not_left_before_it_is_entered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage} from {self.entered_at:%Y-%m-%d}"


class ReplacedRecord(WorkspaceModel):
    """What a record held before a file overwrote it; undoing the import puts it back."""

    class Table(models.TextChoices):
        CONTACT = "contact", "Contact"
        DEAL = "deal", "Deal"
        LEAD = "lead", "Lead"

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="+")
    table = models.CharField(max_length=10, choices=Table)
    external_id = models.CharField(max_length=120)
    before = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "table", "external_id"], name="one_earlier_record_per_import"
            ),
            models.CheckConstraint(
                condition=Q(table__in=["contact", "deal", "lead"]),
                name="a_replaced_record_is_of_a_known_table",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.external_id}"
