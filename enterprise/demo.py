"""An invented company for demonstrations: three years of spend in eight channels, what came of it,
and three CRM systems. Its findings, budget model, allocation and brief are computed by a worker."""

import hashlib
import math
import random
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from django.db import transaction

from enterprise.campaign_generator.front_door import CampaignGenerator
from enterprise.campaign_generator.services.asking import CampaignRequest
from enterprise.clients.models import Industry
from enterprise.clients.selectors import client_of
from enterprise.clients.services import client_create
from enterprise.data_sources.engine.contracts import (
    ContactEntry,
    DealEntry,
    Entry,
    FileKind,
    LeadEntry,
    LeadRecordEntry,
    MetricEntry,
    SpendEntry,
    StageEntry,
)
from enterprise.data_sources.models import DataSource, ImportBatch
from enterprise.data_sources.selectors import has_own_data
from enterprise.data_sources.services.records import records_store
from enterprise.data_sources.services.rows import rows_write
from enterprise.strategic_synthesizer.services.first_look import first_look_schedule
from marketing_platform.core import clock
from marketing_platform.core.clock import IST
from marketing_platform.tenants.models import Tenant

WEEKS = 156
# Channel: rupees in a usual week, share of weeks it runs, return of the first rupee, rupees at
# which half of what it can do is done, share of the effect that stays to the next week.
CHANNELS = {
    "google_ads": (6_50_000, 1.0, 5.0, 8_00_000, 0.2),
    "meta_ads": (5_20_000, 0.95, 4.0, 6_00_000, 0.3),
    "linkedin_ads": (1_60_000, 0.85, 2.4, 2_50_000, 0.3),
    "YouTube": (3_40_000, 0.7, 3.0, 5_00_000, 0.5),
    "Television": (11_00_000, 0.4, 2.2, 20_00_000, 0.6),
    "Radio": (1_20_000, 0.5, 1.6, 3_00_000, 0.4),
    "Outdoor": (2_10_000, 0.55, 1.2, 6_00_000, 0.6),
    "Marketplace ads": (2_80_000, 0.9, 3.4, 3_00_000, 0.1),
}
COST_PER_LEAD = {"google_ads": 1_900, "meta_ads": 1_500, "linkedin_ads": 4_200}
BASE_RUPEES = 1_10_00_000
STAGES = ("Qualified", "Demo", "Proposal", "Negotiation")
# Of those that reach a stage, how many go on; and the days they stay in it.
GO_ON = (0.72, 0.58, 0.66, 0.55)
STAY = (6, 11, 24, 12)
CITIES = ("Bengaluru", "Pune", "Chennai", "Hyderabad", "Delhi", "Mumbai", "Kochi")
OWNERS = ("Nandini Rao", "Arjun Menon", "Sara Thomas", "Kabir Sethi")
CAME_FROM = ("Google Ads", "Meta Ads", "LinkedIn", "Referral", "Dealer event", "Website")


def seed(tenant: Tenant, *, today: date) -> None:
    """Fill the workspace; a second call changes nothing."""
    # Of this morning, or of now when it is earlier: what lies ahead would not be done yet.
    now = min(datetime.combine(today, time(9), tzinfo=IST), clock.now())
    if client_of(tenant) is None:
        client_create(
            tenant=tenant,
            now=now,
            company_name=tenant.name,
            industry=Industry.CONSUMER_DURABLES,
            city="Bengaluru",
        )
    if has_own_data():
        return
    lots = random.Random("veda-appliances")  # noqa: S311 - invented figures, not secrets
    weeks = _weeks(today)
    spend = _spend(lots, weeks)
    with transaction.atomic():
        _figures(FileKind.SPEND, "Media plan", _spend_rows(weeks, spend), now)
        _figures(FileKind.OUTCOMES, "Sales by week", _revenue_rows(lots, weeks, spend), now)
        _figures(FileKind.LEADS, "Enquiries by week", _lead_rows(lots, weeks, spend), now)
        _crm(lots, weeks, now)
        _campaign(tenant, today, now)
        first_look_schedule(tenant=tenant, now=now)


