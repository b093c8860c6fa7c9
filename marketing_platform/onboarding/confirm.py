"""Proving again who one is, before an act that asks for it."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.core.text import mask_phone
from marketing_platform.onboarding.codes import code_enter, code_send
from marketing_platform.onboarding.forms import CodeForm, FactorForm, PasswordForm
from marketing_platform.onboarding.pages import (
    client_address,
    error_sentence,
    form_page,
    password_try,
)
from marketing_platform.onboarding.security import factor_try
from marketing_platform.tenants.selectors import tenant_url
from marketing_platform.users.errors import WrongSignIn
from marketing_platform.users.factors import has_factor
from marketing_platform.users.handoff import safe_next
from marketing_platform.users.known_browsers import browser_of
from marketing_platform.users.models import CodePurpose, User
from marketing_platform.users.passkeys import passkeys_here
from marketing_platform.users.passwords import password_is_right
from marketing_platform.users.recent import SIGNED_IN_AT
from marketing_platform.users.selectors import memberships_of

CODE_ID = "confirm_code"
FORMS: dict[str, type[Form]] = {"factor": FactorForm, "password": PasswordForm, "code": CodeForm}


def proof_of(user: User) -> str:
    """What this person is asked for: the strongest proof they have."""
    if has_factor(user):
        return "factor"
    return "password" if user.email and user.has_usable_password() else "code"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect(f"{settings.LOGIN_URL}?{urlencode({'next': request.get_full_path()})}")
    proof = proof_of(request.user)
    wants_code = proof == "code" and "send" in request.POST
    form = FORMS[proof](None if wants_code else request.POST or None)
    problem = None
    if request.method == "POST":
        try:
            if wants_code:
                request.session[CODE_ID] = _send(request)
            elif form.is_valid():
                _prove(request, proof, form)
                return redirect(confirmed_path(request))
        except PlatformError as error:
            problem = error
            form.errors  # noqa: B018  a form without what was typed has no list of errors yet
            form.add_error(None, error_sentence(error)) if form.is_bound else None
    context = {
        "form": form,
        "proof": proof,
        "is_sent": CODE_ID in request.session,
        "destination": _destination(request.user),
        "problem": error_sentence(problem) if problem and not form.is_bound else "",
        "has_passkey": bool(passkeys_here(request, request.user)),
        "is_simple": True,
    }
    return form_page(request, "security/confirm.html", context, problem)


def _prove(request: HttpRequest, proof: str, form: Any) -> None:
    """Raises WrongFactor, WrongSignIn, WrongCode, CodeExpired or LimitReached."""
    user = request.user
    if proof == "factor":
        factor_try(user, form.cleaned_data["code"])
    elif proof == "password":
        password_try(request, user.email)
        if not password_is_right(user, form.cleaned_data["password"]):
            raise WrongSignIn
    else:
        code_enter(
            request=request,
            code_id=request.session.get(CODE_ID, ""),
            destination=user.phone or user.email,
            digits=form.cleaned_data["code"],
        )
        request.session.pop(CODE_ID, None)
    request.session[SIGNED_IN_AT] = int(clock.now().timestamp())


def _send(request: HttpRequest) -> str:
    user = request.user
    return code_send(
        phone=user.phone,
        email=None if user.phone else user.email,
        purpose=CodePurpose.SIGN_IN,
        language=get_language() or "en",
        address=client_address(request),
        browser=browser_of(request, user.phone or user.email),
    )


def _destination(user: User) -> str:
    return mask_phone(user.phone) if user.phone else user.email


def confirmed_path(request: HttpRequest) -> str:
    """The page that asked; a workspace's session is begun again so that it knows of the proof."""
    path = safe_next(request.GET.get("next") or "/")
    slug = request.GET.get("workspace", "")
    place = memberships_of(request.user).filter(tenant__slug=slug).first() if slug else None
    if place is None:
        return path
    query = urlencode({"again": 1, "next": path})
    return tenant_url(place.tenant, f"/sign-in/?{query}")
