"""What every page's frame needs."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext, ngettext

from billing.selectors.dunning import banner_of
from marketing_platform.core import clock
from marketing_platform.notifications.selectors import new_count
from marketing_platform.tenants.models import State, Tenant
from marketing_platform.tiers.contracts import Entitlements, NavItem, resolve
from marketing_platform.tiers.registry import REGISTRY
from marketing_platform.users.permissions import ROLE_LABELS, Permission, allowed


def shell(request: HttpRequest) -> dict[str, Any]:
    """product_name everywhere; inside a workspace also navigation, role and banner."""
    context: dict[str, Any] = {
        "product_name": settings.PRODUCT_NAME,
        "public_url": settings.PUBLIC_URL,
        "has_other_tier": len(settings.TIERS) > 1,
        "request_id": getattr(request, "request_id", ""),
    }
    membership = getattr(request, "membership", None)
    tenant = getattr(request, "tenant", None)
    if tenant is None or membership is None:
        return context
    context |= {
        "workspace": tenant,
        "membership": membership,
        "membership_role": gettext(ROLE_LABELS.get(membership.role, membership.role)),
        "navigation": navigation(request, membership.role),
        "entitlements": request.entitlements,
        "banner": closing_notice(tenant)
        or late_notice(tenant, request.entitlements)
        or banner(request.entitlements),
        "new_notices": SimpleLazyObject(lambda: new_count(request.user.pk)),
        "my_businesses_url": f"{settings.PUBLIC_URL}/my/",
        "visit": getattr(request, "visit", None),
    }
    return context


def navigation(request: HttpRequest, role: str) -> list[dict[str, Any]]:
    """The tier's entries that this role may open, as label, url, icon, is_active."""
    items: list[NavItem] = resolve(REGISTRY[request.tenant.tier].navigation)()
    rows = []
    for item in items:
        if not allowed(role, Permission(item.permission)):
            continue
        try:
            url = reverse(item.url_name)
        except NoReverseMatch:
            continue
        is_active = request.path == url or (url != "/" and request.path.startswith(url))
        rows.append({"label": item.label, "url": url, "icon": item.icon, "is_active": is_active})
    return rows


def closing_notice(tenant: Tenant) -> dict[str, str] | None:
    """Until when a closing workspace can be read."""
    if tenant.state != State.CLOSING or tenant.erase_after is None:
        return None
    day = date_format(timezone.localtime(tenant.erase_after), "DATE_FORMAT")
    text = gettext(
        "This workspace closes on %(day)s and can be read until then. Write to us to keep it."
    )
    return {"level": "warning", "text": text % {"day": day}}


def late_notice(tenant: Tenant, entitlements: Entitlements | None) -> dict[str, str] | None:
    """A payment is open. Asked of billing only then, so that other pages cost nothing more."""
    if entitlements is None or not entitlements.is_late:
        return None
    return banner_of(tenant, clock.now())


def banner(entitlements: Entitlements | None) -> dict[str, str] | None:
    """One line above the page: access that ends soon (trial, staff terms), read-only."""
    if entitlements is None:
        return None
    pay = {"action_url": "/billing/", "action_label": gettext("Choose a plan")}
    if not entitlements.may_write:
        text = gettext("This workspace is read-only. Pay to go on working; nothing is deleted.")
        return {"level": "warning", "text": text, **pay}
    if entitlements.until is None:
        return None
    days = max(0, (timezone.localdate(entitlements.until) - timezone.localdate(clock.now())).days)
    if days > 5:
        return None
    text = ngettext("Open for %d more day.", "Open for %d more days.", days) % days
    return {"level": "info", "text": text, **pay}
