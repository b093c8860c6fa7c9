"""Which invoices a bank transfer pays for. Amounts are integer paise.

Asked in this order: whose it is (virtual account, an invoice number in the reference, the name of
the sender, the one payer whose open invoices it fits), then which of its invoices sum to it, each
in full or less the tax that the payer declared to deduct. Among invoices of equal amounts the
earliest due goes first (Indian Contract Act 1872, s.61). Anything that fits twice or not at all is
for a person: a guess would credit the wrong customer.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from billing.engine.tds import deductions

# A payer with more open invoices than this has a matter for a person anyway.
MOST_INVOICES = 10
SHORTEST_NAME = 4
NOT_A_NAME = frozenset(
    {"PRIVATE", "LIMITED", "PUBLIC", "COMPANY", "INDIA", "BANK", "NEFT", "RTGS", "IMPS"}
    | {"ENTERPRISES", "SERVICES", "SOLUTIONS", "INDUSTRIES", "TRADERS", "TECHNOLOGIES"}
)


# As banks write who pays out, one word of a line; "STRIPES" is somebody's shop.
GATEWAY = re.compile(r"RAZORPAY\w*|STRIPE(?!S)\w*")


@dataclass(frozen=True)
class OpenInvoice:
    """`base_paise`: the value before GST in what is open."""

    id: int
    number: str
    due_on: date
    base_paise: int
    open_paise: int


@dataclass(frozen=True)
class OpenPayer:
    """A payer with invoices that are open, the rate it declared, and how we know its money."""

    id: int
    name: str
    virtual_account: str
    tds_basis_points: int
    invoices: tuple[OpenInvoice, ...]


@dataclass(frozen=True)
class Incoming:
    amount_paise: int
    virtual_account: str = ""
    payer_name: str = ""
    reference: str = ""


@dataclass(frozen=True)
class Part:
    """What of a transfer goes to an invoice, and what its payer deducted from it."""

    invoice_id: int
    transfer_paise: int
    tds_paise: int


@dataclass(frozen=True)
class Verdict:
    """Either `parts` that sum to the transfer, or `why` it is for a person.

    `payer_id` is told as soon as it is known whose it is, and `may_be`: whose it could be, so that
    none of them is reminded of money that is here.
    """

    payer_id: int | None = None
    parts: tuple[Part, ...] = ()
    why: str = ""
    may_be: tuple[int, ...] = ()


def match(incoming: Incoming, payers: Sequence[OpenPayer]) -> Verdict:
    """`payers` are those with something open, and the owner of the virtual account in any case."""
    known = _by_virtual_account(incoming, payers) or _by_number(incoming, payers)
    if known is None and incoming.virtual_account:
        return Verdict(why="unknown_virtual_account", may_be=_fitting(incoming, payers))
    return _of_payer(incoming, known) if known else _of_anybody(incoming, payers)


def is_payout(line: str, utrs: Collection[str]) -> bool:
    """Whether a line of the bank names a payout's UTR or a gateway: then it is no customer's."""
    words = re.findall(r"[0-9A-Z]+", line.upper())
    known = {"".join(re.findall(r"[0-9A-Z]+", utr.upper())) for utr in utrs} - {""}
    return any(word in known or GATEWAY.fullmatch(word) for word in words)


def _by_virtual_account(incoming: Incoming, payers: Sequence[OpenPayer]) -> OpenPayer | None:
    wanted = incoming.virtual_account
    return next((row for row in payers if wanted and row.virtual_account == wanted), None)


def _by_number(incoming: Incoming, payers: Sequence[OpenPayer]) -> OpenPayer | None:
    """The one payer whose invoice number stands in the reference; of two payers neither."""
    found = [row for row in payers if _named(incoming, row)]
    return found[0] if len(found) == 1 and not incoming.virtual_account else None


def _of_payer(incoming: Incoming, payer: OpenPayer) -> Verdict:
    if not payer.invoices:
        return Verdict(payer.id, why="nothing_open", may_be=(payer.id,))
    named = _named(incoming, payer)
    fits = _fits(incoming.amount_paise, payer, named) if named else []
    fits = fits or _fits(incoming.amount_paise, payer, payer.invoices)
    parts, why = _choose(fits, payer)
    return Verdict(payer.id, parts, why, (payer.id,))


def _of_anybody(incoming: Incoming, payers: Sequence[OpenPayer]) -> Verdict:
    """No account and no number: the sender's name and the amount have to agree on one payer."""
    fitting = [row for row in payers if _fits(incoming.amount_paise, row, row.invoices)]
    alike = [row for row in payers if _is_called(row.name, incoming.payer_name)]
    may_be = tuple(row.id for row in payers if row in fitting or row in alike)
    if incoming.payer_name:
        both = [row for row in fitting if row in alike]
        if len(both) == 1:
            return _of_payer(incoming, both[0])
        if not both and len(alike) == 1:
            return Verdict(alike[0].id, why="other_amount", may_be=may_be)
        why = "several_payers" if both else "other_name" if fitting else "no_payer"
        return Verdict(why=why, may_be=may_be)
    if len(fitting) == 1:
        return _of_payer(incoming, fitting[0])
    return Verdict(why="several_payers" if fitting else "no_payer", may_be=may_be)


