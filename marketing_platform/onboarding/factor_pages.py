"""A person's own security: the authenticator app, recovery codes, and proving again who one is.

The same pages stand on the public host, under /my/, and on the staff's.
"""

import segno
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.onboarding.forms import CodeForm
from marketing_platform.onboarding.pages import error_sentence, form_page
from marketing_platform.onboarding.security import FACTOR_PASSED, factor_limit
from marketing_platform.users.factors import (
    factor_begin,
    factor_confirm,
    factor_remove,
    has_app,
    has_factor,
    recovery_codes_left,
    recovery_codes_new,
)
from marketing_platform.users.passkeys import passkeys_here
from marketing_platform.users.recent import recent_sign_in_required
from marketing_platform.users.sessions import sessions_end_others
from marketing_platform.users.totp import key_address, key_text


@never_cache
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect(f"{settings.LOGIN_URL}?next={request.path}")
    context = {
        "has_factor": has_factor(request.user),
        "has_app": has_app(request.user),
        "passkeys": passkeys_here(request, request.user),
        "codes_left": recovery_codes_left(request.user),
    }
    return render(request, "security/security.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def factor_set_up(request: HttpRequest) -> HttpResponse:
    """The key as a picture and as text, then one code of the app to see that it works."""
    if not request.user.is_authenticated:
        return redirect(f"{settings.LOGIN_URL}?next={request.path}")
    if has_app(request.user):
        return redirect("my_security")
    return _set_up(request)


@recent_sign_in_required
def _set_up(request: HttpRequest) -> HttpResponse:
    user, now = request.user, clock.now()
    form = CodeForm(request.POST or None)
    problem = None
    if request.method == "POST" and form.is_valid():
        try:
            factor_limit(user)
            codes = factor_confirm(user=user, code=form.cleaned_data["code"], now=now)
        except PlatformError as error:
            problem = error
            form.add_error("code", error_sentence(error))
        else:
            sessions_end_others(request, user)
            request.session[FACTOR_PASSED] = True
            return render(request, "security/recovery_codes.html", {"codes": codes})
    secret = factor_begin(user=user, now=now)
    account = user.email or user.phone or str(user)
    address = key_address(secret, issuer=settings.PRODUCT_NAME, account=account)
    picture = segno.make(address, error="m").svg_data_uri(scale=5, border=2)
    context = {"form": form, "key": key_text(secret), "picture": picture}
    return form_page(request, "security/set_up.html", context, problem)


@never_cache
@require_POST
@recent_sign_in_required
def factor_off(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated and factor_remove(user=request.user):
        messages.success(request, gettext("The app is no longer asked for."))
    return redirect("my_security")


@never_cache
@require_POST
@recent_sign_in_required
def factor_codes(request: HttpRequest) -> HttpResponse:
    """Fresh recovery codes; the earlier ones stop working."""
    if not request.user.is_authenticated or not has_factor(request.user):
        return redirect("my_security")
    codes = recovery_codes_new(user=request.user)
    return render(request, "security/recovery_codes.html", {"codes": codes})
