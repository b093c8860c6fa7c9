"""The two hosts' sides of arriving signed in; the rules are in users.handoff."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe

from marketing_platform.core.errors import PlatformError
from marketing_platform.onboarding.pages import error_sentence
from marketing_platform.tenants.models import State, Tenant
from marketing_platform.tenants.selectors import tenant_url
from marketing_platform.tenants.slugs import SLUG
from marketing_platform.users.devices_signed_in import FAMILY
from marketing_platform.users.handoff import (
    COOKIE,
    LIFETIME_SECONDS,
    is_nonce_hash,
    nonce_new,
    safe_next,
    token_sign,
    token_use,
)
from marketing_platform.users.permissions import public_page
from marketing_platform.users.recent import SIGNED_IN_AT, is_recent
from marketing_platform.users.sessions import session_start

LONG_AGO = 1


@public_page
@never_cache
@require_safe
def workspace_sign_in(request: HttpRequest) -> HttpResponse:
    """On the workspace host: leave a nonce here and ask the public host who this is."""
    next_path = safe_next(request.GET.get("next", "/"))
    if request.user.is_authenticated:
        if "again" not in request.GET or is_recent(request):
            return redirect(next_path)
        logout(request)  # here alone; the proof that was just given comes with the next session
    nonce, digest = nonce_new()
    query = urlencode({"workspace": request.tenant.slug, "nonce": digest, "next": next_path})
    response = redirect(f"{settings.PUBLIC_URL}/hand-over/?{query}")
    response.set_cookie(
        COOKIE,
        nonce,
        max_age=LIFETIME_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
        path="/sign-in/",
    )
    return response


@never_cache
@require_safe
def hand_over(request: HttpRequest) -> HttpResponse:
    """On the public host: sign who is signed in here, for that workspace only."""
    slug, nonce_digest = request.GET.get("workspace", ""), request.GET.get("nonce", "")
    if not SLUG.fullmatch(slug) or not is_nonce_hash(nonce_digest):
        raise Http404
    if not request.user.is_authenticated:
        return redirect(f"{settings.LOGIN_URL}?{urlencode({'next': request.get_full_path()})}")
    tenant = Tenant.objects.filter(slug=slug).exclude(state=State.ERASED).first()
    if tenant is None:
        raise Http404
    try:
        token = token_sign(
            user=request.user,
            tenant=tenant,
            nonce_digest=nonce_digest,
            next_path=request.GET.get("next", "/"),
            family=request.session.get(FAMILY, ""),
            proved_at=request.session.get(SIGNED_IN_AT, 0),
        )
    except PlatformError as error:
        context = {"sentence": error_sentence(error), "workspace": tenant}
        return render(request, "users/not_a_member.html", context, status=403)
    return redirect(tenant_url(tenant, f"/sign-in/complete/?{urlencode({'token': token})}"))


@public_page
@never_cache
@require_GET
def workspace_sign_in_complete(request: HttpRequest) -> HttpResponse:
    """Back on the workspace host: the token is used up, the session is this host's own.

    HEAD is refused: looking at an address must not use its token up.
    """
    try:
        arrived = token_use(
            token=request.GET.get("token", ""),
            tenant=request.tenant,
            nonce=request.COOKIES.get(COOKIE, ""),
        )
    except PlatformError as error:
        context = {"sentence": error_sentence(error), "workspace": request.tenant}
        return render(request, "users/hand_over_refused.html", context, status=403)
    proved_at = arrived.proved_at or LONG_AGO
    session_start(request, arrived.user, family=arrived.family, proved_at=proved_at)
    response = redirect(arrived.next_path)
    response.delete_cookie(COOKIE, path="/sign-in/")
    return response
