"""Statements of our bank: their lines kept once, and gateways' payouts found among them."""

import hashlib
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from billing.engine import statement
from billing.errors import StatementColumnsMissing, StatementUnreadable
from billing.models import BankLine, BankStatement
from billing.selectors.payouts import matches_now
from marketing_platform.core import clock
from marketing_platform.core.tables import csv_write, table_read
from marketing_platform.core.text import clean_line
from marketing_platform.tenants.context import public_context

MOST_LINES = 20_000


@public_context()
def statement_add(
    *, content: bytes, file_name: str, actor_id: UUID, now: datetime
) -> BankStatement:
    """Keep the lines of a bank statement (CSV or XLSX); the same file again answers the first row.

    Lines that an earlier statement holds are left out, so that periods may overlap. Raises
    TableUnreadable, StatementColumnsMissing, and StatementUnreadable with every row that cannot be
    read; then nothing is kept.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    known = BankStatement.objects.filter(sha256=sha256).first()
    if known is not None:
        return known
    lines = _lines_of(content, now)
    with transaction.atomic():
        _statements_lock()
        row, is_new = BankStatement.objects.get_or_create(
            sha256=sha256,
            defaults={
                "file_name": clean_line(file_name)[:200] or "statement",
                "actor_id": actor_id,
                "uploaded_at": now,
            },
        )
        if is_new:
            _lines_add(row, lines)
    payouts_match()
    return row


@public_context()
def payouts_match() -> int:
    """Tie payouts to the bank's lines of the same UTR and amount; how many were."""
    with transaction.atomic():
        _statements_lock()
        pairs = matches_now().pairs
        for payout_id, line_id in pairs.items():
            BankLine.objects.filter(pk=line_id, payout=None).update(payout_id=payout_id)
    return len(pairs)


def problems_csv(problems: tuple[statement.Problem, ...]) -> bytes:
    """The error report of a statement: row, what is wrong, what stands there."""
    words = {
        "date": "The date cannot be read. Dates are day first: 22/11/2026.",
        "future": "The date is still to come. Are day and month the other way round?",
        "amount": "The amount cannot be read.",
        "both": "Money in and money out in one row.",
        "neither": "No amount.",
        "sign": "It is not clear whether money came in or went out.",
    }
    rows = [(str(one.row), words[one.why], one.text) for one in problems]
    return csv_write([("Row", "Problem", "What stands there"), *rows])


def _lines_of(content: bytes, now: datetime) -> list[statement.Line]:
    table = table_read(content, most_rows=MOST_LINES)
    rows = [(row.line, row.cells) for row in table.rows]
    found = statement.read(rows, until=clock.today(now))
    if found is None:
        raise StatementColumnsMissing(field="file")
    if found.problems:
        raise StatementUnreadable(problems=found.problems)
    return list(found.lines)


def _lines_add(row: BankStatement, lines: list[statement.Line]) -> None:
    days = {line.on for line in lines}
    taken = BankLine.objects.filter(on__in=days).values_list(
        "on", "amount_paise", "utr", "narration"
    )
    BankLine.objects.bulk_create(
        BankLine(
            statement=row,
            row=line.row,
            on=line.on,
            amount_paise=line.amount_paise,
            utr=line.utr,
            narration=line.narration,
        )
        for line in statement.fresh(lines, taken)
    )


def _statements_lock() -> None:
    """Until the end of the transaction: of two overlapping files one sees the other's lines."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('billing:statements'))")
