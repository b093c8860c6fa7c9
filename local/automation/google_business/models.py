"""The shop's Google profile as we know it, and what the owner wants to change there."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import MD5

from marketing_platform.media.models import MediaFile
from marketing_platform.tenants.guard import WorkspaceModel

REPLY_LENGTH = 4096
REVIEWER_LENGTH = 120
SOURCES = ["google", "pasted"]
REPLY_STATES = ["draft", "sending", "in_review", "done", "by_hand", "refused"]
POST_STATES = ["sending", "in_review", "live", "by_hand", "refused", "cancelled"]
HOURS_STATES = ["sending", "done", "by_hand", "conflict", "refused", "cancelled"]
BUTTONS = ["", "BOOK", "ORDER", "SHOP", "LEARN_MORE", "SIGN_UP", "CALL"]


class ProfileRead(WorkspaceModel):
    """What Google last said about the shop's place; one row, replaced at each read.

    `regular_hours` and `special_hours` are kept as Google sends them (Business Information v1).
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    title = models.CharField(max_length=200, blank=True, default="")
    regular_hours = models.JSONField(default=dict)
    special_hours = models.JSONField(default=dict)
    review_link = models.CharField(max_length=300, blank=True, default="")
    is_verified = models.BooleanField(null=True)
    average_rating = models.DecimalField(max_digits=2, decimal_places=1, null=True)
    review_count = models.PositiveIntegerField(null=True)
    read_at = models.DateTimeField()
    reviews_read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="one_google_profile_per_workspace")
        ]

    def __str__(self) -> str:
        return self.title


class Review(WorkspaceModel):
    """A customer's review, read from Google or pasted by the owner.

    `replied_at` is set while a reply is live. `created_at` is the customer's moment, `seen_at`
    ours. A review that Google no longer lists keeps its row with `gone_at`.
    """

    source = models.CharField(max_length=10, choices=[(each, each) for each in SOURCES])
    remote_name = models.CharField(max_length=250, null=True)  # noqa: DJ001 - NULLs do not collide
    reviewer = models.CharField(max_length=REVIEWER_LENGTH, blank=True, default="")
    stars = models.PositiveSmallIntegerField()
    text = models.TextField(blank=True, default="")
    language = models.CharField(max_length=10, blank=True, default="")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)
    reply_text = models.TextField(blank=True, default="")
    replied_at = models.DateTimeField(null=True)
    reply_url = models.CharField(max_length=400, blank=True, default="")
    actor_id = models.UUIDField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["remote_name"], name="one_row_per_google_review"),
            models.UniqueConstraint(
                "stars",
                "reviewer",
                MD5("text"),
                condition=Q(source="pasted"),
                name="a_review_is_pasted_once",
            ),
            models.CheckConstraint(
                condition=Q(stars__gte=1, stars__lte=5), name="a_review_has_one_to_five_stars"
            ),
            models.CheckConstraint(
                condition=Q(source="google", remote_name__isnull=False)
                | Q(source="pasted", remote_name__isnull=True),
                name="a_review_from_google_has_its_name",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stars}★ {self.reviewer}"


class ReviewReply(WorkspaceModel):
    """Our reply to one review. What was approved is bound to `approved_hash`; an edit voids it."""

    review = models.OneToOneField(Review, on_delete=models.CASCADE, related_name="reply")
    state = models.CharField(max_length=12, choices=[(each, each) for each in REPLY_STATES])
    drafted_text = models.TextField()
    text = models.TextField()
    language = models.CharField(max_length=10)
    reasons = models.JSONField(default=list)
    content_hash = models.CharField(max_length=64)
    approved_hash = models.CharField(max_length=64, blank=True, default="")
    approved_at = models.DateTimeField(null=True)
    approver_id = models.UUIDField(null=True)
    effect_id = models.UUIDField(null=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    failure_sentence = models.CharField(max_length=400, blank=True, default="")
    failure_params = models.JSONField(default=dict)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-changed_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="draft") | Q(state="refused") | ~Q(approved_hash=""),
                name="a_reply_leaves_only_when_approved",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:40]


class GooglePost(WorkspaceModel):
    """A post on the profile. `button_url` is empty for CALL, which uses the profile's number."""

    # What it is the post of, such as "day:2026-11-22": planned once.
    key = models.CharField(max_length=80, unique=True)
    text = models.TextField()
    language = models.CharField(max_length=10)
    picture = models.ForeignKey(MediaFile, null=True, on_delete=models.SET_NULL, related_name="+")
    button = models.CharField(max_length=12, blank=True, default="")
    button_url = models.CharField(max_length=300, blank=True, default="")
    state = models.CharField(max_length=12, choices=[(each, each) for each in POST_STATES])
    content_hash = models.CharField(max_length=64)
    effect_id = models.UUIDField(null=True)
    remote_name = models.CharField(max_length=250, blank=True, default="")
    live_url = models.CharField(max_length=400, blank=True, default="")
    failure_sentence = models.CharField(max_length=400, blank=True, default="")
    failure_params = models.JSONField(default=dict)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()
    live_at = models.DateTimeField(null=True)
    actor_id = models.UUIDField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(button__in=BUTTONS), name="a_post_has_one_of_googles_buttons"
            ),
        ]

    def __str__(self) -> str:
        return self.text[:40]


class HoursChange(WorkspaceModel):
    """Special hours of one day. `before` is that day as Google had it when the owner decided;
    `found` what stood there instead when we came to write (a conflict)."""

    on = models.DateField()
    is_closed = models.BooleanField()
    opens = models.TimeField(null=True)
    closes = models.TimeField(null=True)
    state = models.CharField(max_length=12, choices=[(each, each) for each in HOURS_STATES])
    before = models.JSONField(default=list)
    found = models.JSONField(null=True)
    effect_id = models.UUIDField(null=True)
    failure_sentence = models.CharField(max_length=400, blank=True, default="")
    failure_params = models.JSONField(default=dict)
    actor_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["on", "-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_closed=True, opens__isnull=True, closes__isnull=True)
                | Q(is_closed=False, opens__isnull=False, closes__isnull=False),
                name="an_open_day_has_both_its_hours",
            ),
            models.UniqueConstraint(
                fields=["on"], condition=Q(state="sending"), name="one_hours_change_under_way_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on} {'closed' if self.is_closed else f'{self.opens}-{self.closes}'}"
