"""A link from our support that signs its person in: by a press, never by being looked at."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from marketing_platform.core import clock
from marketing_platform.onboarding.security import finish_sign_in
from marketing_platform.users.sign_in_links import LinkGone, link_use, link_works


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_link(request: HttpRequest, token: str) -> HttpResponse:
    """Messengers open links to show what is behind them, so that opening uses nothing up."""
    now = clock.now()
    if request.method == "POST":
        try:
            user = link_use(token=token, now=now)
        except LinkGone:
            return _page(request, is_gone=True)
        return finish_sign_in(request, user, settings.LOGIN_REDIRECT_URL)
    return _page(request, is_gone=not link_works(token=token, now=now))


def _page(request: HttpRequest, *, is_gone: bool) -> HttpResponse:
    context = {"is_gone": is_gone, "is_simple": True}
    return render(request, "users/sign_in_link.html", context, status=404 if is_gone else 200)
