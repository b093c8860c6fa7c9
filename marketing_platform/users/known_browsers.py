"""Browsers in which a person has signed in before: strangers' tries never count against them.

A signed cookie of the public host, where people sign in, holds a random name of the browser and
fingerprints of who signed in there. It opens nothing: it only gives the browser a count of its own.
"""

import hashlib
import hmac
import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from marketing_platform.users.models import User

COOKIE = "known_browser"
SALT = "users.known_browser"
LIFETIME_SECONDS = 365 * 24 * 3600
MOST_KEPT = 12


def browser_of(request: HttpRequest, destination: str) -> str:
    """The browser's name if somebody signed in here with this number or e-mail, else empty."""
    name, known = _read(request)
    return name if destination and _fingerprint(destination) in known else ""


def browser_remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    name, known = _read(request)
    own = [_fingerprint(text) for text in (user.phone, user.email) if text]
    kept = [*own, *(other for other in known if other not in own)][:MOST_KEPT]
    value = signing.dumps({"name": name or secrets.token_urlsafe(12), "known": kept}, salt=SALT)
    response.set_cookie(
        COOKIE,
        value,
        max_age=LIFETIME_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )


def _read(request: HttpRequest) -> tuple[str, list[str]]:
    try:
        kept = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=LIFETIME_SECONDS)
        return str(kept["name"]), [str(mark) for mark in kept["known"]]
    except (signing.BadSignature, KeyError, TypeError):
        return "", []


def _fingerprint(destination: str) -> str:
    key = f"{SALT}:{settings.SECRET_KEY}".encode()
    return hmac.new(key, destination.strip().lower().encode(), hashlib.sha256).hexdigest()[:24]
