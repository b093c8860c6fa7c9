"""Where the person is signed in, and signing out of other devices."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from marketing_platform.core import clock
from marketing_platform.users.devices_signed_in import (
    FAMILY,
    device_sign_out,
    devices_of,
    devices_sign_out_others,
)


@never_cache
@require_safe
def devices(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect(f"{settings.LOGIN_URL}?next={request.path}")
    family = request.session.get(FAMILY, "")
    found = devices_of(request.user, family=family, now=clock.now())
    return render(request, "users/devices.html", {"devices": found})


@never_cache
@require_POST
def device_out(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect(settings.LOGIN_URL)
    if not device_sign_out(user=request.user, family=request.POST.get("device", "")[:32]):
        raise Http404
    return redirect("my_sessions")


@never_cache
@require_POST
def devices_out(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect(settings.LOGIN_URL)
    devices_sign_out_others(user=request.user, family=request.session.get(FAMILY, ""))
    return redirect("my_sessions")
