"""From the host (or, on the public host, the API key) to the workspace and its URL map."""

from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.shortcuts import redirect, render

from marketing_platform.api.errors import (
    KeyMissing,
    UnknownHost,
    WorkspaceBlocked,
    WorkspaceNotReady,
)
from marketing_platform.api.keys import key_of_request
from marketing_platform.api.problems import problem_response
from marketing_platform.api.streaming import stream_inside
from marketing_platform.core.errors import NotFound, PlatformError
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.host_cache import hosts
from marketing_platform.tenants.models import State, Tenant
from marketing_platform.tenants.selectors import tenant_by_host

PUBLIC, WORKSPACE, ADMIN = "public", "workspace", "admin"
# Answered without asking for the host or the workspace: probes call by address, and the
# answer must not depend on the database.
HEALTH = "/health/"
# Served on every host.
HOSTLESS = "/static/"


class HostMiddleware:
    """Sets request.host_kind, request.tenant and the URL map; always leaves on the public side."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # An answer given before the host is known is the public site's.
        request.api_key, request.has_outdated_host = None, False
        self._be_public(request)
        connection.set_schema_to_public()
        try:
            return self._place(request) or self._answer(request)
        finally:
            connection.set_schema_to_public()

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if request.tenant is None:
            return self.get_response(request)
        with tenant_context(request.tenant):
            answer = self.get_response(request)
        if request.has_outdated_host:
            # Found out while reading who asks; nothing was done for them.
            tenant = request.tenant
            hosts.forget(tenant.pk)
            return self._enter(request, tenant) or self._not_ready(request, tenant) or answer
        if answer.status_code == 500:
            # It may come of an outdated row: the next request looks again.
            hosts.forget(request.tenant.pk)
        if answer.streaming:
            stream_inside(request.tenant, answer)
        return answer

    def _place(self, request: HttpRequest) -> HttpResponse | None:
        if request.path_info.startswith(HEALTH):
            # Whatever was called: later middleware asks for a host that is allowed.
            request.META["HTTP_HOST"] = settings.BASE_DOMAIN
            return None
        if is_tier_api(request.path_info):
            # API paths work with and without the final slash.
            request.path_info = request.path_info.rstrip("/")
        host = host_of(request)
        if host in {settings.BASE_HOST, f"www.{settings.BASE_HOST}", *settings.PUBLIC_HOST_ALIASES}:
            return self._one_public_address(request, host) or self._public_api(request)
        if host == f"admin.{settings.BASE_HOST}":
            request.host_kind, request.urlconf = ADMIN, settings.ADMIN_URLCONF
            return self._admin_api(request)
        tenant = tenant_by_host(host)
        if tenant is None:
            return self._unknown_host(request)
        request.host_kind = WORKSPACE
        return self._enter(request, tenant)

    def _one_public_address(self, request: HttpRequest, host: str) -> HttpResponse | None:
        """A browser at 127.0.0.1 is led to the public site's name.

        Sessions are host-only and the hand-over asks that name, so who signed up at an alias would
        have to sign in a second time. Programs (no text/html asked for) are served where they are.
        """
        is_page = request.method in {"GET", "HEAD"} and "text/html" in request.headers.get(
            "Accept", ""
        )
        if host == settings.BASE_HOST or not is_page or is_tier_api(request.path_info):
            return None
        if request.path_info.startswith((HOSTLESS, "/media/")):
            return None
        return redirect(f"{settings.PUBLIC_URL}{request.get_full_path()}")

    def _public_api(self, request: HttpRequest) -> HttpResponse | None:
        """A key on the public host chooses the workspace before URLs are resolved."""
        if not is_tier_api(request.path_info):
            return None
        try:
            request.api_key = key_of_request(request)
        except PlatformError as error:
            return problem_response(request, error)
        if request.api_key is None:
            return problem_response(request, KeyMissing())
        return self._enter(request, request.api_key.tenant)

    def _admin_api(self, request: HttpRequest) -> HttpResponse | None:
        """The staff's host has no API; its pages would send a program to the sign-in page."""
        is_api = request.path_info.startswith("/api/")
        return problem_response(request, NotFound()) if is_api else None

    def _enter(self, request: HttpRequest, tenant: Tenant) -> HttpResponse | None:
        """The workspace and its URL map are the request's; or the answer of its closed door."""
        if tenant.state == State.ERASED or tenant.tier not in settings.TIERS:
            return self._unknown_host(request)
        request.tenant = tenant
        request.urlconf = settings.TENANT_TYPES[tenant.tier]["URLCONF"]
        if tenant.state in {State.PENDING, State.PREPARING, State.FAILED}:
            return self._not_ready(request, tenant)
        if tenant.state == State.BLOCKED:
            return self._blocked(request, tenant)
        return None

    def _be_public(self, request: HttpRequest) -> None:
        request.tenant = None
        request.host_kind, request.urlconf = PUBLIC, settings.ROOT_URLCONF

    def _unknown_host(self, request: HttpRequest) -> HttpResponse | None:
        self._be_public(request)
        if request.path_info.startswith(HOSTLESS):
            return None
        if request.path_info.startswith("/api/"):
            return problem_response(request, UnknownHost())
        return render(request, "workspace_not_found.html", status=404)

    def _not_ready(self, request: HttpRequest, tenant: Tenant) -> HttpResponse | None:
        if request.path_info.startswith(HOSTLESS):
            self._be_public(request)  # there may be no schema to enter
            return None
        if request.path_info.startswith("/api/"):
            return problem_response(request, WorkspaceNotReady())
        return render(
            request,
            "workspace_not_ready.html",
            {"public_url": settings.PUBLIC_URL, "workspace": tenant},
            status=503,
        )

    def _blocked(self, request: HttpRequest, tenant: Tenant) -> HttpResponse | None:
        if request.path_info.startswith(HOSTLESS):
            return None
        if request.path_info.startswith("/api/"):
            return problem_response(request, WorkspaceBlocked())
        return render(request, "workspace_blocked.html", {"workspace": tenant}, status=403)


def host_of(request: HttpRequest) -> str:
    """The host without port, small letters, no final dot. Raises DisallowedHost for junk."""
    return split_domain_port(request.get_host())[0].removesuffix(".").lower()


def is_tier_api(path: str) -> bool:
    """Whether the path is below /api/ and not the public descriptions of it."""
    return path.startswith("/api/") and not path.startswith(("/api/schema", "/api/docs"))
