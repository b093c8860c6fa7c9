"""Google Business Profile over HTTP: Business Information v1 and My Business v4.

v4 (posts, reviews) has no discovery document, so it is plain HTTP. Each function makes one call
with a connected account's client and answers plain data; every one may raise ProviderFailure.
https://developers.google.com/my-business/reference/rest and …/businessinformation/rest
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.automation.google_business.engine.remote import review_words
from marketing_platform.connections.http import ProviderClient

PAGE = 50
READ_MASK = "name,title,regularHours,specialHours,metadata"
STARS = {"ONE": 1, "TWO": 2, "THREE": 3, "FOUR": 4, "FIVE": 5}
# No state at all is how replies looked before Google began to check them.
LIVE_REPLY = frozenset({"", "APPROVED"})
REFUSED_REPLY = frozenset({"REJECTED"})
NAME_LENGTH, TEXT_LENGTH, URL_LENGTH = 120, 20_000, 400


@dataclass(frozen=True)
class Place:
    """The shop's place; hours as Google sends them. `is_verified` is None when it does not say."""

    title: str
    regular_hours: dict[str, Any]
    special_hours: dict[str, Any]
    review_link: str
    is_verified: bool | None


@dataclass(frozen=True)
class RemoteReply:
    """`state` is "", PENDING, APPROVED or REJECTED; "" is live too."""

    text: str
    state: str
    updated_at: datetime

    @property
    def is_live(self) -> bool:
        return self.state in LIVE_REPLY

    @property
    def is_refused(self) -> bool:
        return self.state in REFUSED_REPLY


@dataclass(frozen=True)
class RemoteReview:
    name: str
    reviewer: str
    stars: int
    text: str
    created_at: datetime
    updated_at: datetime
    reply: RemoteReply | None
    reply_url: str


@dataclass(frozen=True)
class ReviewPage:
    reviews: tuple[RemoteReview, ...]
    next_token: str
    average: float | None
    total: int | None


@dataclass(frozen=True)
class RemotePost:
    """`state` is PROCESSING, LIVE, REJECTED …"""

    name: str
    text: str
    state: str
    url: str
    created_at: datetime | None


def place_read(client: ProviderClient, location: str) -> Place:
    found = client.get(_v1(location), base="information", params={"readMask": READ_MASK})
    meta = _table(found.get("metadata"))
    return Place(
        title=_text(found.get("title"), 200),
        regular_hours=_table(found.get("regularHours")),
        special_hours=_table(found.get("specialHours")),
        review_link=_text(meta.get("newReviewUri"), 300),
        is_verified=meta.get("hasVoiceOfMerchant")
        if isinstance(meta.get("hasVoiceOfMerchant"), bool)
        else None,
    )


def special_hours_write(
    client: ProviderClient, location: str, special_hours: Mapping[str, Any]
) -> dict[str, Any]:
    """Replaces the whole list. Ten edits a minute per profile, not to be raised."""
    return client.patch(
        _v1(location),
        base="information",
        params={"updateMask": "specialHours"},
        json={"specialHours": dict(special_hours)},
    )


def reviews_page(client: ProviderClient, location: str, token: str = "") -> ReviewPage:
    params: dict[str, Any] = {"pageSize": PAGE, "orderBy": "updateTime desc"}
    if token:
        params["pageToken"] = token
    found = client.get(f"/{location}/reviews", params=params)
    rows = found.get("reviews")
    read = [_review(row) for row in rows] if isinstance(rows, list) else []
    average, total = found.get("averageRating"), found.get("totalReviewCount")
    return ReviewPage(
        reviews=tuple(each for each in read if each),
        next_token=_text(found.get("nextPageToken"), 2_000),
        average=float(average) if isinstance(average, int | float) else None,
        total=total if isinstance(total, int) and total >= 0 else None,
    )


def review_read(client: ProviderClient, name: str) -> RemoteReview | None:
    return _review(client.get(f"/{name}"))


def reply_write(client: ProviderClient, name: str, text: str) -> RemoteReply | None:
    """Writes or replaces the reply; the same call twice is the same reply."""
    return _reply(client.put(f"/{name}/reply", json={"comment": text}))


def post_write(client: ProviderClient, location: str, body: Mapping[str, Any]) -> RemotePost:
    return _post(client.post(f"/{location}/localPosts", json=dict(body)))


def posts_since(client: ProviderClient, location: str, since: datetime) -> list[RemotePost]:
    """The newest posts, back to `since`, on as many pages as that takes (ten at most)."""
    found: list[RemotePost] = []
    token = ""
    for _page in range(10):
        params = {"pageSize": PAGE, **({"pageToken": token} if token else {})}
        answer = client.get(f"/{location}/localPosts", params=params)
        rows = answer.get("localPosts")
        posts = [_post(row) for row in rows if isinstance(row, dict)] if rows else []
        found += [each for each in posts if each.created_at is None or each.created_at >= since]
        token = _text(answer.get("nextPageToken"), 2_000)
        if not token or len(found) < len(posts):
            break
    return found


def _v1(location: str) -> str:
    """accounts/1/locations/2 → /locations/2, as the newer API names it."""
    return "/locations/" + location.rpartition("locations/")[2]


def _review(row: Any) -> RemoteReview | None:
    """None for a row that names no review or no stars."""
    row = _table(row)
    name, stars = _text(row.get("name"), 250), STARS.get(row.get("starRating", ""))
    created = _moment(row.get("createTime"))
    if not name or stars is None or created is None:
        return None
    reviewer = _table(row.get("reviewer"))
    shown = "" if reviewer.get("isAnonymous") else _text(reviewer.get("displayName"), NAME_LENGTH)
    return RemoteReview(
        name=name,
        reviewer=shown,
        stars=stars,
        text=review_words(_text(row.get("comment"), TEXT_LENGTH)),
        created_at=created,
        updated_at=_moment(row.get("updateTime")) or created,
        reply=_reply(row.get("reviewReply")),
        reply_url=_text(row.get("reviewReplyUrl"), URL_LENGTH),
    )


def _reply(row: Any) -> RemoteReply | None:
    row = _table(row)
    text = _text(row.get("comment"), TEXT_LENGTH)
    if not text:
        return None
    state = _text(row.get("state"), 40).removeprefix("REVIEW_REPLY_STATE_")
    known = "" if state == "UNSPECIFIED" else state
    return RemoteReply(text, known, _moment(row.get("updateTime")) or datetime.now(UTC))


def _post(row: Any) -> RemotePost:
    row = _table(row)
    return RemotePost(
        name=_text(row.get("name"), 250),
        text=_text(row.get("summary"), TEXT_LENGTH),
        state=_text(row.get("state"), 40),
        url=_text(row.get("searchUrl"), URL_LENGTH),
        created_at=_moment(row.get("createTime")),
    )


def _table(found: Any) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}


def _text(found: Any, most: int) -> str:
    """As PostgreSQL keeps it: without NUL and half characters."""
    if not isinstance(found, str):
        return ""
    return found.replace("\x00", "").encode("utf-8", "ignore").decode()[:most]


def _moment(found: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(found)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
