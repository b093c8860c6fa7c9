"""Facebook Pages and Instagram through Meta's Graph API: what is written and what is read.

Every call goes through the connection's client, which raises ProviderFailure. Reference: Graph API,
Page photos, Page feed, IG User media, media_publish, content_publishing_limit.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from marketing_platform.connections.http import ProviderClient

PAGE = 100
MOST_PAGES = 5
ID_LENGTH, TEXT_LENGTH, URL_LENGTH = 100, 70_000, 500


@dataclass(frozen=True)
class RemotePost:
    """A post of the page. `photos` are the ids of the pictures in it."""

    id: str
    text: str
    photos: tuple[str, ...]
    media_count: int
    url: str
    created_at: datetime | None


@dataclass(frozen=True)
class RemoteMedia:
    """A post of the Instagram account."""

    id: str
    text: str
    url: str
    created_at: datetime | None


def photo_upload(client: ProviderClient, page: str, url: str) -> str:
    """A photo that nobody sees until a post shows it; its id."""
    body = {"url": url, "published": False}
    return _text(client.post(f"/{page}/photos", json=body).get("id"), ID_LENGTH)


def feed_post(client: ProviderClient, page: str, text: str, photo: str) -> str:
    body: dict[str, Any] = {"message": text}
    if photo:
        body["attached_media"] = [{"media_fbid": photo}]
    return _text(client.post(f"/{page}/feed", json=body).get("id"), ID_LENGTH)


def posts_since(client: ProviderClient, page: str, since: datetime) -> Iterator[RemotePost]:
    """The page's posts, newest first, back to `since`; at most 500."""
    params: dict[str, Any] = {
        "fields": "id,message,created_time,permalink_url,"
        "attachments{media_type,target,subattachments}",
        "since": int(since.timestamp()),
        "limit": PAGE,
    }
    for _page in range(MOST_PAGES):
        answer = client.get(f"/{page}/published_posts", params=params)
        yield from (_post(row) for row in _rows(answer))
        after = _table(_table(answer.get("paging")).get("cursors")).get("after")
        if not after or not _table(answer.get("paging")).get("next"):
            return
        params["after"] = _text(after, TEXT_LENGTH)


def post_url(client: ProviderClient, post: str) -> str:
    answer = client.get(f"/{post}", params={"fields": "permalink_url"})
    return _text(answer.get("permalink_url"), URL_LENGTH)


def quota_left(client: ProviderClient, account: str) -> int | None:
    """How many posts Instagram takes today; None when it does not say."""
    answer = client.get(
        f"/{account}/content_publishing_limit", params={"fields": "config,quota_usage"}
    )
    row = next(iter(_rows(answer)), {})
    used, total = row.get("quota_usage"), _table(row.get("config")).get("quota_total")
    known = isinstance(used, int) and isinstance(total, int)
    return total - used if known else None


def container_create(client: ProviderClient, account: str, url: str, text: str) -> str:
    body = {"image_url": url, "caption": text}
    return _text(client.post(f"/{account}/media", json=body).get("id"), ID_LENGTH)


def container_status(client: ProviderClient, container: str) -> tuple[str, str]:
    """(IN_PROGRESS | FINISHED | PUBLISHED | ERROR | EXPIRED, what Instagram says of it)."""
    answer = client.get(f"/{container}", params={"fields": "status_code,status"})
    return _text(answer.get("status_code"), 40), _text(answer.get("status"), 200)


def container_publish(client: ProviderClient, account: str, container: str) -> str:
    answer = client.post(f"/{account}/media_publish", json={"creation_id": container})
    return _text(answer.get("id"), ID_LENGTH)


def media_url(client: ProviderClient, media: str) -> str:
    answer = client.get(f"/{media}", params={"fields": "permalink"})
    return _text(answer.get("permalink"), URL_LENGTH)


def media_lately(client: ProviderClient, account: str) -> list[RemoteMedia]:
    answer = client.get(
        f"/{account}/media", params={"fields": "id,caption,permalink,timestamp", "limit": 25}
    )
    return [
        RemoteMedia(
            id=_text(row.get("id"), ID_LENGTH),
            text=_text(row.get("caption"), TEXT_LENGTH),
            url=_text(row.get("permalink"), URL_LENGTH),
            created_at=_moment(row.get("timestamp")),
        )
        for row in _rows(answer)
    ]


def _post(row: dict[str, Any]) -> RemotePost:
    media = list(_media(row))
    targets = (_text(_table(each.get("target")).get("id"), ID_LENGTH) for each in media)
    return RemotePost(
        id=_text(row.get("id"), ID_LENGTH),
        text=_text(row.get("message"), TEXT_LENGTH),
        photos=tuple(each for each in targets if each),
        media_count=len(media),
        url=_text(row.get("permalink_url"), URL_LENGTH),
        created_at=_moment(row.get("created_time")),
    )


def _media(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The pictures of a post: one stands by itself, several inside an album."""
    for each in _rows(_table(row.get("attachments"))):
        inside = _rows(_table(each.get("subattachments")))
        yield from inside or [each]


def _rows(answer: dict[str, Any]) -> list[dict[str, Any]]:
    found = answer.get("data")
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def _table(found: Any) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}


def _text(found: Any, most: int) -> str:
    """As PostgreSQL keeps it: without NUL and half characters."""
    if isinstance(found, int) and not isinstance(found, bool):
        found = str(found)
    if not isinstance(found, str):
        return ""
    return found.replace("\x00", "").encode("utf-8", "ignore").decode()[:most]


def _moment(found: Any) -> datetime | None:
    """Graph writes 2026-11-22T12:30:00+0000."""
    try:
        moment = datetime.fromisoformat(found)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
