"""The staff's list of 10,000 clients: every kind of search, filter and page, as a browser asks.

Public rows alone (no schemas), in a database of its own.
"""

import statistics
import time
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from billing.models import (
    AccountWorkspace,
    BillingAccount,
    GstRegistration,
    Plan,
    PlanVersion,
    Subscription,
)
from enterprise.clients.models import EnterpriseClient
from local.business.engine import CATEGORIES
from local.business.models import LocalBusiness
from marketing_platform.tenants.models import Tenant
from marketing_platform.users.models import Membership, User, UserSession
from tests.benchmarks.billing_numbers import _own_database

CLIENTS, MOST_MS = 10_000, 300
PAGES: dict[str, dict[str, str]] = {
    "first page": {},
    "page 100": {"p": "100"},
    "by name": {"q": "Shop 7421"},
    "by number": {"q": "098000 07421"},
    "by e-mail": {"q": "owner7421@shops.example"},
    "by GSTIN": {"q": "27AAPFU7421F1ZV"},
    "by address": {"q": "shop-7421"},
    "nobody": {"q": "nobody of that name"},
    "of a city": {"city": "pune"},
    "past due": {"subscription": "past_due"},
    "never paid": {"subscription": "none"},
    "search in filter": {"tier": "enterprise", "state": "active", "q": "Shop 74"},
}


def run(full: bool = False) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Rows by page; `full` asks each 15 times instead of 5."""
    with _own_database():
        _make_clients()
        browser = _staff()
        rows = [_row(browser, name, query, 15 if full else 5) for name, query in PAGES.items()]
    slowest = max(row["median ms"] for row in rows)
    return rows, {
        "clients": CLIENTS,
        "slowest_median_ms": round(slowest, 1),
        "most_queries": max(row["queries"] for row in rows),
        "target_ms": MOST_MS,
        "is_within_target": slowest <= MOST_MS,
    }


def _row(browser: Client, name: str, query: dict[str, str], times: int) -> dict[str, Any]:
    address = f"/tenants/tenant/?{urlencode(query)}"
    asked: list[str] = []

    def count(execute: Any, sql: Any, *more: Any) -> Any:
        asked.append(str(sql))
        return execute(sql, *more)

    with connection.execute_wrapper(count):
        answer = browser.get(address, HTTP_HOST=f"admin.{settings.BASE_DOMAIN}")
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    took = []
    for _turn in range(times):
        started = time.perf_counter()
        browser.get(address, HTTP_HOST=f"admin.{settings.BASE_DOMAIN}")
        took.append((time.perf_counter() - started) * 1000)
    asked = [sql for sql in asked if "search_path" not in sql]
    return {"page": name, "median ms": statistics.median(took), "queries": len(asked)}


def _staff() -> Client:
    User.objects.create_superuser("bench@staff.example", "a long staff password")
    browser = Client()
    who = {"email": "bench@staff.example", "password": "a long staff password"}
    if browser.post("/login/", who, HTTP_HOST=f"admin.{settings.BASE_DOMAIN}").status_code != 302:
        raise RuntimeError("staff could not sign in")
    return browser


def _make_clients() -> None:
    now = timezone.now()
    tenants = Tenant.objects.bulk_create(
        Tenant(
            name=f"Shop {number}",
            slug=f"shop-{number}",
            schema_name=f"t_{number:026d}",
            tier="local" if number % 5 else "enterprise",
            state="active",
            state_changed_at=now,
            created_at=now - timedelta(minutes=number),
        )
        for number in range(CLIENTS)
    )
    people = User.objects.bulk_create(
        User(
            phone=f"+9198000{number:05d}",
            email=f"owner{number}@shops.example",
            full_name=f"Owner {number}",
            password="!",
        )
        for number in range(CLIENTS)
    )
    pairs = list(zip(tenants, people, strict=True))
    Membership.objects.bulk_create(Membership(tenant=t, user=u, role="owner") for t, u in pairs)
    UserSession.objects.bulk_create(
        UserSession(
            user=user, session_key=user.pk.hex, family=user.pk.hex,
            host=f"{tenant.slug}.{settings.BASE_DOMAIN}", created_at=now, seen_at=now,
        )
        for tenant, user in pairs
    )  # fmt: skip
    _make_profiles(tenants, now)
    _make_money(tenants, now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _make_profiles(tenants: list[Tenant], now: Any) -> None:
    LocalBusiness.objects.bulk_create(
        LocalBusiness(
            tenant=tenant, name=tenant.name, category=next(iter(CATEGORIES)),
            city="pune", state="MH", languages=["hi"],
            primary_colour="#112233", accent_colour="#445566", created_at=now, updated_at=now,
        )
        for tenant in tenants
        if tenant.tier == "local"
    )  # fmt: skip
    EnterpriseClient.objects.bulk_create(
        EnterpriseClient(
            tenant=tenant, company_name=tenant.name, industry="consumer_durables",
            city="Bengaluru", state="KA", created_at=now, updated_at=now,
        )
        for tenant in tenants
        if tenant.tier == "enterprise"
    )  # fmt: skip


def _make_money(tenants: list[Tenant], now: Any) -> None:
    accounts = BillingAccount.objects.bulk_create(
        BillingAccount(legal_name=f"{tenant.name} Traders") for tenant in tenants
    )
    pairs = list(zip(tenants, accounts, strict=True))
    AccountWorkspace.objects.bulk_create(AccountWorkspace(tenant=t, account=a) for t, a in pairs)
    GstRegistration.objects.bulk_create(
        GstRegistration(
            account=account, gstin=f"27AAPFU{number:04d}F1ZV", legal_name=account.legal_name,
            address="1 MG Road", pincode="411001",
        )
        for number, account in enumerate(accounts)
    )  # fmt: skip
    Subscription.objects.bulk_create(
        Subscription(
            tenant=tenant, plan_version=_version(tenant.tier), interval="month",
            state="past_due" if number % 10 == 0 else "active",
            past_due_since=now if number % 10 == 0 else None,
            current_period_start=now, current_period_end=now + timedelta(days=30),
        )
        for number, tenant in enumerate(tenants)
        if number % 3
    )  # fmt: skip


def _version(tier: str) -> PlanVersion:
    plan, _is_new = Plan.objects.get_or_create(tier=tier)
    return plan.versions.first() or PlanVersion.objects.create(
        plan=plan, number=1, monthly_paise=99_900, annual_paise=999_000,
        effective_from=timezone.now(),
    )  # fmt: skip
