"""What the accountant's pages say, in words; the same rows are on the page and in the file."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from billing.models import BankStatement, IncomingTransfer
from billing.selectors.gateway_month import GatewayMonth
from billing.selectors.payouts import WHY, Asked
from billing.services.bank_statements import PROBLEMS, Fate, Preview
from marketing_platform.core.money import Rupees

SHOWN = 100
FATES = {
    "payout": "Meets a payout",
    "transfer": "Pays invoices",
    "queue": "A transfer that staff must decide on",
    "open": "Stays open: money out, or nobody's",
    "known": "Left out: an earlier statement has it",
}

NAMES = {
    "opening": "Held by the gateway at the start",
    "captured": "+ Payments taken",
    "refunds": "− Refunds",
    "disputes": "− Disputes lost",
    "fees": "− Fees",
    "fee_tax": "− GST on fees",
    "adjustments": "± Adjustments that are no dispute of ours",
    "other": "± Entries that we have no row for",
    "paid_out": "− Paid out to the bank",
    "closing": "= Still held at the end",
}
# What a difference between rows and books, or between rows and payouts, means.
SAYS = {
    "not_booked": "We have the row; the books have no entry for it.",
    "no_row": "The books have an entry; we have no row that it stands for.",
    "other_amount": "Row and books have different amounts.",
    "other_month": "Booked in another month, with the same amount.",
    "taken_back": "Booked, and taken back in another month.",
}
HELD = {
    "to_come": "Not in a payout yet.",
    "late": "In no payout, and more than 10 days old. Ask the gateway.",
    "later": "In a payout; our row is of a later month.",
    "held": "Kept by the gateway for a dispute that is not decided.",
    "no_row": "In a payout; we have no such row.",
    "twice": "In more than one payout.",
    "other_amount": "The payout has another amount than our row.",
}
SIGNS = "+−±= "
HEAD = ("gateway", "part", "what", "rows", "books", "difference", "state", "why")


def title_of(month: GatewayMonth) -> str:
    return month.gateway.capitalize() if month.gateway else "No gateway"


def verdict_of(month: GatewayMonth) -> str:
    """One sentence: whether the month ties out, and what is left to do."""
    if not month.ties:
        many = "1 thing does" if month.faults == 1 else f"{month.faults} things do"
        return f"Does not tie out: {many} not agree."
    waiting = sum(bool(one.why) for one in month.payouts)
    if waiting:
        many = "1 payout is" if waiting == 1 else f"{waiting} payouts are"
        return f"Ties out with the books. {many} not met by a line of the bank."
    return "Ties out with the books and the bank."


def file_rows(months: list[GatewayMonth]) -> list[tuple[str, ...]]:
    """For the accountant: figures, then every thing that differs, is held, or was paid out."""
    found: list[tuple[str, ...]] = [HEAD]
    for month in months:
        found += [(title_of(month), *row) for row in _rows(month)]
    return found


def figure_rows(month: GatewayMonth) -> list[tuple[str, int, int, int]]:
    """Lines that nobody moved are left out."""
    figures = [month.opening, *month.figures, month.closing]
    return [
        (NAMES[one.line], one.rows_paise, one.books_paise, one.difference_paise)
        for one in figures
        if one.rows_paise or one.books_paise or one.line in {"opening", "closing"}
    ]


def difference_rows(month: GatewayMonth) -> list[tuple[str, str, int, int, bool, str]]:
    """(line, what, paise by rows, by books, whether it is a fault, why)."""
    found = []
    for one in month.differences:
        why = SAYS[one.code] + (f" ({one.on:%d %b %Y})" if one.on else "")
        facts = (NAMES[one.line].lstrip(SIGNS), thing_of(month, one.key))
        found.append((*facts, one.rows_paise, one.books_paise, one.is_fault, why))
    return found


def held_rows(month: GatewayMonth) -> list[tuple[str, str, int, int, bool, str]]:
    """(kind, id, paise by rows, in payouts, whether it is a fault, why); oldest first."""
    ordered = sorted(month.opens, key=lambda one: (not one.is_fault, one.on, one.remote_id))
    return [
        (
            one.kind,
            f"{one.remote_id}, {one.on:%d %b %Y}" if one.code != "no_row" else one.remote_id,
            one.rows_paise,
            one.items_paise,
            one.is_fault,
            HELD[one.code],
        )
        for one in ordered
    ]


def thing_of(month: GatewayMonth, key: str) -> str:
    """payout:7 → the gateway's own name of it."""
    kind, _colon, number = key.partition(":")
    if kind == "payout":
        return month.payout_names.get(key, f"payout {number}")
    return number.removeprefix(f"{month.gateway}:") if kind == "payment" else key