def _fitting(incoming: Incoming, payers: Sequence[OpenPayer]) -> tuple[int, ...]:
    return tuple(row.id for row in payers if _fits(incoming.amount_paise, row, row.invoices))


def _named(incoming: Incoming, payer: OpenPayer) -> tuple[OpenInvoice, ...]:
    """Its invoices whose number stands in the reference, however it is punctuated."""
    told = f"-{_plain(incoming.reference)}-"
    return tuple(row for row in payer.invoices if f"-{_plain(row.number)}-" in told)


def _plain(text: str) -> str:
    """ "Inv INV/26-27/1." -> "INV-INV-26-27-1": banks drop the slashes, never the digits."""
    return re.sub(r"[^0-9A-Z]+", "-", text.upper()).strip("-")


def _is_called(legal_name: str, sender: str) -> bool:
    """Whether they share a word that is somebody's name. Banks cut names and drop endings."""
    ours, theirs = _words(legal_name), _words(sender)
    return any(
        mine.startswith(other) or other.startswith(mine) for mine in ours for other in theirs
    )


def _words(name: str) -> list[str]:
    words = re.findall(r"[^\W\d_]+", name.upper())
    return [word for word in words if len(word) >= SHORTEST_NAME and word not in NOT_A_NAME]


def _choose(fits: list[tuple[Part, ...]], payer: OpenPayer) -> tuple[tuple[Part, ...], str]:
    if not fits:
        return (), "other_amount"
    amounts = {row.id: (row.open_paise, row.base_paise) for row in payer.invoices}
    shapes = {
        tuple(sorted((*amounts[part.invoice_id], part.tds_paise) for part in parts))
        for parts in fits
    }
    # The first is of the earliest due; the others are of the same amounts or it is ambiguous.
    return (fits[0], "") if len(shapes) == 1 else ((), "several_ways")


def _fits(amount: int, payer: OpenPayer, invoices: Sequence[OpenInvoice]) -> list[tuple[Part, ...]]:
    """Every set of invoices that the amount pays exactly, those due first at the front."""
    rows = sorted(invoices, key=lambda row: (row.due_on, row.id))[:MOST_INVOICES]
    found: list[tuple[Part, ...]] = []
    for count in range(1, len(rows) + 1):
        for chosen in combinations(rows, count):
            parts = _parts(amount, chosen, payer.tds_basis_points)
            if parts:
                found.append(parts)
    return found


def _parts(
    amount: int, chosen: Sequence[OpenInvoice], basis_points: int
) -> tuple[Part, ...] | None:
    missing = sum(row.open_paise for row in chosen) - amount
    if missing == 0:
        return tuple(Part(row.id, row.open_paise, 0) for row in chosen)
    if missing < 0 or basis_points == 0:
        return None
    taken = next(
        _deducted(missing, [deductions(row.base_paise, basis_points) for row in chosen]), None
    )
    if taken is None:
        return None
    pairs = zip(chosen, taken, strict=True)
    parts = tuple(Part(row.id, row.open_paise - tds, tds) for row, tds in pairs)
    return parts if all(part.transfer_paise > 0 for part in parts) else None


def _deducted(missing: int, options: Sequence[tuple[int, ...]]) -> Iterator[tuple[int, ...]]:
    """One deduction of each invoice, so that they sum to what is missing."""
    if not options:
        if missing == 0:
            yield ()
        return
    least = sum(min(each) for each in options[1:])
    most = sum(max(each) for each in options[1:])
    for first in options[0]:
        if least <= missing - first <= most:
            for rest in _deducted(missing - first, options[1:]):
                yield (first, *rest)
