"""Statements of our bank: their lines kept once, and gateways' payouts found among them.

A file is read and shown first (`statement_preview`); it is kept when staff say so.
"""

import hashlib
import re
import secrets
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db import connection, transaction

from billing.engine import statement, transfers
from billing.engine.payouts import BankRow, match
from billing.errors import PreviewIsOver, StatementColumnsMissing, StatementUnreadable
from billing.models import BankLine, BankStatement, IncomingTransfer, Payout, TaxDocument
from billing.selectors.payouts import bank_rows_open, matches_now, payouts_open
from billing.selectors.transfers import open_payers
from billing.services.transfers import UTR, WHY
from marketing_platform.core import clock
from marketing_platform.core.tables import csv_write, table_read
from marketing_platform.core.text import clean_line
from marketing_platform.tenants.context import public_context

MOST_LINES = 20_000
# Looking for the invoices of more transfers than this takes longer than a page may.
MOST_VERDICTS = 300
KEPT, KEPT_SECONDS = "billing:statement:", 30 * 60
TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")
PROBLEMS = {
    "date": "The date cannot be read. Dates are day first: 22/11/2026.",
    "future": "The date is still to come. Are day and month the other way round?",
    "amount": "The amount cannot be read.",
    "both": "Money in and money out in one row.",
    "neither": "No amount.",
    "sign": "It is not clear whether money came in or went out.",
}


@dataclass(frozen=True)
class Fate:
    """What would become of a line. `code`: payout, transfer (settles invoices), queue (a transfer
    that staff must decide on), open (money out, or nobody's), known (of an earlier statement)."""

    line: statement.Line
    code: str
    what: str = ""


@dataclass(frozen=True)
class Preview:
    """`earlier` is the statement that this very file was taken as; then the rest is empty."""

    earlier: BankStatement | None = None
    fates: tuple[Fate, ...] = ()
    problems: tuple[statement.Problem, ...] = ()

    def of(self, code: str) -> list[Fate]:
        return [one for one in self.fates if one.code == code]


@public_context()
def statement_preview(*, content: bytes, now: datetime) -> Preview:
    """What `statement_add` and the matching after it would do; nothing is kept. Each transfer is
    looked at by itself.

    Raises TableUnreadable, StatementColumnsMissing. Rows that cannot be read are `problems`.
    """
    known = BankStatement.objects.filter(sha256=hashlib.sha256(content).hexdigest()).first()
    if known is not None:
        return Preview(earlier=known)
    found = _read(content, now)
    if found.problems:
        return Preview(problems=found.problems)
    new = statement.fresh(found.lines, _taken(found.lines))
    fates = {line.row: Fate(line, "known") for line in found.lines}
    fates |= {fate.line.row: fate for fate in _fates(new)}
    return Preview(fates=tuple(fates[row] for row in sorted(fates)))


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


def preview_keep(*, content: bytes, file_name: str, actor_id: UUID) -> str:
    """Keep the file for the half hour in which its preview may be confirmed; the token of it."""
    token = secrets.token_urlsafe(24)
    kept = {"content": zlib.compress(content), "name": file_name, "actor_id": str(actor_id)}
    cache.set(f"{KEPT}{token}", kept, KEPT_SECONDS)
    return token


def preview_kept(*, token: str, actor_id: UUID) -> tuple[bytes, str]:
    """The file and its name, for the person who uploaded it. Raises PreviewIsOver."""
    kept = cache.get(f"{KEPT}{token[:64]}") if TOKEN.fullmatch(token) else None
    if kept is None or kept["actor_id"] != str(actor_id):
        raise PreviewIsOver
    return zlib.decompress(kept["content"]), kept["name"]


def preview_end(*, token: str) -> None:
    cache.delete(f"{KEPT}{token}")


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
    rows = [(str(one.row), PROBLEMS[one.why], one.text) for one in problems]
    return csv_write([("Row", "Problem", "What stands there"), *rows])


