"""What a workspace has uploaded, in its own schema. Rows keep their batch, so it can be undone.

A later import of the same period marks the earlier rows as replaced instead of deleting them:
undoing it brings them back.
"""

from django.db import models
from django.db.models import Q

from marketing_platform.tenants.guard import WorkspaceModel

FILE_KINDS = (
    "google_ads", "meta_ads", "linkedin_ads", "spend", "leads", "lead_list", "deals", "outcomes",
    "metrics",
)  # fmt: skip
CRM_KINDS = ("salesforce", "hubspot", "marketo")
KINDS = (*FILE_KINDS, *CRM_KINDS)
NOT_REPLACED = Q(replaced_by__isnull=True)


class DataSource(WorkspaceModel):
    """Where data comes from: one account of an ad platform, a CRM, a sheet of figures."""

    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=80)
    is_sample = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "name", "is_sample"], name="one_source_per_kind_and_name"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=KINDS), name="a_source_kind_is_one_of_ours"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="a_source_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class ImportBatch(WorkspaceModel):
    """One upload, by file or API: a file is first a draft with its bytes, then rows without it.

    `mapping` says how it was read; `rates` in it are the exchange rates that somebody gave.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        IMPORTED = "imported", "Imported"
        UNDONE = "undone", "Undone"

    source = models.ForeignKey(
        DataSource, null=True, on_delete=models.PROTECT, related_name="batches"
    )
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField(null=True)
    mapping = models.JSONField(default=dict)
    grain = models.CharField(max_length=5, blank=True, default="")
    first_on = models.DateField(null=True)
    last_on = models.DateField(null=True)
    rows_imported = models.PositiveIntegerField(default=0)
    rows_left_out = models.PositiveIntegerField(default=0)
    totals_left_out = models.PositiveIntegerField(default=0)
    rows_replaced = models.PositiveIntegerField(default=0, db_default=0)
    is_from_api = models.BooleanField(default=False, db_default=False)
    actor_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    imported_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["sha256"], condition=Q(state="imported"), name="one_import_per_file"
            ),
            models.CheckConstraint(
                condition=Q(state="draft", content__isnull=False, source__isnull=True)
                | Q(state__in=["imported", "undone"], content__isnull=True, source__isnull=False),
                name="only_a_draft_keeps_its_file",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.state})"


class ImportedRow(WorkspaceModel):
    """What every imported row has. `left_out_by` is the fix that says it is not to be used."""

    source = models.ForeignKey(DataSource, on_delete=models.CASCADE, related_name="+")
    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="+")
    replaced_by = models.ForeignKey(
        ImportBatch, null=True, on_delete=models.PROTECT, related_name="+"
    )
    left_out_by = models.ForeignKey(
        "QualityFix", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    date = models.DateField()

    class Meta:
        abstract = True


class SpendRow(ImportedRow):
    """One campaign's spend on one date, in paise. `leads` as the ad platform counts them."""

    channel = models.CharField(max_length=60)
    campaign = models.CharField(max_length=120, blank=True, default="")
    cost = models.BigIntegerField()
    impressions = models.BigIntegerField(null=True)
    clicks = models.BigIntegerField(null=True)
    leads = models.DecimalField(max_digits=20, decimal_places=2, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "date", "channel", "campaign"],
                condition=NOT_REPLACED,
                name="one_spend_per_channel_campaign_and_date",
            ),
            models.CheckConstraint(condition=Q(cost__gte=0), name="a_cost_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.date}"


class LeadCount(ImportedRow):
    """New leads on one date; `channel` '' when the file does not say where they came from."""

    channel = models.CharField(max_length=60, blank=True, default="")
    count = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "date", "channel"],
                condition=NOT_REPLACED,
                name="one_lead_count_per_channel_and_date",
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel or 'leads'} {self.date}"


class MetricPoint(ImportedRow):
    """One figure's value on one date, in a region or ('') in all; `unit` is INR or nothing."""

    series = models.CharField(max_length=120)
    region = models.CharField(max_length=60, blank=True, default="", db_default="")
    unit = models.CharField(max_length=3, blank=True, default="", db_default="")
    value = models.DecimalField(max_digits=24, decimal_places=6)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "series", "region", "date"],
                condition=NOT_REPLACED,
                name="one_value_per_series_region_and_date",
            )
        ]

    def __str__(self) -> str:
        return f"{self.series} {self.date}"
