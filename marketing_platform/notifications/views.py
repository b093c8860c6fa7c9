from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from marketing_platform.notifications.kinds import KINDS
from marketing_platform.notifications.selectors import notices_for, reader_of
from marketing_platform.notifications.services import notifications_mute, notifications_seen
from marketing_platform.users.permissions import Permission, requires

LARGEST_ID = 2**63 - 1


@never_cache
@require_safe
@requires(Permission.READ)
def notifications(request: HttpRequest) -> HttpResponse:
    muted = reader_of(request.user.pk).muted_kinds
    context = {
        "notices": notices_for(request.user.pk),
        "kinds": [
            {"name": name, "label": gettext(label), "is_told": name not in muted}
            for name, label in KINDS.items()
        ],
    }
    return render(request, "notifications/notifications.html", context)


@never_cache
@require_POST
@requires(Permission.READ, when_read_only=True)
def seen(request: HttpRequest) -> HttpResponse:
    given = request.POST.get("up_to", "")
    if given.isascii() and given.isdecimal() and int(given[:20]) <= LARGEST_ID:
        notifications_seen(actor_id=request.user.pk, up_to=int(given[:20]))
    return redirect("notifications")


@never_cache
@require_POST
@requires(Permission.READ, when_read_only=True)
def preferences(request: HttpRequest) -> HttpResponse:
    told = set(request.POST.getlist("told"))
    notifications_mute(actor_id=request.user.pk, kinds=set(KINDS) - told)
    messages.success(request, gettext("Saved."))
    return redirect("notifications")
