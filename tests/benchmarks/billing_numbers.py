"""A thousand invoices over sixteen connections, 15 % of them rolled back: no gap, no duplicate.

Each connection issues for a workspace of its own, so that they meet at the counter alone. The
control takes numbers as a first draft would, without the lock: it must show what the lock prevents.
In a database of its own on the test services.
"""

import os
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from unittest.mock import patch

import psycopg
from django.core.management import call_command
from django.db import IntegrityError, connections, transaction
from psycopg import sql

from marketing_platform.operations import template_database

INVOICES, CONNECTIONS, ROLLED_BACK_PERCENT = 1_000, 16, 15
SUPPLIER = {
    "legal_name": "Ujala Platform Private Limited",
    "address": "12 Residency Road",
    "city": "Bengaluru",
    "pincode": "560025",
}
FIRST_GSTIN, CONTROL_GSTIN = "29AAACU0001A1Z9", "29AAACU0002A1Z8"


class RolledBack(Exception):
    """What goes wrong after the number was taken."""


@dataclass
class Outcome:
    """`refused`: the database would not take a number a second time."""

    issued: int = 0
    rolled_back: int = 0
    refused: int = 0
    gaps: int = 0
    duplicates: int = 0
    seconds: float = 0.0
    numbers: list[int] = field(default_factory=list)

    @property
    def is_consecutive(self) -> bool:
        return not (self.refused or self.gaps or self.duplicates)


def run(full: bool = False) -> tuple[list[dict], dict]:
    """Rows to read and figures; `full` issues five times as many."""
    count = INVOICES * (5 if full else 1)
    with _own_database():
        locked = issue_many(count, CONNECTIONS, gstin=FIRST_GSTIN)
        control = issue_many(count // 5, CONNECTIONS, gstin=CONTROL_GSTIN, take=number_unlocked)
    rows = [_row("counter row, locked", locked), _row("control, lock off", control)]
    return rows, {
        "invoices": locked.issued,
        "connections": CONNECTIONS,
        "rolled_back": locked.rolled_back,
        "gaps": locked.gaps,
        "duplicates": locked.duplicates,
        "refused": locked.refused,
        "per_second": round(locked.issued / locked.seconds, 1),
        "control_shows_a_fault": not control.is_consecutive,
        "is_within_target": locked.is_consecutive
        and locked.issued + locked.rolled_back == count
        and not control.is_consecutive,
    }


def issue_many(
    count: int, threads: int, *, gstin: str, take: Callable[..., str] | None = None
) -> Outcome:
    """Issue `count` invoices in all; `take` replaces the taking of a number."""
    from billing.services import document_rows
    from billing.services.suppliers import supplier_save

    supplier = supplier_save(**SUPPLIER, gstin=gstin)
    tenants = [_tenant(f"{gstin[7:11]}-{place}") for place in range(threads)]
    # The same ones at every run.
    chance = random.Random(46)
    fates = [chance.random() * 100 < ROLLED_BACK_PERCENT for _ in range(count)]
    outcome = Outcome()
    began = time.perf_counter()
    with (
        patch.object(document_rows, "number_take", take or document_rows.number_take),
        ThreadPoolExecutor(threads) as pool,
    ):
        parts = [
            pool.submit(_issue_some, tenant, gstin, list(range(place, count, threads)), fates)
            for place, tenant in enumerate(tenants)
        ]
        for part in parts:
            rolled_back, refused = part.result()
            outcome.rolled_back += rolled_back
            outcome.refused += refused
    outcome.seconds = time.perf_counter() - began
    return _counted(outcome, supplier)


def number_unlocked(*, supplier: Any, series: str, issued_on: date) -> str:
    """What is wrong with read, add one, write: two read the same."""
    from billing.engine.numbering import financial_year, number_of
    from billing.models import SeriesCounter

    year = financial_year(issued_on)
    counter, _is_new = SeriesCounter.objects.get_or_create(
        supplier=supplier, series=series, financial_year=year
    )
    counter.last += 1
    counter.save(update_fields=["last"])
    return number_of(series, year, counter.last)


def _issue_some(tenant: Any, gstin: str, places: list[int], fates: list[bool]) -> tuple[int, int]:
    from billing.services.invoicing import invoice_issue
    from marketing_platform.core import clock

    rolled_back = refused = 0
    try:
        for place in places:
            try:
                with transaction.atomic():
                    invoice_issue(
                        tenant=tenant,
                        subscription=None,
                        base_paise=99_900,
                        cause=f"bench:{gstin}:{place}",
                        now=clock.now(),
                    )
                    if fates[place]:
                        raise RolledBack
            except RolledBack:
                rolled_back += 1
            except IntegrityError:
                refused += 1
    finally:
        connections.close_all()
    return rolled_back, refused


def _counted(outcome: Outcome, supplier: Any) -> Outcome:
    from billing.models import SeriesCounter, TaxDocument

    numbers = TaxDocument.objects.filter(supplier=supplier).values_list("number", flat=True)
    outcome.numbers = sorted(int(number.rpartition("/")[2]) for number in numbers)
    outcome.issued = len(outcome.numbers)
    distinct = set(outcome.numbers)
    last = SeriesCounter.objects.get(supplier=supplier).last
    outcome.duplicates = outcome.issued - len(distinct)
    outcome.gaps = len(set(range(1, last + 1)) - distinct)
    return outcome


def _tenant(slug: str) -> Any:
    from marketing_platform.core import clock
    from marketing_platform.tenants.services import tenant_reserve

    return tenant_reserve(
        tier="local", name=slug, language="en", actor_id=None, now=clock.now(), slug=f"n-{slug}"
    )


def _row(what: str, outcome: Outcome) -> dict[str, Any]:
    return {
        "what": what,
        "issued": outcome.issued,
        "rolled back": outcome.rolled_back,
        "refused as duplicate": outcome.refused,
        "gaps": outcome.gaps,
        "duplicates": outcome.duplicates,
        "seconds": outcome.seconds,
    }


@contextmanager
def _own_database() -> Iterator[None]:
    server, name = os.environ["DATABASE_URL"], f"bench_{os.getpid()}"
    database = connections["default"].settings_dict
    kept = database["NAME"], database["OPTIONS"]
    with psycopg.connect(
        template_database.database_url(server, "postgres"), autocommit=True
    ) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            # One connection a thread, closed with it.
            database["NAME"], database["OPTIONS"] = name, {}
            call_command("migrate_platform", verbosity=0)
            yield
        finally:
            connections.close_all()
            database["NAME"], database["OPTIONS"] = kept
            connection.execute(
                sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            )
