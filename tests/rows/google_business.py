"""The Google profile in the tests that walk over everything."""

from datetime import UTC, date, datetime
from typing import Any

from tests.isolation.kinds import OWN, Kind, Row

HASH = "0" * 64
REVIEW = {"review_id": "@row"}
LOCAL = {
    "google/": OWN,
    "google/read/": OWN,
    "google/reviews/": OWN,
    "google/reviews/add/": Row(Kind.OWN, form={"stars": "5", "text": "x"}),
    "google/reviews/<int:review_id>/": Row(Kind.ROW, REVIEW),
    "google/reviews/<int:review_id>/reply/": Row(
        Kind.ROW, REVIEW, form={"text": "x", "read_hash": HASH}
    ),
    "google/reviews/<int:review_id>/draft/": Row(Kind.ROW, REVIEW),
    "google/reviews/<int:review_id>/not-posted/": Row(Kind.ROW, REVIEW),
    "google/reviews/<int:review_id>/remove/": Row(Kind.ROW, REVIEW),
    "google/hours/": OWN,
    "google/hours/set/": Row(Kind.OWN, form={"on": "2026-12-25", "kind": "closed"}),
    "google/hours/<int:change_id>/settle/": Row(
        Kind.ROW, {"change_id": "@row"}, form={"take": "theirs"}
    ),
    "google/post/": OWN,
    "google/post/new/": Row(
        Kind.OWN, form={"key": f"page:{'0' * 32}", "text": "x", "language": "en"}
    ),
    "google/post/<int:post_id>/stop/": Row(Kind.ROW, {"post_id": "@row"}),
    "api/local/google/profile": OWN,
    "api/local/google/reviews": Row(Kind.OWN, form={"stars": 5, "text": "x"}),
    "api/local/google/reviews/<int:review_id>/reply": Row(Kind.ROW, REVIEW, form={"text": "x"}),
    "api/local/google/hours": Row(Kind.OWN, form={"on": "2026-12-25"}),
    "api/local/google/posts": Row(Kind.OWN, form={"key": "walk:1", "text": "x"}),
}


def _review(key: Any, letter: str) -> dict[str, Any]:
    return {
        "source": "pasted",
        "remote_name": None,
        "stars": 5,
        "text": f"CANARY-{letter} {key}",
        "gone_at": None,
        "language": "en",
    }


OVERRIDES = {
    "local_google_business.Review": _review,
    "local_google_business.ReviewReply": lambda key, letter: {
        "state": "by_hand",
        "approved_hash": HASH,
        "content_hash": HASH,
        "reasons": [],
        "failure_params": {},
        "language": "en",
        "text": f"CANARY-{letter} {key}",
    },
    "local_google_business.GooglePost": lambda key, letter: {
        "key": f"canary-{letter}-{key}",
        "button": "",
        "state": "by_hand",
        "failure_params": {},
        "text": f"CANARY-{letter} {key}",
    },
    "local_google_business.HoursChange": lambda key, letter: {
        "on": date(2030, 1, 1 + key % 28) if isinstance(key, int) else date(2030, 1, 1),
        "is_closed": True,
        "opens": None,
        "closes": None,
        "state": "conflict",
        "found": [f"CANARY-{letter} {key}"],
        "before": [],
        "failure_params": {},
        "effect_id": None,
    },
    "local_google_business.ProfileRead": lambda key, letter: {
        "title": f"CANARY-{letter}",
        "regular_hours": {},
        "special_hours": {},
        "average_rating": 4,
    },
}
ONE_ROW = {"local_google_business.ProfileRead"}


def fill_local(name: str, picture: Any) -> None:
    from local.automation.google_business.models import (
        GooglePost,
        HoursChange,
        ProfileRead,
        Review,
        ReviewReply,
    )

    noon = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    ProfileRead.objects.create(title=name, read_at=noon)
    review = Review.objects.create(
        source="pasted",
        stars=5,
        text=f"=good\tat {name}",
        created_at=noon,
        updated_at=noon,
        seen_at=noon,
    )
    ReviewReply.objects.create(
        review=review,
        state="by_hand",
        drafted_text="Thanks",
        text="Thanks",
        language="en",
        content_hash=HASH,
        approved_hash=HASH,
        changed_at=noon,
    )
    GooglePost.objects.create(
        key="day:1",
        text=f"From {name}",
        language="en",
        picture=picture,
        state="by_hand",
        content_hash=HASH,
        due_at=noon,
        created_at=noon,
    )
    HoursChange.objects.create(
        on=date(2026, 12, 25), is_closed=True, state="by_hand", created_at=noon
    )
