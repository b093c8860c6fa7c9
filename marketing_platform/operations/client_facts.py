"""A client's page: what lies in the workspace's own schema, its people, and its whole history.

Counts, kinds and states only: no customer's name or number, and no text of a post, is shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext

from billing.staff_selectors import names_of_people
from marketing_platform.audit.models import AuditEntry
from marketing_platform.connections.providers import PROVIDERS
from marketing_platform.connections.selectors import connections_all
from marketing_platform.effects.models import Effect
from marketing_platform.effects.selectors import (
    is_stopped,
    label_of,
    needs_you_count,
    state_words,
    stuck_effects,
)
from marketing_platform.effects.states import BEFORE
from marketing_platform.jobs.models import Job
from marketing_platform.jobs.selectors import label_of as job_label
from marketing_platform.tenants.context import tenant_context
from marketing_platform.tenants.migrations_runner import HAVING_SCHEMA, code_version
from marketing_platform.tenants.models import Tenant, TenantEvent
from marketing_platform.tiers.contracts import resolve
from marketing_platform.tiers.quotas import QUOTAS
from marketing_platform.tiers.registry import REGISTRY, deployed
from marketing_platform.users.models import Membership

SHOWN = 10
SHOWN_HISTORY = 50


@dataclass(frozen=True)
class Line:
    """One thing of the workspace: what, how it stands, since or for when, and what is wrong."""

    what: str
    state: str
    at: datetime | None
    trouble: str = ""


@dataclass(frozen=True)
class ClientFacts:
    """`counts`: label → number, in the reader's language."""

    connections: list[Line] = field(default_factory=list)
    effects: list[Line] = field(default_factory=list)
    jobs: list[Line] = field(default_factory=list)
    counts: Mapping[str, int] = field(default_factory=dict)
    is_stopped: bool = False


@dataclass(frozen=True)
class Happened:
    """One act: what, by whom, why."""

    at: datetime
    what: str
    who: str
    why: str


def client_facts(tenant: Tenant, *, now: datetime) -> ClientFacts | None:
    """None where the schema is not there, or not as this code knows it."""
    if not _is_readable(tenant):
        return None
    with tenant_context(tenant):
        return ClientFacts(
            connections=_connections(),
            effects=_effects(),
            jobs=_jobs(),
            counts=_counts(tenant.tier, now),
            is_stopped=is_stopped(),
        )


def client_people(tenant: Tenant) -> list[Membership]:
    """Owners first, then by when they came."""
    rows = Membership.objects.select_related("user").filter(tenant=tenant).order_by("created_at")
    return sorted(rows, key=lambda row: row.role != "owner")


def client_history(tenant: Tenant) -> list[Happened]:
    """What was done to the workspace and in it, the latest first: three logs as one."""
    events = list(TenantEvent.objects.filter(tenant=tenant)[:SHOWN_HISTORY])
    entries = _entries(tenant)
    names = names_of_people(
        [*(row.actor_id for row in events), *(_person(row.actor_id) for row in entries)]
    )
    told = [
        Happened(row.happened_at, row.kind, _name(names, row.actor_id), row.reason)
        for row in events
    ]
    told += [
        Happened(
            row.happened_at,
            row.action,
            _name(names, _person(row.actor_id), row.actor_kind),
            str(row.detail.get("reason", "")),
        )
        for row in entries
    ]
    told += [
        Happened(row.action_time, gettext("In this admin"), str(row.user), row.get_change_message())
        for row in _admin_log(tenant)
    ]
    return sorted(told, key=lambda row: row.at, reverse=True)[:SHOWN_HISTORY]


def _is_readable(tenant: Tenant) -> bool:
    return (
        tenant.state in HAVING_SCHEMA
        and tenant.tier in deployed()
        and tenant.schema_version == code_version(tenant.tier)
    )


def _connections() -> list[Line]:
    return [
        Line(
            f"{PROVIDERS[row.provider].label if row.provider in PROVIDERS else row.provider}"
            f" · {row.account_name or row.account_id}",
            row.get_state_display(),
            row.failed_at or row.last_ok_at or row.connected_at,
            gettext(row.failure_sentence) % row.failure_params if row.failure_sentence else "",
        )
        for row in connections_all()
    ]


def _effects() -> list[Line]:
    return [
        Line(
            gettext(label_of(row)),
            gettext(state_words(row.kind, row.state)),
            row.due_at,
            gettext(row.failure_sentence) % row.failure_params if row.failure_sentence else "",
        )
        for row in Effect.objects.order_by("-due_at", "-id")[:SHOWN]
    ]


def _jobs() -> list[Line]:
    return [
        Line(
            gettext(job_label(row)),
            row.get_state_display(),
            row.created_at,
            gettext(row.error) % row.error_params if row.error else "",
        )
        for row in Job.objects.all()[:SHOWN]
    ]


def _counts(tier: str, now: datetime) -> dict[str, int]:
    spec = REGISTRY[tier]
    counts = {
        gettext("Waits for its time"): Effect.objects.filter(state__in=BEFORE).count(),
        gettext("Needs a look by the owner"): needs_you_count(),
        gettext("Stuck"): stuck_effects(now=now).count(),
    }
    if spec.usage:
        used = resolve(spec.usage)()
        counts |= {gettext(QUOTAS[name].label): n for name, n in used.items() if name in QUOTAS}
    for told in (spec.consents, spec.done):
        if told:
            counts |= {gettext(label): number for label, number in resolve(told)().items()}
    return counts


def _entries(tenant: Tenant) -> list[AuditEntry]:
    if not _is_readable(tenant):
        return []
    with tenant_context(tenant):
        return list(AuditEntry.objects.order_by("-id")[:SHOWN_HISTORY])


def _admin_log(tenant: Tenant) -> list[LogEntry]:
    kind = ContentType.objects.get_for_model(Tenant)
    rows = LogEntry.objects.select_related("user").filter(
        content_type=kind, object_id=str(tenant.pk)
    )
    return list(rows.order_by("-action_time")[:SHOWN_HISTORY])


def _person(actor_id: str) -> UUID | None:
    try:
        return UUID(actor_id)
    except ValueError:
        return None


def _name(names: Mapping[UUID, str], actor_id: UUID | None, otherwise: str = "–") -> str:
    return names.get(actor_id, otherwise) if actor_id else otherwise
