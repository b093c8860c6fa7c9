"""From what the edge was told to what the engine is asked; every wrong value names its field."""

import math
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from enterprise.campaign_generator.engine.contracts import (
    Asked,
    Audience,
    Facts,
    Target,
    TrialAsked,
)
from enterprise.campaign_generator.engine.creatives import ACTIONS
from enterprise.campaign_generator.errors import DetailRefused
from enterprise.clients.selectors import client_of
from enterprise.data_sources.selectors import contacts
from enterprise.optimization_engine.selectors import allocation_of
from marketing_platform.core.text import clean_line
from marketing_platform.core.text import mark as _
from marketing_platform.tenants.models import Tenant

MOST_PAISE = 10**14
MOST_WEEKS, MOST_CHANNELS, MOST_BENEFITS = 52, 20, 6
MOST_PEOPLE = 2_000_000_000
# The calendar knows holidays up to 2035.
YEARS = (2020, 2035)


@dataclass(frozen=True)
class CampaignRequest:
    """``channels`` are (code or name, share); both, and ``budget_paise``, come from the allocation
    where one is named. Rates and lift from 0 to 1. ``target`` None: what the model expects."""

    name: str
    goal: str
    product: str
    benefits: tuple[str, ...]
    first_on: date
    weeks: int
    offer: str = ""
    action: str = "learn_more"
    landing_url: str = ""
    language: str = "en"
    audience: str = ""
    audience_size: int | None = None
    audience_from_crm: bool = False
    consent: str = ""
    metric: str = ""
    target: float | None = None
    unit: str = ""
    channels: tuple[tuple[str, int], ...] = ()
    budget_paise: int = 0
    base_rate: float | None = None
    lift: float | None = None
    visit_paise: int | None = None
    allocation_id: UUID | None = None


def asked_of(request: CampaignRequest, tenant: Tenant) -> Asked:
    """Raises DetailRefused with the field, or AllocationUnknown."""
    weeks = int(_within("weeks", request.weeks, 1, MOST_WEEKS))
    if not YEARS[0] <= request.first_on.year < YEARS[1]:
        raise DetailRefused(_("Choose a first day in the next years."), field="first_on")
    channels, shares, budget, target = (
        _from_allocation(request, request.allocation_id, weeks)
        if request.allocation_id
        else _from_goal(request)
    )
    return Asked(
        name=line("name", request.name, 80, is_needed=True),
        goal=line("goal", request.goal, 300, is_needed=True),
        facts=_facts(request, tenant),
        audience=audience_of(
            request.audience, request.audience_size, request.consent, request.audience_from_crm
        ),
        target=target,
        channels=channels,
        shares=shares,
        budget_paise=budget,
        first_on=request.first_on,
        weeks=weeks,
        test=_test(request),
        allocation_id=str(request.allocation_id or ""),
    )


def line(field: str, text: str, longest: int, *, is_needed: bool = False) -> str:
    """One clean line of at most ``longest`` characters. Raises DetailRefused."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise DetailRefused(field=field) from error
    cleaned = clean_line(text)
    if len(cleaned) > longest or (is_needed and not cleaned):
        raise DetailRefused(field=field)
    return cleaned


def audience_of(text: str, size: int | None, consent: str, from_crm: bool = False) -> Audience:
    """A size that is stated counts; else that of the CRM contacts if asked; else it is unknown."""
    source = "unknown"
    if size is not None:
        size, source = int(_within("audience_size", size, 0, MOST_PEOPLE)), "stated"
    elif from_crm:
        people = {one.email_hash or f"{one.system} {one.external_id}" for one in contacts()}
        size, source = (len(people), "crm") if people else (None, "unknown")
    return Audience(line("audience", text, 300), size, source, line("consent", consent, 300))


def target_value(value: float) -> float:
    return _within("target", value, 0, 1e15)


def _from_allocation(
    request: CampaignRequest, allocation_id: UUID, weeks: int
) -> tuple[tuple[str, ...], tuple[int, ...], int, Target]:
    found = allocation_of(allocation_id).allocation
    rows = [row for row in found.changes if row.after_paise > 0]
    if not rows:
        raise DetailRefused(_("This budget proposal spends nothing."), field="allocation_id")
    low, mean, high = (
        sum(getattr(row.outcome_after, side) for row in rows) * weeks
        for side in ("low", "mean", "high")
    )
    value = target_value(mean if request.target is None else request.target)
    target = Target(
        found.outcome_name, value, found.outcome_unit, low, high, run_hash=found.fit_run_hash
    )
    shares = tuple(row.after_paise for row in rows)
    return tuple(row.channel for row in rows), shares, sum(shares) * weeks, target


def _from_goal(
    request: CampaignRequest,
) -> tuple[tuple[str, ...], tuple[int, ...], int, Target]:
    named = [
        (line("channels", name, 60, is_needed=True), share) for name, share in request.channels
    ]
    if not 1 <= len(named) <= MOST_CHANNELS or len(dict(named)) != len(named):
        raise DetailRefused(_("Choose at least one channel, each once."), field="channels")
    shares = tuple(int(_within("channels", share, 0, 10**6)) for _name, share in named)
    budget = int(_within("budget_paise", request.budget_paise, 1, MOST_PAISE))
    if request.target is None:
        raise DetailRefused(_("Say what the campaign shall reach, as a number."), field="target")
    target = Target(
        line("metric", request.metric, 60, is_needed=True),
        target_value(request.target),
        line("unit", request.unit, 20),
    )
    return tuple(name for name, _share in named), shares, budget, target


def _facts(request: CampaignRequest, tenant: Tenant) -> Facts:
    benefits = tuple(
        text for text in (line("benefits", one, 120) for one in request.benefits) if text
    )
    if not 1 <= len(benefits) <= MOST_BENEFITS:
        raise DetailRefused(
            _("Give one to six reasons to buy, one on each line."), field="benefits"
        )
    if request.action not in ACTIONS:
        raise DetailRefused(field="action")
    if request.language not in ("en", "hi"):
        raise DetailRefused(field="language")
    client = client_of(tenant)
    return Facts(
        company=client.company_name if client else tenant.name,
        product=line("product", request.product, 60, is_needed=True),
        benefits=benefits,
        offer=line("offer", request.offer, 120),
        action=request.action,
        landing_url=line("landing_url", request.landing_url, 500),
        language=request.language,
    )


def _test(request: CampaignRequest) -> TrialAsked:
    rate, lift, visit = request.base_rate, request.lift, request.visit_paise
    if rate is not None:
        rate = _within("base_rate", rate, 0.0001, 0.99)
    if lift is not None:
        lift = _within("lift", lift, 0.01, 10)
        if rate is not None and rate * (1 + lift) >= 1:
            raise DetailRefused(
                _("With this lift more than all visits would convert."), field="lift"
            )
    if visit is not None:
        visit = int(_within("visit_paise", visit, 1, 10**9))
    return TrialAsked(rate, lift, visit)


def _within(field: str, value: float, low: float, high: float) -> float:
    if not math.isfinite(value) or not low <= value <= high:
        raise DetailRefused(field=field)
    return value
