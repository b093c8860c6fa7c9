"""Asking every route with another workspace's ids, and noticing whatever comes through."""

import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver

from marketing_platform.api.models import ApiKey
from marketing_platform.core import clock
from marketing_platform.media.models import MediaFile
from marketing_platform.media.selectors import signed_url
from marketing_platform.people.models import Invitation, OwnershipOffer
from marketing_platform.tenants.context import tenant_context
from marketing_platform.users.handoff import nonce_hash, token_sign
from marketing_platform.users.models import Membership
from tests.isolation.matrix import Kind, Row
from tests.isolation.world import (
    ABSENT_KEY,
    EQUAL_KEYS,
    ONLY_KEYS,
    Side,
    owned_models,
    uuid_of,
    workspace_models,
)

METHODS = ("get", "head", "options", "post", "put", "patch", "delete")
SAFE = {"get", "head", "options"}
REFUSALS = {301, 302, 401, 403, 404, 405}
NONCE = "a-nonce-that-both-hosts-were-told"
Ids = Mapping[str, str]
OTHER_TIER = {"local": "enterprise", "enterprise": "local"}


@dataclass(frozen=True)
class Walker:
    """Who asks (as `browser`), with whose ids, and what must not be seen or changed."""

    browser: Client
    tier: str
    foreign: Ids
    absent: Ids
    marks: tuple[str, ...]
    untouched: Side
    before: str
    is_stranger: bool = False


# --- routes


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, path)
        else:
            yield path, entry


def missing_rows(found: Iterable[str], matrix: Mapping[str, Row]) -> list[str]:
    return sorted(set(found) - set(matrix))


def address(route: str, row: Row, ids: Ids) -> str:
    """The route with a value in each of its places, regular expressions included."""
    path = route
    for name, wish in row.names.items():
        value = wish_of(wish, ids)
        path = re.sub(rf"<(?:\w+:)?{name}>", value, path) if "(?P" not in path else path
        path = re.sub(rf"\(\?P<{name}>(?:[^()]|\([^()]*\))*\)", value, path)
    path = re.sub(r"\(\?:(.*?)\)\?", r"\1", path)
    return "/" + re.sub(r"[\^$?]", "", path)


def wish_of(wish: Any, ids: Ids) -> Any:
    is_looked_up = isinstance(wish, str) and wish.startswith("@")
    return ids[wish[1:]] if is_looked_up else wish


# --- ids


def ids_of(side: Side, tier: str) -> dict[str, str]:
    """What names rows and holds signatures of one side; the rows that only it has."""
    from billing.models import Checkout, TaxDocument

    tenant = side.tenants[tier]
    first, second = ONLY_KEYS[side.letter]
    with tenant_context(tenant):
        file = MediaFile.objects.get(pk=uuid_of(EQUAL_KEYS[0]))
        token = signed_url(file, base_url="http://x", now=clock.now()).url.rpartition("/")[2]
        checkout = Checkout.objects.latest("created_at")
        document = TaxDocument.objects.latest("pk")
        key = ApiKey.objects.latest("created_at")
        place = Membership.objects.latest("pk")
        invitation = Invitation.objects.latest("pk")
        offer = OwnershipOffer.objects.latest("pk")
    return {
        "row": str(first),
        "imported": str(second),
        "uuid_row": str(uuid_of(first)),
        "uuid_second": str(uuid_of(second)),
        "occasion": f"canary-{side.letter.lower()}-{first}",
        "year": str(clock.today().year),
        "tenant": str(tenant.pk),
        "slug": tenant.slug,
        "checkout": str(checkout.pk),
        "document": str(document.pk),
        "api_key": str(key.pk),
        "member": str(place.pk),
        "invitation": str(invitation.pk),
        "ownership_offer": str(offer.pk),
        "file": token,
        "hand_over": token_sign(
            user=side.owner, tenant=tenant, nonce_digest=nonce_hash(NONCE), next_path="/"
        ),
        "other_tier": OTHER_TIER[tier],
    }


def absent_ids(tier: str) -> dict[str, str]:
    """Of the same form, and nobody's."""
    return {
        "row": str(ABSENT_KEY),
        "imported": str(ABSENT_KEY + 1),
        "uuid_row": str(uuid.uuid4()),
        "uuid_second": str(uuid.uuid4()),
        "occasion": "canary-x-990001",
        "year": str(clock.today().year),
        "tenant": str(uuid.uuid4()),
        "slug": "nobody-at-all",
        "checkout": str(uuid.uuid4()),
        "document": str(ABSENT_KEY),
        "api_key": str(uuid.uuid4()),
        "member": str(ABSENT_KEY),
        "invitation": str(uuid.uuid4()),
        "ownership_offer": str(uuid.uuid4()),
        "file": "junk",
        "hand_over": "junk",
        "other_tier": OTHER_TIER[tier],
    }


def equal_ids(ids: Ids) -> dict[str, str]:
    """The keys that both sides have: they name one's own rows."""
    first, second = EQUAL_KEYS
    equal = {
        **{"row": str(first), "imported": str(second)},
        **{"uuid_row": str(uuid_of(first)), "uuid_second": str(uuid_of(second))},
    }
    return {**ids, **equal}


# --- asking


def walk(
    walker: Walker, found: Iterable[str], matrix: Mapping[str, Row], methods: Iterable[str]
) -> list[str]:
    """What came through, a line each; nothing when all is well."""
    methods = tuple(methods)
    return [
        f"{method.upper()} {route or '/'}: {problem}"
        for route in found
        for method in methods
        for problem in _problems(walker, route, matrix[route], method)
    ]