def _rows(month: GatewayMonth) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name, rows, books, difference in figure_rows(month):
        found.append(("figure", name.lstrip(SIGNS), *_plains(rows, books, difference), "", ""))
    for line, what, rows, books, is_fault, why in difference_rows(month):
        told = f"{line}: {what}"
        found.append(("difference", told, *_plains(rows, books, books - rows), _s(is_fault), why))
    for kind, what, rows, items, is_fault, why in held_rows(month):
        told = f"{kind}: {what}"
        found.append(
            ("held", told, plain(rows), plain(items), plain(rows - items), _s(is_fault), why)
        )
    for row, fees in month.told_fees:
        why = "The payout's own fee is not the sum of its items'."
        amounts = _plains(row.fee_paise, fees, fees - row.fee_paise)
        found.append(("fee", row.remote_id, *amounts, _s(is_fault=True), why))
    for one in month.payouts:
        why = WHY[one.why] if one.why else "Met by its line of the bank."
        line = one.bank_line.amount_paise if one.bank_line else 0
        amounts = _plains(one.payout.amount_paise, line, line - one.payout.amount_paise)
        told = f"{one.payout.remote_id}, UTR {one.payout.utr or '–'}, {one.payout.paid_on}"
        found.append(("bank", told, *amounts, "open" if one.why else "met", why))
    if month.unnamed_paise:
        why = "Payouts that are not what their items add up to."
        amounts = _plains(month.closing.rows_paise, month.to_come_paise, -month.unnamed_paise)
        found.append(("rest", "not named", *amounts, _s(is_fault=True), why))
    if month.carried_paise:
        why = "Books and rows differed before this month. Look at the months before it."
        amounts = _plains(month.opening.rows_paise, month.opening.books_paise, month.carried_paise)
        found.append(("rest", "of earlier months", *amounts, _s(is_fault=True), why))
    return [*found, ("verdict", verdict_of(month), "", "", "", "", "")]


def _s(is_fault: bool) -> str:
    return "look" if is_fault else "explained"


def _plains(*paise: int) -> tuple[str, ...]:
    return tuple(plain(one) for one in paise)


def plain(paise: int) -> str:
    """-12345 → "-123.45": a number that every spreadsheet reads."""
    return f"{'-' if paise < 0 else ''}{abs(paise) // 100}.{abs(paise) % 100:02d}"


def asked_title(asked: Asked) -> str:
    return asked.gateway.capitalize()


def asked_sentence(asked: Asked) -> str:
    """When a gateway was last asked for its payouts, and what came of it."""
    at = f"{timezone.localtime(asked.at):%d %b %Y, %H:%M}" if asked.at else ""
    if asked.state == "done":
        many = "1 new payout" if asked.new == 1 else f"{asked.new} new payouts"
        return f"Asked {at}: {many}, {asked.posted} put into the books."
    return {
        "never": "Not asked yet.",
        "waiting": f"Being asked since {at}.",
        "again": f"Asked {at}: it did not answer. It is asked again by itself.",
        "given_up": f"Asked {at}: it did not answer, several times. Ask again.",
    }[asked.state]


def preview_shown(found: Preview) -> dict[str, Any]:
    """A statement before it is taken: what would become of its lines, the most telling first."""
    groups = [(title, found.of(code)) for code, title in FATES.items()]
    return {
        "read": len(found.fates),
        "groups": [
            (title, len(fates), [_fate_row(one) for one in fates[:SHOWN]])
            for title, fates in groups
            if fates
        ],
        "problems": [(one.row, PROBLEMS[one.why], one.text) for one in found.problems[:SHOWN]],
        "problem_count": len(found.problems),
        "is_new": any(one.code != "known" for one in found.fates),
    }


def taken_sentence(row: BankStatement, taken: Sequence[IncomingTransfer]) -> str:
    matched = sum(one.state == "matched" for one in taken)
    lines, payouts = row.lines.count(), row.lines.exclude(payout=None).count()
    return (
        f"{row.file_name} was taken: {_many(lines, 'new line')}, {_many(payouts, 'payout')} met, "
        f"{_many(len(taken), 'transfer')}, {matched} of them matched to invoices."
    )


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _fate_row(fate: Fate) -> tuple[object, ...]:
    line = fate.line
    amount = Rupees(line.amount_paise).format()
    return line.row, line.on, amount, line.utr, line.narration, fate.what
