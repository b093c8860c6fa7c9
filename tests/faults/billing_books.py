"""What the billing drill compares, reads and pushes. Imported once Django knows the servers."""

import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.apps import apps
from django.db import connection
from django.db.models.functions import Now

from billing.models import Payment, Refund, Subscription, TaxDocument
from billing.selectors.ledger import trial_balance
from marketing_platform.core import clock
from marketing_platform.schedule.models import DueWork
from marketing_platform.schedule.services import work_dispatch, work_schedule

# Tested on their own: these workspaces have no rooms that a letter could be told in.
LETTERS = ("billing.send_receipt", "billing.tell_dunning", "billing.tell_invoice")
# The product asks at the end of every period by itself, which alone makes up for what was lost:
# it is kept back here, so that only webhooks and the reconcile speak.
POLLS = ("billing.refresh_subscription",)
BEGAN = datetime(2027, 3, 1, tzinfo=UTC)
# A gateway's word on the left; ours that say the same.
LATE = {"past_due", "suspended"}
SAME = {
    "active": {"active"},
    "pending": LATE,
    "halted": LATE,
    "past_due": LATE,
    "unpaid": LATE,
    "cancelled": {"canceled"},
    "canceled": {"canceled"},
    "completed": {"ended"},
    "paused": {"paused"},
}
Rows = dict[str, set[tuple[Any, ...]]]


def database_of(seed: int) -> str:
    """A copy of what was prepared, for one seed; this process and its children use it from now."""
    copy = f"faults_{seed}"
    settings = connection.settings_dict
    first = settings.setdefault("PREPARED", settings["NAME"])
    connection.close()
    connection.close_pool()
    import psycopg

    parts = urlsplit(os.environ["DATABASE_URL"])
    at = {"dbname": "postgres", "user": settings["USER"], "password": settings["PASSWORD"]}
    at |= {"host": settings["HOST"], "port": settings["PORT"]}
    with psycopg.connect(**at, autocommit=True) as link:
        link.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{first}"')
    settings["NAME"] = copy
    return urlunsplit(parts._replace(path=f"/{copy}"))


def push() -> int:
    """Send what is due by the gateways' clock; how many rows are still open."""
    DueWork.objects.filter(task__in=POLLS, done_at=None).update(done_at=Now())
    open_rows = DueWork.objects.filter(
        task__startswith="billing.", done_at=None, dead_at=None, due_at__lte=clock.now()
    ).exclude(task__in=LETTERS)
    open_rows.filter(due_at__gt=Now()).update(due_at=Now(), nudged_at=None)
    waiting = open_rows.count()
    if waiting:
        work_dispatch()
    return waiting


def reconcile_order(name: str) -> None:
    for code in ("razorpay", "stripe"):
        work_schedule(
            task="billing.reconcile",
            arguments={"gateway_code": code, "since": BEGAN.isoformat()},
            due_at=clock.now() - timedelta(seconds=2),
            key=f"faults-reconcile:{code}:{name}",
            queue="billing",
        )


def differences(lives: dict[str, Any]) -> list[str]:
    """Money that came, money that went back and the state of every subscription."""
    return [line for life in lives.values() for line in _of(life)]


def _of(life: Any) -> list[str]:
    payments = Payment.objects.filter(gateway=life.code)
    ours = Counter(dict(payments.values_list("remote_id", "amount_paise")))
    refunds = Refund.objects.filter(payment__gateway=life.code, state="processed")
    given: Counter[str] = Counter()
    for remote_id, paise in refunds.values_list("payment__remote_id", "amount_paise"):
        given[remote_id] += paise
    found = _unlike("money", ours, life.money()) + _unlike("refund", given, life.given_back())
    rows = Subscription.objects.filter(gateway=life.code)
    followed = set(rows.values_list("previous_subscription_id", flat=True))
    for pk, remote_id, state in rows.values_list("pk", "gateway_subscription_id", "state"):
        theirs = life.status(remote_id)
        # Whom another one follows has ended with us before it is cancelled there.
        is_followed = pk in followed and state == "ended" and theirs in {"cancelled", "canceled"}
        if theirs in SAME and state not in SAME[theirs] and not is_followed:
            found.append(f"{life.code} {remote_id}: {state} here, {theirs} there")
    return found


def _unlike(what: str, ours: Counter[str], theirs: Counter[str]) -> list[str]:
    return [
        f"{what} {remote_id}: {ours[remote_id]} here, {theirs[remote_id]} there"
        for remote_id in sorted({*ours, *theirs})
        if ours[remote_id] != theirs[remote_id]
    ]


def unbalanced() -> list[str]:
    """One invoice a payment that is kept, one note a refund of one; books that sum to nothing."""
    kept = Payment.objects.filter(needs_refund=False).values_list("amount_paise", flat=True)
    invoices = TaxDocument.objects.filter(kind="invoice").values_list("total_paise", flat=True)
    due = Refund.objects.filter(state="processed", payment__needs_refund=False)
    notes = TaxDocument.objects.filter(kind="credit_note").values_list("total_paise", flat=True)
    dead = DueWork.objects.filter(task__startswith="billing.").exclude(dead_at=None)
    dead = dead.exclude(task__in=LETTERS)
    checks = {
        "invoices": sorted(kept) == sorted(invoices),
        "credit notes": sorted(due.values_list("amount_paise", flat=True)) == sorted(notes),
        "trial balance": sum(row.amount_paise for row in trial_balance()) == 0,
        "open refunds": not Refund.objects.exclude(state__in=["processed", "failed"]).exists(),
    }
    found = [name for name, holds in checks.items() if not holds]
    return found + [
        f"given up: {task} {error[:200]}" for task, error in dead.values_list("task", "error")
    ]


def rows() -> Rows:
    """Every row of billing by where it lies and who wrote it: a row written again, even with the
    same values, lies elsewhere."""
    found: Rows = {}
    with connection.cursor() as cursor:
        for model in apps.get_app_config("billing").get_models():
            table = model._meta.db_table
            cursor.execute(f'SELECT xmin::text, ctid::text FROM public."{table}"')
            found[table] = set(cursor.fetchall())
    return found


def changed(before: Rows, after: Rows) -> list[str]:
    return [
        f"{table}: {len(before[table] ^ after[table])}"
        for table in before
        if before[table] != after[table]
    ]
