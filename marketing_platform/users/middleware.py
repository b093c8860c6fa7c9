"""Sessions bound to their host; pages refused unless their permission is granted."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject

from marketing_platform.core import clock
from marketing_platform.tenants.backend.errors import SchemaMissing
from marketing_platform.tenants.selectors import is_outdated
from marketing_platform.tiers.contracts import entitlements_of
from marketing_platform.users.devices_signed_in import session_seen
from marketing_platform.users.known_browsers import browser_remember
from marketing_platform.users.language import language_keep
from marketing_platform.users.models import Membership
from marketing_platform.users.permissions import OPEN_WHEN_READ_ONLY, Permission, Role, allowed
from marketing_platform.users.selectors import acting_membership
from marketing_platform.users.sessions import session_is_bound
from marketing_platform.users.visits import Visit, visit_of

Answer = Callable[[HttpRequest], HttpResponse]
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class SessionBindingMiddleware:
    """A session of another host or an ended generation is nobody's; keys ignore sessions."""

    def __init__(self, get_response: Answer):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        read_user = request.user
        request.user = SimpleLazyObject(lambda: self._bound_user(request, read_user))
        response = self.get_response(request)
        arrived = getattr(request, "signed_in_now", None)
        if arrived is not None:
            language_keep(response, arrived.language, is_secure=request.is_secure())
            if request.tenant is None:
                browser_remember(request, response, arrived)
        return response

    def _bound_user(self, request: HttpRequest, user: Any) -> Any:
        entered = request.tenant.schema_name if request.tenant else ""
        try:
            if request.api_key is not None or not user.is_authenticated:
                return AnonymousUser()
        except SchemaMissing:
            # A restored workspace lies in another schema.
            request.has_outdated_host = True
            return AnonymousUser()
        if not session_is_bound(request, user):
            return AnonymousUser()
        if request.tenant is not None and is_outdated(request.tenant, entered):
            # Read with the person just now; the host middleware answers instead.
            request.has_outdated_host = True
            return AnonymousUser()
        session_seen(request, now=clock.now())
        return user


class AccessMiddleware:
    """Default deny on workspace hosts: a view without a mark is refused."""

    def __init__(self, get_response: Answer):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.membership = None
        request.entitlements = None
        request.visit = None
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if request.tenant is None or getattr(view, "is_public", False):
            return None
        if hasattr(getattr(view, "cls", None), "permission"):
            return None  # the API view asks the same table itself
        permission = getattr(view, "permission", None)
        if permission is None:
            raise PermissionDenied(f"{request.path} has no permission mark")
        if not request.user.is_authenticated:
            # Signed in, one arrives with GET: at the same page, or first page after a form.
            next_path = request.get_full_path() if request.method in SAFE_METHODS else "/"
            query = urlencode({"next": next_path})
            return HttpResponseRedirect(f"/sign-in/?{query}")
        return self._check(request, permission, getattr(view, "works_when_read_only", False))

    def _check(
        self, request: HttpRequest, permission: Permission, works_when_read_only: bool
    ) -> HttpResponse | None:
        if visit := visit_of(request):
            return self._visited(request, visit, permission)
        request.membership = acting_membership(request.user, request.tenant)
        if request.membership is None or not allowed(request.membership.role, permission):
            raise PermissionDenied
        request.entitlements = entitlements_of(request.tenant)
        if request.entitlements.access == "none" and permission is not Permission.BILLING:
            return render(request, "access_ended.html", status=402)
        is_open = works_when_read_only or permission in OPEN_WHEN_READ_ONLY
        writes = request.method not in SAFE_METHODS
        if writes and not is_open and not request.entitlements.may_write:
            return render(request, "read_only.html", status=403)
        return None

    def _visited(
        self, request: HttpRequest, visit: Visit, permission: Permission
    ) -> HttpResponse | None:
        """Staff see what a viewer sees and change nothing, for as long as the visit lasts."""
        if visit.until <= clock.now() or not request.user.is_staff:
            request.session.flush()
            return render(request, "support/visit_over.html", status=403)
        request.visit = visit
        request.membership = Membership(
            tenant_id=request.tenant.pk, user_id=request.user.pk, role=Role.VIEWER
        )
        request.entitlements = entitlements_of(request.tenant)
        if permission is not Permission.READ or request.method not in SAFE_METHODS:
            return render(request, "support/visit_refuses.html", status=403)
        return None
