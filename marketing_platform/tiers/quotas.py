"""Limits of a plan: what each is called, what a tier has used of it, and how more is refused.

A tier asks here before it makes something; which limits a workspace has, billing says.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from marketing_platform.core.errors import Refused
from marketing_platform.core.text import indian_grouping
from marketing_platform.core.text import mark as _
from marketing_platform.tiers.contracts import entitlements_of, resolve
from marketing_platform.tiers.registry import REGISTRY


@dataclass(frozen=True)
class Quota:
    """`over` is said when there is no room: what the limit is, what is used, what to do.

    `offered` is its name where a plan is sold, if that differs from the name where use is shown.
    """

    label: str
    over: str
    offered: str = ""


QUOTAS: Mapping[str, Quota] = MappingProxyType(
    {
        "people": Quota(
            _("People in this workspace"),
            _(
                "Your plan is for %(limit)s people, and %(used)s work here. Remove somebody "
                "first, or ask us for a larger plan."
            ),
            offered=_("People"),
        ),
        "places": Quota(
            _("Places"),
            _("Your plan is for %(limit)s places. Open a workspace of its own for another one."),
        ),
        "contacts": Quota(
            _("Customers and contacts"),
            _(
                "Your plan holds %(limit)s contacts; %(used)s are stored and %(more)s would be "
                "added. Nothing was stored. Remove some first, or ask us for a larger plan."
            ),
        ),
        "posts_per_day": Quota(
            _("Posts a day"),
            _(
                "Your plan is for %(limit)s posts a day, and %(used)s are planned for this day. "
                "Choose another day, or cancel one of them."
            ),
        ),
        "messages_per_month": Quota(
            _("WhatsApp campaign messages this month"),
            _(
                "Your plan is for %(limit)s campaign messages a month; %(used)s are sent or "
                "planned, and this campaign has %(more)s. Choose fewer people, wait for the next "
                "month, or ask us for a larger plan."
            ),
            offered=_("WhatsApp campaign messages a month"),
        ),
        "data_sources": Quota(
            _("Data sources"),
            _(
                "Your plan is for %(limit)s data sources, and %(used)s are there. Choose one of "
                "them, or ask us for a larger plan."
            ),
        ),
        "optimisations_per_day": Quota(
            _("Budget models in 24 hours"),
            _(
                "Your plan is for %(limit)s budget models in 24 hours, and %(used)s were begun. "
                "Wait until tomorrow, or ask us for a larger plan."
            ),
        ),
        "optimisations_per_month": Quota(
            _("Budget models this month"),
            _(
                "Your plan is for %(limit)s budget models a month, and %(used)s were begun. Wait "
                "for the next month, or ask us for a larger plan."
            ),
            offered=_("Budget models a month"),
        ),
    }
)
UNNAMED = Quota("", _("Your plan allows %(limit)s here, and %(used)s are used."))


class QuotaReached(Refused):
    """The sentence is the quota's; `quota`, `limit`, `used` and `more` are its figures."""

    code = "quota_reached"
    sentence = UNNAMED.over

    def __init__(
        self, *, quota: str, limit: int, used: int, more: int = 1, sentence: str | None = None
    ):
        self.quota, self.limit, self.used, self.more = quota, limit, used, more
        said = {"limit": limit, "used": used, "more": more}
        super().__init__(
            sentence or QUOTAS.get(quota, UNNAMED).over,
            **{name: indian_grouping(count) for name, count in said.items()},
        )


def quota_limit(tenant: Any, quota: str) -> int | None:
    """What the workspace may have of it; None without a limit."""
    return entitlements_of(tenant).quotas.get(quota)


def quota_check(tenant: Any, quota: str, *, used: Callable[[], int], more: int = 1) -> None:
    """Raises QuotaReached unless `more` fit beside what is there; only then is it counted.

    The caller holds a lock under which `used` cannot grow.
    """
    limit = quota_limit(tenant, quota)
    if limit is None or more <= 0:
        return
    there = used()
    if there + more > limit:
        raise QuotaReached(quota=quota, limit=limit, used=there, more=more)


def quota_lock(schema_name: str, quota: str) -> None:
    """One at a time adds to this quota of this workspace, until the transaction ends."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"{quota}:{schema_name}"])


def counted_together(rows: Mapping[str, Any]) -> dict[str, int]:
    """How many rows each of several querysets has, by its quota's name, in one query."""
    from django.db.models import Count, Value

    parts = [
        found.order_by()
        .annotate(quota=Value(quota))
        .values("quota")
        .annotate(rows=Count("pk"))
        .values_list("quota", "rows")
        for quota, found in rows.items()
    ]
    first, *others = parts
    return {**dict.fromkeys(rows, 0), **dict(first.union(*others, all=True))}


def usage_here(tier: str) -> Mapping[str, int]:
    """What the tier counts of its own quotas, in the workspace of now; {} where it counts none."""
    path = REGISTRY[tier].usage if tier in REGISTRY else None
    return resolve(path)() if path else {}