def _problems(walker: Walker, route: str, row: Row, method: str) -> Iterator[str]:
    answer, was_changed = ask(walker, route, row, method, walker.foreign)
    yield from leaks(answer, walker.marks, says_name=row.says_name)
    if answer.status_code == 500:
        yield "500"
    if was_changed:
        yield "changed a foreign row"
    is_refused = answer.status_code in REFUSALS
    if row.kind is Kind.STAFF and not is_refused:
        yield f"{answer.status_code} for somebody who is not staff"
    if walker.is_stranger and row.kind in {Kind.OWN, Kind.ROW} and not is_refused:
        yield f"{answer.status_code} for a stranger"
    if row.kind in {Kind.ROW, Kind.TOKEN} and answer.status_code != 405:
        other, _changed = ask(walker, route, row, method, walker.absent)
        one, another = seen(answer, walker.foreign), seen(other, walker.absent)
        if one != another:
            codes = f"{one[0]}, but {another[0]} or another page for no such row"
            yield f"{codes}: {_apart(one, another)}"


def ask(walker: Walker, route: str, row: Row, method: str, ids: Ids) -> tuple[Any, bool]:
    """The answer, and whether the untouched side was changed. All is undone afterwards."""
    path = address(route, row, ids)
    sent = {name: wish_of(wish, ids) for name, wish in row.form.items()}
    query = {name: wish_of(wish, ids) for name, wish in row.query.items()}
    is_api = path.startswith("/api/")
    extra: dict[str, Any] = {"query_params": query} if query else {}
    if method not in SAFE:
        extra["data"] = {} if is_api else sent
        if is_api or method != "post":
            extra["content_type"] = "application/json"
    cookies = {name: morsel.value for name, morsel in walker.browser.cookies.items()}
    with transaction.atomic():
        answer = getattr(walker.browser, method)(path, **extra)
        was_changed = answer.status_code != 405 and walker.before != fingerprint(
            walker.untouched, walker.tier
        )
        transaction.set_rollback(True)
    # Whoever was signed out by the answer is signed in for the next.
    walker.browser.cookies = SimpleCookie(cookies)
    return answer, was_changed


def fingerprint(side: Side, tier: str) -> str:
    """Of every row of one workspace: what must be the same after every request."""
    tenant = side.tenants[tier]
    sources = [
        f'SELECT line::text FROM "{tenant.schema_name}"."{model._meta.db_table}" AS line'
        for model in workspace_models(tier)
    ]
    sources += [
        f'SELECT line::text FROM public."{model._meta.db_table}" AS line'
        f" WHERE line.tenant_id = '{tenant.pk}'"
        for model in owned_models(tier)
    ]
    rows = " UNION ALL ".join(sources)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT md5(string_agg(line, '' ORDER BY line)) FROM ({rows}) AS rows")
        return str(cursor.fetchone()[0])


# --- looking


def leaks(answer: Any, marks: Iterable[str], *, says_name: bool = False) -> Iterator[str]:
    text = everything(answer)
    for mark in marks:
        if mark in text and not (says_name and mark.isalpha()):
            yield f"shows {mark}"


def _apart(one: tuple[Any, ...], another: tuple[Any, ...]) -> str:
    """The first lines in which two answers differ."""
    lines = [str(part).splitlines() for pair in zip(one, another, strict=True) for part in pair]
    pairs = zip(lines[::2], lines[1::2], strict=True)
    return next(
        (
            repr((a, b))
            for left, right in pairs
            for a, b in zip(left, right, strict=False)
            if a != b
        ),
        "",
    )


def everything(answer: Any) -> str:
    """Headers, cookies and body, pictures and files included."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return f"{dict(answer.items())} {answer.cookies.output()} {body.decode('latin-1')}"


def seen(answer: Any, ids: Ids) -> tuple[Any, ...]:
    """What the asker can tell apart: status, address, message and page; one-time values aside."""
    body = answer.content.decode("latin-1")
    body = re.sub(r'(csrfmiddlewaretoken" value=|nonce=|X-CSRFToken&quot;: )\S+', r"\1", body)
    body = re.sub(r"\b[0-9a-f]{32}\b|[A-Za-z0-9]{64}", "…", body)
    body = re.sub(r"(?<![-\w])[2-9A-Z]{4}-[2-9A-Z]{4}(?![-\w])", "…", body)  # an error's code
    body = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+", "…", body)
    for value in sorted(ids.values(), key=len, reverse=True):
        if len(value) > 3:
            body = body.replace(value, "…")
        else:
            body = re.sub(rf'(?<=/){re.escape(value)}(?=[/"])', "…", body)
    place = answer.get("Location", "")
    for value in ids.values():
        # A short number only where it is a whole part of the address.
        part = rf"(?<=/){re.escape(value)}(?=/)|(?<=%2F){re.escape(value)}(?=%2F)"
        place = place.replace(value, "…") if len(value) > 3 else re.sub(part, "…", place)
    # The rest of this cookie is a signature of the moment.
    message = answer.cookies["messages"].value if "messages" in answer.cookies else ""
    message = message.partition(":")[0]
    return answer.status_code, place, message, body


# --- what is left in Redis

UNOWNED = {
    "LIMITS:": "counts of limits: their names carry the workspace or, before one, the person",
    "_kombu.": "the broker's bindings",
    "celery": "the broker's default queue",
    "unacked": "the broker's messages in work",
    "health:ready": "written and read by the readiness check",
    **{queue: "a queue of the broker" for queue in ("default", "local", "billing", "enterprise")},
}
OWNED_KEY = re.compile(r"(?:t_[0-9a-z]{26}|public):")


def unowned_keys() -> list[str]:
    """Keys that carry neither a workspace nor a reason why not."""
    redis = cache._cache.get_client(None)
    found = [key.decode() for key in redis.scan_iter()]
    return [key for key in found if not OWNED_KEY.match(key) and not key.startswith(tuple(UNOWNED))]
