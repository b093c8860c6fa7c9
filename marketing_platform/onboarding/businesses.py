"""The list of a person's workspaces: where something waits stands first."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from marketing_platform.api.problems import sentence_of
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.core.money import Rupees
from marketing_platform.core.text import mask_phone
from marketing_platform.legal.selectors import not_yet_accepted
from marketing_platform.people.lost_numbers import lost_number_waiting_for
from marketing_platform.people.models import WorkspaceSummary
from marketing_platform.people.offers import offers_to, ownership_accept, ownership_decline
from marketing_platform.people.summaries import summaries_of
from marketing_platform.tenants.models import State, Tenant
from marketing_platform.tenants.selectors import tenant_url
from marketing_platform.users.models import Membership, User
from marketing_platform.users.permissions import Permission, allowed
from marketing_platform.users.recent import recent_sign_in_required
from marketing_platform.users.selectors import memberships_of

SEARCHED_FROM = 7


@never_cache
def my_businesses(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect(f"{settings.LOGIN_URL}?next={request.path}")
    cancels = request.GET.get("to") == "cancel"
    wanted = request.GET.get("q", "").strip()[:80]
    rows = list(memberships_of(request.user))
    summaries = summaries_of(row.tenant_id for row in rows)
    found = [row for row in rows if wanted.casefold() in row.tenant.name.casefold()]
    found.sort(key=lambda row: _urgency(summaries.get(row.tenant_id)), reverse=True)
    waits = lost_number_waiting_for(request.user)
    context = {
        "workspaces": [_card(row, summaries.get(row.tenant_id), cancels) for row in found],
        "has_any": bool(rows),
        "is_searched": len(rows) >= SEARCHED_FROM,
        "search": wanted,
        "start_url": reverse("start"),
        "cancels": cancels,
        "asks_to_agree": bool(not_yet_accepted(request.user.pk)),
        "offers": _offers(request.user),
        "new_number": mask_phone(waits.new_phone) if waits else "",
    }
    return render(request, "users/my_businesses.html", context)


@never_cache
@require_POST
@recent_sign_in_required
def offer_accept(request: HttpRequest, offer_id: UUID) -> HttpResponse:
    return _answer(request, ownership_accept, offer_id, gettext("It is yours now."))


@never_cache
@require_POST
def offer_decline(request: HttpRequest, offer_id: UUID) -> HttpResponse:
    return _answer(request, ownership_decline, offer_id, gettext("You said no; nothing changed."))


def _answer(request: HttpRequest, act: Any, offer_id: UUID, said: str) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect(settings.LOGIN_URL)
    try:
        act(offer_id=offer_id, user=request.user, now=clock.now())
    except PlatformError as error:
        messages.error(request, sentence_of(error))
    else:
        messages.success(request, said)
    return redirect("my_businesses")


def _offers(user: User) -> list[dict[str, Any]]:
    found = offers_to(user, clock.now())
    givers = User.objects.in_bulk([each.by_user_id for each in found])
    return [
        {"id": each.pk, "name": each.tenant.name, "by": str(givers.get(each.by_user_id, ""))}
        for each in found
    ]


def _urgency(summary: WorkspaceSummary | None) -> tuple[int, int]:
    """What is broken before what waits; equals stay newest first."""
    return (len(summary.sign_in_again), summary.waiting) if summary else (0, 0)


def _card(row: Membership, summary: WorkspaceSummary | None, cancels: bool) -> dict[str, Any]:
    return {
        "name": row.tenant.name,
        "tier": row.tenant.tier,
        "tier_label": gettext(row.tenant.get_tier_display()),
        "role_label": gettext(row.role.capitalize()),
        "open_url": _open_url(row.tenant, "/billing/cancel/" if cancels else "/"),
        "is_ready": row.tenant.state == State.ACTIVE,
        "state_label": gettext(row.tenant.get_state_display()),
        "broken": _broken(summary),
        "waiting": _waiting(summary),
        "charge": _charge(summary) if allowed(row.role, Permission.BILLING) else "",
    }


def _broken(summary: WorkspaceSummary | None) -> list[str]:
    text = gettext("%(provider)s needs you to sign in again.")
    return [text % {"provider": label} for label in (summary.sign_in_again if summary else ())]


def _waiting(summary: WorkspaceSummary | None) -> str:
    if summary is None or not summary.waiting:
        return ""
    text = ngettext("%(count)d thing waits", "%(count)d things wait", summary.waiting)
    return text % {"count": summary.waiting}


def _charge(summary: WorkspaceSummary | None) -> str:
    if summary is None or summary.charge_on is None or summary.charge_paise is None:
        return ""
    words = {
        "amount": Rupees(summary.charge_paise).format(),
        "day": date_format(summary.charge_on, "d M Y"),
    }
    return gettext("%(amount)s on %(day)s") % words


def _open_url(tenant: Tenant, path: str = "/") -> str:
    """The workspace itself, or the step of sign-up at which it waits."""
    if tenant.state == State.PENDING:
        return reverse("start_continue", args=[tenant.pk])
    if tenant.state in {State.PREPARING, State.FAILED}:
        return reverse("start_waiting", args=[tenant.pk])
    return tenant_url(tenant, path)
