"""Staff prove who they are twice, where the settings say so, before they see anything."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from marketing_platform.onboarding.security import FACTOR_PASSED
from marketing_platform.users.factors import has_factor
from marketing_platform.users.sessions import session_end

# What works before the second proof, by the name of its address.
OPEN = frozenset(
    {
        "staff_sign_in",
        "staff_sign_out",
        "sign_in_factor",
        "factor_set_up",
        "my_security",
        "passkey_begin",
        "passkey_store",
        "passkey_question",
        "passkey_answer",
        "security_confirm",
        "set_language",
        "manifest",
        "icon",
    }
)


class StaffFactorMiddleware:
    """On the admin's host alone. Without an app: to its set-up; without its code: to sign in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if request.host_kind != "admin" or not settings.STAFF_SECOND_FACTOR:
            return None
        if request.resolver_match.url_name in OPEN or not request.user.is_authenticated:
            return None
        if request.session.get(FACTOR_PASSED):
            return None
        if not has_factor(request.user):
            return redirect(reverse("factor_set_up"))
        session_end(request)
        return redirect(reverse("staff_sign_in"))


@register(Tags.security, deploy=True)
def check_staff_factor(**_: Any) -> list[CheckMessage]:
    if settings.STAFF_SECOND_FACTOR:
        return []
    return [
        Warning(
            "Staff enter the admin with a password alone.",
            hint="Set STAFF_SECOND_FACTOR=on.",
            id="operations.W002",
        )
    ]
