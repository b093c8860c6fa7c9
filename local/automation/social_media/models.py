"""What only the owner decides about posts, and what was posted. In the workspace's schema."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length

from local.automation.social_media.engine.posting import BOUND, CLOSED, State
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


class PlannedPost(WorkspaceModel):
    """A day's post for one network, from proposal to what stands there.

    `caption` is all that is posted. The approval is bound to `content_hash` (words, picture,
    network, account): an edit voids it. `scheduled_at` is UTC; `zone` is where its hour was chosen.
    After `expires_at`, the end of its day, it never goes out. `attempt` numbers its schedulings.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    on = models.DateField()
    network = models.CharField(max_length=20, choices=NETWORK_CHOICES)
    language = models.CharField(max_length=10)
    variant = models.PositiveSmallIntegerField()
    caption = models.TextField()
    is_edited = models.BooleanField(default=False)
    poster = models.ForeignKey(MediaFile, null=True, on_delete=models.SET_NULL, related_name="+")
    image_sha256 = models.CharField(max_length=64, blank=True, default="")
    account_id = models.CharField(max_length=200, blank=True, default="")
    # What the words rest on: {"offer_id", "result_id"}, each a number as text or empty.
    source = models.JSONField(default=dict)
    state = models.CharField(
        max_length=15, choices=[(each.value, each.value) for each in State], default="proposed"
    )
    content_hash = models.CharField(max_length=64)
    approved_hash = models.CharField(max_length=64, blank=True, default="")
    approved_by = models.UUIDField(null=True)
    approved_at = models.DateTimeField(null=True)
    scheduled_at = models.DateTimeField(null=True)
    zone = models.CharField(max_length=40, default="Asia/Kolkata")
    expires_at = models.DateTimeField()
    attempt = models.PositiveSmallIntegerField(default=0)
    effect_id = models.UUIDField(null=True, db_index=True)
    # Instagram's container: one can be published once only.
    container_id = models.CharField(max_length=100, blank=True, default="")
    remote_id = models.CharField(max_length=300, blank=True, default="")
    remote_url = models.CharField(max_length=500, blank=True, default="")
    late_minutes = models.PositiveIntegerField(default=0)
    failure_sentence = models.CharField(max_length=400, blank=True, default="")
    failure_params = models.JSONField(default=dict)
    reason = models.CharField(max_length=20, blank=True, default="")
    actor_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    live_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-on", "network", "-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["on", "network"],
                condition=~Q(state__in=sorted(CLOSED)),
                name="one_planned_post_per_day_and_network",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(BOUND))
                | (Q(approved_hash=F("content_hash")) & ~Q(approved_hash="")),
                name="a_post_leaves_only_as_it_was_approved",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["scheduled", "sending", "needs_check"])
                | Q(scheduled_at__isnull=False, effect_id__isnull=False),
                name="a_post_on_its_way_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(scheduled_at=None) | Q(scheduled_at__lt=F("expires_at")),
                name="a_post_goes_out_before_it_expires",
            ),
            models.CheckConstraint(
                condition=Q(network__in=[slug for slug, _label in NETWORK_CHOICES]),
                name="a_planned_post_is_on_one_of_our_networks",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.network} {self.state}"
