"""Who may do what: one table role × action. What is not in it is refused."""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from marketing_platform.core.text import mark as _


class Permission(StrEnum):
    READ = "read"
    WORK = "work"
    APPROVE_POSTS = "approve_posts"
    APPROVE_SPEND = "approve_spend"  # spending, offers, broadcasts, opening hours
    CUSTOMER_NUMBERS = "customer_numbers"
    EXPORT = "export"
    CONNECTIONS = "connections"
    TEAM = "team"
    BILLING = "billing"
    CLOSE = "close"


class Role(StrEnum):
    OWNER = "owner"
    MANAGER = "manager"
    STAFF = "staff"
    BILLING = "billing"
    VIEWER = "viewer"


ROLE_LABELS = {
    Role.OWNER: _("Owner"),
    Role.MANAGER: _("Manager"),
    Role.STAFF: _("Staff"),
    Role.BILLING: _("Billing"),
    Role.VIEWER: _("Viewer"),
}

P = Permission
TABLE: dict[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.MANAGER: frozenset(Permission) - {P.BILLING, P.CLOSE},
    Role.STAFF: frozenset({P.READ, P.WORK, P.APPROVE_POSTS}),
    Role.BILLING: frozenset({P.READ, P.BILLING, P.EXPORT}),
    Role.VIEWER: frozenset({P.READ}),
}
# Actions that change nothing outside and stay open while a workspace is read-only.
OPEN_WHEN_READ_ONLY = frozenset({P.READ, P.EXPORT, P.BILLING, P.CLOSE, P.TEAM})

View = Callable[..., HttpResponse]


def allowed(role: str | None, permission: Permission) -> bool:
    """Whether the role may do it; an unknown role may do nothing."""
    try:
        return permission in TABLE[Role(role or "")]
    except ValueError:
        return False


def requires(permission: Permission, *, when_read_only: bool = False) -> Callable[[View], View]:
    """Mark a workspace page with the permission it needs. AccessMiddleware enforces the mark.

    A page that writes but must work in a read-only workspace (a saved language, say) passes
    `when_read_only=True`.
    """

    def mark(view: View) -> View:
        @wraps(view)
        def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            return view(request, *args, **kwargs)

        marked.permission = permission  # type: ignore[attr-defined]
        marked.works_when_read_only = when_read_only  # type: ignore[attr-defined]
        return marked

    return mark


def public_page(view: View) -> View:
    """Mark a page of the workspace host that anyone may open (sign-in hand-over, signed files)."""

    @wraps(view)
    def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, *args, **kwargs)

    marked.is_public = True  # type: ignore[attr-defined]
    return marked
