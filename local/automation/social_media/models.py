"""What only the owner decides about posts, and what was posted. In the workspace's schema."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length

from marketing_platform.media.models import MediaFile
from marketing_platform.tenants.guard import WorkspaceModel

NETWORK_CHOICES = [
    ("facebook", "Facebook"),
    ("instagram", "Instagram"),
    ("google_business", "Google"),
    ("whatsapp_status", "WhatsApp status"),
]
OFFER_LENGTH = 120
TAGLINE_LENGTH = 80
models.CharField.register_lookup(Length)


class BrandKit(WorkspaceModel):
    """The look of posters. Empty colours mean those of the business profile."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    primary_colour = models.CharField(max_length=7, blank=True, default="")
    accent_colour = models.CharField(max_length=7, blank=True, default="")
    tagline = models.CharField(max_length=TAGLINE_LENGTH, blank=True, default="")
    owner_photo = models.ForeignKey(
        MediaFile, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    actor_id = models.UUIDField(null=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="one_brand_kit_per_workspace"),
            models.CheckConstraint(
                condition=Q(primary_colour="") | Q(primary_colour__regex=r"^#[0-9a-f]{6}$"),
                name="a_primary_colour_is_hexadecimal",
            ),
            models.CheckConstraint(
                condition=Q(accent_colour="") | Q(accent_colour__regex=r"^#[0-9a-f]{6}$"),
                name="an_accent_colour_is_hexadecimal",
            ),
        ]

    def __str__(self) -> str:
        return "Brand"


class Offer(WorkspaceModel):
    """An offer in the owner's own words. Posts quote it and never say more."""

    words = models.CharField(max_length=OFFER_LENGTH)
    valid_from = models.DateField()
    valid_until = models.DateField()
    is_active = models.BooleanField(default=True)
    ended_at = models.DateTimeField(null=True)
    actor_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["valid_until", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(words__length__gt=0), name="an_offer_has_words"),
            models.CheckConstraint(
                condition=Q(valid_until__gte=F("valid_from")),
                name="an_offer_does_not_end_before_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(is_active=True, ended_at__isnull=True)
                | Q(is_active=False, ended_at__isnull=False),
                name="an_ended_offer_has_its_end",
            ),
        ]

    def __str__(self) -> str:
        return self.words


class CoachingResult(WorkspaceModel):
    """A student's result with the consent to show it. Posts use it only when complete."""

    student = models.CharField(max_length=60)
    exam = models.CharField(max_length=60)
    rank = models.CharField(max_length=20)
    course = models.CharField(max_length=60)
    duration = models.CharField(max_length=30)
    is_paid = models.BooleanField()
    result_on = models.DateField()
    consent_on = models.DateField()
    is_active = models.BooleanField(default=True)
    actor_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-result_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(consent_on__gt=F("result_on")),
                name="consent_is_given_after_the_result",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.student}, {self.exam}"


class ClassSeats(WorkspaceModel):
    """Open seats of one course, as the owner counted them on a day."""

    course = models.CharField(max_length=60)
    number = models.PositiveSmallIntegerField()
    counted_on = models.DateField()
    actor_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-counted_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(number__gt=0), name="open_seats_are_more_than_none")
        ]

    def __str__(self) -> str:
        return f"{self.number} · {self.course}"


class DayIdea(WorkspaceModel):
    """The idea that was chosen for a day instead of the first one."""

    on = models.DateField(unique=True)
    variant = models.PositiveSmallIntegerField()
    actor_id = models.UUIDField(null=True)
    chosen_at = models.DateTimeField()

    class Meta:
        ordering = ["on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(variant__lte=20), name="a_chosen_idea_is_one_of_twenty_one"
            )
        ]

    def __str__(self) -> str:
        return f"{self.on} · {self.variant}"


class PostedRecord(WorkspaceModel):
    """The owner's word that a day's post went out on a network."""

    on = models.DateField()
    network = models.CharField(max_length=20, choices=NETWORK_CHOICES)
    variant = models.PositiveSmallIntegerField()
    actor_id = models.UUIDField(null=True)
    posted_at = models.DateTimeField()

    class Meta:
        ordering = ["on", "network"]
        constraints = [
            models.UniqueConstraint(
                fields=["on", "network"], name="one_posted_record_per_day_and_network"
            ),
            models.CheckConstraint(
                condition=Q(network__in=[slug for slug, _label in NETWORK_CHOICES]),
                name="a_post_is_on_one_of_our_networks",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.network}"
