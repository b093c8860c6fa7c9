"""How every way of signing in ends, once the first proof (a code or a password) was right."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from marketing_platform.api.limits import limit_per_hour
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.onboarding.forms import FactorForm
from marketing_platform.onboarding.pages import error_sentence, form_page
from marketing_platform.users.factors import factor_check, has_factor
from marketing_platform.users.handoff import safe_next
from marketing_platform.users.models import User
from marketing_platform.users.passkeys import passkeys_here
from marketing_platform.users.sessions import session_start

PENDING, FACTOR_PASSED = "second_factor", "factor_passed"
SECONDS_TO_ANSWER = 600
TRIES_PER_HOUR = 10


def finish_sign_in(request: HttpRequest, user: User, next_path: str) -> HttpResponse:
    """Start the session and go on, or ask for the second factor first."""
    if not has_factor(user):
        session_start(request, user)
        return redirect(safe_next(next_path))
    request.session[PENDING] = {
        "user": str(user.pk),
        "generation": user.session_generation,
        "next": safe_next(next_path),
        "at": int(clock.now().timestamp()),
    }
    return redirect("sign_in_factor")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_factor(request: HttpRequest) -> HttpResponse:
    """The second question. The first answer is good for ten minutes, in this browser alone."""
    pending = request.session.get(PENDING)
    user = pending_person(request)
    if user is None:
        request.session.pop(PENDING, None)
        return redirect(_start(request))
    form = FactorForm(request.POST or None)
    problem = None
    if request.method == "POST" and form.is_valid():
        try:
            factor_try(user, form.cleaned_data["code"])
        except PlatformError as error:
            problem = error
            form.add_error("code", error_sentence(error))
        else:
            session_start(request, user)
            request.session[FACTOR_PASSED] = True
            return redirect(safe_next(pending["next"]))
    context = {
        "form": form,
        "has_passkey": bool(passkeys_here(request, user)),
        "start_url": _start(request),
        "is_simple": True,
    }
    return form_page(request, "users/factor.html", context, problem)


def factor_limit(user: User) -> None:
    """Raises LimitReached. Only whoever gave the first proof comes to count here."""
    limit_per_hour("second-factor tries per hour", str(user.pk), TRIES_PER_HOUR)


def factor_try(user: User, code: str) -> None:
    """Raises LimitReached or WrongFactor."""
    factor_limit(user)
    factor_check(user=user, code=code, now=clock.now())


def pending_person(request: HttpRequest) -> User | None:
    """Who gave the first proof in this browser within the last ten minutes."""
    pending: dict[str, Any] | None = request.session.get(PENDING)
    if not pending or clock.now().timestamp() - pending["at"] > SECONDS_TO_ANSWER:
        return None
    return User.objects.filter(
        pk=pending["user"], is_active=True, session_generation=pending["generation"]
    ).first()


def _start(request: HttpRequest) -> str:
    """Where signing in begins, on this host."""
    return reverse("staff_sign_in" if request.host_kind == "admin" else "sign_in")
