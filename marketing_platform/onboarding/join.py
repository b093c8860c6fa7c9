"""Accepting an invitation: who asks, proof of the number or e-mail it went to, the first page."""

from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from marketing_platform.api.problems import with_headers
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.legal.services import acceptance_record
from marketing_platform.onboarding.codes import code_enter, code_send
from marketing_platform.onboarding.forms import CodeForm, JoinForm
from marketing_platform.onboarding.pages import client_address, error_sentence, form_page
from marketing_platform.onboarding.security import finish_sign_in
from marketing_platform.people.errors import InvitationGone
from marketing_platform.people.models import Invitation
from marketing_platform.people.selectors import invitation_by_token
from marketing_platform.people.services import destination_shown, invitation_accept
from marketing_platform.tenants.selectors import tenant_url
from marketing_platform.users.factors import has_factor
from marketing_platform.users.known_browsers import browser_of
from marketing_platform.users.models import CodePurpose
from marketing_platform.users.permissions import ROLE_LABELS
from marketing_platform.users.services import user_create_verified
from marketing_platform.users.sessions import session_start

PENDING = "join"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """A stranger says a name and gets a code; who is signed in accepts with one button."""
    row = _open(token)
    if row is None:
        return _gone(request)
    if request.user.is_authenticated:
        return _as_signed_in(request, token, row)
    form = JoinForm(request.POST or None, with_password=bool(row.email))
    if request.method == "POST" and form.is_valid():
        try:
            return _code_for(request, token, row, form.cleaned_data)
        except PlatformError as error:
            form.add_error(None, error_sentence(error))
            answer = _page(request, row, form=form, status=error.status)
            return with_headers(answer, error)
    return _page(request, row, form=form)


def _as_signed_in(request: HttpRequest, token: str, row: Invitation) -> HttpResponse:
    is_mine = row.destination in {request.user.phone, request.user.email}
    if request.method == "POST":
        return _accept(request, token, row)
    return _page(request, row, is_mine=is_mine)


def _accept(request: HttpRequest, token: str, row: Invitation) -> HttpResponse:
    try:
        invitation_accept(token=token, user=request.user, now=clock.now())
    except InvitationGone:
        return _gone(request)
    except PlatformError as error:
        return _page(request, row, problem=error_sentence(error), status=error.status)
    return redirect(tenant_url(row.tenant))


def _code_for(
    request: HttpRequest, token: str, row: Invitation, cleaned: dict[str, Any]
) -> HttpResponse:
    """The same whether this number or address has an account or not."""
    request.session[PENDING] = {
        "token": token,
        "full_name": cleaned["full_name"],
        "password_hash": make_password(cleaned["password"]) if row.email else "",
        "code_id": _send(request, row),
    }
    return redirect("join_code")


def _send(request: HttpRequest, row: Invitation) -> str:
    return code_send(
        phone=row.phone or None,
        email=row.email or None,
        purpose=CodePurpose.SIGN_UP,
        language=get_language() or "en",
        address=client_address(request),
        browser=browser_of(request, row.phone or row.email),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join_code(request: HttpRequest) -> HttpResponse:
    pending = request.session.get(PENDING)
    row = _open(pending["token"]) if pending else None
    if pending is None or row is None:
        return _gone(request)
    form = CodeForm(request.POST or None)
    problem: PlatformError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            code_enter(
                request=request,
                code_id=pending["code_id"],
                destination=row.phone or row.email,
                digits=form.cleaned_data["code"],
            )
        except PlatformError as error:
            problem = error
            form.add_error("code", error_sentence(error))
        else:
            return _proved(request, pending, row)
    context = {"form": form, **_code_context(row, pending)}
    return form_page(request, "users/code.html", context, problem)


def _proved(request: HttpRequest, pending: dict[str, Any], row: Invitation) -> HttpResponse:
    user = user_create_verified(
        full_name=pending["full_name"],
        language=get_language() or "en",
        phone=row.phone or None,
        email=row.email or None,
        password_hash=pending["password_hash"] or None,
    )
    if not user.is_active:
        return _gone(request)
    acceptance_record(
        user_id=user.pk,
        place="join",
        language=get_language() or "en",
        address=client_address(request),
        now=clock.now(),
    )
    if has_factor(user):
        return finish_sign_in(request, user, reverse("join", args=[pending["token"]]))
    session_start(request, user)
    return _accept(request, pending["token"], row)


@never_cache
@require_POST
def join_code_again(request: HttpRequest) -> HttpResponse:
    pending = request.session.get(PENDING)
    row = _open(pending["token"]) if pending else None
    if pending is None or row is None:
        return _gone(request)
    try:
        pending["code_id"] = _send(request, row)
    except PlatformError as error:
        form = CodeForm({})
        form.errors.clear()
        form.add_error(None, error_sentence(error))
        context = {"form": form, **_code_context(row, pending)}
        return with_headers(render(request, "users/code.html", context, status=error.status), error)
    request.session[PENDING] = pending
    return redirect("join_code")


def _code_context(row: Invitation, pending: dict[str, Any]) -> dict[str, Any]:
    return {
        "destination": destination_shown(row),
        "change_url": None,
        "resend_url": reverse("join_code_again"),
        "inbox_url": "/inbox/" if settings.SHOW_DEVELOPMENT_INBOX else None,
        "is_simple": True,
    }


def _open(token: str) -> Invitation | None:
    """Used ones too, for the one who used it; whoever else is told when they try."""
    return invitation_by_token(token[:200], clock.now())


def _page(request: HttpRequest, row: Invitation, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        "business": row.tenant.name,
        "who": row.invited_by_name,
        "role": gettext(ROLE_LABELS[row.role]),
        "destination": destination_shown(row),
        "is_simple": True,
        "is_used": row.accepted_at is not None,
        **more,
    }
    return render(request, "users/join.html", context, status=status)


def _gone(request: HttpRequest) -> HttpResponse:
    request.session.pop(PENDING, None)
    context = {"problem": error_sentence(InvitationGone()), "is_simple": True, "is_gone": True}
    return render(request, "users/join.html", context, status=404)
