"""What the public pages share."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from marketing_platform.api.limits import limit_per_hour
from marketing_platform.api.problems import sentence_of, with_headers
from marketing_platform.core.errors import LimitReached, PlatformError
from marketing_platform.onboarding.steps import STEPS
from marketing_platform.users.addresses import client_address
from marketing_platform.users.known_browsers import browser_of

TOO_MANY = 429
PASSWORD_TRIES = 20
PASSWORD_TRIES_PER_ADDRESS = 100
PASSWORD_TRIES_PER_ACCOUNT = 200


View = Callable[..., HttpResponse]


def answers_alike(view: View) -> View:
    """A change is answered no sooner than ANSWER_FLOOR_MS after it came, so that the time does not
    tell whether there is an account. What a limit refuses is answered at once: it knows none.
    """

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        began = time.monotonic()
        response = view(request, *args, **kwargs)
        left = settings.ANSWER_FLOOR_MS / 1000 - (time.monotonic() - began)
        if request.method == "POST" and left > 0 and response.status_code != TOO_MANY:
            time.sleep(left)
        return response

    return inner


def error_sentence(error: PlatformError) -> str:
    return sentence_of(error)


def steps_context(current: str) -> dict[str, Any]:
    """For components/steps.html; sign-up pages show no menu."""
    return {"step_number": STEPS.index(current) + 1, "is_simple": True}


def form_page(
    request: HttpRequest, template: str, context: dict[str, Any], problem: PlatformError | None
) -> HttpResponse:
    """A form again with what was typed; a limit is answered 429 with when it is free again."""
    status = 429 if isinstance(problem, LimitReached) else 200
    response = render(request, template, context, status=status)
    return with_headers(response, problem) if problem else response


def password_try(request: HttpRequest, email: str) -> None:
    """Count one try; raises LimitReached. Nobody else's tries count for a browser of the person's:
    not those of its address, which a market shares, and not those of the account."""
    browser = browser_of(request, email)
    address = client_address(request)
    limit_per_hour("password tries per hour", f"{email}:{browser or address}", PASSWORD_TRIES)
    if not browser:
        limit_per_hour(
            "password tries per internet address and hour", address, PASSWORD_TRIES_PER_ADDRESS
        )
        limit_per_hour("password tries per account and hour", email, PASSWORD_TRIES_PER_ACCOUNT)
