"""The list of devices a person is signed in on, and signing out of them from afar."""

import secrets
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module

from django.conf import settings
from django.contrib.sessions.models import Session
from django.http import HttpRequest

from marketing_platform.users.addresses import address_short, client_address
from marketing_platform.users.devices import device_of
from marketing_platform.users.models import User, UserSession

FAMILY, SEEN = "family", "seen"
SEEN_EVERY_SECONDS = 600


@dataclass(frozen=True)
class Device:
    family: str
    browser: str
    system: str
    address: str
    hosts: list[str]
    created_at: datetime
    seen_at: datetime
    is_this: bool


def session_note(request: HttpRequest, user: User, *, family: str, now: datetime) -> None:
    """Put a session that has just begun on the list."""
    browser, system = device_of(request.headers.get("User-Agent", ""))
    request.session[FAMILY] = family or secrets.token_hex(16)
    request.session[SEEN] = int(now.timestamp())
    UserSession.objects.filter(
        user=user, seen_at__lt=now - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    ).delete()
    UserSession.objects.create(
        user=user,
        session_key=request.session.session_key,
        family=request.session[FAMILY],
        host=request.get_host()[:253],
        browser=browser,
        system=system,
        address=address_short(client_address(request)),
        created_at=now,
        seen_at=now,
    )


def session_seen(request: HttpRequest, *, now: datetime) -> None:
    """Written at most every ten minutes; sessions from before the list have no row."""
    seen = request.session.get(SEEN)
    if seen is None or now.timestamp() - seen < SEEN_EVERY_SECONDS:
        return
    request.session[SEEN] = int(now.timestamp())
    UserSession.objects.filter(session_key=request.session.session_key).update(seen_at=now)


def devices_of(user: User, *, family: str, now: datetime) -> list[Device]:
    """Those whose sessions still live, this one first, then by when they were seen."""
    rows = list(UserSession.objects.filter(user=user).order_by("-seen_at"))
    living = Session.objects.filter(
        session_key__in=[row.session_key for row in rows], expire_date__gt=now
    )
    keys = set(living.values_list("session_key", flat=True))
    families: dict[str, list[UserSession]] = defaultdict(list)
    for row in rows:
        if row.session_key in keys:
            families[row.family].append(row)
    found = [_device(rows, family) for rows in families.values()]
    return sorted(found, key=lambda device: not device.is_this)


def _device(rows: list[UserSession], family: str) -> Device:
    last = rows[0]
    return Device(
        family=last.family,
        browser=last.browser,
        system=last.system,
        address=last.address,
        hosts=sorted({row.host for row in rows}),
        created_at=min(row.created_at for row in rows),
        seen_at=last.seen_at,
        is_this=last.family == family,
    )


def device_sign_out(*, user: User, family: str) -> bool:
    """Ends this device's sessions on every host at once. Somebody else's is not found."""
    rows = UserSession.objects.filter(user=user, family=family)
    store = import_module(settings.SESSION_ENGINE).SessionStore
    keys = list(rows.values_list("session_key", flat=True))
    for key in keys:
        store(key).delete()
    rows.delete()
    return bool(keys)


def devices_sign_out_others(*, user: User, family: str) -> None:
    for other in set(
        UserSession.objects.filter(user=user)
        .exclude(family=family)
        .values_list("family", flat=True)
    ):
        device_sign_out(user=user, family=other)
