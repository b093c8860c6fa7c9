"""Acts that ask again who is there when the last proof is some time ago."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from marketing_platform.core import clock

SIGNED_IN_AT = "signed_in_at"
MINUTES = 15

View = Callable[..., HttpResponse]


def is_recent(request: HttpRequest) -> bool:
    proved_at = request.session.get(SIGNED_IN_AT, 0)
    return clock.now().timestamp() - proved_at < MINUTES * 60


def recent_sign_in_required(view: View) -> View:
    """Asks for a proof first, then leads back to the page that the form names as `back`.

    Only changes are held back: looking at a page asks nothing.
    """

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method in {"GET", "HEAD"} or is_recent(request):
            return view(request, *args, **kwargs)
        query = {"next": request.POST.get("back") or "/"}
        if request.host_kind == "admin":
            return HttpResponseRedirect(f"/security/confirm/?{urlencode(query)}")
        if request.tenant is not None:
            query["workspace"] = request.tenant.slug
        return HttpResponseRedirect(f"{settings.PUBLIC_URL}/my/confirm/?{urlencode(query)}")

    return inner
