"""Signing in on the public host: mobile number and code, or e-mail and password."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from marketing_platform.api.problems import with_headers
from marketing_platform.core.errors import PlatformError
from marketing_platform.core.text import mask_phone
from marketing_platform.onboarding.codes import code_enter, code_pretend, code_send
from marketing_platform.onboarding.forms import CodeForm, EmailSignInForm, PhoneSignInForm
from marketing_platform.onboarding.pages import (
    answers_alike,
    client_address,
    error_sentence,
    form_page,
    password_try,
)
from marketing_platform.onboarding.security import finish_sign_in
from marketing_platform.users.errors import WrongSignIn
from marketing_platform.users.handoff import safe_next
from marketing_platform.users.known_browsers import browser_of
from marketing_platform.users.models import CodePurpose, User
from marketing_platform.users.passwords import password_is_right
from marketing_platform.users.permissions import public_page
from marketing_platform.users.selectors import user_by_email, user_by_phone
from marketing_platform.users.sessions import session_end

PENDING = "sign_in"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@answers_alike
def sign_in(request: HttpRequest) -> HttpResponse:
    next_path = safe_next(
        request.GET.get("next") or request.POST.get("next") or settings.LOGIN_REDIRECT_URL
    )
    if request.user.is_authenticated:
        return redirect(next_path)
    by_email = request.POST.get("way") == "email"
    phone_form = PhoneSignInForm(
        request.POST if request.method == "POST" and not by_email else None
    )
    email_form = EmailSignInForm(request.POST if request.method == "POST" and by_email else None)
    form = email_form if by_email else phone_form
    problem: PlatformError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            if by_email:
                return _with_password(request, email_form, next_path)
            return _with_code(request, phone_form, next_path)
        except PlatformError as error:
            problem = error
            form.add_error(None, error_sentence(error))
    context = {
        "phone_form": phone_form,
        "email_form": email_form,
        "active": "email" if by_email else "phone",
        "next_url": next_path,
        "is_simple": True,
    }
    return form_page(request, "users/sign_in.html", context, problem)


def _with_password(request: HttpRequest, form: EmailSignInForm, next_path: str) -> HttpResponse:
    """Raises WrongSignIn or LimitReached."""
    email = form.cleaned_data["email"]
    password_try(request, email)
    user = user_by_email(email)
    is_right = password_is_right(user, form.cleaned_data["password"])
    if user is None or not is_right:
        raise WrongSignIn
    return finish_sign_in(request, user, next_path)


def _with_code(request: HttpRequest, form: PhoneSignInForm, next_path: str) -> HttpResponse:
    phone = form.cleaned_data["phone"]
    request.session[PENDING] = {
        "code_id": _send(request, phone),
        "phone": phone,
        "next": next_path,
    }
    return redirect("sign_in_code")


def _send(request: HttpRequest, phone: str) -> str:
    address, browser = client_address(request), browser_of(request, phone)
    if user_by_phone(phone) is None:
        return code_pretend(
            destination=phone, purpose=CodePurpose.SIGN_IN, address=address, browser=browser
        )
    return code_send(
        phone=phone,
        email=None,
        purpose=CodePurpose.SIGN_IN,
        language=get_language() or "en",
        address=address,
        browser=browser,
        waits=False,
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_code(request: HttpRequest) -> HttpResponse:
    pending = request.session.get(PENDING)
    if request.user.is_authenticated or not pending:
        return redirect("my_businesses" if request.user.is_authenticated else "sign_in")
    form = CodeForm(request.POST or None)
    problem: PlatformError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            used = code_enter(
                request=request,
                code_id=pending["code_id"],
                destination=pending["phone"],
                digits=form.cleaned_data["code"],
            )
            user = User.objects.filter(phone=used.destination, is_active=True).first()
            if user is None:
                raise WrongSignIn(gettext("There is no account with this number."), field="code")
        except PlatformError as error:
            problem = error
            form.add_error("code", error_sentence(error))
        else:
            return finish_sign_in(request, user, pending["next"])
    context = {
        "form": form,
        **_code_context(pending["phone"]),
    }
    return form_page(request, "users/code.html", context, problem)


def _code_context(phone: str) -> dict[str, Any]:
    return {
        "destination": mask_phone(phone),
        "change_url": reverse("sign_in"),
        "resend_url": reverse("sign_in_code_again"),
        "inbox_url": "/inbox/" if settings.SHOW_DEVELOPMENT_INBOX else None,
        "is_simple": True,
    }


@never_cache
@require_POST
@answers_alike
def sign_in_code_again(request: HttpRequest) -> HttpResponse:
    pending = request.session.get(PENDING)
    if not pending:
        return redirect("sign_in")
    try:
        pending["code_id"] = _send(request, pending["phone"])
    except PlatformError as error:
        form = CodeForm({})
        form.errors.clear()
        form.add_error(None, error_sentence(error))
        context = {"form": form, **_code_context(pending["phone"])}
        return with_headers(render(request, "users/code.html", context, status=error.status), error)
    request.session[PENDING] = pending
    return redirect("sign_in_code")


@public_page
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Here and on every other host."""
    session_end(request)
    return redirect(settings.PUBLIC_URL)
