"""Settings of a workspace that both tiers share: overview and API keys; the team is in team.py."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from marketing_platform.api.keys import key_create, key_revoke
from marketing_platform.api.models import ApiKey
from marketing_platform.api.problems import sentence_of
from marketing_platform.api.selectors import keys_of
from marketing_platform.audit.services import audit_record
from marketing_platform.core import clock
from marketing_platform.core.errors import PlatformError
from marketing_platform.dashboard.forms import ApiKeyForm
from marketing_platform.dashboard.settings_links import settings_sections
from marketing_platform.users.permissions import Permission, requires
from marketing_platform.users.recent import recent_sign_in_required


@never_cache
@require_safe
@requires(Permission.READ)
def settings_home(request: HttpRequest) -> HttpResponse:
    sections = settings_sections(request.tenant.tier, request.membership.role)
    return render(request, "dashboard/settings.html", {"sections": sections})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CONNECTIONS)
@recent_sign_in_required
def api_keys(request: HttpRequest) -> HttpResponse:
    """List and make keys; a new one is shown on this answer and never again."""
    form = ApiKeyForm(request.POST or None)
    new_key = ""
    if request.method == "POST" and form.is_valid():
        try:
            new_key = _make(request, form)
            form = ApiKeyForm()
        except PlatformError as error:
            form.add_error(error.field if error.field in form.fields else None, sentence_of(error))
    context = {
        "title": gettext("API keys"),
        "subtitle": gettext("For your own programs. A key belongs to this workspace alone."),
        "form": form,
        "new_key": new_key,
        "keys": [_key_row(row) for row in keys_of(request.tenant)],
        "docs_url": reverse("api_docs"),
        "curl": _curl(request.tenant.tier, new_key),
    }
    return render(request, "dashboard/api_keys.html", context)


def _key_row(row: ApiKey) -> dict[str, Any]:
    scopes = {"read": gettext("read"), "write": gettext("write")}
    return {
        "name": row.name,
        "prefix": row.prefix,
        "scopes": [scopes[scope] for scope in row.scopes],
        "is_test": row.is_test,
        "created_at": row.created_at,
        "last_used_at": row.last_used_at,
        "expires_at": row.expires_at,
        "revoked_at": row.revoked_at,
        "revoke_url": reverse("api_key_revoke", args=[row.pk]),
    }


def _curl(tier: str, key: str) -> str:
    """An example that works as it stands once the key is in it."""
    path = "local/automation/social-media" if tier == "local" else "enterprise/intelligence"
    body = "{}" if tier == "local" else '{"series": []}'
    return (
        f'curl -X POST {settings.PUBLIC_URL}/api/{path} -H "Authorization: Bearer '
        f'{key or "live_…"}" -H "Content-Type: application/json" -d \'{body}\''
    )


def _make(request: HttpRequest, form: ApiKeyForm) -> str:
    now = clock.now()
    chosen = form.cleaned_data
    with transaction.atomic():
        row, text = key_create(
            tenant=request.tenant,
            name=chosen["name"],
            scopes=("read",) if chosen["access"] == "read" else ("read", "write"),
            is_test=chosen["kind"] == "test",
            created_by_id=request.user.pk,
            expires_at=now + timedelta(days=chosen["days"]) if chosen["days"] else None,
            now=now,
        )
        _record(request, "api_key.created", row.prefix)
    return text


@require_POST
@requires(Permission.CONNECTIONS, when_read_only=True)
def api_key_revoke(request: HttpRequest, key_id: UUID) -> HttpResponse:
    """Open in a read-only workspace too: a leaked key must not wait for a payment."""
    with transaction.atomic():
        key_revoke(tenant=request.tenant, key_id=key_id, now=clock.now())
        _record(request, "api_key.revoked", str(key_id))
    return redirect("api_keys")


def _record(request: HttpRequest, action: str, subject: str) -> None:
    audit_record(
        action=action,
        actor_kind="human",
        actor_id=str(request.user.pk),
        subject=subject,
        now=clock.now(),
    )
