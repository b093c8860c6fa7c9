"""Signing in to the staff admin: e-mail and password of a person marked as staff."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from marketing_platform.core.errors import PlatformError
from marketing_platform.onboarding.forms import EmailSignInForm
from marketing_platform.onboarding.pages import error_sentence, form_page, password_try
from marketing_platform.onboarding.security import finish_sign_in
from marketing_platform.users.errors import WrongSignIn
from marketing_platform.users.handoff import safe_next
from marketing_platform.users.passwords import password_is_right
from marketing_platform.users.selectors import user_by_email
from marketing_platform.users.sessions import session_end


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def staff_sign_in(request: HttpRequest) -> HttpResponse:
    next_path = safe_next(request.GET.get("next", "/"))
    if request.user.is_authenticated and request.user.is_staff:
        return redirect(next_path)
    form = EmailSignInForm(request.POST or None)
    problem = None
    if request.method == "POST" and form.is_valid():
        try:
            return _start(request, form, next_path)
        except PlatformError as error:
            problem = error
            form.add_error(None, error_sentence(error))
    context = {"form": form, "is_simple": True}
    return form_page(request, "users/staff_sign_in.html", context, problem)


def _start(request: HttpRequest, form: EmailSignInForm, next_path: str) -> HttpResponse:
    """One answer for a wrong password, an unknown address and a person who is not staff."""
    email = form.cleaned_data["email"]
    password_try(request, email)
    user = user_by_email(email)
    is_right = password_is_right(user, form.cleaned_data["password"])
    if user is None or not is_right or not user.is_staff:
        raise WrongSignIn
    return finish_sign_in(request, user, next_path)


@require_POST
def staff_sign_out(request: HttpRequest) -> HttpResponse:
    session_end(request)
    return redirect("staff_sign_in")
