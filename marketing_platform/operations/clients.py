"""The staff's list of clients: finding them, and what a page of them shows, in few queries."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet

from billing.staff_selectors import next_charges, plan_words, tenants_found
from marketing_platform.operations.staff_filters import having
from marketing_platform.tenants.models import Tenant
from marketing_platform.tenants.selectors import tenant_host
from marketing_platform.tiers.contracts import resolve
from marketing_platform.tiers.registry import REGISTRY, deployed
from marketing_platform.users.models import Membership, UserSession
from marketing_platform.users.phones import InvalidPhone, phone_parse

LONGEST_SEARCH = 100


@dataclass(frozen=True)
class ClientLine:
    """What the list shows of a client beside its own row. `seen_at`: somebody of theirs."""

    plan: str
    charged_at: datetime | None
    people: int
    seen_at: datetime | None
    city: str
    industry: str


def client_lines(rows: Sequence[Tenant]) -> dict[UUID, ClientLine]:
    """Of every row one; as many queries for one as for fifty."""
    ids = [row.pk for row in rows]
    plans, charges, profiles = plan_words(ids), next_charges(ids), _profiles(rows)
    members = Membership.objects.filter(tenant_id__in=ids, user__is_active=True)
    people = dict(members.values_list("tenant_id").annotate(Count("pk")).order_by())
    seen = _seen(rows)
    return {
        row.pk: ClientLine(
            plan=plans.get(row.pk, ""),
            charged_at=charges.get(row.pk),
            people=people.get(row.pk, 0),
            seen_at=seen.get(tenant_host(row)),
            city=profiles.get(row.pk, {}).get("city", ""),
            industry=profiles.get(row.pk, {}).get("industry", ""),
        )
        for row in rows
    }


def clients_found(clients: QuerySet[Tenant], words: str) -> QuerySet[Tenant]:
    """Those that a caller or a letter names: by name, web address, schema, the number of a person
    or of the business in any form, e-mail, GSTIN, invoice or payment."""
    text = words.replace("\x00", "").strip()[:LONGEST_SEARCH]
    named = Q(name__icontains=text) | Q(slug__icontains=text) | Q(schema_name=text)
    named |= having("gstin", text.upper()) | Q(pk__in=tenants_found(text).values("pk"))
    with contextlib.suppress(InvalidPhone):
        named |= having("phone", phone_parse(text))
    return clients.filter(named)


def _profiles(rows: Sequence[Tenant]) -> dict[UUID, dict[str, Any]]:
    found: dict[UUID, dict[str, Any]] = {}
    for tier in deployed():
        ids = [row.pk for row in rows if row.tier == tier]
        if ids:
            found |= resolve(REGISTRY[tier].profile)().summaries(ids)
    return found


def _seen(rows: Sequence[Tenant]) -> dict[str, datetime]:
    """By host: a session belongs to the host of one workspace."""
    sessions = UserSession.objects.filter(host__in=[tenant_host(row) for row in rows])
    return dict(sessions.values_list("host").annotate(Max("seen_at")).order_by())