def _campaign(tenant: Tenant, today: date, now: datetime) -> None:
    """A draft from a goal, so that the board is not empty."""
    asked = CampaignRequest(
        name="Geysers for the cold months",
        goal="Sell geysers before January",
        product="Geyser 15 L",
        benefits=("Five-year warranty", "Fitted within two days", "Heats in ten minutes"),
        first_on=today + timedelta(days=14 - today.weekday()),
        weeks=6,
        landing_url="https://veda.example/geyser",
        metric="orders",
        target=1_800.0,
        channels=(("google_ads", 3), ("meta_ads", 2)),
        budget_paise=18_00_000_00,
        base_rate=0.02,
        lift=0.2,
        visit_paise=1_200,
    )
    CampaignGenerator().generate_campaign(asked, tenant=tenant, actor_id=None, now=now)


def _weeks(today: date) -> list[date]:
    last = today - timedelta(days=today.weekday() + 7)
    return [last - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1)]


def _spend(lots: random.Random, weeks: list[date]) -> dict[str, list[int]]:
    """Rupees a week by channel: flights, budgets that grow, more before Diwali."""
    spent: dict[str, list[int]] = {}
    for name, (usual, share, *_truth) in CHANNELS.items():
        rows, is_running = [], True
        for place, week in enumerate(weeks):
            if lots.random() < 0.2:
                is_running = lots.random() < share
            level = usual * (1 + 0.12 * place / WEEKS) * (1 + 0.7 * _festive(week))
            amount = level * lots.uniform(0.55, 1.45) if is_running else 0
            rows.append(round(amount / 100) * 100)
        spent[name] = rows
    return spent


def _festive(week: date) -> float:
    """1 in the weeks before Diwali, fading around them."""
    middle = date(week.year, 10, 25).timetuple().tm_yday
    return math.exp(-(((week.timetuple().tm_yday - middle) / 24) ** 2))


def _spend_rows(weeks: list[date], spend: dict[str, list[int]]) -> Iterator[SpendEntry]:
    for name, rows in spend.items():
        for week, rupees in zip(weeks, rows, strict=True):
            if rupees:
                yield SpendEntry(
                    date=week,
                    campaign="All campaigns",
                    cost_paise=rupees * 100,
                    impressions=None,
                    clicks=None,
                    leads=None,
                    channel=name,
                )


def _revenue_rows(
    lots: random.Random, weeks: list[date], spend: dict[str, list[int]]
) -> Iterator[MetricEntry]:
    """Sales that spend really drives, with diminishing returns and carry-over; and chance."""
    carried = dict.fromkeys(spend, 0.0)
    noise = 0.0
    for place, week in enumerate(weeks):
        total = BASE_RUPEES * (1 + 0.15 * place / WEEKS) * (1 + 0.45 * _festive(week))
        for name, (_usual, _share, first, half, stay) in CHANNELS.items():
            carried[name] = spend[name][place] * (1 - stay) + carried[name] * stay
            total += first * half * carried[name] / (half + carried[name])
        noise = 0.4 * noise + lots.gauss(0, 0.035)
        yield MetricEntry(
            series="Revenue",
            date=week,
            value=Decimal(round(total * (1 + noise))),
            unit="INR",
        )


def _lead_rows(
    lots: random.Random, weeks: list[date], spend: dict[str, list[int]]
) -> Iterator[LeadEntry]:
    """Enquiries that name their channel, and the many that do not."""
    for place, week in enumerate(weeks):
        for name, rupees in COST_PER_LEAD.items():
            count = round(spend[name][place] / rupees * lots.uniform(0.85, 1.15))
            if count:
                yield LeadEntry(date=week, channel=name, count=count)
        yield LeadEntry(date=week, channel="", count=round(420 * lots.uniform(0.9, 1.1)))


