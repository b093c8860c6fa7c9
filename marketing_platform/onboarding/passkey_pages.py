"""Passkeys between browser and server: JSON both ways, asked for by static/js/passkeys.js.

The same addresses stand on the public host and, under other paths, on the staff's.
"""

import json
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from marketing_platform.api.limits import limit_per_hour
from marketing_platform.api.problems import with_headers
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.onboarding.confirm import confirmed_path
from marketing_platform.onboarding.pages import client_address, error_sentence
from marketing_platform.onboarding.security import FACTOR_PASSED, PENDING, pending_person
from marketing_platform.users.handoff import safe_next
from marketing_platform.users.models import User
from marketing_platform.users.passkeys import (
    PasskeyRefused,
    passkey_add,
    passkey_ask,
    passkey_new,
    passkey_prove,
    passkey_remove,
)
from marketing_platform.users.recent import SIGNED_IN_AT, is_recent, recent_sign_in_required
from marketing_platform.users.sessions import session_start, sessions_end_others

TRIES_PER_ADDRESS = 60
MOST_BYTES = 20_000


@never_cache
@require_POST
def passkey_begin(request: HttpRequest) -> HttpResponse:
    """What the browser is to make; or, when the last proof is old, where to give one first."""
    if not request.user.is_authenticated:
        return JsonResponse({"url": settings.LOGIN_URL})
    if not is_recent(request):
        query = urlencode({"next": reverse("my_security")})
        return JsonResponse({"url": f"{reverse('security_confirm')}?{query}"})
    try:
        return JsonResponse(passkey_new(request, request.user))
    except PlatformError as error:
        return _problem(error)


@never_cache
@require_POST
def passkey_store(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return JsonResponse({"url": settings.LOGIN_URL})
    try:
        passkey_add(request, request.user, _body(request), now=clock.now())
    except PlatformError as error:
        return _problem(error)
    sessions_end_others(request, request.user)
    request.session[FACTOR_PASSED] = True
    messages.success(request, gettext("From now on you can sign in with this passkey."))
    return JsonResponse({"url": reverse("my_security")})


@never_cache
@require_POST
@recent_sign_in_required
def passkey_off(request: HttpRequest, passkey_id: UUID) -> HttpResponse:
    if request.user.is_authenticated and passkey_remove(user=request.user, passkey_id=passkey_id):
        messages.success(request, gettext("The passkey is removed. Delete it on the device too."))
    return redirect("my_security")


@never_cache
@require_POST
def passkey_question(request: HttpRequest) -> HttpResponse:
    """What the browser is to prove: of whom it asks is known where somebody is half signed in."""
    try:
        limit_per_hour(
            "passkey tries per internet address and hour",
            client_address(request),
            TRIES_PER_ADDRESS,
        )
        return JsonResponse(passkey_ask(request, _expected(request)))
    except PlatformError as error:
        return _problem(error)


@never_cache
@require_POST
def passkey_answer(request: HttpRequest) -> HttpResponse:
    """Signs in, answers the second question, or proves again: by who is there already."""
    expected = _expected(request)
    try:
        user = passkey_prove(request, _body(request), now=clock.now())
        is_other = expected is not None and user.pk != expected.pk
        if is_other or (request.host_kind == "admin" and not user.is_staff):
            raise PasskeyRefused
    except PlatformError as error:
        return _problem(error)
    if request.user.is_authenticated:
        request.session[SIGNED_IN_AT] = int(clock.now().timestamp())
        request.session[FACTOR_PASSED] = True
        return JsonResponse({"url": confirmed_path(request)})
    pending = request.session.get(PENDING) or {}
    home = "/" if request.host_kind == "admin" else settings.LOGIN_REDIRECT_URL
    path = safe_next(pending.get("next") or request.GET.get("next") or home)
    session_start(request, user)
    request.session[FACTOR_PASSED] = True
    return JsonResponse({"url": path})


def _expected(request: HttpRequest) -> User | None:
    if request.user.is_authenticated:
        return request.user
    return pending_person(request)


def _body(request: HttpRequest) -> dict[str, Any]:
    """Raises PasskeyRefused for what is not a browser's answer."""
    try:
        found = json.loads(request.body[:MOST_BYTES])
    except ValueError as error:
        raise PasskeyRefused from error
    if not isinstance(found, dict):
        raise PasskeyRefused
    return found


def _problem(error: PlatformError) -> HttpResponse:
    answer = JsonResponse({"problem": error_sentence(error)}, status=error.status)
    return with_headers(answer, error)
