"""The language in which a host speaks to somebody: kept in a cookie of that host."""

from django.conf import settings
from django.http import HttpResponse


def language_keep(response: HttpResponse, language: str, *, is_secure: bool) -> None:
    """From the next page on; what is no language of ours changes nothing."""
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            samesite="Lax",
            secure=is_secure,
        )