def _figures(kind: FileKind, name: str, rows: Iterable[Entry], now: datetime) -> None:
    entries = tuple(rows)
    source = DataSource.objects.create(kind=kind, name=name, created_at=now)
    batch = ImportBatch.objects.create(
        source=source,
        state=ImportBatch.State.IMPORTED,
        file_name=f"{name.lower().replace(' ', '-')}.csv",
        sha256=hashlib.sha256(f"demo {kind} {name}".encode()).hexdigest(),
        grain="week",
        first_on=min(entry.date for entry in entries),
        last_on=max(entry.date for entry in entries),
        rows_imported=len(entries),
        created_at=now,
        imported_at=now,
    )
    rows_write(batch, kind, entries)


# --- the three CRM systems, as their first sync would have left them


def _crm(lots: random.Random, weeks: list[date], now: datetime) -> None:
    parts = {
        ("salesforce", "Salesforce"): _deals(lots, weeks),
        ("hubspot", "HubSpot"): _contacts(lots, weeks),
        ("marketo", "Marketo"): _leads(lots, weeks),
    }
    for (kind, name), entries in parts.items():
        source = DataSource.objects.create(kind=kind, name=name, created_at=now)
        records_store(source=source, entries=entries, batch=None, now=now)


def _deals(lots: random.Random, weeks: list[date]) -> list[DealEntry]:
    return [_deal(lots, number, weeks) for number in range(900)]


def _deal(lots: random.Random, number: int, weeks: list[date]) -> DealEntry:
    made_on = lots.choice(weeks) + timedelta(days=lots.randint(0, 6))
    end = weeks[-1] + timedelta(days=6)
    came_from = lots.choice(CAME_FROM)
    is_big = lots.random() < 0.25
    history, moment, is_won = [], made_on, None
    for stage, go_on, stay in zip(STAGES, GO_ON, STAY, strict=True):
        if moment > end:
            break
        days = max(1, round(lots.expovariate(1 / (stay * (1.6 if is_big else 1.0)))))
        left_on = moment + timedelta(days=days)
        is_there = left_on > end
        history.append(StageEntry(stage, _at(moment), None if is_there else _at(left_on)))
        moment = left_on
        if is_there:
            break
        if lots.random() > go_on * (1.15 if came_from == "Referral" else 1.0):
            is_won = False
            break
    else:
        is_won = True
    is_open = is_won is None
    return DealEntry(
        external_id=f"006{number:06d}",
        date=made_on,
        account=f"Account {number % 400 + 1}",
        amount_paise=round(lots.lognormvariate(12.4 if is_big else 11.2, 0.5)) * 100,
        stage=history[-1].stage if is_open else ("Closed Won" if is_won else "Closed Lost"),
        closed_on=None if is_open else min(moment, end),
        is_won=is_won,
        came_from=came_from,
        owner=lots.choice(OWNERS),
        history=tuple(history),
        updated_at_remote=_at(min(moment, end)),
    )


def _contacts(lots: random.Random, weeks: list[date]) -> list[ContactEntry]:
    return [
        ContactEntry(
            external_id=str(50_000 + number),
            date=lots.choice(weeks),
            account=f"Account {number % 400 + 1}",
            region=lots.choice(CITIES),
            lifecycle=lots.choice(("lead", "opportunity", "customer")),
            came_from=lots.choice(CAME_FROM),
            owner=lots.choice(OWNERS),
            email_hash=hashlib.sha256(f"person{number}@accounts.example".encode()).hexdigest(),
        )
        for number in range(1_200)
    ]


def _leads(lots: random.Random, weeks: list[date]) -> list[LeadRecordEntry]:
    return [
        LeadRecordEntry(
            external_id=f"M{number:06d}",
            date=lots.choice(weeks) + timedelta(days=lots.randint(0, 6)),
            came_from=lots.choice(CAME_FROM),
            stage=lots.choice(("New", "Working", "Nurturing", "Qualified")),
            owner=lots.choice(OWNERS),
            email_hash=hashlib.sha256(f"lead{number}@leads.example".encode()).hexdigest(),
        )
        for number in range(2_400)
    ]


def _at(day: date) -> datetime:
    return datetime.combine(day, time(6, 30), tzinfo=UTC)
