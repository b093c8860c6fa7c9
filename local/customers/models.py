"""Customers, what they bought, what they asked, and what they agreed to. In the workspace's schema.

A customer is an internal id: a phone number may be missing, and WhatsApp may send no number at all
but an identifier of its own (`bsuid`).
"""

import uuid

from django.db import models
from django.db.models import Q

from marketing_platform.media.models import MediaFile
from marketing_platform.tenants.guard import WorkspaceModel


class Purpose(models.TextChoices):
    """What somebody may agree to; one does not bring the other (DPDP Act 2023, s.6)."""

    WHATSAPP_MARKETING = "whatsapp_marketing", "Offers and news on WhatsApp"
    WHATSAPP_SERVICE = "whatsapp_service", "Messages about orders on WhatsApp"


class ConsentAction(models.TextChoices):
    GRANTED = "granted", "Agreed"
    WITHDRAWN = "withdrawn", "Said no more"


class ConsentSource(models.TextChoices):
    COUNTER = "counter", "At the counter"
    IMPORT = "import", "From a file"
    QR = "qr", "By a QR code"
    WHATSAPP_REPLY = "whatsapp_reply", "By a WhatsApp reply"
    OWNER = "owner", "Written down by the owner"
    API = "api", "From another program"


class VisitSource(models.TextChoices):
    COUNTER = "counter", "At the counter"
    IMPORT = "import", "From a file"
    API = "api", "From another program"


class BatchState(models.TextChoices):
    DRAFT = "draft", "Draft"
    RUNNING = "running", "Running"
    IMPORTED = "imported", "Imported"
    UNDONE = "undone", "Undone"


class ImportBatch(WorkspaceModel):
    """One uploaded file. `content` is kept only until it is imported or thrown away.

    `refused` are rows that could not be used: line, column, value, reason and its parameters.
    `is_sample`: no file, but the invented customers of services.sample.
    """

    is_sample = models.BooleanField(default=False, db_default=False)
    state = models.CharField(max_length=8, choices=BatchState, default=BatchState.DRAFT)
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField(null=True)
    mapping = models.JSONField(default=dict)
    declaration = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    refused = models.JSONField(default=list)
    job_id = models.UUIDField(null=True)
    actor_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    imported_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["sha256"],
                condition=Q(state__in=["running", "imported"]),
                name="one_file_of_customers_is_imported_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in BatchState]),
                name="an_import_of_customers_has_a_known_state",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} {self.state}"