def _lines_of(content: bytes, now: datetime) -> list[statement.Line]:
    found = _read(content, now)
    if found.problems:
        raise StatementUnreadable(problems=found.problems)
    return list(found.lines)


def _read(content: bytes, now: datetime) -> statement.Statement:
    table = table_read(content, most_rows=MOST_LINES)
    rows = [(row.line, row.cells) for row in table.rows]
    found = statement.read(rows, until=clock.today(now))
    if found is None:
        raise StatementColumnsMissing(field="file")
    return found


def _lines_add(row: BankStatement, lines: list[statement.Line]) -> None:
    BankLine.objects.bulk_create(
        BankLine(
            statement=row,
            row=line.row,
            on=line.on,
            amount_paise=line.amount_paise,
            utr=line.utr,
            narration=line.narration,
        )
        for line in statement.fresh(lines, _taken(lines))
    )


def _taken(lines: Iterable[statement.Line]) -> Iterable[tuple[Any, ...]]:
    """What earlier statements hold of these days."""
    rows = BankLine.objects.filter(on__in={line.on for line in lines})
    return rows.values_list("on", "amount_paise", "utr", "narration")


def _fates(lines: list[statement.Line]) -> list[Fate]:
    """Payouts first, as they are when a statement is taken; the rest of what came in is a
    customer's, unless it names a gateway."""
    own = [BankRow(-line.row, line.amount_paise, line.utr, line.narration) for line in lines]
    pairs = match(payouts_open(), [*bank_rows_open(), *own]).pairs
    names = dict(Payout.objects.filter(pk__in=list(pairs)).values_list("pk", "remote_id"))
    paid = {-line_id: names[payout_id] for payout_id, line_id in pairs.items() if line_id < 0}
    utrs = set(Payout.objects.exclude(utr="").values_list("utr", flat=True))
    fates = [Fate(line, "payout", paid[line.row]) for line in lines if line.row in paid]
    rest = [line for line in lines if line.row not in paid]
    came = [
        line
        for line in rest
        if line.amount_paise > 0 and not transfers.is_payout(f"{line.utr} {line.narration}", utrs)
    ]
    rows = {line.row for line in came}
    return [*fates, *(Fate(one, "open") for one in rest if one.row not in rows), *_arrived(came)]


def _arrived(lines: list[statement.Line]) -> list[Fate]:
    numbers = [line.utr for line in lines if UTR.fullmatch(line.utr)]
    rows = IncomingTransfer.objects.filter(utr__in=numbers).values_list("utr", "amount_paise")
    known, payers = dict(rows), open_payers() if lines else []
    verdicts = {
        line.row: transfers.match(
            transfers.Incoming(
                amount_paise=line.amount_paise,
                payer_name=line.narration[:200],
                reference=line.narration[:200],
            ),
            payers,
        )
        for line in lines[:MOST_VERDICTS]
    }
    parts = {part.invoice_id for one in verdicts.values() for part in one.parts}
    names = dict(TaxDocument.objects.filter(pk__in=parts).values_list("pk", "number"))
    return [_arrival(line, known, verdicts.get(line.row), names) for line in lines]


def _arrival(
    line: statement.Line,
    known: dict[str, int],
    verdict: transfers.Verdict | None,
    names: dict[int, str],
) -> Fate:
    if line.utr in known:
        if known[line.utr] == line.amount_paise:
            return Fate(line, "transfer", f"UTR {line.utr} is known; it is counted once.")
        return Fate(line, "open", "This UTR is known with another amount.")
    if verdict is None:
        return Fate(line, "queue", "Looked for when the statement is taken.")
    if not verdict.parts:
        return Fate(line, "queue", WHY[verdict.why])
    return Fate(line, "transfer", ", ".join(names[part.invoice_id] for part in verdict.parts))


def _statements_lock() -> None:
    """Until the end of the transaction: of two overlapping files one sees the other's lines."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('billing:statements'))")