class Customer(WorkspaceModel):
    """Somebody who buys here. A birthday has no year: a greeting does not need one.

    `is_minor`: the buyer is a child, number and consent are the guardian's, and nothing is derived
    from the child's visits (DPDP Act 2023, s.9). `merged_into` marks a duplicate's emptied row.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    phone = models.CharField(max_length=16, null=True, unique=True)  # noqa: DJ001 - NULLs do not collide
    bsuid = models.CharField(max_length=80, null=True, unique=True)  # noqa: DJ001
    name = models.CharField(max_length=80, blank=True, default="")
    # Set when the number changed: what was agreed before was agreed for another one.
    number_since_at = models.DateTimeField(null=True)
    language = models.CharField(max_length=10, blank=True, default="")
    birth_month = models.PositiveSmallIntegerField(null=True)
    birth_day = models.PositiveSmallIntegerField(null=True)
    note = models.CharField(max_length=300, blank=True, default="")
    is_minor = models.BooleanField(default=False)
    guardian_name = models.CharField(max_length=80, blank=True, default="")
    merged_into = models.ForeignKey("self", on_delete=models.CASCADE, null=True)
    batch = models.ForeignKey(ImportBatch, on_delete=models.SET_NULL, null=True)
    actor_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name", "id"]
        indexes = [models.Index(fields=["-created_at"], name="customers_by_age")]
        constraints = [
            models.CheckConstraint(
                condition=Q(phone__isnull=True) | Q(phone__regex=r"^\+[1-9][0-9]{6,14}$"),
                name="a_customer_phone_is_e164",
            ),
            models.CheckConstraint(condition=~Q(bsuid=""), name="a_customer_bsuid_is_not_empty"),
            models.CheckConstraint(
                condition=Q(birth_month__isnull=True, birth_day__isnull=True)
                | Q(birth_month__range=(1, 12), birth_day__range=(1, 31)),
                name="a_birthday_is_a_day_of_a_month",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | Q(phone__isnull=True, bsuid__isnull=True),
                name="a_merged_customer_has_no_number",
            ),
        ]

    def __str__(self) -> str:
        return f"customer {self.pk}"


class Visit(WorkspaceModel):
    """One bill or visit; without a customer for whoever gave no number, or was erased.

    `has_time` is False when a file gave the day alone: `happened_at` is then noon in India.
    `form_key` is the form it came from: sent twice, it is one visit.
    """

    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True)
    amount_paise = models.BigIntegerField(null=True)
    happened_at = models.DateTimeField()
    has_time = models.BooleanField(default=True)
    items = models.CharField(max_length=300, blank=True, default="")
    source = models.CharField(max_length=8, choices=VisitSource)
    batch = models.ForeignKey(ImportBatch, on_delete=models.SET_NULL, null=True)
    form_key = models.UUIDField(null=True, unique=True)
    actor_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-happened_at", "-id"]
        indexes = [
            models.Index(fields=["customer", "-happened_at"], name="visits_of_a_customer"),
            models.Index(fields=["happened_at"], name="visits_by_time"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_paise__isnull=True) | Q(amount_paise__gte=0),
                name="a_bill_is_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(source__in=[source.value for source in VisitSource]),
                name="a_visit_has_a_known_source",
            ),
        ]

    def __str__(self) -> str:
        return f"visit {self.pk}"


class Enquiry(WorkspaceModel):
    """Something a person asked about and may still buy."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    text = models.CharField(max_length=300)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    actor_id = models.UUIDField(null=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        verbose_name_plural = "enquiries"
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="an_enquiry_says_something")
        ]

    def __str__(self) -> str:
        return f"enquiry {self.pk}"


class ConsentEvent(WorkspaceModel):
    """What a person said about one purpose, and how we know. Rows are only added.

    The present state is the row that was *said* last (`happened_at`), whatever arrived last; of two
    at the same moment the withdrawal counts. A trigger refuses to change what a row says.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    purpose = models.CharField(max_length=20, choices=Purpose)
    action = models.CharField(max_length=9, choices=ConsentAction)
    wording = models.TextField(blank=True, default="")
    wording_version = models.CharField(max_length=20, blank=True, default="")
    wording_language = models.CharField(max_length=10, blank=True, default="")
    source = models.CharField(max_length=14, choices=ConsentSource)
    note = models.CharField(max_length=300, blank=True, default="")
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    actor_id = models.UUIDField(null=True)
    proof = models.ForeignKey(MediaFile, on_delete=models.SET_NULL, null=True)
    batch = models.ForeignKey(ImportBatch, on_delete=models.SET_NULL, null=True)

    class Meta:
        ordering = ["-happened_at", "-action", "-id"]
        indexes = [
            # `-action`: of two at one moment "withdrawn" comes before "granted".
            models.Index(
                fields=["customer", "purpose", "-happened_at", "-action", "-id"],
                name="consent_as_it_stands",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(purpose__in=[purpose.value for purpose in Purpose]),
                name="a_consent_has_a_known_purpose",
            ),
            models.CheckConstraint(
                condition=Q(action__in=[action.value for action in ConsentAction]),
                name="a_consent_is_granted_or_withdrawn",
            ),
            models.CheckConstraint(
                condition=Q(source__in=[source.value for source in ConsentSource]),
                name="a_consent_has_a_known_source",
            ),
            models.CheckConstraint(
                condition=Q(action="withdrawn") | ~Q(wording=""),
                name="who_agreed_was_shown_a_wording",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.action}"
